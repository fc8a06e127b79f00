"""The whole pipeline in a test: a town of outlets on loopback, and a house that collects from it by its own clock."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import subprocess
import sys
import tempfile
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from crawlers.crawl import run_in_reactor
from pipeline.types import Article, FeedState, Source
from records.base import Records
from replay import listings, prose
from replay.answers import Answer, Request, content, words
from replay.faults import Fault, FaultySite
from replay.listings import Head, Item
from replay.server import ReplayServer, World
from search.base import Index
from search.parse import parse
from tests.integration.crawling import NOON, Clock
from tests.shared import ROOT
from wirewatch import bootstrap
from wirewatch.config import Settings
from workers.pool import StagePool
from workers.progress import Progress
from workers.runner import Runner, RunSettings

Made = Callable[[Request], Answer]
During = Callable[[Runner], Awaitable[None]]
WHOLE = 60.0  # seconds that a round may take at most on a busy machine


# --- a town of outlets --------------------------------------------------------------------------


@dataclass(slots=True)
class Host:
    """One host of the town: answers by path and query, 404 for the rest. `asked` keeps every request, in order."""

    name: str
    answers: dict[str, Answer | Made] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def answer(self, request: Request) -> Answer:
        """What stands at this address now."""
        self.asked.append(request.target)
        found = self.answers.get(request.target)
        if found is None:
            return words(404, "Nothing is here.")
        return found if isinstance(found, Answer) else found(request)

    def url(self, path: str) -> str:
        """The absolute address of a path."""
        return f"https://{self.name}{path}"

    def feed(self, *items: Item, path: str = "/feed.xml", format: str = "rss20") -> str:
        """Put a feed of these items at `path`, in place of the last; returns its text."""
        content_type, text = listings.feed(format, Head(self.name, self.url("/"), self.url(path), "en"), items)
        self.answers[path] = content(text, content_type)
        return text

    def page(self, path: str, html: str | Answer) -> None:
        """Put a page at `path`."""
        self.answers[path] = content(html, "text/html; charset=utf-8") if isinstance(html, str) else html

    def source(self, *feeds: str, **more: Any) -> Source:
        """This host as a source; without `feeds` it has the one at /feed.xml."""
        id = self.name.removeprefix("www.").replace(".", "-")
        addresses = tuple(self.url(path) for path in feeds or ("/feed.xml",))
        return Source(id, id.title(), "SG", "en", self.url("/"), feeds=addresses, **more)


class Town:
    """Hosts of a test's own making, served from a thread of their own. `town["www.x.example"]` makes a host."""

    def __init__(self) -> None:
        self.hosts: dict[str, Host] = {}
        self.world = World({})

    def __getitem__(self, name: str) -> Host:
        if name not in self.hosts:
            host = self.hosts[name] = Host(name)
            self.world.sites = {**self.world.sites, name: FaultySite(host, host.faults)}
        return self.hosts[name]


