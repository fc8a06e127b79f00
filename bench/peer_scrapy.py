"""Bare Scrapy with feedparser over the same feeds, storing nothing but validators: what the parts cost alone."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import AsyncIterator
from typing import Any, ClassVar

import feedparser
import scrapy
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.utils.reactor import install_reactor

from bench.pipeline import served
from bench.polling import REST, ROUNDS, advance
from bench.tree import measured


class Feeds(scrapy.Spider):
    """One round over all feeds, with conditional requests."""

    name = "feeds"
    custom_settings: ClassVar[dict[str, Any]] = {
        "ROBOTSTXT_OBEY": False,
        "LOG_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "CONCURRENT_REQUESTS": 64,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
        "DOWNLOAD_DELAY": 0,
    }
    port: int
    feeds: list[str]
    validators: dict[str, str]
    entries = 0

    async def start(self) -> AsyncIterator[Any]:
        """Ask for each, through the replay server as a proxy."""
        for feed in self.feeds:
            headers = {"If-None-Match": self.validators[feed]} if feed in self.validators else {}
            meta = {"proxy": f"http://127.0.0.1:{self.port}", "handle_httpstatus_list": [304]}
            yield scrapy.Request(feed, headers=headers, meta=meta, callback=self.parse, dont_filter=True)

    def parse(self, response: scrapy.http.Response) -> None:
        """Parse what changed."""
        if response.status != 304:
            self.validators[response.url] = (response.headers.get("ETag") or b"").decode()
            Feeds.entries += len(feedparser.parse(response.body).entries)


async def rounds(port: int, feeds: list[str]) -> None:
    """Three rounds; prints one JSON line each."""
    validators: dict[str, str] = {}
    for _, share in ROUNDS:
        advance(port, share)
        await asyncio.sleep(REST)
        with measured() as usage:
            await AsyncCrawlerRunner().crawl(Feeds, port=port, feeds=feeds, validators=validators)
        print(json.dumps({"wall": usage.wall, "cpu": usage.cpu}), flush=True)


def main() -> None:
    """Run under the asyncio reactor, as Scrapy does by default."""
    logging.disable(logging.CRITICAL)
    port = int(sys.argv[1])
    feeds = [feed.replace("https://", "http://") for source in served(port).values() for feed in source.feeds]
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor
    from twisted.internet.defer import Deferred

    done: Deferred[Any] = Deferred.fromFuture(asyncio.ensure_future(rounds(port, feeds)))
    done.addBoth(lambda _: reactor.stop())  # type: ignore[attr-defined]
    reactor.run()  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
