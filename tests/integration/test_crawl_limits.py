"""Sizes and times: nothing a server sends takes more memory or time than its limit."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard
from aiohttp import web

from pipeline.errors import Gone, Refused, Unreachable
from pipeline.types import Fetched, FetchFailed, Kind
from tests.integration.crawling import Outlets, fetch_one

MIB = 1 << 20


async def test_a_feed_of_50_mb_is_refused_unread() -> None:
    async with Outlets() as outlets:
        outlets.on("ledger.example/feed", bytes(50_000_000))
        outcome = await fetch_one(outlets, "ledger.example/feed")
        assert isinstance(outcome, FetchFailed)
        assert isinstance(outcome.error, Refused)
        assert "larger than 20,971,520 bytes (50,000,000 announced)" in outcome.error.message


async def test_a_feed_of_50_mb_that_does_not_say_so_is_refused_in_little_memory() -> None:
    async def endless(request: web.BaseRequest) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        for _ in range(50):
            await answer.write(bytes(MIB))
        return answer

    async with Outlets() as outlets:
        outlets.on("ledger.example/feed", endless)
        tracemalloc.start()
        try:
            outcome = await fetch_one(outlets, "ledger.example/feed", max_feed=2 * MIB)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert isinstance(outcome, FetchFailed)
        assert isinstance(outcome.error, Refused)
        assert outcome.error.message == "larger than 2,097,152 bytes"
        assert peak < 12 * MIB


def _bomb(encoding: str, size: int) -> bytes:
    if encoding == "gzip":
        return gzip.compress(bytes(size))
    if encoding == "br":
        return bytes(brotli.compress(bytes(size), quality=5))
    return zstandard.compress(bytes(size))


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
async def test_a_decompression_bomb_costs_its_limit_at_most(encoding: str) -> None:
    bomb = _bomb(encoding, 64 * MIB)
    async with Outlets() as outlets:
        outlets.on("ledger.example/story", bomb, Content_Encoding=encoding, Content_Type="text/html")
        tracemalloc.start()
        try:
            outcome = await fetch_one(outlets, "ledger.example/story", Kind.PAGE)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert isinstance(outcome, FetchFailed)
        assert isinstance(outcome.error, Refused)
        assert "bomb" in outcome.error.message or "larger" in outcome.error.message
        assert peak < 40 * MIB


async def test_a_large_and_honest_page_passes() -> None:
    page = b"".join(b"<p>Paragraph %d of the long minutes of the harbour board.</p>" % n for n in range(40_000))
    async with Outlets() as outlets:
        outlets.on("ledger.example/story", gzip.compress(page), Content_Encoding="gzip", Content_Type="text/html")
        outcome = await fetch_one(outlets, "ledger.example/story", Kind.PAGE)
        assert isinstance(outcome, Fetched)
        assert outcome.body == page


@pytest.mark.parametrize("part", ["headers", "body"])
async def test_a_slow_drip_ends_with_the_time_limit(part: str) -> None:
    async def drip(request: web.BaseRequest) -> web.StreamResponse:
        answer = web.StreamResponse()
        if part == "headers":
            await asyncio.Event().wait()
        await answer.prepare(request)
        while True:
            await answer.write(b".")
            await asyncio.sleep(0.02)

    async with Outlets() as outlets:
        outlets.on("ledger.example/feed", drip)
        outcome = await fetch_one(outlets, "ledger.example/feed", timeout=0.4)
        assert isinstance(outcome, FetchFailed)
        assert isinstance(outcome.error, Unreachable)
        assert "longer than 0.4 s" in outcome.error.message


@pytest.mark.parametrize("announced", [True, False])
async def test_an_answer_that_breaks_off_is_not_taken_for_whole(announced: bool) -> None:
    async def broken(request: web.BaseRequest) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": "1000"} if announced else {})
        await answer.prepare(request)
        await answer.write(b"<rss>")
        assert request.transport is not None
        request.transport.abort() if announced else request.transport.close()
        return answer

    async with Outlets() as outlets:
        outlets.on("ledger.example/feed", broken)
        outcome = await fetch_one(outlets, "ledger.example/feed")
        assert isinstance(outcome, FetchFailed)
        assert isinstance(outcome.error, Unreachable)


@pytest.mark.parametrize(
    "body", [gzip.compress(b"<rss>" * 99)[:-12], b"<rss>not gzip at all</rss>"], ids=["cut off", "plain"]
)
async def test_a_body_that_does_not_decompress_is_not_taken(body: bytes) -> None:
    async with Outlets() as outlets:
        outlets.on("ledger.example/feed", body, Content_Encoding="gzip")
        outcome = await fetch_one(outlets, "ledger.example/feed")
        assert isinstance(outcome, FetchFailed)
        assert isinstance(outcome.error, Unreachable)
        assert "decompressed" in outcome.error.message


async def test_an_unknown_encoding_does_not_hide_what_the_status_says() -> None:
    async with Outlets() as outlets:
        outlets.on("ledger.example/feed", b"?", status=404, Content_Encoding="gzip")
        outlets.on("ledger.example/sky", b"?", status=404, Content_Encoding="sdch")
        for path in ("feed", "sky"):
            outcome = await fetch_one(outlets, f"ledger.example/{path}")
            assert isinstance(outcome, FetchFailed)
            assert isinstance(outcome.error, Gone)


async def test_long_header_lines_are_read() -> None:
    async with Outlets() as outlets:
        outlets.on("ledger.example/feed", b"<rss/>", Content_Security_Policy="default-src " + "x" * 20_000)
        assert isinstance(await fetch_one(outlets, "ledger.example/feed"), Fetched)
