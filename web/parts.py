"""What the web application is made of, and how its routes reach it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from crawlers.guard import Guard
from pipeline.outputs import Random
from pipeline.types import FetchTask
from pipeline.watch import Output
from records.base import Records
from search.base import Index
from web.sourcing import Sourcing


@dataclass(frozen=True, slots=True)
class Finding:
    """What an examination found of one part: whether it is sound, and a sentence."""

    part: str
    good: bool
    words: str


def _nowhere() -> Sourcing:
    return Sourcing({}, Path(), Guard(), closed="this server was given no folder of sources")


@dataclass(frozen=True, slots=True)
class Parts:
    """Handed in by who wires. `public_url` is what links begin with, without a slash at its end."""

    records: Records
    index: Index
    clock: Callable[[], datetime]
    random: Random
    public_url: str
    api_token: str = ""  # "" = only callers on this machine, as their Host tells
    check_output: Callable[[Output], object] = field(default=lambda one: None)  # raises BadInput for what cannot work
    sourcing: Sourcing = field(default_factory=_nowhere)
    examine: Callable[[], Iterable[Finding]] = field(default=tuple)  # `wirewatch doctor`
    depths: Callable[[], Mapping[str, int]] | None = None  # messages by queue, in production; raises Away
    order: Callable[[Sequence[FetchTask]], object] | None = None  # sends the crawlers of production; raises Away


async def _parts(request: Request) -> Parts:
    found: Parts = request.app.state.parts
    return found


Wired = Annotated[Parts, Depends(_parts)]
