"""The alerts of a link as they come: server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).

An event's id is the alert's `seq`; who comes back with it (Last-Event-ID) gets what came meanwhile. A reader that does
not take what it is sent is let go, and loses nothing by that.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.sse import format_sse_event
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from pipeline.errors import WirewatchError
from records.telling import tell
from web.api.shapes import Alerts
from web.bell import Bell
from web.cursor import Asked, PagedQuery, newest, page, read
from web.links import HEADERS, Token, known
from web.parts import Parts, Wired

AT_ONCE = 50  # alerts read at a time
HEARTBEAT = 15.0  # seconds without an alert after which a comment is sent
PATIENCE = 30.0  # seconds that a reader may take to take what it is sent
RETRY = 3000  # milliseconds after which a reader that was cut off comes back
HELLO = format_sse_event(retry=RETRY, comment="the alerts of this subscription, as they come")
STILL = format_sse_event(comment="still here")


def router() -> APIRouter:
    """The cursor and the stream of a link."""
    made = APIRouter(tags=["feeds"])

    @made.get(
        "/s/{token}/alerts",
        summary="The alerts after a number or since a time, in order",
        response_model=Alerts,
        response_model_exclude_unset=True,
    )
    def alerts(parts: Wired, token: Token, asked: PagedQuery) -> dict[str, Any]:
        return page(parts, known(parts, token)[1].id, asked)

    @made.get(
        "/s/{token}/stream",
        summary="The alerts as they come, as server-sent events",
        response_class=Response,
        responses={200: {"content": {"text/event-stream": {}}}},
    )
    async def stream(
        parts: Wired,
        request: Request,
        token: Token,
        asked: Annotated[Asked, Query()],
        last_event_id: Annotated[str, Header(description="The `seq` of the last alert that the reader has.")] = "",
    ) -> Response:
        _, subscription = await run_in_threadpool(known, parts, token)
        after = _place(last_event_id) if last_event_id else asked.after
        if not after and asked.since is None:  # from now on
            after = await run_in_threadpool(newest, parts)
        bell: Bell = request.app.state.bell
        events = _events(parts, bell, token, subscription.id, after, asked.since)
        return _Stream(bell, events)

    return made


def _place(last_event_id: str) -> int:
    if not (last_event_id.isascii() and last_event_id.isdigit()) or len(last_event_id) > 18:
        raise HTTPException(400, "Last-Event-ID is the number of an alert, as the stream gave it")
    return int(last_event_id)


async def _events(
    parts: Parts, bell: Bell, token: str, subscription_id: str, after: int, since: datetime | None
) -> AsyncIterator[bytes]:
    """Without end, until the link is revoked or the bell closed."""
    yield HELLO
    while not bell.closed:
        heard = bell.last  # before reading, so that nothing falls between
        try:
            alerts = await run_in_threadpool(read, parts, subscription_id, after, AT_ONCE, since)
            for one in await run_in_threadpool(tell, parts.records, alerts):
                data = json.dumps(one.to_json(), ensure_ascii=False)
                yield format_sse_event(data_str=data, event="alert", id=str(one.alert.seq))
                after = one.alert.seq
            if len(alerts) < AT_ONCE and not await bell.wait(heard, HEARTBEAT):
                await run_in_threadpool(known, parts, token)
                if not bell.closed:
                    yield STILL
        except WirewatchError:  # away or busy: it comes right by itself, and the reader need not know
            yield STILL
            await asyncio.sleep(1)
        except HTTPException:  # revoked or removed
            return


class _Stream(Response):
    """Sends what comes, and stops when the reader is gone or does not take it."""

    media_type = "text/event-stream"

    def __init__(self, bell: Bell, events: AsyncIterator[bytes]) -> None:
        super().__init__(headers=HEADERS | {"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._bell, self._events = bell, events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        with self._bell.listening():
            sending = asyncio.create_task(self._send(send))
            leaving = asyncio.create_task(_gone(receive))
            try:
                await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (sending, leaving):
                    task.cancel()
                    with contextlib.suppress(asyncio.CancelledError, TimeoutError, OSError):
                        await task

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async for event in self._events:
            async with asyncio.timeout(PATIENCE):
                await send({"type": "http.response.body", "body": event, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
