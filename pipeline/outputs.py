"""New outputs of subscriptions: what is asked of each kind, the secrets they get, and what of them may be shown."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pipeline.errors import BadInput
from pipeline.urls import parse
from pipeline.watch import Output, OutputKind

Random = Callable[[int], bytes]  # so many bytes that nobody can guess (`secrets.token_bytes`)
KEY_PREFIX = "whsec_"  # Standard Webhooks: symmetric keys are of 24 to 64 bytes, in base64 after this
SECRET_BYTES = 32
LONGEST_TARGET = 2000  # characters


def ready(one: Output, random: Random) -> Output:
    """A new output as it may be saved: checked, and with the token or key that it needs. Raise BadInput."""
    if len(one.target) > LONGEST_TARGET:
        raise BadInput(f"the target is longer than {LONGEST_TARGET} characters")
    match one.kind:
        case OutputKind.LINK:
            if one.target or one.secret:
                raise BadInput("a link takes no target and no secret: its address is made up here")
            token = base64.urlsafe_b64encode(random(SECRET_BYTES)).rstrip(b"=").decode()
            return replace(one, secret=token)
        case OutputKind.WEBHOOK:
            return replace(one, target=_web(one.target), secret=_key(one.secret, random))
        case OutputKind.NOTIFY:
            return replace(one, target=_apprise(one.target))
        case OutputKind.DIGEST:
            _check_time(one)
            return replace(one, target=_apprise(one.target))


def shown(target: str) -> str:
    """What of a target may stand on a screen or in a log: scheme and host of a web address, else the scheme."""
    scheme, found, _ = target.partition("://")
    if not found:
        return ""
    if scheme in ("http", "https"):
        return f"{scheme}://{urlsplit(target).netloc.rpartition('@')[2]}/…"
    return f"{scheme}://…"


def _web(target: str) -> str:
    if parse(target) is None or not target.isascii() or any(c.isspace() for c in target):
        raise BadInput(f"{shown(target) or 'the target'} is no web address: a webhook needs one like https://host/path")
    return target


def _key(secret: str, random: Random) -> str:
    if not secret:
        return KEY_PREFIX + base64.b64encode(random(SECRET_BYTES)).decode()
    try:
        key = base64.b64decode(secret.removeprefix(KEY_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(KEY_PREFIX) or not 24 <= len(key) <= 64:
        raise BadInput(
            f"the secret of a webhook is {KEY_PREFIX} and base64 of 24 to 64 bytes; leave it out for a new one"
        )
    return secret


def _apprise(target: str) -> str:
    scheme, found, rest = target.partition("://")
    if not (found and scheme and rest.strip("/ ")):
        raise BadInput("the target is to be an Apprise URL, such as mailtos://user:password@host or slack://…")
    return target


def _check_time(one: Output) -> None:
    if not 0 <= one.hour <= 23:
        raise BadInput(f"hour {one.hour} is not one of 0 to 23")
    if not 0 <= one.weekday <= 6:
        raise BadInput(f"weekday {one.weekday} is not one of 0 (Monday) to 6")
    try:
        ZoneInfo(one.timezone)
    except (KeyError, ValueError, OSError):  # OSError: the name of a folder
        raise BadInput(f"no time zone is called {one.timezone!r}: write one like Europe/Berlin or UTC") from None
