"""What a run has done so far: counters and recent arrivals, for whoever wants to show them."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.errors import WirewatchError
from pipeline.types import Article, Assignment


@dataclass(frozen=True, slots=True)
class Arrival:
    """An article that was just filed. `copies` counts its story's copies so far, this one included."""

    when: datetime
    article: Article
    assignment: Assignment
    outlet: str
    copies: int
    upgraded: bool


@dataclass(slots=True)
class SourceLine:
    """One source in this run."""

    name: str
    state: str = "waiting"
    polls: int = 0
    unchanged: int = 0
    articles: int = 0
    errors: int = 0
    last: datetime | None = None
    words: str = ""  # the last error, or what is going on


@dataclass(slots=True)
class Progress:
    """Mutable, touched on the event loop only."""

    began: datetime
    sources: dict[str, SourceLine] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)  # fetched, unchanged, failed, odd, entries, filed, …
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)  # by stage and what came of it
    errors: Counter[str] = field(default_factory=Counter)  # by class name
    spent: dict[str, float] = field(default_factory=dict)  # CPU seconds by stage
    filed_at: deque[datetime] = field(default_factory=lambda: deque(maxlen=5000))
    queues: dict[str, int] = field(default_factory=dict)  # fetching, reading, filing, to index
    listeners: list[Callable[[Arrival], None]] = field(default_factory=list)
    notes: deque[str] = field(default_factory=lambda: deque(maxlen=50))  # troubles worth a line

    def source(self, source_id: str) -> SourceLine:
        """The line of a source, made when it is first heard of."""
        return self.sources.setdefault(source_id, SourceLine(source_id))

    def spend(self, stage: str, seconds: float) -> None:
        """Add CPU seconds to a stage."""
        self.spent[stage] = self.spent.get(stage, 0.0) + seconds

    def failed(self, source_id: str, error: WirewatchError) -> None:
        """Count an error and keep its words with its source."""
        self.counts["failed"] += 1
        self.errors[type(error).__name__] += 1
        line = self.source(source_id)
        line.errors += 1
        line.words = str(error)
        self.notes.append(f"{line.name}: {error}")

    def odd(self, url: str, words: str) -> None:
        """Note a listing that was read though it was not as it should be."""
        self.counts["odd"] += 1
        self.notes.append(f"{url}: {words}")

    def arrived(self, arrival: Arrival) -> None:
        """Count a filed article and tell the listeners."""
        self.counts["filed"] += 1
        self.counts["upgraded"] += arrival.upgraded
        self.counts["joined"] += arrival.assignment.method not in ("first", "kept")
        self.filed_at.append(arrival.when)
        line = self.source(arrival.article.source_id)
        line.articles += not arrival.upgraded
        line.last = arrival.when
        for listener in self.listeners:
            listener(arrival)

    def per_minute(self, now: datetime, window: float = 60.0) -> float:
        """Articles filed per minute over the last `window` seconds (or since the start, when that is shorter)."""
        seconds = min(window, max(1.0, (now - self.began).total_seconds()))
        recent = sum(1 for t in self.filed_at if (now - t).total_seconds() <= seconds)
        return recent * 60.0 / seconds
