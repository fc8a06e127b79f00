"""Batches out of a bounded queue: whatever is there, at most so many, waiting for the first only."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Inbox(Generic[T]):
    """A bounded queue that counts what is waiting or taken but not finished (`open`). One reader."""

    def __init__(self, bound: int) -> None:
        self._queue: asyncio.Queue[T] = asyncio.Queue(bound)
        self.open = 0

    async def put(self, item: T) -> None:
        """Wait for room: this is the back-pressure."""
        self.open += 1
        await self._queue.put(item)

    async def batches(self, most: int, linger: float = 0.05) -> AsyncIterator[list[T]]:
        """Yield lists of 1 to `most`; after the first item wait `linger` seconds for company. Ends by cancellation."""
        while True:
            batch = [await self._queue.get()]
            if linger and len(batch) + self._queue.qsize() < most:
                await asyncio.sleep(linger)
            while len(batch) < most and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            yield batch
            self.open -= len(batch)
