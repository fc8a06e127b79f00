"""What the web application is made of, and how its routes reach it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from pipeline.errors import Trouble
from pipeline.outputs import Random
from pipeline.types import Article, Tagging
from pipeline.watch import Output
from records.base import Records
from search.base import Index
from web.lookup import Tracer


def _nowhere(one: Output, name: str) -> object:
    raise Trouble("this server was not given what sends messages")


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
    check_output: Callable[[Output], object] = field(default=lambda one: None)  # raises BadInput for what cannot work
    send_test: Callable[[Output, str], object] = field(default=_nowhere)  # of the subscription of that name; raises
    tag: Callable[[Article], Tagging] = field(default=lambda one: Tagging())  # what reads samples
    tracer: Tracer = field(default_factory=Tracer)  # what was worked out of stories last looked at


async def _parts(request: Request) -> Parts:
    found: Parts = request.app.state.parts
    return found


Wired = Annotated[Parts, Depends(_parts)]
