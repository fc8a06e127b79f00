"""Queries that may name saved ones, read among the subscriptions that there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.errors import BadQuery
from pipeline.watch import Subscription
from search.ast import Node, names_used
from search.parse import parse
from search.saved import expand


def names(subscriptions: Iterable[Subscription]) -> dict[str, str]:
    """What search:"name" stands for: the query by the name."""
    return {one.name: one.query for one in subscriptions}


def understood(one: Subscription, subscriptions: Iterable[Subscription]) -> Node:
    """Its query with the queries that it names in their place, were it one of these. Raises BadQuery."""
    known = names(other for other in subscriptions if other.id != one.id) | {one.name: one.query}
    return expand(parse(one.query), known.get, known)


def broken(
    subscriptions: Sequence[Subscription], *, using: bool = False, only: Iterable[Subscription] | None = None
) -> dict[str, BadQuery]:
    """Names of those whose query cannot be read, or uses one that is not there, and why.

    `using` = only of those that use others, which is quick where few do; `only` = of these.
    """
    known = names(subscriptions)
    found = {}
    for one in subscriptions if only is None else only:
        if using and not _uses(one):
            continue
        try:
            expand(parse(one.query), known.get, known)
        except BadQuery as error:
            found[one.name] = error
    return found


def users(one: Subscription, subscriptions: Sequence[Subscription]) -> list[str]:
    """Names of those whose queries use it, as far as they can be read."""
    unread = broken(subscriptions, using=True)
    readable = (other for other in subscriptions if _uses(other) and other.name not in unread)
    return [other.name for other in readable if one.name in names_used(parse(other.query))]


def _uses(one: Subscription) -> bool:
    """Whether it may use others, at a glance."""
    return "search" in one.query.lower()


def pointer(query: str, error: BadQuery) -> str:
    """The query with a mark below the place of the error."""
    line = query.replace("\n", " ").replace("\t", " ")
    return f"  {line}\n  {' ' * (error.column - 1)}^"
