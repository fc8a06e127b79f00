"""What every service has: the records, the queues, its sources, a clock, and a way to be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from pipeline.types import Source
from records.base import Records
from workers.ops import Pulse
from workers.patience import Spread, patiently
from workers.progress import Progress
from workers.queues import Queues

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pace:
    """How the services work together; see docs/settings.md for what each means."""

    window: timedelta = timedelta(days=30)
    lease: timedelta = timedelta(minutes=15)
    resend: timedelta = timedelta(minutes=10)
    headline_after: timedelta = timedelta(minutes=1)
    ahead: int = 64  # addresses that wait for a crawler
    bound: int = 2000  # pages between crawler and records
    turn: float = 0.5  # seconds between two looks of a service that has nothing to do


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of one service. `stop` is set by a signal."""

    name: str
    records: Records
    queues: Queues
    sources: Mapping[str, Source]
    clock: Callable[[], datetime]
    spread: Spread
    pace: Pace
    progress: Progress
    fresh: Callable[[], list[Source] | None] = lambda: None  # the sources, when they are others than at its last call
    pulse: Pulse = field(default_factory=Pulse)
    stop: threading.Event = field(default_factory=threading.Event)

    def surely(self, work: Callable[[], T]) -> T:
        """`work`, tried again while a part that it needs is away. Raise Stopped when asked to stop meanwhile."""

        def one() -> T:
            self.pulse.beat()
            return work()

        return patiently(one, self.stop, self.spread)

    def stopping(self) -> bool:
        """Whether it was asked to stop; asked again and again by whatever waits, so it counts as a turn."""
        self.pulse.beat()
        return self.stop.is_set()

    def rest(self, seconds: float | None = None) -> None:
        """Wait for the next turn, or until asked to stop."""
        self.pulse.beat()
        self.stop.wait(self.pace.turn if seconds is None else seconds)
