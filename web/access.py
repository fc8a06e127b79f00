"""Who asks, and whether they may: by a session, by an API key or the setting `api_token`, or, where there is no
account and no token, whoever is on this machine and not led here by a website.

A browser sends the requests of any website it shows to servers on its own machine. Two things give those away: the
Host of a name made to lead here (DNS rebinding), and Sec-Fetch-Site or Origin; a link may be followed. Where people
sign in, their cookie belongs to one name and is not sent along from elsewhere.
"""

from __future__ import annotations

import contextlib
import hmac
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from pipeline.errors import Retry
from pipeline.people import Person, Role
from web.origin import SAFE
from web.parts import Parts, Wired
from web.sessions import cookie_name, token_hash

_bearer = HTTPBearer(
    auto_error=False,
    description="An API key of one's own, or the setting `api_token`; not needed where there is no account and none.",
)
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})  # names of this machine
NOTED = timedelta(minutes=5)  # how exactly it is kept when a session or key was used last
SIGN_IN = "sign in, or send an API key as `Authorization: Bearer …`"


def person(
    parts: Wired,
    request: Request,
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    origin: Annotated[str, Header(include_in_schema=False)] = "",
    sec_fetch_site: Annotated[str, Header(include_in_schema=False)] = "",
) -> Person:
    """Who asks. Raise 401 when nobody known does or, where nobody has to sign in, 403 for callers from elsewhere."""
    token = given.credentials.strip() if given else ""
    cookie = request.cookies.get(cookie_name(parts), "")
    known = _by_token(parts, token) if token else _by_session(parts, cookie) if cookie else None
    if known is not None:
        return known
    if parts.api_token or parts.records.has_users():
        raise HTTPException(401, SIGN_IN, {"www-authenticate": 'Bearer realm="wirewatch"'})
    if request.url.hostname not in LOOPBACK:
        raise HTTPException(
            403, f"{request.url.hostname} is no name of this machine for itself: make an account, or set `api_token`"
        )
    foreign = sec_fetch_site not in ("", "none", "same-origin") and not _followed(request)
    if foreign or (origin and urlsplit(origin).hostname not in LOOPBACK):
        raise HTTPException(403, "a website asked for this: make an account, and sign in")
    return Person("you", Role.ADMIN)


def _followed(request: Request) -> bool:
    """Whether a link was followed, which shows a page of ours to its reader and nothing to who set the link."""
    told = request.headers.get
    return request.method in SAFE and told("sec-fetch-mode") == "navigate" and told("sec-fetch-dest") == "document"


def _by_token(parts: Parts, token: str) -> Person | None:
    if parts.api_token and hmac.compare_digest(token.encode(), parts.api_token.encode()):
        return Person("api_token", Role.ADMIN)
    found = parts.records.key(token_hash(token))
    if found is None:
        return None
    key, owner = found
    now = parts.clock()
    if key.used is None or now - key.used >= NOTED:
        with contextlib.suppress(Retry):  # the records are busy: the next request notes it
            parts.records.used_key(key.id, now)
    return Person(owner.name, min(key.role, owner.role), owner.id, key=key.name)


def _by_session(parts: Parts, token: str) -> Person | None:
    now = parts.clock()
    found = parts.records.session(token_hash(token), now)
    if found is None:
        return None
    session, owner = found
    if now - session.seen >= NOTED:
        with contextlib.suppress(Retry):
            parts.records.saw_session(session.id, now)
    return Person(owner.name, owner.role, owner.id, session_id=session.id)


Asking = Annotated[Person, Depends(person)]


def needs(role: Role) -> Callable[[Person], Awaitable[None]]:
    """A dependency that raises 403 for who has a lower role."""

    async def check(asking: Asking) -> None:
        if not asking.may(role):
            raise HTTPException(403, f"that wants the role {role.word}; {asking.name} has {asking.role.word}")

    return check
