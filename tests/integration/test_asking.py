"""Addresses asked one by one for a person: within a time, and not too many at once."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from crawlers.asking import Fetch, Forgetful, with_fetch
from crawlers.crawl import Crawler, CrawlSettings
from crawlers.discover import Discovery
from crawlers.guard import Guard
from pipeline.errors import Busy, Unreachable
from pipeline.types import Fetched, FetchFailed
from tests.contract.records_kit import SOURCES
from tests.integration.crawling import Clock
from tests.integration.town import Town
from web.sourcing import AT_ONCE, Sourcing


def crawler(town: Town) -> Crawler:
    settings = CrawlSettings(delay=0, connect_to=f"127.0.0.1:{town.outlets.port}")
    return Crawler(settings, Forgetful(), Clock())


def test_what_does_not_come_in_time_is_told_so_and_nothing_is_asked_after() -> None:
    async def never(request: web.BaseRequest) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    async def work(fetch: Fetch) -> list[Any]:
        return [await fetch(f"http://lantern.example/{name}") for name in ("quick", "never", "late")]

    with Town() as town:
        town.outlets.on("lantern.example/quick", "hello", Content_Type="text/plain")
        town.outlets.on("lantern.example/never", never)
        quick, slow, late = with_fetch(crawler(town), work, within=3)
        asked = town.outlets.paths()
    assert isinstance(quick, Fetched)
    for one in (slow, late):
        assert isinstance(one, FetchFailed)
        assert isinstance(one.error, Unreachable)
        assert "no answer within the 3 s" in one.error.message
    assert "lantern.example/late" not in asked


def test_an_address_is_asked_once() -> None:
    async def work(fetch: Fetch) -> list[Any]:
        return list(await asyncio.gather(*(fetch("http://lantern.example/") for _ in range(3))))

    with Town() as town:
        town.lantern("lantern.example")
        assert len({id(one) for one in with_fetch(crawler(town), work)}) == 1
        assert town.outlets.paths() == ["lantern.example/robots.txt", "lantern.example/"]


def test_only_so_many_outlets_are_looked_at_at_once(tmp_path: Path) -> None:
    looking, go_on = threading.Semaphore(0), threading.Event()
    found = Discovery(SOURCES[0], ())

    def ask(work: object, *, within: float | None = None) -> Discovery:
        looking.release()
        assert go_on.wait(20)
        return found

    sourcing = Sourcing({}, tmp_path, Guard(), ask)
    threads = [threading.Thread(target=sourcing.preview, args=("outlet.example",)) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert looking.acquire(timeout=20)
    with pytest.raises(Busy):
        sourcing.preview("another.example")
    go_on.set()
    for thread in threads:
        thread.join(20)
    assert sourcing.preview("another.example") is found
