"""The crawler: one long-lived Scrapy engine through which feeds, sitemaps, sections, pages and robots.txt all go.

Scrapy runs on the caller's asyncio loop without a Twisted reactor (TWISTED_REACTOR_ENABLED = False). Its spider only
keeps the engine open: addresses are handed straight to `engine.download_async`, so what is left of Scrapy is what we
want of it: the downloader with its slots (delay and concurrency per host) and AutoThrottle. Middlewares, scheduler,
statistics and a log line per answer would do nothing here but take time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import scrapy
from aiohttp.abc import AbstractResolver
from scrapy.crawler import Crawler as ScrapyCrawler
from scrapy.http import Response
from scrapy.logformatter import LogFormatter

from crawlers.fetch import Fetcher, Limits
from crawlers.guard import Guard
from crawlers.manners import Resting
from crawlers.robots import RobotsStore
from crawlers.transport import House, Transport
from pipeline.errors import BadSetting
from pipeline.types import FetchTask, Outcome

T = TypeVar("T")
MIB = 1 << 20
MIN_DELAY = 0.001  # without any delay, Scrapy 2.19 on asyncio starts all waiting requests at once, whatever per_host is
MAX_DELAY = 30.0  # seconds between requests to one host, whatever AutoThrottle makes of its latency


@dataclass(frozen=True, slots=True)
class CrawlSettings:
    """How we behave. Times in seconds, sizes in bytes after decompression."""

    user_agent: str = "Wirewatch/0.1"  # whoever runs it adds where to complain
    concurrency: int = 32
    per_host: int = 2
    delay: float = 1.0  # at least, per host; a larger crawl-delay wins
    autothrottle: bool = True
    timeout: float = 30.0  # from DNS to the last byte of the body
    max_body: int = 10 * MIB  # pages and sections
    max_feed: int = 20 * MIB  # feeds and sitemaps
    max_redirects: int = 5
    connect_to: str = ""  # "127.0.0.1:8123": every connection goes there, in plain HTTP, with the original Host
    allow_private: bool = False


class _Quiet(LogFormatter):
    def crawled(self, request: object, response: object, spider: object) -> None:  # type: ignore[override]
        """No line per answer: outcomes are told by those who get them."""


class _Doorman(scrapy.Spider):
    """Keeps the engine open and carries the `House` to the transport."""

    name = "wirewatch"
    house: House
    opened: asyncio.Event

    async def start(self) -> AsyncIterator[Any]:
        self.opened.set()
        await asyncio.Event().wait()
        yield


class Crawler:
    """Fetches tasks with good manners. The pauses that hosts asked for outlive a `run`; connections do not."""

    def __init__(
        self,
        settings: CrawlSettings,
        robots: RobotsStore,
        clock: Callable[[], datetime],
        *,
        resolver: AbstractResolver | None = None,
    ) -> None:
        """`clock` gives aware UTC; `resolver` replaces the system's (tests). Raises `BadSetting` for a bad value."""
        self._settings = settings
        self._robots = robots
        self.clock = clock
        self._resolver = resolver
        self._resting = Resting()
        self._connect_to = _address(settings.connect_to)
        self._guard = Guard(settings.allow_private, self._connect_to)

    async def run(self, tasks: AsyncIterator[FetchTask], deliver: Callable[[Outcome], Awaitable[None]]) -> None:
        """Fetch until `tasks` ends. Every task gets exactly one outcome, and `deliver` is awaited for each.

        At most `concurrency` tasks are held at a time, and a slow `deliver` slows the pulling. Tasks of one host wait
        for its delay while they are held, so whoever makes `tasks` should let hosts take turns. What `tasks` or
        `deliver` raise ends the run and is raised here. Cancelling ends it within seconds; tasks held then get no
        outcome.
        """
        pull = asyncio.Lock()

        async def work(fetcher: Fetcher) -> None:
            while True:
                async with pull:
                    task = await anext(tasks, None)
                if task is None:
                    return
                await deliver(await fetcher.fetch(task))

        async with self._engine() as fetcher:
            workers = [asyncio.create_task(work(fetcher)) for _ in range(self._settings.concurrency)]
            try:
                await asyncio.gather(*workers)
            finally:
                for worker in workers:
                    worker.cancel()
                await asyncio.gather(*workers, return_exceptions=True)

    @asynccontextmanager
    async def _engine(self) -> AsyncIterator[Fetcher]:
        settings = self._settings
        crawler = ScrapyCrawler(_Doorman, _scrapy_settings(settings))
        opened = asyncio.Event()
        house = House(self._guard, self._resting, self.clock, settings.timeout, self._connect_to, self._resolver)
        running = asyncio.create_task(crawler.crawl_async(house=house, opened=opened))
        ready = asyncio.create_task(opened.wait())
        try:
            await asyncio.wait([running, ready], return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                await running  # raises what kept it from starting
            yield self._fetcher(crawler)
        finally:
            ready.cancel()
            await crawler.stop_async()
            with suppress(asyncio.CancelledError):
                await running

    def _fetcher(self, crawler: ScrapyCrawler) -> Fetcher:
        settings, downloader = self._settings, crawler.engine.downloader
        slow: set[str] = set()

        def pace(host: str, delay: float) -> None:
            """A crawl-delay larger than our delay becomes that of the host's slot, out of AutoThrottle's reach."""
            if delay <= settings.delay:
                slow.discard(host)
                downloader.per_slot_settings.pop(host, None)
                return
            slow.add(host)
            downloader.per_slot_settings[host] = {"delay": delay, "concurrency": 1}
            slot = downloader.slots.get(host)
            if slot is not None:
                slot.delay, slot.concurrency = delay, 1

        async def download(request: scrapy.Request) -> Response:
            if request.meta["download_slot"] in slow:
                request.meta["autothrottle_dont_adjust_delay"] = True
            return await crawler.engine.download_async(request)

        return Fetcher(
            download,
            pace,
            self._robots,
            user_agent=settings.user_agent,
            limits=Limits(settings.max_body, settings.max_feed, settings.max_redirects),
            guard=self._guard,
            resting=self._resting,
            clock=self.clock,
        )


def run_in_reactor(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` to its end on a new asyncio loop, which is all that Scrapy needs; any number of times a process."""
    return asyncio.run(main)


def _address(connect_to: str) -> tuple[str, int] | None:
    if not connect_to:
        return None
    host, _, port = connect_to.rpartition(":")
    if not host or not port.isdigit():
        raise BadSetting(f"connect_to must be an IP address and a port, as 127.0.0.1:8123, not {connect_to!r}")
    return host.strip("[]"), int(port)


def _scrapy_settings(settings: CrawlSettings) -> dict[str, Any]:
    delay = max(settings.delay, MIN_DELAY)
    throttle = {"scrapy.extensions.throttle.AutoThrottle": 0} if settings.autothrottle else {}
    return {
        "TWISTED_REACTOR_ENABLED": False,
        "DOWNLOAD_HANDLERS_BASE": {},
        "DOWNLOAD_HANDLERS": {"http": Transport, "https": Transport},
        "DOWNLOADER_MIDDLEWARES_BASE": {},
        "SPIDER_MIDDLEWARES_BASE": {},
        "EXTENSIONS_BASE": throttle,
        "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",
        "LOG_FORMATTER": _Quiet,
        "CONCURRENT_REQUESTS": settings.concurrency,
        "CONCURRENT_REQUESTS_PER_DOMAIN": settings.per_host,
        "DOWNLOAD_DELAY": delay,
        "DOWNLOAD_DELAY_JITTER": 0,  # "at least" is meant
        "AUTOTHROTTLE_ENABLED": settings.autothrottle,
        "AUTOTHROTTLE_START_DELAY": delay,
        "AUTOTHROTTLE_MAX_DELAY": max(MAX_DELAY, delay),
    }
