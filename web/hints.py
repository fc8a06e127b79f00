"""What to say of a query that would have told nothing, or too much."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime

from search.ast import And, Everything, Node, Not, Range, all_of
from search.base import Index
from search.format import format_query
from search.past import lenient

MOST_PARTS = 20  # of a query, that are left out one by one
SHOWN = 3


def loud(per_day: Sequence[tuple[date, int]], fired: int, covered: int, budget: float) -> Iterator[str]:
    """Whether these alerts, of so many days that the archive has, are more than `budget` a day."""
    rate = fired / max(1, covered)
    over = [pair for pair in per_day if pair[1] > budget]
    if rate > budget:
        shown = f"{rate:,.{0 if rate >= 10 else 1}f}"
        yield f"{shown} alerts a day on average are more than {budget:g}: narrow the query, or fold its stories"
    elif over:
        day, most = max(over, key=lambda pair: pair[1])
        days = "1 day" if len(over) == 1 else f"{len(over)} days"
        yield f"on {days} more than {budget:g} alerts; the most were {most:,} on {day}"


def silent(node: Node, index: Index, since: datetime, days: int) -> Iterator[str]:
    """Why a query matched nothing since then: which of its parts never did, and which of them keep it from matching."""

    def count(*parts: Node) -> int:
        return index.survey(all_of([*map(lenient, parts), Range("seen", since, None)])).total

    if not count(Everything()):
        yield f"the archive has no articles of these {days} days"
        return
    ever = index.survey(lenient(node)).total
    yield f"nothing matches in {days} days" + (f", though {_articles(ever)} of before would" if ever else "")
    if not isinstance(node, And):
        return
    parts = node.parts[:MOST_PARTS]
    never = [part for part in parts if not isinstance(part, Not) and not count(part)]
    yield from (f"{format_query(part)} is in no article of these days" for part in never[:SHOWN])
    left = [(count(*(other for other in node.parts if other is not part)), part) for part in parts]
    telling = sorted((pair for pair in left if pair[0]), key=lambda pair: -pair[0])
    for number, part in telling[:SHOWN]:
        yield f"without {format_query(part)} it would match {_articles(number)}"


def blame(parts: Sequence[Node], count: Callable[[Sequence[Node]], int]) -> Iterator[tuple[Node, int]]:
    """Which clauses of a query that finds nothing keep it from finding, and how much it would find without each; the
    most telling first. `count` tells how many articles all of these match."""
    if 1 < len(parts) <= MOST_PARTS:
        left = [(part, count([one for one in parts if one is not part])) for part in parts]
        yield from sorted((pair for pair in left if pair[1]), key=lambda pair: -pair[1])[:SHOWN]


def _articles(number: int) -> str:
    return "1 article" if number == 1 else f"{number:,} articles"
