"""Outputs before they are saved: what makes one right, its secret, and what of it may be shown.

A target is a secret: whoever has a chat's address can write there. It is printed and logged by `shown` only.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pipeline.errors import BadInput
from pipeline.watch import Every, Output, OutputKind

KEY_BYTES = 32  # of a webhook's key; Standard Webhooks asks for 24 to 64
TOKEN_BYTES = 24
KEY_PREFIX = "whsec_"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TARGET_LENGTH = 4000

# Parameters with which a service of Apprise reads a file of this machine, and services that never leave it.
FILE_PARAMETERS = frozenset({"keyfile", "subfile", "pgp", "pgpkey"})
FILE_TEMPLATES = frozenset({"discord", "slack", "tgram", "workflow", "workflows"})  # elsewhere template= is an id
LOCAL_SERVICES = frozenset(
    {"dbus", "qt", "glib", "kde", "gnome", "macosx", "windows", "syslog", "blink1"}
)  # fmt: skip


def checked(one: Output) -> Output:
    """The output as it may be saved, a secret given to it by `with_secret`. Raise BadInput.

    Whether a webhook's host is public and whether Apprise can read a target is for those to say who connect.
    """
    if one.kind is OutputKind.LINK:
        return replace(one, target="")
    if not one.target.strip():
        raise BadInput(f"a {one.kind} needs an address to send to")
    if len(one.target) > _TARGET_LENGTH:
        raise BadInput(f"the address of the {one.kind} is longer than {_TARGET_LENGTH} characters")
    if one.kind is not OutputKind.WEBHOOK:
        _check_notify(one.target)
    if one.kind is OutputKind.DIGEST:
        _check_times(one)
    return replace(one, target=one.target.strip())


def _check_notify(target: str) -> None:
    scheme, found, rest = target.strip().partition("://")
    if not found or not scheme:
        raise BadInput("an Apprise URL begins with its service, for example mailtos://user:password@example.com")
    if scheme.lower() in LOCAL_SERVICES:
        raise BadInput(f"{scheme}:// shows messages on the machine that sends them: use a service that people read")
    _, _, query = rest.partition("?")
    refused = FILE_PARAMETERS | ({"template"} if scheme.lower() in FILE_TEMPLATES else set())
    for pair in query.replace(";", "&").split("&"):
        name = pair.partition("=")[0].lower().lstrip("+-:")
        if name in refused:
            raise BadInput(f"{name}= would read a file of the machine that sends: leave it out of the Apprise URL")


def _check_times(one: Output) -> None:
    if not 0 <= one.hour <= 23:
        raise BadInput(f"a digest's hour is 0 to 23, not {one.hour}")
    if not 0 <= one.weekday <= 6:
        raise BadInput(f"a digest's weekday is 0 (Monday) to 6 (Sunday), not {one.weekday}")
    zone(one.timezone)


def zone(name: str) -> ZoneInfo:
    """A time zone by its name in the tz database. Raise BadInput."""
    if name not in available_timezones():
        raise BadInput(f"no time zone is called {name!r}: use a name such as Europe/Berlin, America/New_York or UTC")
    return ZoneInfo(name)


def with_secret(one: Output, random: bytes) -> Output:
    """With a new key (webhook) or token (link), made of at least `KEY_BYTES` random bytes; others need none."""
    if len(random) < KEY_BYTES:
        raise ValueError(f"a secret is made of {KEY_BYTES} random bytes")
    if one.kind is OutputKind.WEBHOOK:
        return replace(one, secret=new_key(random))
    if one.kind is OutputKind.LINK:
        return replace(one, secret=base64.urlsafe_b64encode(random[:TOKEN_BYTES]).decode())
    return replace(one, secret="")


def new_key(random: bytes) -> str:
    """A webhook's key as Standard Webhooks writes it: "whsec_" and base64."""
    return KEY_PREFIX + base64.b64encode(random[:KEY_BYTES]).decode()


def shown(one: Output) -> str:
    """Where it goes, as far as it may be printed: neither paths, which often are secrets, nor passwords."""
    if one.kind is OutputKind.LINK:
        return f"/s/{one.secret[:4]}…"
    scheme, _, rest = one.target.partition("://")
    try:
        host = urlsplit(one.target).hostname or ""
    except ValueError:
        host = ""
    if one.kind is OutputKind.WEBHOOK:
        return f"{scheme}://{host}/…"
    # in an Apprise URL even the host may be a token; in those of e-mail and the web it is a name
    named = host if scheme in ("mailto", "mailtos", "json", "jsons", "xml", "xmls", "form", "forms") else ""
    return f"{scheme}://{named}…" if rest else "…"


def when(one: Output) -> str:
    """When a digest goes out, in words."""
    if one.every is Every.HOUR:
        return "every hour"
    at = f"at {one.hour:02}:00 {one.timezone}"
    return f"every day {at}" if one.every is Every.DAY else f"every {DAYS[one.weekday].title()} {at}"
