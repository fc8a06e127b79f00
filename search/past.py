"""Queries tried on articles of the past, each as it was when it was first seen."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.types import Document
from search.ast import Ago, And, Everything, Node, Not, Or, Range, leaves, resolve
from search.batch import SCHEMA, Batch
from search.tantivy_schema import article_query


def is_relative(node: Node) -> bool:
    """Whether a query (expanded) counts back from now, so that it is another one each time."""
    spans = (leaf for leaf in leaves(node) if isinstance(leaf, Range))
    return any(isinstance(end, Ago) for span in spans for end in (span.since, span.until))


def lenient(node: Node, *, inside_not: bool = False) -> Node:
    """The query without its relative times: it finds no less, whenever that was."""
    match node:
        case And(parts):
            return And(tuple(lenient(part, inside_not=inside_not) for part in parts))
        case Or(parts):
            return Or(tuple(lenient(part, inside_not=inside_not) for part in parts))
        case Not(part):
            return Not(lenient(part, inside_not=not inside_not))
        case Range() if is_relative(node):
            return Not(Everything()) if inside_not else Everything()
        case _:
            return node


def matching(node: Node, documents: Sequence[Document]) -> list[str]:
    """The ids of the articles that a query (expanded) matched when they were first seen, in the order given."""
    if not documents:
        return []
    opened = Batch(documents).opened()
    if not is_relative(node):
        return opened.find(article_query(SCHEMA, node))
    times = {one.article_id: one.first_seen for one in documents}
    at = {when: set(opened.find(article_query(SCHEMA, resolve(node, when)))) for when in set(times.values())}
    return [id for id, when in times.items() if id in at[when]]
