"""Addresses that one command asks by itself: through the crawler, so with the same guard, manners and robots.txt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any

from pipeline.types import FetchTask, Kind, Outcome
from wirewatch import bootstrap
from wirewatch.config import Settings

Fetch = Callable[[str], Awaitable[Outcome]]


def with_fetch(settings: Settings, work: Callable[[Fetch], Awaitable[Any]], kind: Kind = Kind.FEED) -> Any:
    """Run `work` with a fetch that goes through the crawler. Each address is asked once, its answer kept.

    Kind.FEED leaves it to the reader to judge the type of what comes; answers to Kind.PAGE are not kept.
    """
    from crawlers.crawl import run_in_reactor

    async def main() -> Any:
        tasks: asyncio.Queue[FetchTask | None] = asyncio.Queue()
        answers: dict[str, asyncio.Future[Outcome]] = {}

        async def source_of_tasks() -> AsyncIterator[FetchTask]:
            while (task := await tasks.get()) is not None:
                yield task

        async def deliver(outcome: Outcome) -> None:
            url = outcome.task.url
            answer = answers.pop(url) if kind is Kind.PAGE else answers[url]
            if not answer.done():
                answer.set_result(outcome)

        async def fetch(url: str) -> Outcome:
            if url not in answers:
                answers[url] = asyncio.get_running_loop().create_future()
                await tasks.put(FetchTask(url, "asked", kind))
            return await answers[url]

        crawl = asyncio.create_task(crawler.run(source_of_tasks(), deliver))
        try:
            return await work(fetch)
        finally:
            await tasks.put(None)
            await crawl

    crawler = bootstrap.make_crawler(settings, _Forgetful())
    return run_in_reactor(main())


class _Forgetful:
    """Keeps robots.txt for one command only."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[int, bytes, datetime]] = {}

    def get(self, origin: str) -> tuple[int, bytes, datetime] | None:
        return self._kept.get(origin)

    def put(self, origin: str, status: int, body: bytes, fetched: datetime) -> None:
        self._kept[origin] = (status, body, fetched)
