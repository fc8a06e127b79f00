"""Entity tags for the API (RFC 9110): 304 for what the caller has, 412 for a change of what is no longer as it was.

The tag is that of the JSON that a GET answers, so a change is compared with a GET of the same address, made here.
It is a weak one, for answers are compressed on the way. RFC 9110 would have If-Match compared by strong tags, which
nobody could give then; what is told by these bytes is all there is, so the weak comparison does the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.conditional import holds, tag_of
from web.problems import problem

CHANGES = frozenset({"PATCH", "PUT", "DELETE"})
CHANGED = "it was changed since you read it: read it again, and change that"
CACHED = {"cache-control": "private, no-cache", "vary": "authorization, cookie"}
Headers = list[tuple[bytes, bytes]]


class Tagged:
    """Middleware. What is told in pieces (exports, streams) has no tag, for it is never there as a whole."""

    def __init__(self, app: ASGIApp, under: tuple[str, ...] = ("/api/", "/s/")) -> None:
        self.app, self._under = app, under
        self._changing = asyncio.Lock()  # two that changed the same thing would both find it as it was

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http" or not scope["path"].startswith(self._under):
            await self.app(scope, receive, send)
            return
        asked = dict(scope["headers"])
        wanted = asked.get(b"if-match")
        if scope["method"] in CHANGES and wanted is not None:
            async with self._changing:
                tag = await self._current(scope)
                if tag and not holds(wanted.decode("latin-1"), tag):
                    await problem(412, CHANGED, headers={"etag": tag})(scope, receive, send)
                else:
                    await self._answered(scope, receive, send, {})
        else:
            await self._answered(scope, receive, send, asked)

    async def _answered(self, scope: Scope, receive: Receive, send: Send, asked: Mapping[bytes, bytes]) -> None:
        """Pass on what comes, with its tag, if it comes whole."""
        began: list[Message] = []

        async def tagged(message: Message) -> None:
            if message["type"] == "http.response.start" and _has_tag(scope["method"], message):
                began.append(message)
                return
            if began:
                start = began.pop()
                if message["type"] == "http.response.body" and not message.get("more_body"):
                    start, message = _with_tag(scope["method"], start, message, asked.get(b"if-none-match"))
                await send(start)
            await send(message)

        await self.app(scope, receive, tagged)

    async def _current(self, scope: Scope) -> str:
        """The tag of what is there now, "" when there is nothing to be had: then the change is told why."""
        kept = [(name, value) for name, value in scope["headers"] if name not in (b"content-length", b"if-none-match")]
        looked: dict[str, Any] = {"status": 0, "body": b""}

        async def nothing() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def heard(message: Message) -> None:
            looked["status"] = message.get("status", looked["status"])
            looked["body"] += message.get("body", b"")

        aside = {"method": "GET", "headers": kept, "counted": True, "state": dict(scope.get("state", {}))}
        await self.app({**scope, **aside}, nothing, heard)
        return tag_of(looked["body"]) if looked["status"] == 200 else ""


def _has_tag(method: str, start: Message) -> bool:
    """Whether this answer is the state of what was asked for, as JSON."""
    kind = dict(start["headers"]).get(b"content-type", b"")
    return method in ("GET", "PATCH") and start["status"] == 200 and kind.startswith(b"application/json")


def _with_tag(method: str, start: Message, body: Message, held: bytes | None) -> tuple[Message, Message]:
    headers: Headers = list(start["headers"])
    names = {name for name, _ in headers}
    tag = tag_of(body["body"])
    for name, value in {"etag": tag, **CACHED}.items():
        if name.encode() not in names:
            headers.append((name.encode(), value.encode()))
    if method == "GET" and held is not None and holds(held.decode("latin-1"), tag):
        of_body = (b"content-length", b"content-type")
        start = {**start, "status": 304, "headers": [one for one in headers if one[0] not in of_body]}
        return start, {**body, "body": b""}
    return {**start, "headers": headers}, body
