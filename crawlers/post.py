"""Posts to addresses that people gave us: guarded sockets, one time limit for all, answers read as far as needed.

No redirect is followed, no proxy of the environment used, no cookie kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from types import TracebackType

import aiohttp
import yarl
from aiohttp.abc import AbstractResolver

from crawlers.connecting import Resolver, translated
from crawlers.guard import Guard
from crawlers.manners import retry_after
from pipeline.errors import Blocked, Gone, Refused, ServerFault, Throttled, Unreachable, WirewatchError

ANSWER_READ = 64 * 1024  # bytes of an answer that are read away, so that the connection can be used again
CONNECTIONS = 256  # at once
KEPT_OPEN = 30.0  # seconds that a connection is kept for the next post


class Poster:
    """Used as an asynchronous context manager, on one event loop. `timeout` in seconds, from DNS to the answer."""

    def __init__(
        self,
        guard: Guard,
        clock: Callable[[], datetime],
        *,
        user_agent: str,
        timeout: float,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._guard, self._clock, self._timeout = guard, clock, timeout
        self._user_agent, self._resolver = user_agent, resolver
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Poster:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=CONNECTIONS,
                resolver=self._resolver or Resolver(32),
                socket_factory=self._guard.socket,
                keepalive_timeout=KEPT_OPEN,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers={"User-Agent": self._user_agent, "Accept-Encoding": "identity"},
            timeout=aiohttp.ClientTimeout(total=None),  # one limit over all, below
            trust_env=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """Return when the receiver answered 2xx. Raise Retry (Unreachable, Throttled, ServerFault), Gone for 410, and
        another Reject (Refused, Blocked) for what will not come right by itself.
        """
        self._guard.check_url(url)
        try:
            async with asyncio.timeout(self._timeout):
                try:
                    status, pause = await self._exchange(url, headers, body)
                except (aiohttp.ServerDisconnectedError, ConnectionResetError) as why:
                    if isinstance(why, aiohttp.ClientConnectorError):
                        raise
                    # a kept connection that the receiver closed meanwhile; whether it got the post nobody knows
                    status, pause = await self._exchange(url, headers, body)
        except WirewatchError:
            raise
        except TimeoutError as why:
            raise Unreachable(f"no answer within {self._timeout:g} s") from why
        except (aiohttp.ClientError, OSError, ValueError) as why:
            raise translated(why) from why
        error = _failure(status, pause)
        if error is not None:
            raise error

    async def _exchange(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, float | None]:
        assert self._session is not None, "use it as a context manager"
        address = yarl.URL(url, encoded=True)
        async with self._session.post(address, headers=headers, data=body, allow_redirects=False) as answer:
            left = ANSWER_READ
            while left > 0 and (data := await answer.content.read(left)):
                left -= len(data)
            if left <= 0:
                answer.close()
            asked = answer.headers.get("Retry-After", "")
            return answer.status, retry_after(asked, self._clock()) if asked else None


def _failure(status: int, pause: float | None) -> WirewatchError | None:
    if 200 <= status < 300:
        return None
    if status == 410:
        return Gone("the receiver wants no more (status 410)")
    if status == 429:
        return Throttled("the receiver asks for a pause (status 429)", retry_after=pause)
    if status >= 500:
        return ServerFault(f"the receiver has a fault (status {status})", retry_after=pause)
    if status in (408, 425):
        return Unreachable(f"the receiver gave up on the request (status {status})", retry_after=pause)
    if 300 <= status < 400:
        return Refused(f"the receiver redirects (status {status}), which is not followed: give its new address")
    return Blocked(f"not accepted (status {status})")
