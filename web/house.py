"""How the house itself is: what waits, how fast work goes, who runs, and what an examination finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.answered import Answered
from pipeline.errors import WirewatchError
from records.values import Backlog, Outgoing
from web.parts import Parts

ROLES = ("scheduler", "desk", "indexer", "alerts")  # of production: one process has each
HOUR = timedelta(hours=1)
LATE = timedelta(minutes=15)  # what waits for longer is said to be late
QUEUES = {
    "asked": "pages to read that a person asked for",
    "read": "pages to read",
    "headlines": "headlines to file without their page",
    "file": "articles for the story desk",
    "held": "messages taken and not yet done",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the house: whether it is well, and a sentence."""

    name: str
    good: bool
    words: str


@dataclass(frozen=True, slots=True)
class Working:
    """Everything at one moment."""

    now: datetime
    backlog: Backlog
    outgoing: Outgoing
    behind: int | None  # changes that the index does not know yet; None = it cannot be asked
    last_asked: datetime | None  # when an address was last polled
    filed: Mapping[str, int]  # articles first seen in the last hour, by grade
    today: Mapping[Answered, int]  # answers of outlets today (UTC)
    depths: Mapping[str, int]  # messages by queue, in production
    parts: tuple[Part, ...]


def working(parts: Parts) -> Working:
    """How it goes. Raise Away when the records do not answer; other parts that do not are told of."""
    now = parts.clock()
    backlog = parts.records.backlog(now)
    found = [Part("records", True, "answer")]
    behind = None
    try:
        behind = max(0, backlog.last_change - parts.index.position())
        found.append(Part("search index", True, f"answers; {_behind(behind)}"))
    except WirewatchError as error:
        found.append(Part("search index", False, str(error)))
    depths: Mapping[str, int] = {}
    if parts.depths is not None:
        try:
            depths = parts.depths()
            found.append(Part("queues (Redis)", True, "answer"))
        except WirewatchError as error:
            found.append(Part("queues (Redis)", False, str(error)))
    last = max((one.last_try for one in parts.records.feed_states() if one.last_try), default=None)
    for name, held in parts.records.roles_held(ROLES).items():
        found.append(Part(name, held, "runs" if held else "no process has this role: start `wirewatch serve` for it"))
    found.append(_collecting(backlog, last, now))
    today: Counter[Answered] = Counter()
    for one in parts.records.answers(now.date()):
        today[one.outcome] += one.count
    return Working(
        now, backlog, parts.records.outgoing(), behind, last, parts.records.filed(now - HOUR), today, depths,
        tuple(found),
    )  # fmt: skip


def _behind(behind: int) -> str:
    return "up to date" if not behind else f"{behind:,} change{'s' * (behind != 1)} behind the records"


def _collecting(backlog: Backlog, last: datetime | None, now: datetime) -> Part:
    """Whether anybody collects: known by whether addresses that are due get asked."""
    if last is None:
        return Part("collecting", False, "no outlet was ever asked: `wirewatch run` collects")
    late = backlog.polls and (backlog.polls_since is None or now - backlog.polls_since > LATE)
    if late and now - last > LATE:
        words = f"{backlog.polls} addresses are due, and none has been asked for {span(now - last)}"
        return Part("collecting", False, f"{words}: is `wirewatch run` (or the crawler) running?")
    return Part("collecting", True, f"an outlet was last asked {span(now - last)} ago")


def span(time: timedelta) -> str:
    """ "12 s", "3 min", "5 h", "2 days"."""
    seconds = max(0, int(time.total_seconds()))
    for unit, length, until in (("s", 1, 120), ("min", 60, 7200), ("h", 3600, 172_800)):
        if seconds < until:
            return f"{seconds // length} {unit}"
    return f"{seconds // 86_400} days"
