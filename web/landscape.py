"""What stands beside the stories that a search found: facets, clauses, windows and bars, each with the query that a
click makes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.telling import moment as iso
from records.base import Records
from search.ast import Everything, Node, Not, all_of, resolve
from search.base import Index
from search.facets import Facet
from search.over_time import Bar, Interval, start
from search.parse import parse
from search.window import bounds
from web import editing
from web.answers import Answer, understood
from web.hints import blame

FACETS = {
    "outlet": "Outlets",
    "country": "Countries",
    "lang": "Languages",
    "wire": "News agencies",
    "topic": "Topics",
    "entity": "Names",
    "author": "Authors",
}
WINDOWS = (("24 hours", "P1D"), ("7 days", "P7D"), ("30 days", "P30D"))
_STEPS = (
    (timedelta(days=3), Interval.HOUR),
    (timedelta(days=70), Interval.DAY),
    (timedelta(days=500), Interval.WEEK),
)  # up to so long, bars so wide
_FORMS = {
    Interval.HOUR: "%-d %b %Y, %H:%M",
    Interval.DAY: "%-d %b %Y",
    Interval.WEEK: "week of %-d %b %Y",
    Interval.MONTH: "%B %Y",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A value, and the query that choosing it makes; `chosen` = it is in the query, and choosing it takes it away."""

    text: str
    query: str
    count: int = 0
    chosen: bool = False
    excluding: str = ""  # the query without all that have the value; "" where that makes no sense


@dataclass(frozen=True, slots=True)
class Column:
    """A bar of the histogram; `tall` is its height, 0..100."""

    label: str
    begin: str  # ISO 8601
    end: str
    count: int
    of: int
    share: str  # "1.2 %"
    tall: float
    query: str


@dataclass(frozen=True, slots=True)
class Shown:
    """All of it."""

    chips: Sequence[Choice]
    windows: Sequence[Choice]
    facets: Mapping[str, Sequence[Choice]]
    columns: Sequence[Column]
    field: str  # that the bars go by
    most: str  # what the highest bar stands for
    interval: Interval


def field_of(node: Node) -> str:
    """The time that a query (as parsed) is about."""
    return "date" if editing.window_of(node, "date") != (None, None) else "seen"


def interval_of(index: Index, node: Node, field: str, now: datetime) -> Interval:
    """How wide bars are to be: some seventy at most over the query's window (resolved) or, without one, all."""
    about = bounds(node, field)
    since, until = about.since, about.until or now
    if since is None:
        since = min(index.counts(Everything(), field), default=until)
        since = max(since, until - timedelta(days=20 * 366))
    return next((wide for long, wide in _STEPS if until - since <= long), Interval.MONTH)


def shown(query: str, told: Answer, more: Mapping[str, Facet], interval: Interval, share: bool) -> Shown:
    """For the page; `query` is what was typed and is known to be right."""
    node = parse(query)
    field = field_of(node)
    return Shown(
        chips=[Choice(text, editing.text_of(editing.without(node, one))) for one, text in editing.chosen(node)],
        windows=list(_windows(node)),
        facets={name: list(_values(node, name, more.get(name, told.facets[name]))) for name in FACETS},
        columns=list(_columns(node, field, told.histogram, interval, share)),
        field=field,
        most=_most(told.histogram, share),
        interval=interval,
    )


def blamed(records: Records, index: Index, query: str, now: datetime) -> list[Choice]:
    """The queries that would find something if a clause were left out; `text` is the clause."""
    node = parse(query)

    def count(parts: Sequence[Node]) -> int:
        meant = understood(records, editing.text_of(all_of(parts)))
        return index.survey(resolve(meant, now)).total

    telling = blame(editing.clauses(node), count)
    return [Choice(_shorter(one), editing.text_of(editing.without(node, one)), found) for one, found in telling]


def _windows(node: Node) -> Iterator[Choice]:
    now = editing.window_of(node)
    for name, duration in WINDOWS:
        span = editing.last(duration)
        yield Choice(name, editing.text_of(editing.within(node, "seen", *span)), chosen=now == span)
    everything = editing.within(editing.within(node, "date", None, None), "seen", None, None)
    yield Choice("All", editing.text_of(everything), chosen=everything == node)


def _values(node: Node, name: str, facet: Facet) -> Iterator[Choice]:
    there = editing.clauses(node)
    for value, count in facet:
        clause = editing.clause(name, value)
        if clause is None:
            continue
        chosen = clause in there
        made = editing.without(node, clause) if chosen else editing.having(node, clause)
        against = "" if chosen else editing.text_of(editing.having(node, Not(clause)))
        yield Choice(value, editing.text_of(made), count, chosen, against)


def _columns(node: Node, field: str, bars: Sequence[Bar], interval: Interval, share: bool) -> Iterator[Column]:
    most = max((bar.share if share else bar.count for bar in bars), default=0) or 1
    for bar in bars:
        end = _end(bar.begin, interval)
        tall = 100 * (bar.share if share else bar.count) / most
        query = editing.text_of(editing.within(node, field, bar.begin, end))
        told = bar.begin.strftime(_FORMS[interval]), iso(bar.begin) or "", iso(end) or "", bar.count, bar.of
        yield Column(*told, _percent(bar.share), round(tall, 1), query)


def _end(begin: datetime, interval: Interval) -> datetime:
    long = {Interval.HOUR: timedelta(hours=1), Interval.DAY: timedelta(days=1), Interval.WEEK: timedelta(days=7)}
    return begin + long[interval] if interval in long else start(begin + timedelta(days=31), interval)


def _most(bars: Sequence[Bar], share: bool) -> str:
    if share:
        return _percent(max((bar.share for bar in bars), default=0.0))
    return f"{max((bar.count for bar in bars), default=0):,}"


def _percent(share: float) -> str:
    return f"{100 * share:.{0 if share >= 0.1 else 1}f} %"


def _shorter(node: Node) -> str:
    text = editing.text_of(node)
    return text if len(text) <= 60 else text[:59] + "…"
