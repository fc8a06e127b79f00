"""What is being written about now: a window that ends now, told against the four weeks before it.

Names and topics are counted in stories, so that one wire story at thirty outlets is one; which of them rise is told by
`pipeline.rising`. What is usual comes from spans as long as the window, four weeks back: of the same hours of each day
for a window of hours, so that the hour counts for nothing, and as shares of all articles, so that weekdays and a
growing archive do not either. Each number has the query that finds it.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pipeline.errors import BadQuery
from pipeline.rising import MINIMUM, Past, Rise, ratio, rising
from records.base import Records
from records.values import StoryView
from search.ast import Is, Node, Not, Or, Range, all_of
from search.base import Index, Span
from search.facets import Facet
from search.format import format_query
from search.parse import parse
from web.coverage import Coverage, coverage

WINDOWS: Mapping[str, timedelta] = {
    "6h": timedelta(hours=6),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
}
BACK = timedelta(days=28)
NAMED = ("entity", "topic")  # what may rise
PARTS = ("country", "lang")
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_VALUES = 5_000  # of a facet that are looked at
_LOOKED = 60  # names whose stories are counted: those whose articles rose most
_MOST = 10  # names that are told of most
_RISING = 20  # shown
_LARGEST = 10  # stories shown, of four times as many looked up
_Counts = dict[tuple[str, str], tuple[int, ...]]  # facet and value -> stories


@dataclass(frozen=True, slots=True)
class Named:
    """A name or topic, its stories in the window, and the query for them."""

    value: str
    stories: int
    query: str
    rise: Rise[str] | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Articles of a country or language, their share of all, and the share that is usual (None = not known)."""

    value: str
    articles: int
    share: float
    usual: float | None
    query: str


@dataclass(frozen=True, slots=True)
class Carried:
    """A story, the outlets that carried it in the window, and how long after the first of all copies they did."""

    story: StoryView
    outlets: int
    began: datetime
    half: timedelta  # until half of these outlets had it
    all: timedelta  # until all of them had it


@dataclass(frozen=True, slots=True)
class Wire:
    """Copies of agencies' texts among articles: in the window, usually, and in each of the spans and the window."""

    copies: int
    share: float
    usual: float | None
    over_time: tuple[tuple[datetime, int, int], ...]  # begin, copies, articles
    query: str
    original: str  # the query for the others


@dataclass(frozen=True, slots=True)
class Board:
    """All of it. `enough` = the archive goes back far enough to say what is usual."""

    window: str
    begin: datetime
    end: datetime
    articles: int
    query: str
    usual_since: datetime
    enough: bool
    rising: Mapping[str, tuple[Named, ...]]
    most: Mapping[str, tuple[Named, ...]]
    largest: tuple[Carried, ...]
    wire: Wire
    parts: Mapping[str, tuple[Part, ...]]
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class _Usual:
    """What was before a window: counts of articles, and of stories as they are asked for."""

    spans: tuple[Span, ...]
    sizes: tuple[int, ...]  # articles of each span
    articles: int  # of all four weeks
    facets: Mapping[str, Mapping[str, int]]
    wire: tuple[int, ...]
    stories: _Counts = field(default_factory=dict)


class Boards:
    """Makes them, each window once a minute and what is usual once an hour, whoever asks. From any thread."""

    def __init__(self) -> None:
        self._locks = {name: threading.Lock() for name in WINDOWS}
        self._made: dict[str, Board] = {}
        self._usual: dict[str, tuple[datetime, _Usual]] = {}

    def board(self, records: Records, index: Index, window: str, now: datetime) -> Board:
        """That of the window that ends with the last full minute. Raise Away."""
        end = now - (now - datetime(1970, 1, 1, tzinfo=UTC)) % _MINUTE
        with self._locks[window]:
            made = self._made.get(window)
            if made is None or made.end != end:
                made = self._made[window] = self._make(records, index, window, end, now)
            return made

    def _make(self, records: Records, index: Index, window: str, end: datetime, now: datetime) -> Board:
        begin = end - WINDOWS[window]
        hour = begin.replace(minute=0)
        if self._usual.get(window, (None,))[0] != hour:
            self._usual[window] = hour, _usual(index, hour, WINDOWS[window])
        return _made(records, index, window, (begin, end), self._usual[window][1], now)


