"""The crawler of production: orders off its queue, through Scrapy, into the records; spooled pages on to the workers.

Listings are read here, in a process of their own; pages by the workers. When more than `bound` pages are between here
and the records, it waits, and with it the fetching.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any

from kombu.entity import Queue
from kombu.simple import SimpleBuffer

from pipeline.errors import Away, Trouble, WirewatchError
from pipeline.types import FetchFailed, FetchTask, Kind, NotModified, Outcome
from records.values import Spooled
from workers.collect import Collector
from workers.crawling import Crawls, crawl
from workers.lane import Lane
from workers.messages import FetchOrder, ReadOrder, unpack
from workers.pool import StagePool
from workers.queues import own_fetch_queue, reaching_redis
from workers.services.house import Service

GRACE = 8.0  # seconds that fetches under way are given when stopping
log = logging.getLogger("wirewatch.crawler")


class CrawlerService:
    """One long-lived Scrapy engine, fed by its queue."""

    def __init__(self, service: Service, crawler: Crawls, pool: StagePool, number: int) -> None:
        self._in, self._crawler = service, crawler
        self._orders = _Orders(service, number)
        self._lane, self._queue_lane = Lane("records", endless=True), Lane("queue", endless=True)
        self._order_lane = Lane("orders", endless=True)  # of its own: it waits for the next order
        self._collector = Collector(
            service.records, self._lane, pool, service.sources, service.progress, service.clock, self._onward
        )

    async def run(self) -> None:
        """Work until stopped; what was fetched by then is in the records. Raise Trouble."""
        try:
            async with asyncio.TaskGroup() as group:
                loops = [group.create_task(self._collector.polls()), group.create_task(self._collector.pages())]
                await crawl(self._crawler, self._tasks(), self._delivered, self._stopped(), GRACE)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._settle(), GRACE)
                for loop in loops:
                    loop.cancel()
        finally:
            self._lane.close()
            self._queue_lane.close()
            self._order_lane.close()
            self._orders.close()

    async def _stopped(self) -> None:
        while not self._in.stop.is_set():
            self._in.pulse.beat()
            await asyncio.sleep(0.2)

    async def _settle(self) -> None:
        while self._collector.open:
            await asyncio.sleep(0.02)

    async def _tasks(self) -> AsyncIterator[FetchTask]:
        """Sitemaps of an index first, then orders as they come. Ends when stopped."""
        while not self._in.stop.is_set():
            if self._collector.children:
                yield self._collector.children.pop()
                continue
            order = await self._order_lane(self._orders.next)
            if order is None:
                continue
            if order.task.source_id not in self._in.sources:
                log.warning("%s: no source is called %s here", order.task.url, order.task.source_id)
                continue
            if order.state is not None:
                self._collector.states[order.task.url] = order.state
            yield order.task

    async def _delivered(self, outcome: Outcome) -> None:
        task = outcome.task
        told = "fetched"
        if isinstance(outcome, FetchFailed):
            told = type(outcome.error).__name__.lower()
        elif isinstance(outcome, NotModified):
            told = "unchanged"
        stage = "page" if task.kind is Kind.PAGE else "listing"
        self._in.progress.outcomes[f"fetch {stage}", told] += 1
        trace = {"trace": task.entry_id or task.url, "stage": f"fetch {stage}", "outcome": told}
        words = f": {outcome.error}" if isinstance(outcome, FetchFailed) else ""
        log.info("%s %s%s", told, task.url, words, extra=trace)
        await self._collector.deliver(outcome)

    async def _onward(self, rows: Sequence[Spooled]) -> None:
        """Tell the workers of spooled pages; wait first while too many are on their way."""
        while not self._in.stop.is_set() and await self._queue_lane(self._in.queues.pages) >= self._in.pace.bound:
            await asyncio.sleep(self._in.pace.turn)
        orders = [ReadOrder(row.id, trace=row.page.task.entry_id) for row in rows]
        with contextlib.suppress(WirewatchError):  # only when stopping: the scheduler finds them on the spool
            await self._queue_lane(self._in.queues.read, orders)


class _Orders:
    """The crawler's queues, one order at a time, what a person asked for first; used in one thread."""

    def __init__(self, service: Service, number: int) -> None:
        self._queues = service.queues
        self._names = [own_fetch_queue(number, asked=True), own_fetch_queue(number)]
        self._buffers: list[Any] = []

    def next(self, wait: float = 0.5) -> FetchOrder | None:
        """The next order; None when none came within `wait` seconds. Raise Away."""
        try:
            with reaching_redis():
                if not self._buffers:
                    connection = self._queues.connection()
                    self._buffers = [SimpleBuffer(connection, Queue(name)) for name in self._names]
                asked, scheduled = self._buffers
                message = self._get(asked, None) or self._get(scheduled, wait)
        except Away:
            self.close()
            raise
        if message is None:
            return None
        try:
            _, order, _ = message.payload
            return unpack(FetchOrder, order)
        except (Trouble, ValueError, TypeError) as error:
            log.error("an order was dropped, its lease ends and it comes again: %s", error)
            return None

    def _get(self, buffer: Any, wait: float | None) -> Any:
        try:
            return buffer.get_nowait() if wait is None else buffer.get(timeout=wait)
        except buffer.Empty:
            return None

    def close(self) -> None:
        """Let go of the connection."""
        for buffer in self._buffers:
            with contextlib.suppress(Exception):
                buffer.close()
                buffer.channel.connection.client.release()
        self._buffers = []
