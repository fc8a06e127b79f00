"""Who asks, and whether they may: who has the API's token or, where none is set, who is on this machine and not led
here by a website.

A browser sends the requests of any website it shows to servers on its own machine. Two things give those away: the
Host of a name made to lead here (DNS rebinding), and Sec-Fetch-Site or Origin.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from pipeline.people import Person, Role
from web.parts import Wired

_bearer = HTTPBearer(auto_error=False, description="The setting `api_token`; not needed where none is set.")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})  # names of this machine


async def person(
    parts: Wired,
    request: Request,
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    origin: Annotated[str, Header(include_in_schema=False)] = "",
    sec_fetch_site: Annotated[str, Header(include_in_schema=False)] = "",
) -> Person:
    """Who asks. Raise 401 without the token or, where there is none, 403 for callers from elsewhere."""
    if parts.api_token:
        token = given.credentials.strip() if given else ""
        if not hmac.compare_digest(token.encode(), parts.api_token.encode()):
            words = "send the setting `api_token` as `Authorization: Bearer …`"
            raise HTTPException(401, words, {"www-authenticate": 'Bearer realm="wirewatch"'})
        return Person("api_token", Role.ADMIN)
    if request.url.hostname not in LOOPBACK:
        raise HTTPException(403, f"{request.url.hostname} is no name of this machine for itself: set `api_token`")
    if sec_fetch_site not in ("", "none", "same-origin") or (origin and urlsplit(origin).hostname not in LOOPBACK):
        raise HTTPException(403, "a website asked for this: set `api_token`, and let it be sent along")
    return Person("you", Role.ADMIN)


Asking = Annotated[Person, Depends(person)]


def needs(role: Role) -> Callable[[Person], Awaitable[None]]:
    """A dependency that raises 403 for who has a lower role."""

    async def check(asking: Asking) -> None:
        if not asking.may(role):
            raise HTTPException(403, f"that wants the role {role.word}; {asking.name} has {asking.role.word}")

    return check
