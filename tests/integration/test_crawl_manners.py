"""Guests' manners over a real server: delays, pauses asked for, robots.txt at every hop."""

from __future__ import annotations

import asyncio
import time
from email.utils import format_datetime

from aiohttp import web

from crawlers.manners import PAUSE
from pipeline.errors import Blocked, Throttled, Unreachable
from pipeline.types import Fetched, FetchFailed, Kind, NotModified
from tests.integration.crawling import NOON, Clock, Outlets, RobotsInMemory, crawler, fetch, task


class Spaced:
    """Answers with a feed and keeps when each request came and how many were under way."""

    def __init__(self, lasts: float = 0.0) -> None:
        self.came: list[float] = []
        self.most = 0
        self._now = 0
        self._lasts = lasts

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        self.came.append(time.monotonic())
        self._now += 1
        self.most = max(self.most, self._now)
        await asyncio.sleep(self._lasts)
        self._now -= 1
        return web.Response(body=b"<rss/>")

    @property
    def took(self) -> float:
        """Seconds from the first request to the last. A busy machine may shorten one gap, hardly all of them."""
        return self.came[-1] - self.came[0]


async def test_a_host_gets_its_delay_and_others_do_not_wait_for_it() -> None:
    async with Outlets() as outlets:
        one, others = Spaced(), [Spaced() for _ in range(4)]
        for n in range(3):
            outlets.on(f"one.example/{n}", one)
        for n, other in enumerate(others):
            outlets.on(f"other{n}.example/0", other)
        tasks = [task(f"one.example/{n}") for n in range(3)] + [task(f"other{n}.example/0") for n in range(4)]
        outcomes = await fetch(crawler(outlets, delay=0.3), *tasks)
        assert all(isinstance(outcome, Fetched) for outcome in outcomes)
        assert one.took > 0.4
        assert max(other.came[0] for other in others) < one.came[-1]


async def test_autothrottle_takes_its_time_with_a_slow_host() -> None:
    async with Outlets() as outlets:
        slow = Spaced(lasts=0.3)
        for n in range(4):
            outlets.on(f"slow.example/{n}", slow)
        ours = crawler(outlets, autothrottle=True, delay=0.01)
        await fetch(ours, *[task(f"slow.example/{n}") for n in range(4)])
        assert slow.took > 0.6


async def test_no_host_gets_more_than_its_share_at_a_time() -> None:
    async with Outlets() as outlets:
        busy = Spaced(lasts=0.05)
        for n in range(12):
            outlets.on(f"busy.example/{n}", busy)
        await fetch(crawler(outlets, per_host=3), *[task(f"busy.example/{n}") for n in range(12)])
        assert busy.most == 3


async def test_a_crawl_delay_larger_than_ours_wins_even_over_autothrottle() -> None:
    async with Outlets() as outlets:
        careful = Spaced()
        outlets.on("careful.example/robots.txt", "User-agent: *\nCrawl-delay: 0.4\n")
        for n in range(4):
            outlets.on(f"careful.example/{n}", careful)
        ours = crawler(outlets, autothrottle=True, delay=0.01)
        await fetch(ours, *[task(f"careful.example/{n}") for n in range(4)])
        assert careful.took > 0.8
        assert careful.most == 1


async def test_robots_txt_is_kept_in_the_store_and_obeyed() -> None:
    async with Outlets() as outlets:
        outlets.on("ledger.example/robots.txt", "User-agent: wirewatch\nDisallow: /members\n")
        outlets.on("ledger.example/feed", b"<rss/>")
        outlets.on("ledger.example/members/1", b"<p>")
        store = RobotsInMemory()
        feed, members = task("ledger.example/feed"), task("ledger.example/members/1", Kind.PAGE)
        one, two = await fetch(crawler(outlets, robots=store), feed, members)
        assert isinstance(one, Fetched)
        assert isinstance(two, FetchFailed)
        assert isinstance(two.error, Blocked)
        assert two.error.message == "robots.txt of ledger.example disallows this address"
        await fetch(crawler(outlets, robots=store), feed)
        assert outlets.paths().count("ledger.example/robots.txt") == 1
        assert "ledger.example/members/1" not in outlets.paths()
        assert store["http://ledger.example"][0] == 200


