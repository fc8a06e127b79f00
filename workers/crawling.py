"""A crawl that ends when its tasks do, or soon after it is asked to stop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, Protocol

from pipeline.types import FetchTask, Outcome


class Crawls(Protocol):
    """What is needed of a crawler; see crawlers.crawl.Crawler."""

    async def run(self, tasks: AsyncIterator[FetchTask], deliver: Callable[[Outcome], Awaitable[None]]) -> None:
        """Fetch until tasks end; one outcome for each."""


async def crawl(
    crawler: Crawls,
    tasks: AsyncIterator[FetchTask],
    deliver: Callable[[Outcome], Awaitable[None]],
    stopped: Coroutine[Any, Any, object],
    grace: float,
) -> None:
    """Fetch until tasks end; once `stopped` returns, fetches under way are given `grace` seconds, then left.

    Raise what the crawler raises.
    """
    crawling = asyncio.create_task(crawler.run(tasks, deliver))
    stop = asyncio.create_task(stopped)
    try:
        await asyncio.wait({crawling, stop}, return_when=asyncio.FIRST_COMPLETED)
        if not crawling.done():
            await asyncio.wait({crawling}, timeout=grace)
    finally:
        stop.cancel()
        crawling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await crawling
