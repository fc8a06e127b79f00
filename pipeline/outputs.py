"""New outputs of subscriptions: what is asked of each kind, the secrets they get, and what of them may be shown."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from pipeline.errors import BadInput
from pipeline.urls import parse
from pipeline.watch import Every, Output, OutputKind

Random = Callable[[int], bytes]  # so many bytes that nobody can guess (`secrets.token_bytes`)
KEY_PREFIX = "whsec_"  # Standard Webhooks: symmetric keys are of 24 to 64 bytes, in base64 after this
SECRET_BYTES = 32
LONGEST_TARGET = 2000  # characters
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# Services of Apprise whose messages never leave the machine that sends, and parameters by which one reads its files.
LOCAL_SERVICES = frozenset(
    {"dbus", "qt", "glib", "gio", "kde", "gnome", "macosx", "windows", "syslog", "blink1"}
)  # fmt: skip
FILE_PARAMETERS = frozenset({"keyfile", "subfile", "pgp", "pgpkey"})
FILE_TEMPLATES = frozenset({"discord", "slack", "tgram", "workflow", "workflows"})  # elsewhere template= is an id


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
            return replace(one, target=apprise_url(one.target))
        case OutputKind.DIGEST:
            _check_time(one)
            return replace(one, target=apprise_url(one.target))


def shown(target: str) -> str:
    """What of a target may stand on a screen or in a log: scheme and host of a web address, else the scheme."""
    scheme, found, rest = target.partition("://")
    if not found:
        return ""
    if scheme in ("http", "https"):
        return f"{scheme}://{re.split('[/?#]', rest, maxsplit=1)[0].rpartition('@')[2]}/…"
    return f"{scheme}://…"


def without_secrets(words: str, target: str) -> str:
    """What someone else's library says of a target, in one line, without the pieces of it that may be secrets."""
    scheme, _, rest = target.partition("://")
    if scheme in ("http", "https"):
        named = re.split("[/?#]", rest, maxsplit=1)[0]
        rest = f"{named.rpartition('@')[0]} {rest[len(named) :]}"
    words = words.replace(target, shown(target))
    for piece in sorted({one for one in re.split(r"[/?&=@:;,#\s]+", rest) if len(one) >= 6}, key=len, reverse=True):
        words = words.replace(piece, "…")
    return " ".join(words.split())


def _web(target: str) -> str:
    if parse(target) is None or not target.isascii() or any(c.isspace() for c in target):
        raise BadInput(f"{shown(target) or 'the target'} is no web address: a webhook needs one like https://host/path")
    return target


def _key(secret: str, random: Random) -> str:
    if not secret:
        return new_key(random)
    try:
        key = base64.b64decode(secret.removeprefix(KEY_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(KEY_PREFIX) or not 24 <= len(key) <= 64:
        raise BadInput(
            f"the secret of a webhook is {KEY_PREFIX} and base64 of 24 to 64 bytes; leave it out for a new one"
        )
    return secret


def new_key(random: Random) -> str:
    """A new key of a webhook."""
    return KEY_PREFIX + base64.b64encode(random(SECRET_BYTES)).decode()


def apprise_url(target: str) -> str:
    """The target, if it is an Apprise URL that reaches people and reads no file of ours. Raise BadInput.

    Whether there is such a service is for Apprise to say.
    """
    scheme, found, rest = target.partition("://")
    scheme = scheme.strip().lower()
    if scheme in LOCAL_SERVICES and found:
        raise BadInput(f"{scheme}:// shows messages on the machine that sends them: use a service that people read")
    if not (found and scheme and rest.strip("/ ")):
        raise BadInput("the target is to be an Apprise URL, such as mailtos://user:password@host or slack://…")
    refused = FILE_PARAMETERS | ({"template"} if scheme in FILE_TEMPLATES else set())
    names = re.split(r"[?&;]", rest)[1:]
    for name in (one.partition("=")[0].lower().lstrip("+-:") for one in names):
        if unquote(name) in refused:
            raise BadInput(f"{name}= would read a file of the machine that sends: leave it out of the Apprise URL")
    return target


def when(one: Output) -> str:
    """When a digest goes out, in words."""
    if one.every is Every.HOUR:
        return "every hour"
    at = f"at {one.hour:02}:00 {one.timezone}"
    return f"every day {at}" if one.every is Every.DAY else f"every {DAYS[one.weekday]} {at}"


def _check_time(one: Output) -> None:
    if not 0 <= one.hour <= 23:
        raise BadInput(f"hour {one.hour} is not one of 0 to 23")
    if not 0 <= one.weekday <= 6:
        raise BadInput(f"weekday {one.weekday} is not one of 0 (Monday) to 6")
    zone(one.timezone)


def zone(name: str) -> ZoneInfo:
    """A time zone by its name in the tz database. Raise BadInput."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # OSError: the name of a folder
        raise BadInput(f"no time zone is called {name!r}: write one like Europe/Berlin or UTC") from None
