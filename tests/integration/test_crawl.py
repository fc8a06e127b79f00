"""The crawler against a real server: one outcome for each task, and the right one."""

from __future__ import annotations

import asyncio
import gzip
import pickle
import socket
import zlib
from collections.abc import AsyncIterator

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard
from aiohttp import web

from crawlers.crawl import Crawler, CrawlSettings, run_in_reactor
from pipeline.errors import (
    BadSetting,
    Blocked,
    Gone,
    NotNews,
    Refused,
    ServerFault,
    Throttled,
    Unreachable,
    WirewatchError,
)
from pipeline.ids import content_hash
from pipeline.types import Fetched, FetchFailed, FetchTask, Kind, NotModified, Outcome
from tests.integration.crawling import NOON, Clock, Outlets, RobotsInMemory, crawler, each, fetch, fetch_one, task

FEED = b"<rss version='2.0'><channel><title>Harbour Ledger</title></channel></rss>"


async def test_a_feed_comes_with_what_the_stages_read() -> None:
    async with Outlets() as outlets:
        outlets.on(
            "ledger.example/feed", FEED, Content_Type="application/rss+xml", ETag='"1"', Server="x", Set_Cookie="a=b"
        )
        (outcome,) = await fetch(
            crawler(outlets, user_agent="Wirewatch/9 (+http://us.example)"), task("ledger.example/feed")
        )
        assert isinstance(outcome, Fetched)
        assert (outcome.url, outcome.status, outcome.body, outcome.fetched) == (
            "http://ledger.example/feed",
            200,
            FEED,
            NOON,
        )
        assert dict(outcome.headers) == {"content-type": "application/rss+xml", "etag": '"1"'}
        assert outcome.content_hash == content_hash(FEED)
        assert outcome.redirected_for_good == ""
        assert pickle.loads(pickle.dumps(outcome)) == outcome  # it goes to other processes
        assert outlets.paths() == ["ledger.example/robots.txt", "ledger.example/feed"]
        sent = outlets.asked[1][1].headers
        assert sent["User-Agent"] == "Wirewatch/9 (+http://us.example)"
        assert sent["Accept-Encoding"] == "gzip, deflate, br, zstd"
        assert sent["Accept"].startswith("application/atom+xml")
        assert "Cookie" not in sent
        assert "Referer" not in sent


async def test_an_address_is_sent_as_it_is_written() -> None:
    async with Outlets() as outlets:
        await fetch_one(outlets, "http://ledger.example/a%2Fb/%7Ec?q=caf%C3%A9&x=1+2#part")
        await fetch_one(outlets, "http://ledger.example/straße")
        sent = [request.raw_path for _, request in outlets.asked if "robots" not in request.raw_path]
        assert sent == ["/a%2Fb/%7Ec?q=caf%C3%A9&x=1+2", "/stra%C3%9Fe"]


async def test_what_has_not_changed_is_not_sent_or_not_read() -> None:
    def answer(request: web.BaseRequest) -> web.Response:
        same = request.headers.get("If-None-Match") == '"1"' and request.headers.get("If-Modified-Since") == "yesterday"
        headers = {"ETag": '"1"', "Cache-Control": "max-age=600"}
        return web.Response(status=304 if same else 200, body=b"" if same else FEED, headers=headers)

    async with Outlets() as outlets:
        outlets.on("ledger.example/feed", answer)
        by_tag = task("ledger.example/feed", etag='"1"', last_modified="yesterday")
        by_hash = task("ledger.example/feed", content_hash=content_hash(FEED))
        one, two = await fetch(crawler(outlets), by_tag, by_hash)
        assert isinstance(one, NotModified)
        assert isinstance(two, NotModified)
        assert (one.same_bytes, two.same_bytes) == (False, True)
        assert one.headers["cache-control"] == "max-age=600"


