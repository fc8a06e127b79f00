"""Requests that are too large to be meant: answered 413 before anything looks at them."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.problems import problem

MOST = 1_000_000  # bytes of a body; a subscription with all its samples is far below
WORDS = f"a request holds at most {MOST:,} bytes"


class Bounded:
    """Middleware: whoever sends a body is not known yet when it is read."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > MOST:
            await problem(413, WORDS)(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MOST:
                raise HTTPException(413, WORDS)
            return message

        await self.app(scope, counted, send)
