"""Scrapy's download handler over aiohttp: guarded sockets, one time limit for all of an answer, bounded bodies.

Scrapy calls `download_request` when the host's slot (delay, concurrency, AutoThrottle) lets the request go. Everything
that goes wrong comes out as one of our errors. Written on Scrapy's public `BaseDownloadHandler`: the aiohttp handler it
ships is private, reads bodies whole before they are decompressed, and gives no say over the sockets.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp
import yarl
from aiohttp.abc import AbstractResolver
from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawlers.connecting import Resolver, translated
from crawlers.decompress import Decoder, TooLarge, Undecodable
from crawlers.guard import Guard
from crawlers.manners import NEEDED, Resting, wrong_type
from pipeline.errors import NotNews, Refused, Unreachable, WirewatchError
from pipeline.types import Kind

META = "wirewatch"
FAULT_BODY = 32 * 1024  # enough of an error page to know a bot challenge by
HEADER_LINE = 64 * 1024  # news sites send Content-Security-Policy lines of over 8 KB, where aiohttp would stop
DNS_KEPT = 300  # seconds that a look-up is remembered


@dataclass(slots=True)
class Wanted:
    """What one request asks of the transport; travels in the request's meta. `status` is the transport's answer."""

    max_body: int
    kind: Kind | None = None  # None = robots.txt
    cut: bool = False  # a body over the limit is cut there and not refused
    status: int = 0


@dataclass(frozen=True, slots=True)
class House:
    """What the transport is told by the crawler. `resolver` None = the system's; `timeout` in seconds."""

    guard: Guard
    resting: Resting
    clock: Callable[[], datetime]
    timeout: float
    connect_to: tuple[str, int] | None = None
    resolver: AbstractResolver | None = None
    look_ups: int = 32  # at once


class Transport(BaseDownloadHandler):
    """One per scheme. The spider carries its `House`."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        house = getattr(crawler.spider, "house", None)
        if not isinstance(house, House):
            raise TypeError("the spider carries no House")
        self._house = house
        self._resolver = house.resolver or Resolver(house.look_ups)
        self._running: set[asyncio.Task[Any]] = set()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0,  # Scrapy's slots count
                resolver=self._resolver,
                ttl_dns_cache=DNS_KEPT,
                socket_factory=house.guard.socket,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None),  # one limit over all, below
            max_line_size=HEADER_LINE,
            max_field_size=HEADER_LINE,
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
            trust_env=False,
        )

    async def download_request(self, request: Request) -> Response:
        """Send one request. Raises only errors of our tree, `Throttled` if its host was sent to rest meanwhile."""
        house, wanted = self._house, request.meta[META]
        task = asyncio.current_task()
        if task is not None:
            self._running.add(task)
        try:
            house.resting.check(request.meta["download_slot"], house.clock())
            async with asyncio.timeout(house.timeout):
                return await self._exchange(request, wanted)
        except WirewatchError:
            raise
        except TimeoutError as why:
            raise Unreachable(f"took longer than {house.timeout:g} s") from why
        except TooLarge as why:
            raise Refused(str(why)) from why
        except Undecodable as why:
            raise Unreachable(f"the body cannot be decompressed: {why}") from why
        except (aiohttp.ClientError, OSError, ValueError) as why:
            raise translated(why) from why
        finally:
            if task is not None:
                self._running.discard(task)

    async def _exchange(self, request: Request, wanted: Wanted) -> Response:
        headers = [(name.decode("latin-1"), values[-1].decode("latin-1")) for name, values in request.headers.items()]
        url = yarl.URL(request.url, encoded=True)
        if self._house.connect_to:
            headers.append(("Host", url.raw_authority))
            host, port = self._house.connect_to
            url = url.with_scheme("http").with_host(host).with_port(port)
        began = time.monotonic()
        async with self._session.request(request.method, url, headers=headers, allow_redirects=False) as answer:
            request.meta["download_latency"] = time.monotonic() - began  # what AutoThrottle goes by
            wanted.status = answer.status
            kept = {name: ", ".join(answer.headers.getall(name)) for name in answer.headers if name.lower() in NEEDED}
            body = await self._body(answer, wanted)
            return Response(request.url, status=answer.status, headers=kept, body=body)

    async def _body(self, answer: aiohttp.ClientResponse, wanted: Wanted) -> bytes:
        """The decompressed body; for answers other than 2xx, only its start."""
        if answer.status == 304:
            return b""
        limit, cut = wanted.max_body, wanted.cut
        if not 200 <= answer.status < 300:
            limit, cut = FAULT_BODY, True
        elif wanted.kind is not None and wrong_type(wanted.kind, kind := answer.headers.get("Content-Type", "")):
            answer.close()
            raise NotNews(f"a {wanted.kind.value} was expected, not {kind.partition(';')[0]}")
        if not cut and (answer.content_length or 0) > limit:
            answer.close()
            raise Refused(f"larger than {limit:,} bytes ({answer.content_length:,} announced)")
        try:
            decoder = Decoder(answer.headers.get("Content-Encoding", ""), limit, cut=cut)
        except Undecodable:
            answer.close()
            if cut:  # an error page needs no reading
                return b""
            raise
        try:
            async for data in answer.content.iter_any():
                if not decoder.feed(data):
                    answer.close()
                    return decoder.so_far()
            return decoder.finish()
        except Undecodable:
            answer.close()
            if cut:  # what could be read will do
                return decoder.so_far()
            raise
        except TooLarge:
            answer.close()
            raise

    async def close(self) -> None:
        """Drop every connection at once."""
        for task in self._running:
            task.cancel()
        await self._session.close()
        await self._resolver.close()