async def test_a_304_that_nobody_asked_for_is_a_fault() -> None:
    async with Outlets() as outlets:
        outlets.on("ledger.example/feed", status=304)
        outcome = await fetch_one(outlets, "ledger.example/feed")
        assert isinstance(outcome, FetchFailed)
        assert isinstance(outcome.error, ServerFault)


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("gzip", gzip.compress(FEED)),
        ("gzip", gzip.compress(FEED[:20]) + gzip.compress(FEED[20:])),
        ("deflate", zlib.compress(FEED)),
        ("deflate", zlib.compress(FEED)[2:-4]),
        ("br", brotli.compress(FEED)),
        ("zstd", zstandard.compress(FEED)),
    ],
    ids=["gzip", "gzip of two members", "deflate", "deflate without a head", "br", "zstd"],
)
async def test_every_encoding_that_we_ask_for_is_undone(encoding: str, data: bytes) -> None:
    async with Outlets() as outlets:
        outlets.on("ledger.example/feed", data, Content_Encoding=encoding)
        outcome = await fetch_one(outlets, "ledger.example/feed")
        assert isinstance(outcome, Fetched)
        assert outcome.body == FEED


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, Blocked),
        (401, Blocked),
        (402, Blocked),
        (403, Blocked),
        (404, Gone),
        (410, Gone),
        (408, Unreachable),
        (429, Throttled),
        (451, Blocked),
        (500, ServerFault),
        (502, ServerFault),
        (503, ServerFault),
    ],
)
async def test_what_a_status_means(status: int, error: type[WirewatchError]) -> None:
    async with Outlets() as outlets:
        outlets.on("ledger.example/story", "no", status=status)
        outcome = await fetch_one(outlets, "ledger.example/story", Kind.PAGE)
        assert isinstance(outcome, FetchFailed)
        assert type(outcome.error) is error
        assert outcome.status == status
        assert (outcome.error.source_id, outcome.error.url) == ("test", "http://ledger.example/story")


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (403, {}, "<html><head><title>Just a moment...</title>"),
        (503, {"Retry_After": "10"}, "<html><head><title>Just a moment...</title>"),
        (200, {"cf_mitigated": "challenge"}, "<html>"),
        (202, {"x_amzn_waf_action": "challenge"}, ""),
        (200, {}, "<html><script src='https://geo.captcha-delivery.com/c.js'></script>"),
        (429, {}, "<div id='px-captcha'></div>"),
    ],
    ids=["title", "title and Retry-After", "header", "AWS", "DataDome", "PerimeterX"],
)
async def test_a_bot_challenge_is_blocked_and_not_tried_again(status: int, headers: dict[str, str], body: str) -> None:
    async with Outlets() as outlets:
        outlets.on("ledger.example/story", body, status, Content_Type="text/html", **headers)
        outcome = await fetch_one(outlets, "ledger.example/story", Kind.PAGE)
        assert isinstance(outcome, FetchFailed)
        assert isinstance(outcome.error, Blocked)
        assert "bot challenge" in outcome.error.message
        assert outlets.paths().count("ledger.example/story") == 1


@pytest.mark.parametrize("media", ["application/pdf", "image/jpeg", "video/mp4", "application/octet-stream"])
async def test_a_page_of_the_wrong_type_is_left_before_its_body(media: str) -> None:
    async def endless(request: web.BaseRequest) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": media})
        await answer.prepare(request)
        await asyncio.Event().wait()
        return answer

    async with Outlets() as outlets:
        outlets.on("ledger.example/story", endless)
        outcome = await fetch_one(outlets, "ledger.example/story", Kind.PAGE, timeout=60.0)
        assert isinstance(outcome, FetchFailed)
        assert isinstance(outcome.error, NotNews)
        assert outcome.status == 200


async def test_redirects_are_followed_and_those_for_good_noted() -> None:
    async with Outlets() as outlets:
        outlets.on("old.example/feed", status=301, Location="https://new.example/rss?a=1")
        outlets.on("new.example/rss?a=1", status=308, Location="/atom")
        outlets.on("new.example/atom", status=302, Location="//cdn.example/atom")
        outlets.on("cdn.example/atom", FEED)
        outcome = await fetch_one(outlets, "old.example/feed")
        assert isinstance(outcome, Fetched)
        assert outcome.url == "https://cdn.example/atom"
        assert outcome.redirected_for_good == "https://new.example/atom"
        assert "cdn.example/robots.txt" in outlets.paths()


@pytest.mark.parametrize("location", ["/feed", "http://ledger.example/feed"])
async def test_a_redirect_loop_ends(location: str) -> None:
    async with Outlets() as outlets:
        outlets.on("ledger.example/feed", status=302, Location=location)
        outcome = await fetch_one(outlets, "ledger.example/feed")
        assert isinstance(outcome, FetchFailed)
        assert type(outcome.error) is Refused
        assert outlets.paths().count("ledger.example/feed") == 6  # itself and five redirects


