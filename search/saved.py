"""Saved queries inside others: `search:"port watch"` becomes what the query of that name says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches

from pipeline.errors import BadQuery
from search.ast import And, Node, Not, Or, Saved, all_of, any_of
from search.limits import MAX_CLAUSES, MAX_DEPTH, TOO_DEEP, TOO_MANY, check, clauses
from search.parse import parse
from search.values import shown

MAX_NESTED = 10  # saved queries within each other


def expand(node: Node, lookup: Callable[[str], str | None], names: Iterable[str] = ()) -> Node:
    """The query with what a saved query says in the place of every Saved leaf, to any depth.

    `lookup` gives the text of the saved query of a name, None where there is none; `names` are all names there are,
    if known, to propose a like one. Raises BadQuery, with the column of the name in the outermost query, for a name
    that is unknown, a query that uses itself, one that cannot be read, and for a whole beyond `search.limits`.
    """
    return _Expander(lookup, names).whole(node)


class _Expander:
    """Stops as soon as a bound is passed: ten queries that use each other twice would be a thousand."""

    def __init__(self, lookup: Callable[[str], str | None], names: Iterable[str]) -> None:
        self.lookup = lookup
        self.names = names
        self.made: dict[str, Node] = {}
        self.column = 1  # of the name in the outermost query that is being expanded

    def whole(self, node: Node) -> Node:
        """The outermost query."""
        expanded = self.expanded(node, (), 0)
        if expanded != node:
            check(expanded, self.column)
        return expanded

    def expanded(self, node: Node, within: tuple[str, ...], level: int) -> Node:
        """`within` are the saved queries that this one stands in, outermost first."""
        if level > 2 * MAX_DEPTH + 1:
            raise self.bad(*TOO_DEEP)
        match node:
            case And(parts):
                return all_of(list(self.all(parts, within, level + 1)))
            case Or(parts):
                return any_of(list(self.all(parts, within, level + 1)))
            case Not(part):
                return Not(self.expanded(part, within, level + 1))
            case Saved(name):
                if not within:
                    self.column = max(1, node.column)
                return self.named(name, within, level)
        return node

    def all(self, parts: tuple[Node, ...], within: tuple[str, ...], level: int) -> Iterator[Node]:
        """The parts, as long as they are not too many."""
        made = 0
        for part in parts:
            expanded = self.expanded(part, within, level)
            made += clauses(expanded)
            if made > MAX_CLAUSES:
                raise self.bad(*TOO_MANY)
            yield expanded

    def named(self, name: str, within: tuple[str, ...], level: int) -> Node:
        """What the saved query of this name says."""
        if name in within:
            circle = " > ".join(map(shown, (*within[within.index(name) :], name)))
            raise self.bad("a saved query that uses itself", f"break the circle {circle}")
        if len(within) >= MAX_NESTED:
            raise self.bad("too deep", f"at most {MAX_NESTED} saved queries within each other")
        if name not in self.made:
            text = self.lookup(name)
            if text is None:
                raise self.bad(f"no saved query {shown(name)!r}", self.likely(name))
            try:
                read = parse(text)
            except BadQuery as error:
                raise self.bad(f"the saved query {shown(name)!r} cannot be read", str(error)) from error
            self.made[name] = self.expanded(read, (*within, name), level)
        return self.made[name]

    def likely(self, name: str) -> str:
        """What would be right instead of an unknown name."""
        known = {one.casefold(): one for one in self.names}
        near = get_close_matches(name.casefold(), known, n=1)
        return f"did you mean {shown(known[near[0]])!r}?" if near else "save it first, or leave it out"

    def bad(self, what: str, right: str) -> BadQuery:
        """What is wrong, and what would be right."""
        return BadQuery(f"{what} at {self.column}: {right}", column=self.column)
