"""Against requests that another website makes in a reader's name (CSRF): nothing is changed for them.

A browser says where a request comes from: Sec-Fetch-Site, or at least Origin. A request that may change something and
comes from elsewhere is answered 403; one that says neither comes from no browser of the last years. That is the method
of Go's `http.CrossOriginProtection` (https://words.filippo.io/csrf); it needs no tokens in forms. Session cookies are
SameSite=Lax besides.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from web.problems import problem

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class SameOrigin:
    """Middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] == "http" and scope["method"] not in SAFE and is_foreign(dict(scope["headers"])):
            words = "a page of another website asked for this, which changes something here"
            await problem(403, words)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def is_foreign(headers: dict[bytes, bytes]) -> bool:
    """Whether a browser says that another origin asks."""
    site = headers.get(b"sec-fetch-site", b"")
    if site:
        return site not in (b"same-origin", b"none")
    origin = headers.get(b"origin", b"").decode("latin-1")
    return bool(origin) and urlsplit(origin).netloc != headers.get(b"host", b"").decode("latin-1")