async def test_a_host_that_does_not_answer_is_unreachable() -> None:
    async with Outlets() as outlets:
        port = outlets.port
    (outcome,) = await fetch(
        Crawler(CrawlSettings(connect_to=f"127.0.0.1:{port}"), RobotsInMemory(), Clock()), task("ledger.example/feed")
    )
    assert isinstance(outcome, FetchFailed)
    assert isinstance(outcome.error, Unreachable)


async def test_a_name_that_does_not_exist_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    (outcome,) = await fetch(Crawler(CrawlSettings(), RobotsInMemory(), Clock()), task("nowhere.example/feed"))
    assert isinstance(outcome, FetchFailed)
    assert isinstance(outcome.error, Unreachable)
    assert "no address for nowhere.example" in outcome.error.message


async def test_the_system_s_resolver_is_asked_and_what_it_says_is_guarded(monkeypatch: pytest.MonkeyPatch) -> None:
    ask = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest: ask("127.0.0.1", *rest))
    async with Outlets() as outlets:
        address = f"ledger.example:{outlets.port}/feed"
        outlets.on(address, FEED)
        (refused,) = await fetch(crawler(outlets, connect_to=""), task(address))
        assert isinstance(refused, FetchFailed)
        assert isinstance(refused.error, Refused)
        (fetched,) = await fetch(crawler(outlets, connect_to="", allow_private=True), task(address))
        assert isinstance(fetched, Fetched)


async def test_every_task_gets_one_outcome_and_few_are_held() -> None:
    async with Outlets() as outlets:
        tasks = [task(f"h{n}.example/feed") for n in range(40)]
        for n in range(0, 40, 2):
            outlets.on(f"h{n}.example/feed", FEED)
        pulled = delivered = 0

        async def counted() -> AsyncIterator[FetchTask]:
            nonlocal pulled
            for one in tasks:
                pulled += 1
                assert pulled - delivered <= 4
                yield one

        seen: list[FetchTask] = []

        async def deliver(outcome: Outcome) -> None:
            nonlocal delivered
            await asyncio.sleep(0)
            seen.append(outcome.task)
            delivered += 1

        await crawler(outlets, concurrency=4).run(counted(), deliver)
        assert sorted(one.url for one in seen) == sorted(one.url for one in tasks)


async def test_an_error_of_the_receiver_ends_the_run_and_comes_out() -> None:
    async with Outlets() as outlets:
        outlets.on("ledger.example/feed", FEED)

        async def deliver(outcome: Outcome) -> None:
            raise KeyError("the records are gone")

        with pytest.raises(KeyError, match="records"):
            await crawler(outlets).run(each([task("ledger.example/feed")]), deliver)


async def test_cancelling_ends_at_once_and_the_crawler_can_go_on() -> None:
    async with Outlets() as outlets:
        reached = asyncio.Event()

        async def stuck(request: web.BaseRequest) -> web.StreamResponse:
            reached.set()
            await asyncio.Event().wait()
            raise AssertionError

        outlets.on("slow.example/feed", stuck)
        outlets.on("ledger.example/feed", FEED)
        outcomes: list[Outcome] = []

        async def deliver(outcome: Outcome) -> None:
            outcomes.append(outcome)

        ours = crawler(outlets, timeout=600.0)
        waiting = [task("slow.example/feed", entry_id=str(n)) for n in range(8)]
        run = asyncio.create_task(ours.run(each(waiting), deliver))
        await reached.wait()
        run.cancel()
        async with asyncio.timeout(5):
            with pytest.raises(asyncio.CancelledError):
                await run
        assert outcomes == []
        (outcome,) = await fetch(ours, task("ledger.example/feed"))
        assert isinstance(outcome, Fetched)


def test_a_process_may_crawl_more_than_once() -> None:
    async def main() -> Outcome:
        async with Outlets() as outlets:
            outlets.on("ledger.example/feed", FEED)
            return await fetch_one(outlets, "ledger.example/feed")

    assert isinstance(run_in_reactor(main()), Fetched)
    assert isinstance(run_in_reactor(main()), Fetched)


def test_a_bad_connect_to_is_told() -> None:
    with pytest.raises(BadSetting, match="connect_to"):
        Crawler(CrawlSettings(connect_to="nowhere"), RobotsInMemory(), Clock())
