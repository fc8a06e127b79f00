"""Spooled pages through the stages, on all cores of this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.errors import Quarantine, WirewatchError
from pipeline.types import Read, Source
from records.values import Spooled
from workers.batches import Inbox
from workers.pool import StagePool


@dataclass(frozen=True, slots=True)
class Done:
    """A page that went through the stages, on its way to the desk (`spool_id` None: made from an entry alone)."""

    result: Read | WirewatchError
    spool_id: int | None
    entry_id: str


class Reading:
    """Takes spooled pages, gives what the pool's processes made of them to the desk."""

    def __init__(
        self,
        pool: StagePool,
        sources: Mapping[str, Source],
        desk: Inbox[Done],
        on_spool: set[int],
        furniture: Callable[[str], frozenset[int]],
    ) -> None:
        self._furniture = furniture
        self._pool, self._sources, self._desk, self._on_spool = pool, sources, desk, on_spool
        self._spooled: Inbox[Spooled] = Inbox(16)  # so that the stages never wait for the next batch to be spooled
        self._slots = asyncio.Semaphore(pool.workers * 3)
        self._under_way: set[asyncio.Task[None]] = set()

    @property
    def open(self) -> int:
        """Pages that wait for the stages or are in them."""
        return self._spooled.open + len(self._under_way)

    async def take(self, rows: Sequence[Spooled]) -> None:
        """Queue spooled pages for the stages, waiting for room. Those that are on their way are left out."""
        fresh = [row for row in rows if row.id not in self._on_spool]
        self._on_spool.update(row.id for row in fresh)  # before the first wait, or a look at the spool takes them too
        for row in fresh:
            await self._spooled.put(row)

    async def run(self) -> None:
        """Send queued pages through the stages as places fall free. Ends by cancellation."""
        async for batch in self._spooled.batches(most=1, linger=0):
            await self._slots.acquire()
            task = asyncio.create_task(self._read(batch[0]))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _read(self, spooled: Spooled) -> None:
        try:
            source = self._sources.get(spooled.page.task.source_id)
            result: Read | WirewatchError
            if source is None:
                result = unlisted(spooled)
            else:
                result = await self._pool.page(spooled.page, spooled.entry, source, self._furniture(source.id))
        finally:
            self._slots.release()
        await self._desk.put(Done(result, spooled.id, spooled.page.task.entry_id))


def unlisted(spooled: Spooled) -> Quarantine:
    """What becomes of a page whose source is gone."""
    words = "its source is no longer listed: add it again, then replay"
    return Quarantine(words, source_id=spooled.page.task.source_id, url=spooled.page.url)