@contextlib.contextmanager
def serving_here(world: World) -> Iterator[int]:
    """Serve a world from a thread of this process; gives the port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="town", daemon=True)
    thread.start()
    server = ReplayServer(world)
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
    try:
        yield server.port
    finally:
        asyncio.run_coroutine_threadsafe(_shut(server), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _shut(server: ReplayServer) -> None:
    """Stop, and let nothing that still answers outlive the loop (a hanging page, an endless one)."""
    await server.stop()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@contextlib.contextmanager
def serving_folder(folder: Path) -> Iterator[int]:
    """Serve recorded pages and feeds from a process of their own, as `python -m replay --folder` does; the port."""
    command = [sys.executable, "-m", "replay", "--folder", str(folder), "--until-eof"]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    assert server.stdin is not None and server.stdout is not None
    try:
        yield int(json.loads(server.stdout.readline())["port"])
    finally:
        server.stdin.close()
        server.wait(timeout=20)
        server.stdout.close()


# --- what the town prints -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Story:
    """A story in generated wording; the same number is the same story, whoever prints it."""

    number: int
    title: str
    paragraphs: tuple[str, ...]

    def item(self, link: str, **more: Any) -> Item:
        """It as an item of a feed."""
        when = NOON - timedelta(hours=1, minutes=self.number)
        told = {"title": self.title, "summary": self.paragraphs[0], "published": when, "updated": when, **more}
        return Item(link=link, guid=told.pop("guid", link), **told)

    def html(self, *head: str, title: str = "", more: Sequence[str] = ()) -> str:
        """It as a page; `head` are lines of the head, `more` are paragraphs added at the end."""
        text = "\n".join(f"<p>{escape(one)}</p>" for one in (*self.paragraphs, *more))
        name = escape(title or self.title)
        return (
            f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{name}</title>{"".join(head)}</head>'
            f"<body><header><nav><a href='/'>Home</a></nav></header><article><h1>{name}</h1>\n{text}\n</article>"
            "<footer>Printed for a test.</footer></body></html>"
        )


def story(number: int) -> Story:
    """Story number so-and-so: a headline and eight paragraphs, of which no two stories share any."""
    chance = random.Random(number)
    return Story(number, prose.headline(chance), tuple(prose.paragraph(chance) for _ in range(8)))


# --- the house ----------------------------------------------------------------------------------


@dataclass(slots=True)
class PipelineHouse:
    """An archive in a folder of its own, and rounds of the real runner and crawler over it."""

    port: int
    pool: StagePool
    archive: bootstrap.Archive
    clock: Clock
    crawl: dict[str, Any] = field(default_factory=dict)  # settings of the crawler that differ

    @property
    def records(self) -> Records:
        """The archive's records."""
        return self.archive.records

    @property
    def index(self) -> Index:
        """The archive's index."""
        return self.archive.index

    def run(self, *sources: Source, during: During | None = None, **settings: Any) -> Progress:
        """One round (`--once`) over these sources; with `during` a run that goes on until that is through."""
        self.records.sync_sources(sources)
        given = {"data": self.archive.folder, "connect_to": f"127.0.0.1:{self.port}", "delay": 0, "per_host": 8,
                 "timeout": 5, "workers": self.pool.workers, "shipped_sources": False, **self.crawl}  # fmt: skip
        crawler = bootstrap.make_crawler(Settings(**given), bootstrap.KeptRobots(self.records), self.clock)
        runner = Runner(
            records=self.records,
            index=self.index,
            crawler=crawler,
            pool=self.pool,
            sources={source.id: source for source in sources},
            clock=self.clock,
            settings=RunSettings(**{"index_pause": 0.05, "grace": 0.2, "spool_look": 0.1, **settings}),
            progress=Progress(began=self.clock()),
        )
        run_in_reactor(_round(runner, during))
        return runner.progress

    def articles(self) -> dict[str, Article]:
        """Every article, by the address it was read at."""
        found: dict[str, Article] = {}
        after = ""
        while page := self.records.articles(after, 500):
            after = page[-1].article.id
            found.update((view.article.url, view.article) for view in page)
        return found

    def article(self, url: str) -> Article:
        """The article read at this address; fails when there is none."""
        view = self.records.article(url)
        assert view is not None, f"no article of {url}; there are {sorted(self.articles())}"
        return view.article

    def found(self, query: str) -> list[list[str]]:
        """What a search finds: for each story the ids of its matching articles."""
        page = self.index.search(parse(query), limit=100)
        return [[hit.article_id for hit in hits] for _, hits in page.stories]

    def state(self, url: str) -> FeedState:
        """What is remembered of a polled address."""
        return next(state for state in self.records.feed_states() if state.url == url)

    def sound(self) -> None:
        """Nothing is under way, lost, or wrong with the records, and the index is up to date."""
        totals = self.records.totals()
        assert self.records.check() == []
        assert totals.spooled == 0
        assert self.index.position() == totals.last_change
        assert self.index.count() == totals.articles


async def _round(runner: Runner, during: During | None) -> None:
    async with asyncio.timeout(WHOLE):
        if during is None:
            await runner.run(once=True)
            return
        running = asyncio.create_task(runner.run())
        try:
            await during(runner)
        finally:
            runner.stop()
            await running


def warm_pool() -> StagePool:
    """A pool of one process that has read a page, so that neither its imports nor the crawler's are measured."""
    town, pool = Town(), StagePool(1)
    host = town["www.warm.example"]
    host.feed(story(0).item(host.url("/0")))
    host.page("/0", story(0).html())
    with (
        serving_here(town.world) as port,
        tempfile.TemporaryDirectory() as folder,
        house_over(port, pool, Path(folder)) as house,
    ):
        house.run(host.source())
        assert house.article(host.url("/0")).text
    return pool


async def until(happened: Callable[[], bool], patience: float = 20.0) -> None:
    """Wait for something that other threads or processes bring about; fails when it does not come."""
    async with asyncio.timeout(patience):
        while not happened():
            await asyncio.sleep(0.02)


@contextlib.contextmanager
def house_over(port: int, pool: StagePool, folder: Path, now: datetime = NOON) -> Iterator[PipelineHouse]:
    """A new house in `folder`, or the one that is there; its clock stands at `now`."""
    clock = Clock()
    clock.now = now
    with bootstrap.open_archive(Settings(data=folder)) as archive:
        yield PipelineHouse(port, pool, archive, clock)
