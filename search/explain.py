"""Why an article matches a query or not, clause by clause, by the very search that would find it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.types import Document
from search.ast import TEXT_FIELDS, And, Near, Node, Not, Or, Phrase, Prefix, Saved, Word, resolve
from search.batch import SCHEMA, Batch, Opened
from search.format import format_query
from search.parse import parse
from search.saved import expand
from search.tantivy_schema import article_query


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a query. `parts` are those of AND, OR, NOT and of the saved query that it names."""

    text: str  # in the query language
    matched: bool
    where: tuple[str, ...] = ()  # of words that stand there: "title", "body"
    parts: tuple[Clause, ...] = ()
    kind: str = ""  # "and", "or", "not", "saved", or "" for what has no parts


Lookup = Callable[[str], str | None]


def explain(
    node: Node, document: Document, now: datetime, lookup: Lookup = lambda name: None, names: Iterable[str] = ()
) -> Clause:
    """The query as a tree of clauses; relative times are of `now` (aware UTC).

    `lookup` and `names` are of saved queries, see `search.saved.expand`. Raises BadQuery where one is missing.
    """
    expand(node, lookup, names)
    return _Explained(Batch([document]).opened(), now, lookup).clause(node)


def failures(clause: Clause) -> tuple[Clause, ...]:
    """The smallest clauses to which it is due that the whole does not match; () when it does."""
    if clause.matched:
        return ()
    if clause.kind in ("and", "or", "saved"):
        return tuple(found for part in clause.parts for found in failures(part))
    return (clause,)


class _Explained:
    def __init__(self, opened: Opened, now: datetime, lookup: Lookup) -> None:
        self.opened = opened
        self.now = now
        self.lookup = lookup

    def clause(self, node: Node) -> Clause:
        text = format_query(node)
        match node:
            case And(parts):
                return Clause(text, self.matches(node), parts=tuple(map(self.clause, parts)), kind="and")
            case Or(parts):
                return Clause(text, self.matches(node), parts=tuple(map(self.clause, parts)), kind="or")
            case Not(part):
                return Clause(text, self.matches(node), parts=(self.clause(part),), kind="not")
            case Saved(name):
                inner = self.clause(parse(self.lookup(name) or ""))
                return Clause(text, inner.matched, parts=(inner,), kind="saved")
            case Word() | Phrase() | Prefix() | Near():
                return Clause(text, self.matches(node), where=self.where(node))
        return Clause(text, self.matches(node))

    def matches(self, node: Node) -> bool:
        whole = resolve(expand(node, self.lookup), self.now)
        return bool(self.opened.find(article_query(SCHEMA, whole)))

    def where(self, leaf: Word | Phrase | Prefix | Near) -> tuple[str, ...]:
        return tuple(name for name in TEXT_FIELDS if _field(leaf) in ("", name) and self.matches(_within(leaf, name)))


def _field(leaf: Word | Phrase | Prefix | Near) -> str:
    return leaf.left.field if isinstance(leaf, Near) else leaf.field


def _within(leaf: Word | Phrase | Prefix | Near, field: str) -> Node:
    if isinstance(leaf, Near):
        return replace(leaf, left=replace(leaf.left, field=field), right=replace(leaf.right, field=field))
    return replace(leaf, field=field)
