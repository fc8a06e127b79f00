"""What the crawler's tests share: hosts of the test's own invention on one loopback port, and a clock to turn."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any

from aiohttp import web

from crawlers.crawl import Crawler, CrawlSettings
from pipeline.types import FetchTask, Kind, Outcome

Handler = Callable[[web.BaseRequest], web.StreamResponse | Awaitable[web.StreamResponse]]
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Clock:
    """Stands still until it is turned."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


class RobotsInMemory(dict[str, tuple[int, bytes, datetime]]):
    """A RobotsStore."""

    def put(self, origin: str, status: int, body: bytes, fetched: datetime) -> None:
        self[origin] = (status, body, fetched)


class Outlets:
    """A web server that answers by host and path; what it was not told of is 404. `asked` keeps every request."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, web.BaseRequest]] = []
        self._handlers: dict[str, Handler] = {}

    async def __aenter__(self) -> Outlets:
        self._runner = web.ServerRunner(web.Server(self._answer, access_log=None), shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port: int = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    def on(self, address: str, body: bytes | str | Handler = b"", status: int = 200, **headers: str) -> None:
        """Answer at "host/path" with these; `content_type="…"` stands for the header of that name."""
        if callable(body):
            self._handlers[address] = body
            return
        data = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._handlers[address] = lambda _: web.Response(status=status, body=data, headers=named)

    def paths(self) -> list[str]:
        """Every address asked for, in order."""
        return [address for address, _ in self.asked]

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        address = request.host + request.path_qs
        self.asked.append((address, request))
        handler = self._handlers.get(address)
        if handler is None:
            return web.Response(status=404)
        answer = handler(request)
        return await answer if inspect.isawaitable(answer) else answer


def task(url: str, kind: Kind = Kind.FEED, **more: Any) -> FetchTask:
    """A task of the source "test"."""
    return FetchTask(url if "://" in url else f"http://{url}", "test", kind, **more)


async def each(tasks: Iterable[FetchTask]) -> AsyncIterator[FetchTask]:
    """Tasks as the crawler wants them."""
    for one in tasks:
        yield one


def crawler(outlets: Outlets, clock: Clock | None = None, robots: Any = None, **settings: Any) -> Crawler:
    """A crawler whose every connection goes to `outlets`; no delay, no AutoThrottle unless asked for."""
    chosen = {"delay": 0.0, "autothrottle": False, "timeout": 5.0, "connect_to": f"127.0.0.1:{outlets.port}"}
    store = RobotsInMemory() if robots is None else robots
    return Crawler(CrawlSettings(**{**chosen, **settings}), store, clock or Clock())


async def fetch(crawler: Crawler, *tasks: FetchTask) -> list[Outcome]:
    """The outcomes of `tasks`, in the order of the tasks."""
    outcomes: list[Outcome] = []

    async def deliver(outcome: Outcome) -> None:
        outcomes.append(outcome)

    await crawler.run(each(tasks), deliver)
    return sorted(outcomes, key=lambda outcome: tasks.index(outcome.task))


async def fetch_one(outlets: Outlets, url: str, kind: Kind = Kind.FEED, **settings: Any) -> Outcome:
    """The outcome of one address."""
    (outcome,) = await fetch(crawler(outlets, **settings), task(url, kind))
    return outcome
