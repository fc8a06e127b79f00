"""Batches out of a queue: whatever is there, at most so many, waiting for the first only."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar

T = TypeVar("T")


class Inbox(asyncio.Queue[T]):
    """A bounded queue that knows what is still under way, so that one can wait until all of it is done."""

    async def batches(self, most: int, linger: float = 0.05) -> AsyncIterator[list[T]]:
        """Yield lists of 1 to `most`; after the first item wait `linger` seconds for company. Ends by cancellation."""
        while True:
            batch = [await self.get()]
            if linger and len(batch) + self.qsize() < most:
                await asyncio.sleep(linger)
            while len(batch) < most and not self.empty():
                batch.append(self.get_nowait())
            yield batch
            for _ in batch:
                self.task_done()

    @property
    def idle(self) -> bool:
        """Nothing waiting and nothing taken but unfinished."""
        return self._finished.is_set()  # type: ignore[attr-defined,no-any-return]
