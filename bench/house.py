"""A runner over a throw-away archive, as benches want it: no delays, connected to the replay server."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from crawlers.crawl import run_in_reactor
from pipeline.types import Fetched, FetchTask, Kind, Source
from wirewatch import bootstrap
from wirewatch.config import Settings
from workers.pool import StagePool
from workers.progress import Progress
from workers.runner import Runner, RunSettings


@dataclass(frozen=True, slots=True)
class House:
    """An archive and all that is needed to run over it again and again."""

    archive: bootstrap.Archive
    settings: Settings
    sources: dict[str, Source]
    pool: StagePool

    def run(self, *, pages: bool = True) -> Progress:
        """One round (`--once`) by a new runner."""
        runner = Runner(
            records=self.archive.records,
            index=self.archive.index,
            crawler=bootstrap.make_crawler(self.settings, bootstrap.KeptRobots(self.archive.records)),
            pool=self.pool,
            sources=self.sources,
            clock=bootstrap.now,
            settings=RunSettings(ahead=self.settings.concurrency + 16, pages=pages),
            progress=Progress(began=bootstrap.now()),
        )
        run_in_reactor(runner.run(once=True))
        return runner.progress


@contextlib.contextmanager
def house(port: int, sources: dict[str, Source], workers: int, concurrency: int = 32) -> Iterator[House]:
    """An empty archive in a temporary folder, its pool warmed up so that imports are not measured."""
    with tempfile.TemporaryDirectory(prefix="wirewatch-bench-") as folder:
        settings = Settings(
            data=Path(folder),
            connect_to=f"127.0.0.1:{port}",
            delay=0,
            per_host=8,
            concurrency=concurrency,
            workers=workers,
            shipped_sources=False,
        )
        with bootstrap.open_archive(settings) as archive:
            pool = StagePool(workers)
            try:
                asyncio.run(_warm(pool))
                place = House(archive, settings, sources, pool)
                replace(place, sources={}).run(pages=False)  # the crawler's imports are not measured either
                archive.records.sync_sources(list(sources.values()))
                yield place
            finally:
                pool.close()


async def _warm(pool: StagePool) -> None:
    """Let every process load its libraries on a page that is not measured."""
    source = Source("warm", "Warm", "ZZ", "en", "https://warm.example/")
    body = b"<html><head><title>Warm</title></head><body><article>" + b"<p>A sentence to begin with.</p>" * 40
    task = FetchTask("https://warm.example/a", "warm", Kind.PAGE)
    page = Fetched(task, task.url, 200, {"content-type": "text/html"}, body, bootstrap.now())
    await asyncio.gather(*(pool.page(page, None, source) for _ in range(pool.workers * 8)))


def quick(source: Source) -> Source:
    """A source that may be polled again at once."""
    return replace(source, poll_min=timedelta(0), poll_max=timedelta(seconds=1))


def told(rows: list[tuple[str, str]], say: Callable[[str], None] = print) -> None:
    """Print rows in two columns."""
    wide = max(len(name) for name, _ in rows)
    for name, value in rows:
        say(f"  {name:<{wide}}  {value}")
