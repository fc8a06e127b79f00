"""What the crawler brings: listings become entries, pages go on the spool and through the stages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from crawlers.schedule import after_part, after_poll
from pipeline.answered import answered
from pipeline.errors import Quarantine, ServerFault, WirewatchError
from pipeline.types import FeedState, Fetched, FetchFailed, FetchTask, Kind, Listing, NotModified, Outcome, Source
from records.base import Records
from records.values import Poll, Spooled
from workers.batches import Inbox
from workers.lane import Lane
from workers.outcomes import page_failure
from workers.pool import StagePool
from workers.progress import Progress

LISTING_CHUNK = 8  # listings a process reads in one go: less traffic between processes, still both cores
NEWEST_SITEMAPS = 3  # of a sitemap index, how many are followed at a poll


class Collector:
    """Takes every outcome of the crawler and gives spooled pages `onward`.

    `deliver` waits when whoever takes them is behind: back-pressure.
    """

    def __init__(
        self,
        records: Records,
        lane: Lane,
        pool: StagePool,
        sources: Mapping[str, Source],
        progress: Progress,
        clock: Callable[[], datetime],
        onward: Callable[[Sequence[Spooled]], Awaitable[None]],
    ) -> None:
        self._records, self._lane, self._pool, self._sources = records, lane, pool, sources
        self._progress, self._clock, self._onward = progress, clock, onward
        self._polled: Inbox[Outcome] = Inbox(256)
        self._paged: Inbox[Outcome] = Inbox(16)
        self.states: dict[str, FeedState] = {}  # of addresses being polled, by address
        self.parents: dict[str, FeedState] = {}  # sitemap of an index -> the index as it was when it was polled
        self.children: list[FetchTask] = []  # sitemaps of an index, to fetch now

    @property
    def open(self) -> int:
        """Outcomes not yet in the records and onward."""
        return self._polled.open + self._paged.open

    async def deliver(self, outcome: Outcome) -> None:
        """One outcome from the crawler."""
        self._count(outcome)
        await (self._paged if outcome.task.kind is Kind.PAGE else self._polled).put(outcome)

    def _count(self, outcome: Outcome) -> None:
        line = self._progress.source(outcome.task.source_id)
        line.last = outcome.fetched
        page = outcome.task.kind is Kind.PAGE
        line.polls += not page
        if isinstance(outcome, FetchFailed):
            if not page or line.state in ("healthy", "waiting"):
                line.state = ("pages " if page else "") + type(outcome.error).__name__.lower()
            self._progress.failed(outcome.task.source_id, outcome.error)
        elif isinstance(outcome, NotModified):
            line.unchanged += 1
            self._progress.counts["unchanged"] += 1
        else:
            if page == line.state.startswith("pages ") or line.state == "waiting":
                line.state = "healthy"  # a good feed does not mend blocked pages, nor a good page a broken feed
            self._progress.counts["fetched"] += 1

    # --- listings ---------------------------------------------------------------------------

    async def polls(self) -> None:
        """Read listings in chunks on all cores and record each batch in one transaction. Ends by cancellation."""
        async for batch in self._polled.batches(most=64, linger=0.1):
            fetched = [one for one in batch if isinstance(one, Fetched)]
            chunks = [fetched[i : i + LISTING_CHUNK] for i in range(0, len(fetched), LISTING_CHUNK)]
            read = await asyncio.gather(
                *(self._pool.listings([(one, self._sources[one.task.source_id]) for one in chunk]) for chunk in chunks)
            )
            listings = dict(zip((id(one) for one in fetched), (row for rows in read for row in rows), strict=True))
            polls = [await self._poll(outcome, *listings.get(id(outcome), (None, 0.0))) for outcome in batch]
            now = self._clock()
            for result in await self._lane(self._records.record_polls, polls, now):
                self._progress.counts["entries"] += result.new
                self._progress.counts["edited"] += result.edited

    async def _poll(self, outcome: Outcome, listing: Listing | WirewatchError | None, seconds: float) -> Poll:
        task, now = outcome.task, self._clock()
        source = self._sources[task.source_id]
        self._progress.spend("listings", seconds)
        if isinstance(listing, WirewatchError):
            self._progress.failed(task.source_id, listing)
            if isinstance(listing, Quarantine) and isinstance(outcome, Fetched):
                await self._lane(self._records.quarantine, "listing", listing, now, body=outcome.body)
            outcome, listing = FetchFailed(task, listing, outcome.fetched), None
        elif listing is not None and listing.warning:
            self._progress.odd(task.url, listing.warning)
        how = answered(outcome)
        index = self.parents.pop(task.url, None)
        if index is not None:  # its entries count, and the index keeps the state
            part = partial(self._settle_part, index, listing, now)
            return Poll(task.source_id, index.url, part, listing.entries if listing else (), how, part=True)
        state = self.states[task.url]
        for child in listing.more[:NEWEST_SITEMAPS] if listing else ():
            self.parents[child] = state
            self.children.append(FetchTask(child, task.source_id, Kind.SITEMAP))
        settle = partial(_settled, state, outcome, listing, now, (source.poll_min, source.poll_max))
        return Poll(task.source_id, task.url, partial(self._settle, settle), listing.entries if listing else (), how)

    def _settle(self, settle: Callable[[int], FeedState], new: int) -> FeedState:
        state = settle(new)
        self.states[state.url] = state
        return state

    def _settle_part(self, index: FeedState, listing: Listing | None, now: datetime, new: int) -> FeedState:
        """The other sitemaps of the index may have changed its state since."""
        state = self.states.get(index.url, index)
        if listing is not None:
            state = self.states[index.url] = after_part(index, state, listing, new, now)
        return state

    # --- pages ------------------------------------------------------------------------------

    async def pages(self) -> None:
        """Spool pages as they come, then send them onward. Ends by cancellation."""
        async for batch in self._paged.batches(most=16, linger=0.05):
            now = self._clock()
            failures = [page_failure(_failure(one), now) for one in batch if not isinstance(one, Fetched)]
            if failures:
                await self._lane(self._records.pages_failed, failures, now)
            fetched = [one for one in batch if isinstance(one, Fetched)]
            if fetched:
                await self._onward(await self._lane(self._records.spool, fetched))


def _settled(
    state: FeedState,
    outcome: Outcome,
    listing: Listing | None,
    now: datetime,
    bounds: tuple[timedelta, timedelta],
    new: int,
) -> FeedState:
    after = after_poll(state, outcome, listing, new, now, bounds)
    if listing is not None and listing.more:
        # Its sitemaps are fetched after this is recorded, and may fail: at the next poll it must list them again.
        return replace(after, etag="", last_modified="", content_hash="")
    return after


def _failure(outcome: Outcome) -> FetchFailed:
    """A page's 304 that nobody asked for is a fault of the server's."""
    if isinstance(outcome, FetchFailed):
        return outcome
    task = outcome.task
    error = ServerFault("answered 304 to an unconditional request", source_id=task.source_id, url=task.url)
    return FetchFailed(task, error, outcome.fetched, 304)
