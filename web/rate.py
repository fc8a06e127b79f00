"""How often the API may be asked: a token bucket for each caller, in this process.

A caller is a person or key; who is not known is one by their address, and counts only what was refused to them, so that
a stranger behind the same proxy takes nothing from who is known. The header fields are those of
draft-ietf-httpapi-ratelimit-headers-10: `RateLimit-Policy` says how many requests in how many seconds, `RateLimit` how
many are left now and when there is one more.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.access import Asking
from web.problems import problem

MINUTE = 60.0  # seconds
REMEMBERED = 10_000  # callers
NAME = '"api"'  # of the one policy
UNKNOWN = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Left:
    """How a caller's bucket stands after a request."""

    granted: bool
    remaining: int  # requests that would be granted at once
    wait: int  # seconds until there is one (more)


class Buckets:
    """So many requests a minute for each caller, that many at once at most. From any thread."""

    def __init__(self, a_minute: int, clock: Callable[[], datetime], most: int = REMEMBERED) -> None:
        self.a_minute = a_minute
        self._clock, self._most = clock, most
        self._known: OrderedDict[str, tuple[float, datetime]] = OrderedDict()  # what was left, and when
        self._lock = threading.Lock()

    def take(self, caller: str) -> Left:
        """One request of theirs. Who was forgotten, for others came since, begins anew."""
        now, rate = self._clock(), self.a_minute / MINUTE
        with self._lock:
            left, last = self._known.pop(caller, (float(self.a_minute), now))
            left = min(self.a_minute, left + max(0.0, (now - last).total_seconds()) * rate)
            granted = left >= 1
            left -= granted
            self._known[caller] = left, now
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        return Left(granted, int(left), math.ceil((math.floor(left) + 1 - left) / rate))

    def headers(self, left: Left) -> dict[str, str]:
        """What is told of it."""
        told = {
            "ratelimit-policy": f"{NAME};q={self.a_minute};w={MINUTE:.0f}",
            "ratelimit": f"{NAME};r={left.remaining};t={left.wait}",
        }
        return told if left.granted else told | {"retry-after": str(max(1, left.wait))}

    def words(self) -> str:
        """What is told to who asks too often."""
        return f"more than {self.a_minute} requests a minute: wait as long as Retry-After says"


async def counted(request: Request, asking: Asking) -> None:
    """A dependency: one request of who asks. Raise 429 when they have none left."""
    buckets: Buckets | None = request.app.state.buckets
    if buckets is None or request.scope.get("counted"):
        return
    left = buckets.take(f"person {asking.name} {asking.key}")
    request.scope["state"]["rate"] = left
    if not left.granted:
        raise HTTPException(429, buckets.words(), buckets.headers(left))


class Rated:
    """Middleware: tells of it in every answer, and counts what is refused to who is not known."""

    def __init__(self, app: ASGIApp, buckets: Buckets, under: str = "/api/") -> None:
        self.app, self._buckets, self._under = app, buckets, under

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http" or not scope["path"].startswith(self._under):
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        refused = False

        async def told(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start":
                left: Left | None = state.get("rate")
                if left is None and message["status"] in UNKNOWN:
                    client = scope.get("client") or ("nobody", 0)
                    left = self._buckets.take(f"address {client[0]}")
                    if not left.granted:
                        refused = True
                        answer = problem(
                            429, self._buckets.words(), kind="too-many", headers=self._buckets.headers(left)
                        )
                        await answer(scope, receive, send)
                        return
                if left is not None and left.granted:
                    more = [(name.encode(), value.encode()) for name, value in self._buckets.headers(left).items()]
                    message = {**message, "headers": [*message["headers"], *more]}
            if not refused:
                await send(message)

        await self.app(scope, receive, told)