def _usual(index: Index, until: datetime, length: timedelta) -> _Usual:
    step = max(_DAY, length)
    spans = tuple((until - n * step, until - n * step + length) for n in range(BACK // step, 0, -1))
    whole = Range("seen", until - BACK, until)
    hours = index.counts(whole, "seen", hourly=True)
    facets = index.facets(whole, (*NAMED, *PARTS, "wire"), top=_VALUES)
    wire = index.counts(all_of([_any("wire", facets["wire"]), whole]), "seen", hourly=True) if facets["wire"] else {}
    return _Usual(
        spans,
        _by_span(hours, spans),
        sum(hours.values()),
        {name: dict(facet) for name, facet in facets.items()},
        _by_span(wire, spans),
    )


def _by_span(hours: Mapping[datetime, int], spans: Sequence[Span]) -> tuple[int, ...]:
    return tuple(sum(count for at, count in hours.items() if begin <= at < end) for begin, end in spans)


def _made(records: Records, index: Index, window: str, span: Span, usual: _Usual, now: datetime) -> Board:
    begin, end = span
    seen = Range("seen", begin, end)
    articles = sum(index.counts(seen, "seen", hourly=True).values())
    facets = index.facets(seen, (*NAMED, *PARTS, "wire"), top=_VALUES)
    past = Past(articles, tuple(map(float, usual.sizes)))
    counted: _Counts = {}
    named = {name: _named(index, name, facets[name], span, usual, past, counted) for name in NAMED}
    return Board(
        window=window,
        begin=begin,
        end=end,
        articles=articles,
        query=format_query(seen),
        usual_since=usual.spans[0][0],
        enough=past.enough,
        rising={name: rise for name, (rise, _) in named.items()},
        most={name: most for name, (_, most) in named.items()},
        largest=_largest(records, index, span),
        wire=_wire(facets["wire"], span, articles, usual),
        parts={name: _parts(name, facets[name], seen, articles, usual) for name in PARTS},
        coverage=coverage(records, index, seen, now),
    )


# --- names and topics -----------------------------------------------------------------------
def _named(
    index: Index, name: str, facet: Facet, span: Span, usual: _Usual, past: Past, counted: _Counts
) -> tuple[tuple[Named, ...], tuple[Named, ...]]:
    """Those that rise, and those that are told of most."""
    values = tuple(one for one in _distinct(facet) if _asked(name, one[0]))
    seen, whole = Range("seen", *span), Range("seen", usual.spans[0][0], usual.spans[-1][1])

    def stories(value: str) -> int:
        if (name, value) not in counted:
            counted[name, value] = tuple(index.stories(all_of([Is(name, value), seen])))
        return counted[name, value][0]

    def before(value: str) -> tuple[int, ...]:
        if (name, value) not in usual.stories:
            usual.stories[name, value] = tuple(index.stories(all_of([Is(name, value), whole]), usual.spans))
        return usual.stories[name, value]

    def told(value: str, rise: Rise[str] | None = None) -> Named:
        return Named(value, stories(value), format_query(all_of([Is(name, value), seen])), rise)

    looked = _looked(values, usual.facets[name], past.size, usual.articles) if past.enough else []
    looked = [value for value in looked if stories(value) >= MINIMUM]
    rises = rising({value: (stories(value), before(value)) for value in looked}, past, tested=len(values))
    most = sorted((told(value) for value, _ in values[: 2 * _MOST]), key=lambda one: (-one.stories, one.value))
    return tuple(told(one.key, one) for one in rises[:_RISING]), tuple(most[:_MOST])


def _distinct(facet: Facet) -> Facet:
    """A name that is printed in two ways is asked for once."""
    summed: dict[str, tuple[str, int]] = {}
    for value, count in facet:
        shown, before = summed.get(value.casefold(), (value, 0))
        summed[value.casefold()] = shown, before + count
    return tuple(sorted(summed.values(), key=lambda one: -one[1]))


def _looked(values: Facet, usual: Mapping[str, int], size: float, before: int) -> list[str]:
    """Those whose articles rose most: counting stories costs a query each."""
    share = size / before if before else 0.0
    ratios = {value: ratio(count, (usual.get(value, 0) + 0.5) * share) for value, count in values if count >= MINIMUM}
    return [value for value in sorted(ratios, key=lambda one: -ratios[one])[:_LOOKED] if ratios[value] > 0]


def _asked(name: str, value: str) -> Node | None:
    """The query for a value, if there is one: outlets print things that no query can say."""
    node = Is(name, value)
    try:
        return node if parse(format_query(node)) == node else None
    except BadQuery:
        return None


# --- stories --------------------------------------------------------------------------------
def _largest(records: Records, index: Index, span: Span) -> tuple[Carried, ...]:
    found = index.largest(Range("seen", *span), 4 * _LARGEST)
    views = {view.id: view for view in records.stories([story for story, count in found if count > 1])}
    carried = [one for view in views.values() if (one := _carried(view, span)).outlets > 1]
    carried.sort(key=lambda one: (-one.outlets, one.all, one.story.id))
    return tuple(carried[:_LARGEST])


def _carried(view: StoryView, span: Span) -> Carried:
    first: dict[str, datetime] = {}
    for copy in view.copies:
        if span[0] <= copy.first_seen < span[1]:
            first[copy.source_id] = min(copy.first_seen, first.get(copy.source_id, copy.first_seen))
    began = min(copy.first_seen for copy in view.copies)
    took = sorted(moment - began for moment in first.values()) or [timedelta(0)]
    return Carried(view, len(first), began, took[(len(took) - 1) // 2], took[-1])


# --- shares ---------------------------------------------------------------------------------
def _parts(name: str, facet: Facet, seen: Range, articles: int, usual: _Usual) -> tuple[Part, ...]:
    before = usual.facets[name]
    return tuple(
        Part(
            value,
            count,
            count / articles,
            before.get(value, 0) / usual.articles if usual.articles else None,
            format_query(all_of([node, seen])),
        )
        for value, count in facet
        if (node := _asked(name, value))
    )


def _any(name: str, facet: Facet) -> Node:
    nodes = [node for value, _ in _distinct(facet) if (node := _asked(name, value))]
    return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))


def _wire(facet: Facet, span: Span, articles: int, usual: _Usual) -> Wire:
    copies, seen = sum(count for value, count in facet if _asked("wire", value)), Range("seen", *span)
    past = sum(usual.sizes)
    before = tuple(zip((begin for begin, _ in usual.spans), usual.wire, usual.sizes, strict=True))
    agencies = _any("wire", facet) if facet else None
    parts = agencies.parts if isinstance(agencies, Or) else (agencies,) if agencies else ()
    return Wire(
        copies=copies,
        share=copies / articles if articles else 0.0,
        usual=sum(usual.wire) / past if past else None,
        over_time=(*before, (span[0], copies, articles)),
        query=format_query(all_of([agencies, seen])) if agencies else "",
        original=format_query(all_of([*(Not(one) for one in parts), seen])),
    )
