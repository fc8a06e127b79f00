"""Outlets that the web application can look at from its threads, and what lets it add them as sources."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crawlers.asking import Forgetful, with_fetch
from crawlers.crawl import Crawler, CrawlSettings
from crawlers.guard import Guard
from crawlers.registry import load_sources
from crawlers.shelf import Shelf
from tests.integration.crawling import Clock, Outlets
from web.sourcing import Sourcing

FEED = """<rss version="2.0"><channel><title>Lantern World</title><language>en</language>
<item><title>Drones over the &lt;b&gt;harbour&lt;/b&gt;</title><link>http://{host}/one</link>
<pubDate>Sun, 01 Mar 2026 07:00:00 GMT</pubDate></item></channel></rss>"""
HOME = """<html lang="en"><head><title>Front page - The Lantern</title>
<link rel="alternate" type="application/rss+xml" href="/world.xml"></head><body>Invented</body></html>"""


class Town:
    """Outlets on a loop in a thread of its own, for the application asks from its threads."""

    def __enter__(self) -> Town:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="outlets")
        self._thread.start()
        self.outlets = Outlets()
        asyncio.run_coroutine_threadsafe(self.outlets.__aenter__(), self._loop).result(20)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self.outlets.__aexit__(None, None, None), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)
        self._loop.close()

    def lantern(self, host: str) -> None:
        """An outlet with a feed."""
        self.outlets.on(f"{host}/", HOME, Content_Type="text/html")
        self.outlets.on(f"{host}/world.xml", FEED.format(host=host), Content_Type="application/rss+xml")


Change = Callable[[Crawler, Town], None]


def as_it_is(crawler: Crawler, town: Town) -> None:
    """No change of the crawler."""


def sourcing(
    town: Town, folder: Path, closed: str = "", change: Change = as_it_is, resolver: Any = None, **crawl: Any
) -> Sourcing:
    """Adds sources to `folder`; asks the town through a crawler of its own, to which `crawl` and `change` are done."""
    usual = {"delay": 0, "timeout": 10.0, "connect_to": f"127.0.0.1:{town.outlets.port}"}
    settings = CrawlSettings(**usual | crawl)

    def ask(work: Callable[..., Any], *, within: float | None = None) -> Any:
        crawler = Crawler(settings, Forgetful(), Clock(), resolver=resolver)
        change(crawler, town)
        return with_fetch(crawler, work, within=within)

    shelf = Shelf(lambda: load_sources(folder), folder)
    return Sourcing(shelf, folder, Guard(), ask, closed, shelf.look)
