"""Addresses that a person asks for one by one: through the crawler, so with the same guard, manners and robots.txt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

from crawlers.crawl import Crawler, run_in_reactor
from pipeline.errors import Unreachable
from pipeline.types import FetchFailed, FetchTask, Kind, Outcome

T = TypeVar("T")
Fetch = Callable[[str], Awaitable[Outcome]]
Work = Callable[[Fetch], Awaitable[T]]


def with_fetch(crawler: Crawler, work: Work[T], kind: Kind = Kind.FEED, *, within: float | None = None) -> T:
    """Run `work` with a fetch that goes through the crawler. Each address is asked once, its answer kept.

    Kind.FEED leaves it to the reader to judge the type of what comes; answers to Kind.PAGE are not kept. What has not
    come `within` seconds is told as Unreachable, and nothing is asked after that. Blocks; not for a thread that has a
    loop running.
    """
    return run_in_reactor(_asking(crawler, work, kind, within))


async def _asking(crawler: Crawler, work: Work[T], kind: Kind, within: float | None) -> T:
    tasks: asyncio.Queue[FetchTask | None] = asyncio.Queue()
    answers: dict[str, asyncio.Future[Outcome]] = {}
    loop = asyncio.get_running_loop()
    end = None if within is None else loop.time() + within

    async def source_of_tasks() -> AsyncIterator[FetchTask]:
        while (task := await tasks.get()) is not None:
            yield task

    async def deliver(outcome: Outcome) -> None:
        url = outcome.task.url
        answer = answers.pop(url) if kind is Kind.PAGE else answers[url]
        if not answer.done():
            answer.set_result(outcome)

    async def fetch(url: str) -> Outcome:
        task = FetchTask(url, "asked", kind)
        late = Unreachable(f"no answer within the {within or 0:.0f} s that this may take", url=url)
        if end is not None and loop.time() >= end:
            return FetchFailed(task, late, crawler.clock())
        if url not in answers:
            answers[url] = loop.create_future()
            tasks.put_nowait(task)
        try:
            async with asyncio.timeout_at(end):
                return await asyncio.shield(answers[url])
        except TimeoutError:
            return FetchFailed(task, late, crawler.clock())

    crawl = asyncio.create_task(crawler.run(source_of_tasks(), deliver))
    try:
        found = await work(fetch)
    finally:
        if end is not None and loop.time() >= end:
            crawl.cancel()
        await tasks.put(None)
        with suppress(asyncio.CancelledError):
            await crawl
    return found


class Forgetful:
    """Keeps robots.txt for one question only."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[int, bytes, datetime]] = {}

    def get(self, origin: str) -> tuple[int, bytes, datetime] | None:
        """See `crawlers.robots.RobotsStore`."""
        return self._kept.get(origin)

    def put(self, origin: str, status: int, body: bytes, fetched: datetime) -> None:
        """See `crawlers.robots.RobotsStore`."""
        self._kept[origin] = (status, body, fetched)
