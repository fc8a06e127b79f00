"""What the web application is made of, and how its routes reach it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from pipeline.outputs import Random
from pipeline.people import Audited, Person
from pipeline.watch import Output
from records.base import Records
from search.base import Index
from web.openid import OpenId


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
    openid: OpenId | None = None  # where people may sign in besides

    def audit(self, asking: Person, what: str, to: str = "", /, **detail: object) -> None:
        """Write to the log of changes who did what ("subscription changed") to what; no secrets, JSON values."""
        by = {"key": asking.key} if asking.key else {}
        self.records.note(Audited(self.clock(), asking.name, what, to, by | detail))


async def _parts(request: Request) -> Parts:
    found: Parts = request.app.state.parts
    return found


Wired = Annotated[Parts, Depends(_parts)]
