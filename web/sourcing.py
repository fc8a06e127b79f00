"""Adding sources, for the command line, the API and the pages alike: look at an outlet, save it, OPML in and out."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from crawlers.discover import Discovery, discover
from crawlers.guard import Guard
from crawlers.opml import read_opml, sources_from_opml, write_opml
from crawlers.readers import read_listing
from crawlers.registry import bare_address, duplicates, source_of, to_toml, write_source
from crawlers.source_keys import ADDRESS_KEYS
from pipeline.errors import BadInput, BadSource, Busy, Refused
from pipeline.types import Kind, Source

WITHIN = 50.0  # seconds that looking at an outlet may take: less than the minute that proxies commonly wait
AT_ONCE = 2  # outlets looked at at the same time
KEY_OF = {
    Kind.FEED: "feeds",
    Kind.NEWS_SITEMAP: "news_sitemaps",
    Kind.SITEMAP: "sitemaps",
    Kind.SECTION: "sections",
}


class Ask(Protocol):
    """`crawlers.asking.with_fetch`, over a crawler: with its guard, manners and robots.txt."""

    def __call__(self, work: Callable[..., object], *, within: float | None = None) -> object:
        """Run `work` with a fetch."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an OPML file holds: what would be added, and what not, each with the reason."""

    fresh: tuple[Source, ...]
    left: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sourcing:
    """The sources there are, and their folder. `ask` None: no outlet can be looked at from here."""

    sources: Mapping[str, Source]  # all, also those that a run is told to leave out
    folder: Path
    guard: Guard
    ask: Ask | None = None
    closed: str = ""  # why nothing can be added at all
    changed: Callable[[], object] = lambda: None  # called after a file was written
    _turns: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(AT_ONCE))

    def cannot_write(self) -> str:
        """Why no file can be written there, in words; "" when it can."""
        if self.closed:
            return self.closed
        place = self.folder
        while not place.exists() and place != place.parent:
            place = place.parent
        if os.access(place, os.W_OK | os.X_OK):
            return ""
        return f"{self.folder} cannot be written by this process, as in production, where the sources are kept outside"

    def preview(self, address: str, *, within: float | None = WITHIN) -> Discovery:
        """What the outlet at an address can be collected by, as far as `within` seconds tell. Nothing is saved.

        Raise BadInput, Busy.
        """
        if self.ask is None:
            raise BadInput(self.closed or "outlets cannot be looked at from here: use `wirewatch sources add`")
        if not address.strip():
            raise BadInput("give a host name such as outlet.example, or the address of any of its pages")
        if not self._turns.acquire(blocking=False):
            raise Busy(f"{AT_ONCE} outlets are being looked at already: try again in a minute", retry_after=30)
        try:
            found = self.ask(lambda fetch: discover(address, fetch, read_listing), within=within)
        finally:
            self._turns.release()
        assert isinstance(found, Discovery)
        return found

    def check(self, source: Source, *, over: bool = False) -> None:
        """Raise BadSource for a source that cannot be added: one line for each fault, the key first.

        `over`: it may take the place of one of the same id.
        """
        faults = []
        if source.id in self.sources and not over:
            faults.append(f"id: a source called {source.id} is there already")
        for key in ADDRESS_KEYS:
            for url in getattr(source, key):
                try:
                    self.guard.check_url(url)
                except Refused as error:
                    faults.append(f"{key}: {url} is not asked: {error}")
        others = [one for one in self.sources.values() if one.id != source.id]
        for _, other, key, url in duplicates([source, *others]):
            faults.append(f"{key}: {url} is already among the {key} of {other}" if other != source.id else twice(url))
        if faults:
            raise BadSource("\n".join(faults), source_id=source.id)

    def save(self, source: Source, *, over: bool = False) -> Path:
        """Write its file; returns where. Raise BadSource as `check`, BadInput when nothing can be written, Trouble."""
        self.check(source, over=over)
        if why := self.cannot_write():
            raise BadInput(why)
        path = write_source(source, self.folder)
        self.changed()
        return path

    def opml(self, data: bytes) -> Imported:
        """What of an OPML file would be added: one source a site. Raise BadInput."""
        polled = {bare_address(feed) for source in self.sources.values() for feed in source.feeds}
        left = [
            (feed.title or "untitled", f"{feed.xml_url} is not an address that can be asked")
            for feed in read_opml(data)
            if not feed.usable
        ]
        fresh = []
        for source in sources_from_opml(data):
            new = tuple(feed for feed in source.feeds if bare_address(feed) not in polled)
            try:
                if source.id in self.sources or not new:
                    left.append((source.id, "there already, left as it is"))
                    continue
                one = replace(source, feeds=new)
                self.check(one)
            except BadSource as error:
                left.append((source.id, str(error)))
                continue
            fresh.append(one)
        return Imported(tuple(fresh), tuple(left))

    def export(self) -> bytes:
        """All sources with feeds as OPML."""
        return write_opml(self.sources.values())


def twice(url: str) -> str:
    """Said of an address that one source lists two times."""
    return f"{url} stands there twice"


def faults_of(error: BadInput) -> dict[str, str]:
    """Faults by the key that they begin with; "" for the rest."""
    found: dict[str, list[str]] = {}
    for line in str(error).split("\n"):
        told = re.match(r"(?:missing key '(\w+)'|(\w+): )", line)
        key = (told[1] or told[2]) if told else ""
        found.setdefault(key, []).append(line[told.end() :] if told and told[2] else line)
    return {key: "; ".join(lines) for key, lines in found.items()}


def named(values: Mapping[str, object]) -> Source:
    """The source of these values, the keys of a file; empty ones are left out. Raise BadSource."""
    return source_of({key: value for key, value in values.items() if value not in ("", None, [], ())})


def as_files(sources: Iterable[Source]) -> dict[str, str]:
    """File name -> TOML."""
    return {f"{one.id}.toml": to_toml(one) for one in sources}
