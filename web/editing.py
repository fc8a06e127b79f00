"""Changing a query by clicks: a clause added or taken away, a time set; by its tree, never by its letters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pipeline.errors import BadQuery
from search.ast import Ago, And, Everything, Moment, Node, Not, Range, Word, all_of
from search.format import format_query
from search.values import value_node


def text_of(node: Node) -> str:
    """As it stands in the box, where everything is nothing."""
    return "" if isinstance(node, Everything) else format_query(node)


def clauses(node: Node) -> tuple[Node, ...]:
    """What all must be true; none for everything."""
    if isinstance(node, And):
        return node.parts
    return () if isinstance(node, Everything) else (node,)


def having(node: Node, clause: Node) -> Node:
    """The query with a clause more; its opposite gives way."""
    return _joined([*(one for one in clauses(node) if one not in (clause, _opposite(clause))), clause])


def without(node: Node, clause: Node) -> Node:
    """The query with a clause less."""
    return _joined([one for one in clauses(node) if one != clause])


def within(node: Node, field: str, since: Moment | None, until: Moment | None) -> Node:
    """The query over that stretch of time, in the place of any other of that field; with both open over all time."""
    rest = [one for one in clauses(node) if not (isinstance(one, Range) and one.field == field)]
    return _joined(rest if since is None and until is None else [*rest, Range(field, since, until)])


def clause(field: str, value: str) -> Node | None:
    """The clause for a facet's value; None for one that cannot be asked for."""
    try:
        return value_node(field, value, prefix=False, column=0, now=None)
    except BadQuery:
        return None


def chosen(node: Node) -> Iterator[tuple[Node, str]]:
    """The clauses that are more than a word, with the text of each."""
    yield from ((one, format_query(one)) for one in clauses(node) if not isinstance(one, Word))


def window_of(node: Node, field: str = "seen") -> tuple[Moment | None, Moment | None]:
    """The stretch of time that a clause of the query sets."""
    spans = [one for one in clauses(node) if isinstance(one, Range) and one.field == field]
    return (spans[-1].since, spans[-1].until) if spans else (None, None)


def last(duration: str) -> tuple[Ago, None]:
    """From so long ago until now."""
    return Ago(duration), None


def moment(text: str) -> datetime | None:
    """An instant (or a day's beginning) as a form or a script sends it, in UTC; None for "" and what is none."""
    try:
        given = value_node("seen", f"{text}..", prefix=False, column=0, now=None) if text else None
    except BadQuery:
        return None
    return given.since if isinstance(given, Range) and isinstance(given.since, datetime) else None


def day_after(moment: datetime) -> datetime:
    """The same time a day later."""
    return moment + timedelta(days=1)


def _opposite(clause: Node) -> Node:
    return clause.part if isinstance(clause, Not) else Not(clause)


def _joined(parts: list[Node]) -> Node:
    return all_of(parts) if parts else Everything()
