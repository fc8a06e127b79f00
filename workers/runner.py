"""The embedded runner: one process that collects, reads, files, indexes and tells, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawlers.schedule import poll_task
from pipeline.errors import StageFailed, WirewatchError
from pipeline.types import FetchTask, Outcome, Source
from records.base import Records
from search.base import Index
from workers.alerts.sender import Sender
from workers.collect import Collector
from workers.crawling import Crawls, crawl
from workers.desk import Desk
from workers.furniture import Furniture
from workers.indexer import catch_up, follow
from workers.lane import Lane
from workers.memory import give_back, stay_lean
from workers.pool import StagePool
from workers.progress import Progress
from workers.reading import Reading
from workers.remember import Memory

ALL = 1_000_000  # with `once` all due addresses are taken in one go, so that none is polled twice
SPOOL_LOOK = 200  # pages looked at on the spool at a time
MOST_TRIES = 5  # starts at which a page is still read that was on the spool when the runs before ended
LEASE = timedelta(minutes=15)  # longer than any fetch with its waiting; forgotten at the next start


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How the runner works. `ahead` bounds the addresses under way; `headline_after` is how long a page may take."""

    ahead: int = 64
    headline_after: timedelta = timedelta(seconds=60)
    window: timedelta = timedelta(days=30)  # how far back the desk looks for copies
    index_pause: float = 3.0  # seconds between two commits of the index, at least: each makes a segment to be merged
    grace: float = 5.0  # seconds that fetches under way are given when stopping
    alert_look: float = 1.0  # seconds between looks for alerts whose next try is due
    spool_look: float = 10.0  # seconds between looks for pages put back from quarantine
    source_look: float = 5.0  # seconds between looks for sources that were added or changed
    pages: bool = True  # False: poll only; entries wait for a run that fetches pages


