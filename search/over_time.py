"""How many articles match by hour, day, week or month, beside all that there are: a histogram."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from pipeline.errors import BadInput
from search.ast import Node, Range, all_of
from search.base import Asked, Index
from search.like import Like
from search.window import Window, bounds

MOST = 20_000  # bars of one histogram


class Interval(StrEnum):
    """How wide a bar is; in UTC, and a week begins on Monday."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Bar:
    """Articles of one interval: those that match, and all that the archive has of it."""

    begin: datetime
    count: int
    of: int

    @property
    def share(self) -> float:
        """Of all coverage, 0..1; 0 where there is none."""
        return self.count / self.of if self.of else 0.0


def over_time(
    index: Index,
    asked: Asked,
    field: str,
    interval: Interval,
    now: datetime,
    days: Mapping[datetime, int] | None = None,
) -> tuple[Bar, ...]:
    """Bars without gaps: over the query's bounds of "seen" or "date" (an open end is now), else over what matches.

    `days` are the index's `counts` by day, where they are known already. Raises BadInput for more than MOST bars.
    """
    whole = bounds(asked.within if isinstance(asked, Like) else asked, field)
    hourly = interval is Interval.HOUR
    if days is None and not (hourly and whole.since and whole.until):
        days = index.counts(asked, field)
    span = _span(whole, days, now)
    if span is None:
        return ()
    begin, end = start(span[0], interval), span[1]
    if (end - begin) / _SHORTEST[interval] > MOST:
        hint = f"narrow the query with {field}:2026-01.., or choose wider bars"
        raise BadInput(f"a histogram by {interval} from {begin:%Y-%m-%d} to {end:%Y-%m-%d} has too many bars: {hint}")
    drawn = Range(field, span[0], end)
    found = index.counts(_also(asked, drawn), field, hourly=hourly) if hourly or days is None else days
    matching = _summed(found, interval)
    every = _summed(index.counts(drawn, field, hourly=hourly), interval)
    return tuple(Bar(one, matching[one], every[one]) for one in _steps(begin, end, interval))


_SHORTEST = {
    Interval.HOUR: timedelta(hours=1),
    Interval.DAY: timedelta(days=1),
    Interval.WEEK: timedelta(days=7),
    Interval.MONTH: timedelta(days=28),
}


def _span(whole: Window, days: Mapping[datetime, int] | None, now: datetime) -> tuple[datetime, datetime] | None:
    """From the first instant drawn to before the last; None when there is nothing to draw."""
    first = whole.since or min(days or (), default=None)
    last = max(days or (), default=None)
    until = whole.until or (last and last + timedelta(days=1))
    if whole.since and not whole.until:
        until = max(now, until) if until else now
    if first is None or until is None or first >= until:
        return None
    return first, until


def _also(asked: Asked, node: Node) -> Asked:
    if isinstance(asked, Like):
        return Like(asked.terms, asked.least, asked.english, asked.without, all_of([asked.within, node]))
    return all_of([asked, node])


def _summed(counts: Mapping[datetime, int], interval: Interval) -> Counter[datetime]:
    summed: Counter[datetime] = Counter()
    for begin, count in counts.items():
        summed[start(begin, interval)] += count
    return summed


def _steps(begin: datetime, end: datetime, interval: Interval) -> Iterator[datetime]:
    while begin < end:
        yield begin
        begin = start(begin + (timedelta(days=31) if interval is Interval.MONTH else _SHORTEST[interval]), interval)


def start(moment: datetime, interval: Interval) -> datetime:
    """The beginning of the hour, day, week or month that it falls into."""
    match interval:
        case Interval.HOUR:
            return moment.replace(minute=0, second=0, microsecond=0)
        case Interval.MONTH:
            return datetime(moment.year, moment.month, 1, tzinfo=UTC)
        case Interval.WEEK:
            return datetime(moment.year, moment.month, moment.day, tzinfo=UTC) - timedelta(days=moment.weekday())
        case _:
            return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
