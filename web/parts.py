"""What the web application is made of, and how its routes reach it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request

from crawlers.guard import Guard
from pipeline.errors import BadInput, Trouble
from pipeline.outputs import Random
from pipeline.people import Audited, Person
from pipeline.tag import TagRules
from pipeline.types import Article, FetchTask, Source, Tagging
from pipeline.watch import Output
from records.base import Records
from search.base import Differences, Index
from web.findings import Finding
from web.lookup import Tracer
from web.openid import OpenId
from web.sourcing import Sourcing
from web.tagging import Taggers


def _no_sources() -> Sourcing:
    return Sourcing({}, Path(), Guard(), closed="this server was given no folder of sources")


def _unsent(one: Output, name: str) -> object:
    raise Trouble("this server was not given what sends messages")


@dataclass(frozen=True, slots=True)
class PageGiven:
    """A page to be read for a person: what it holds, or the address from which it is to be fetched."""

    url: str
    html: str | None  # None = it is to be fetched
    when: datetime
    source: str = ""  # the id of the source by whose rules it is read
    as_archived: bool = False  # only what an archive keeps


def _no_pages(given: PageGiven) -> dict[str, Any]:
    raise BadInput("no pages are read here")


@dataclass(frozen=True, slots=True)
class Parts:
    """Handed in by who wires. `public_url` is what links begin with, without a slash at its end."""

    records: Records
    index: Index
    clock: Callable[[], datetime]
    random: Random
    public_url: str
    api_token: str = ""  # "" = only callers on this machine, as their Host tells
    api_rate: int = 0  # requests of the API a minute and caller; 0 = as many as they like
    read_page: Callable[[PageGiven], dict[str, Any]] = _no_pages  # as web/reading.py tells it; raises as that does
    examine: Callable[[], Iterable[Finding]] = field(default=tuple)  # what `wirewatch doctor` finds
    compare_index: Callable[[], Differences] = field(default=Differences)  # all of it with the records; minutes, maybe
    check_output: Callable[[Output], object] = field(default=lambda one: None)  # raises BadInput for what cannot work
    send_test: Callable[[Output, str], object] = field(default=_unsent)  # of the subscription of that name; raises
    tag: Callable[[Article], Tagging] = field(default=lambda one: Tagging())  # what reads samples
    tracer: Tracer = field(default_factory=Tracer)  # what was worked out of stories last looked at
    sourcing: Sourcing = field(default_factory=_no_sources)
    depths: Callable[[], Mapping[str, int]] | None = None  # messages by queue, in production; raises Away
    order: Callable[[Sequence[FetchTask]], object] | None = None  # sends the crawlers of production; raises Away
    proxies: Sequence[str] = ()  # addresses or networks whose X-Forwarded-For is believed
    taggers: Taggers = field(default_factory=lambda: Taggers(TagRules()))
    openid: OpenId | None = None  # where people may sign in besides

    def audit(self, asking: Person, what: str, to: str = "", /, **detail: object) -> None:
        """Write to the log of changes who did what ("subscription changed") to what; no secrets, JSON values."""
        by = {"key": asking.key} if asking.key else {}
        self.records.note(Audited(self.clock(), asking.name, what, to, by | detail))

    def save_source(self, asking: Person, source: Source, *, over: bool = False) -> Path:
        """Write its file, and who did to the log. Raise as `Sourcing.save`."""
        path = self.sourcing.save(source, over=over)
        self.audit(asking, "source saved", source.id, homepage=source.homepage)
        return path


async def _parts(request: Request) -> Parts:
    found: Parts = request.app.state.parts
    return found


Wired = Annotated[Parts, Depends(_parts)]
