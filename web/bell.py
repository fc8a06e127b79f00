"""Wakes the live streams when the outbox has something new: one look for all of them, and none when there are none."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from pipeline.errors import WirewatchError

MOST = 200  # streams at the same time
PAUSE = 0.5  # seconds between two looks
log = logging.getLogger("wirewatch.web")


class Bell:
    """`newest` gives the last number of the outbox. To be used on one event loop."""

    def __init__(self, newest: Callable[[], int], pause: float = PAUSE, most: int = MOST) -> None:
        self._newest, self._pause, self._most = newest, pause, most
        self._listening = 0
        self._rung = asyncio.Condition()
        self._ringer: asyncio.Task[None] | None = None
        self.last = 0
        self.closed = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take one of the places. Raise 503 when all are taken."""
        if self.closed or self._listening >= self._most:
            raise HTTPException(503, f"{self._most} streams are open, which is all there may be", {"retry-after": "30"})
        self._listening += 1
        try:
            yield
        finally:
            self._listening -= 1

    async def wait(self, after: int, seconds: float) -> bool:
        """Until the outbox goes beyond that number (True), or the time is over or the bell closed (False)."""
        if self._ringer is None or self._ringer.done():
            self._ringer = asyncio.create_task(self._ring())
        try:
            async with asyncio.timeout(seconds), self._rung:
                await self._rung.wait_for(lambda: self.last > after or self.closed)
        except TimeoutError:
            return False
        return not self.closed

    async def close(self) -> None:
        """Let all who wait go, and nobody wait from now on."""
        self.closed = True
        async with self._rung:
            self._rung.notify_all()

    async def _ring(self) -> None:
        while self._listening and not self.closed:
            try:
                last = await run_in_threadpool(self._newest)
            except WirewatchError as error:
                log.warning("the outbox cannot be read now: %s", error)
                last = self.last
            if last != self.last:
                self.last = last
                async with self._rung:
                    self._rung.notify_all()
            await asyncio.sleep(self._pause)