class Runner:
    """Wires the loops together. `run` may be called once."""

    def __init__(
        self,
        *,
        records: Records,
        index: Index,
        crawler: Crawls,
        pool: StagePool,
        sources: Mapping[str, Source],
        clock: Callable[[], datetime],
        settings: RunSettings,
        progress: Progress,
        sender: Sender | None = None,
        fresh: Callable[[], list[Source] | None] = lambda: None,
    ) -> None:
        """`fresh` tells what the sources are when they are others than at its last call; `sources` shows them too."""
        self._records, self._index, self._crawler, self._pool = records, index, crawler, pool
        self._clock, self._settings, self.progress = clock, settings, progress
        self._fresh = fresh
        self._lane, self._index_lane = Lane("records"), Lane("index")
        self._stop = asyncio.Event()
        self._under_way = 0
        self._ready: deque[FetchTask] = deque()
        self._name(sources.values())
        furniture = Furniture(records, clock)
        self._desk = Desk(records, self._lane, pool, Memory(settings.window), furniture, sources, progress, clock)
        self._sender = sender  # None: alerts stay in the outbox
        if sender is not None:
            self._desk.wakes.append(sender.wake)
        self._reading = Reading(pool, sources, self._desk.inbox, self._desk.on_spool, furniture.of)
        self._collector = Collector(records, self._lane, pool, sources, progress, clock, self._reading.take)

    def stop(self) -> None:
        """Ask the run to end cleanly; may be called from a signal handler on the loop."""
        self._stop.set()

    async def run(self, *, once: bool = False) -> None:
        """Collect until stopped, or with `once` until everything due has been fetched and filed.

        Raise Trouble (disk full, damaged archive): whatever was committed is kept, the rest is fetched again.
        """
        stay_lean()
        await self._lane(self._records.release_leases)
        await self._desk.restore()
        try:
            await self._loops(once)
        except BaseExceptionGroup as group:
            raise _first(group) from group
        finally:
            self._lane.close()
            self._index_lane.close()

    async def _loops(self, once: bool) -> None:
        async with asyncio.TaskGroup() as group:
            loops = [
                group.create_task(self._collector.polls()),
                group.create_task(self._collector.pages()),
                group.create_task(self._reading.run()),
                group.create_task(self._desk.run()),
                group.create_task(
                    follow(self._index_changes, self._desk.filed, self._settings.index_pause, self._index_lane)
                ),
                group.create_task(self._watch_queues()),
                group.create_task(self._watch_sources()),
            ]
            if self._sender is not None:
                loops.append(group.create_task(self._sender.run(self._settings.alert_look)))
            if not once:
                loops.append(group.create_task(self._desk.headlines(self._settings.headline_after)))
            self._desk.filed.set()  # the index may have fallen behind before
            while await self._lane(self._spool_waits):
                await self._spool()
                await self._settle()
            loops.append(group.create_task(self._watch_spool()))
            grace = self._settings.grace
            await crawl(self._crawler, self._tasks(once), self._delivered, self._stop.wait(), grace)
            await self._drain(headlines=once and self._settings.pages)
            if self._sender is not None:
                await self._sender.finish(grace, drain=once)
            for loop in loops:
                loop.cancel()
        await self._index_lane(self._index_changes)

    def _spool_waits(self) -> bool:
        return bool(self._records.spooled(1))

    def _index_changes(self) -> int:
        applied = catch_up(self._records, self._index, self.progress.spend)
        give_back()  # a commit of the index is when most of what was held is let go
        return applied

    async def _spool(self) -> None:
        """Pages on the spool that nobody reads yet: left by a killed run, or put back from quarantine."""
        rows = await self._lane(self._records.spooled, SPOOL_LOOK)
        await self._reading.take([row for row in rows if row.tries < MOST_TRIES])
        for row in rows:
            if row.tries >= MOST_TRIES:
                words = f"the run ended {row.tries} times while this page was being read"
                error = StageFailed(words, source_id=row.page.task.source_id, url=row.page.url)
                await self._lane(self._records.quarantine, "page", error, self._clock(), spool_id=row.id)

    async def _watch_spool(self) -> None:
        """Look for what `wirewatch quarantine replay` puts back while we run. Ends by cancellation."""
        while True:
            await asyncio.sleep(self._settings.spool_look)
            await self._spool()

    async def _watch_sources(self) -> None:
        """Take up sources that a person adds or changes while we run. Ends by cancellation."""
        while True:
            await asyncio.sleep(self._settings.source_look)
            if (sources := self._fresh()) is not None:
                self._name(sources)
                await self._lane(self._records.sync_sources, sources)

    def _name(self, sources: Iterable[Source]) -> None:
        for source in sources:
            if not source.blocked:
                self.progress.source(source.id).name = source.name

    async def _drain(self, headlines: bool) -> None:
        await self._settle()
        while headlines and await self._desk.file_headlines(self._clock() + timedelta(seconds=1)):
            await self._settle()

    @property
    def _collecting(self) -> int:
        return self._collector.open + self._reading.open + len(self._collector.children)

    @property
    def _busy(self) -> int:
        return self._collector.open + self._reading.open + self._desk.inbox.open

    async def _settle(self) -> None:
        """Wait until nothing is between the crawler and the records."""
        while self._busy:
            await asyncio.sleep(0.02)

    # --- what to fetch ----------------------------------------------------------------------

    async def _delivered(self, outcome: Outcome) -> None:
        await self._collector.deliver(outcome)
        self._under_way -= 1

    async def _tasks(self, once: bool) -> AsyncIterator[FetchTask]:
        """Addresses as they fall due, at most `ahead` under way; ends when stopped, or with `once` when all is done."""
        polled = False
        while not self._stop.is_set():
            if self._under_way < self._settings.ahead and not self._ready:
                await self._take(feeds=0 if once and polled else ALL if once else self._settings.ahead)
                polled = True
            if self._ready and self._under_way < self._settings.ahead:
                self._under_way += 1
                yield self._ready.popleft()
                continue
            if once and not (self._ready or self._under_way or self._collecting):
                await self._take(feeds=0)
                if not self._ready:
                    return
                continue
            await self._pause()

    async def _pause(self) -> None:
        """A short rest when busy, a longer one when nothing is due; a stop ends it at once."""
        busy = self._under_way or self._collecting
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), 0.05 if busy else 0.5)

    async def _take(self, feeds: int) -> None:
        """Fill `_ready`: sitemaps of an index first, then up to `feeds` polled addresses, then pages."""
        now, room = self._clock(), self._settings.ahead
        while self._collector.children:
            self._ready.append(self._collector.children.pop())
        if feeds:
            for state in await self._lane(self._records.take_feeds, now, feeds, LEASE):
                self._collector.states[state.url] = state
                self._ready.append(poll_task(state))
        if self._settings.pages and len(self._ready) < room:
            self._ready.extend(await self._lane(self._records.take_pages, now, room - len(self._ready), LEASE))

    async def _watch_queues(self) -> None:
        while True:
            self.progress.queues = {
                "fetching": self._under_way + len(self._ready),
                "reading": self._reading.open,
                "filing": self._desk.inbox.open,
            }
            await asyncio.sleep(0.25)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error that ended the run: one of ours if there is one."""
    leaves: list[BaseException] = []
    stack: list[BaseException] = [group]
    while stack:
        one = stack.pop()
        if isinstance(one, BaseExceptionGroup):
            stack.extend(one.exceptions)
        else:
            leaves.append(one)
    return next((one for one in leaves if isinstance(one, WirewatchError)), leaves[0])
