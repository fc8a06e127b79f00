"""Pages that the web application reads for a person: fetched by the crawler, read in a process of their own."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from pipeline.errors import Away, Busy, WirewatchError
from pipeline.types import Fetched, FetchFailed, Kind, Source
from web.parts import PageGiven
from web.reading import NOBODY, error_json, page_json, page_of
from wirewatch import bootstrap
from wirewatch.config import Settings
from wirewatch.fetching import Fetch, with_fetch
from workers.pool import StagePool

MOST = 4  # pages at a time
PATIENCE = 60.0  # seconds in which a page must have come, robots.txt and redirects included


class PageReader:
    """`Parts.read_page`; from any thread. What it fetches goes through the guard, the manners and robots.txt."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._room = threading.BoundedSemaphore(MOST)
        self._lock = threading.Lock()
        self._pool: StagePool | None = None

    def __call__(self, given: PageGiven) -> dict[str, Any]:
        """As JSON; with "error" when it could not be read. Raise BadInput for an unknown source, Busy."""
        source = self._source(given.source)
        if not self._room.acquire(blocking=False):
            raise Busy(f"{MOST} pages are being read already")
        try:
            return self._read(given, source)
        finally:
            self._room.release()

    def close(self) -> None:
        """End the process that reads."""
        with self._lock:
            if self._pool is not None:
                self._pool.close()

    def _source(self, id: str) -> Source:
        if not id:
            return NOBODY
        return bootstrap.load_sources(self._settings.model_copy(update={"only": (id,)}))[id]

    def _read(self, given: PageGiven, source: Source) -> dict[str, Any]:
        pool = self._ready()

        async def work(fetch: Fetch) -> Any:
            if given.html is not None:
                page = page_of(given.html.encode("utf-8", "replace"), given.url, given.when)
            else:
                page = await _fetched(fetch, given.url)
            return await pool.alone(page, source, given.as_archived)

        try:
            if given.html is not None:
                found = asyncio.run(work(_nothing))
            else:
                found = with_fetch(self._settings, work, Kind.PAGE)
        except Away:
            raise
        except WirewatchError as error:
            found = error
        if isinstance(found, WirewatchError):
            return error_json(given.url, found)
        return page_json(given.url, found, source, as_archived=given.as_archived)

    def _ready(self) -> StagePool:
        with self._lock:
            if self._pool is None:
                self._pool = StagePool(1)
            return self._pool


async def _fetched(fetch: Fetch, url: str) -> Fetched:
    try:
        outcome: Any = await asyncio.wait_for(fetch(url), PATIENCE)
    except TimeoutError:
        raise Away(f"{url} did not come within {PATIENCE:g} seconds") from None
    if isinstance(outcome, FetchFailed):
        raise outcome.error
    return Fetched(outcome.task, outcome.url, outcome.status, outcome.headers, outcome.body, outcome.fetched)


async def _nothing(url: str) -> Any:
    raise AssertionError(f"{url} was given")
