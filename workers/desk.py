"""The story desk: the one ordered step. Read articles come in, each joins its story, a batch is one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from pipeline.errors import Reject, WirewatchError
from pipeline.types import Filed, Grade, Read, Source
from records.base import Records
from records.values import Waiting
from workers.batches import Inbox
from workers.furniture import Furniture
from workers.lane import Lane
from workers.pool import StagePool
from workers.progress import Arrival, Progress
from workers.reading import Done
from workers.remember import Memory, compared

BATCH = 64
LINGER = (
    0.25  # seconds a batch waits for company: a transaction for one article costs four times its share of one for ten
)


def set_aside(records: Records, spool_id: int, error: WirewatchError, now: datetime) -> None:
    """A spooled page that could not be read leaves the spool: rejected for good, or quarantined."""
    if isinstance(error, Reject):
        records.reject(spool_id, error, now)
    else:
        records.quarantine("page", error, now, spool_id=spool_id)


class Desk:
    """Files what the stages read. `filed` is set after each commit, for the indexer; so are all `wakes`."""

    def __init__(
        self,
        records: Records,
        lane: Lane,
        pool: StagePool,
        memory: Memory,
        furniture: Furniture,
        sources: Mapping[str, Source],
        progress: Progress,
        clock: Callable[[], datetime],
    ) -> None:
        self._records, self._lane, self._pool = records, lane, pool
        self._memory, self._furniture = memory, furniture
        self._sources, self._progress, self._clock = sources, progress, clock
        self.inbox: Inbox[Done] = Inbox(256)
        self.on_spool: set[int] = set()  # pages that are in the stages or wait for the desk
        self.filed = asyncio.Event()
        self.wakes = [self.filed]
        self._headlines: set[str] = set()  # filed at headline grade in this run, to tell an upgrade
        self._making: set[str] = set()  # entries whose headline is being made, or could not be made in this run

    async def restore(self) -> None:
        """Rebuild what the desk remembers from the records."""
        await self._lane(self._memory.restore, self._records, self._clock())
        await self._lane(self._furniture.look)

    async def run(self) -> None:
        """File batches for ever. Ends by cancellation."""
        async for batch in self.inbox.batches(most=BATCH, linger=LINGER):
            await self.file(batch)

    async def file(self, batch: list[Done]) -> None:
        """Assign and commit one batch; what could not be read is rejected or quarantined."""
        now = self._clock()
        for done in batch:
            if isinstance(done.result, WirewatchError):
                await self._set_aside(done, done.result, now)
        made = await self._lane(self._memory.file, self._records, batch, now)
        if made.filed:
            made = await self._lane(compared, self._records, made)
            await self._lane(self._records.commit, made.filed, made.spool_ids, now, made.learned)
            for wake in self.wakes:
                wake.set()
            if made.learned or self._furniture.stale:
                await self._lane(self._furniture.look)
            await self._tell(made.filed, now)
        self._making.difference_update(done.entry_id for done in batch if isinstance(done.result, Read))
        self.on_spool.difference_update(done.spool_id for done in batch if done.spool_id is not None)

    async def _set_aside(self, done: Done, error: WirewatchError, now: datetime) -> None:
        self._progress.failed(error.source_id, error)
        if done.spool_id is None:
            return
        await self._lane(set_aside, self._records, done.spool_id, error, now)

    async def _tell(self, filed: list[Filed], now: datetime) -> None:
        for one in filed:
            for stage, seconds in one.read.spent.items():
                self._progress.spend(stage, seconds)
        copies = {}
        if self._progress.listeners:
            ids = list({one.assignment.story_id for one in filed})
            copies = {story.id: len(story.copies) for story in await self._lane(self._records.stories, ids)}
        for one in filed:
            article = one.read.article
            upgraded = article.id in self._headlines and article.grade is not Grade.HEADLINE
            (self._headlines.add if article.grade is Grade.HEADLINE else self._headlines.discard)(article.id)
            outlet = self._sources[article.source_id].name
            count = copies.get(one.assignment.story_id, 1)
            self._progress.arrived(Arrival(now, article, one.assignment, outlet, count, upgraded))

    # --- headlines --------------------------------------------------------------------------

    async def headlines(self, after: timedelta, every: float = 1.0) -> None:
        """File entries whose page cannot be had, or has not come within `after`. Ends by cancellation."""
        while True:
            await asyncio.sleep(every)
            await self.file_headlines(self._clock() - after)

    async def file_headlines(self, seen_before: datetime, most: int = 200) -> int:
        """One round; returns how many were sent to the desk."""
        waiting = await self._lane(self._records.waiting, seen_before, most)
        fresh = [one for one in waiting if one.entry.id not in self._making and one.source_id in self._sources]
        self._making.update(one.entry.id for one in fresh)
        for read in await asyncio.gather(*(self._headline(one) for one in fresh)):
            await self.inbox.put(read)
        return len(fresh)

    async def _headline(self, one: Waiting) -> Done:
        source = self._sources[one.source_id]
        return Done(await self._pool.headline(one.entry, source, one.first_seen, one.reason), None, one.entry.id)