async def test_robots_txt_holds_for_the_target_of_a_redirect() -> None:
    async with Outlets() as outlets:
        outlets.on("short.example/1", status=302, Location="http://ledger.example/members/1")
        outlets.on("ledger.example/robots.txt", "User-agent: *\nDisallow: /members\n")
        outlets.on("ledger.example/members/1", b"<p>")
        (outcome,) = await fetch(crawler(outlets), task("short.example/1", Kind.PAGE))
        assert isinstance(outcome, FetchFailed)
        assert isinstance(outcome.error, Blocked)
        assert "ledger.example/members/1" not in outlets.paths()


async def test_robots_txt_may_be_redirected_and_one_that_goes_in_circles_is_none() -> None:
    async with Outlets() as outlets:
        outlets.on("ledger.example/robots.txt", status=301, Location="http://www.ledger.example/robots.txt")
        outlets.on("www.ledger.example/robots.txt", "User-agent: *\nDisallow: /members\n")
        outlets.on("round.example/robots.txt", status=301, Location="/robots.txt")
        outlets.on("round.example/feed", b"<rss/>")
        one, two = await fetch(crawler(outlets), task("ledger.example/members/1"), task("round.example/feed"))
        assert isinstance(one, FetchFailed)
        assert isinstance(one.error, Blocked)
        assert isinstance(two, Fetched)


async def test_a_host_whose_robots_txt_is_broken_is_left_alone() -> None:
    async with Outlets() as outlets:
        outlets.on("ledger.example/robots.txt", status=500)
        outlets.on("ledger.example/feed", b"<rss/>")
        (outcome,) = await fetch(crawler(outlets), task("ledger.example/feed"))
        assert isinstance(outcome, FetchFailed)
        assert isinstance(outcome.error, Unreachable)
        assert outlets.paths() == ["ledger.example/robots.txt"]


async def test_a_host_that_asks_for_a_pause_gets_it_and_then_answers() -> None:
    async with Outlets() as outlets:
        answers = [web.Response(status=429, headers={"Retry-After": "120"}), web.Response(body=b"<rss/>")]
        outlets.on("ledger.example/feed", lambda _: answers.pop(0))
        outlets.on("ledger.example/other", b"<rss/>")
        outlets.on("calm.example/feed", b"<rss/>")
        clock = Clock()
        ours = crawler(outlets, clock)
        (first,) = await fetch(ours, task("ledger.example/feed"))
        assert isinstance(first, FetchFailed)
        assert isinstance(first.error, Throttled)
        assert (first.status, first.error.retry_after) == (429, 120.0)
        asked = len(outlets.asked)
        clock.turn(seconds=50)
        other, calm = await fetch(ours, task("ledger.example/other"), task("calm.example/feed"))
        assert isinstance(other, FetchFailed)
        assert isinstance(other.error, Throttled)
        assert other.error.retry_after == 70.0
        assert isinstance(calm, Fetched)
        assert not any(path.startswith("ledger") for path in outlets.paths()[asked:])
        clock.turn(seconds=71)
        (again,) = await fetch(ours, task("ledger.example/feed"))
        assert isinstance(again, Fetched)


async def test_tasks_already_waiting_for_a_host_are_turned_away_when_it_asks_for_a_pause() -> None:
    async with Outlets() as outlets:
        for n in range(6):
            outlets.on(
                f"ledger.example/{n}", status=503, Retry_After=format_datetime(NOON.replace(hour=13), usegmt=True)
            )
        outcomes = await fetch(crawler(outlets, delay=0.05), *[task(f"ledger.example/{n}") for n in range(6)])
        assert all(isinstance(one, FetchFailed) and isinstance(one.error, Throttled) for one in outcomes)
        assert {one.error.retry_after for one in outcomes if isinstance(one, FetchFailed)} == {3600.0}  # type: ignore[attr-defined]
        assert len(outlets.asked) == 2  # robots.txt and the first


async def test_pauses_of_unknown_length_double_until_a_good_answer() -> None:
    async with Outlets() as outlets:
        statuses = [429, 429, 304, 429]
        outlets.on("ledger.example/feed", lambda _: web.Response(status=statuses.pop(0)))
        clock = Clock()
        ours = crawler(outlets, clock)
        pauses = []
        for _ in range(4):
            (outcome,) = await fetch(ours, task("ledger.example/feed", etag='"1"'))
            if isinstance(outcome, FetchFailed):
                assert isinstance(outcome.error, Throttled)
                pauses.append(outcome.error.retry_after)
            else:
                assert isinstance(outcome, NotModified)
            clock.turn(hours=1)
        assert pauses == [PAUSE, 2 * PAUSE, PAUSE]
