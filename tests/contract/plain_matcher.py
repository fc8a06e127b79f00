"""The plain way to match: each query over an index in memory, as a search would. What is faster is held to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import tantivy
from tantivy import TextAnalyzerBuilder, Tokenizer

from pipeline.types import Document
from pipeline.watch import Subscription
from search.ast import Node, resolve
from search.parse import parse
from search.tantivy_schema import article_query, article_row, make_schema

MOST = 10_000


def found(documents: Sequence[Document], queries: Mapping[str, Node], now: datetime) -> dict[str, list[str]]:
    """Query -> ids of the documents that it finds, sorted; those that find none are absent."""
    schema = make_schema()
    index = tantivy.Index(schema)
    index.register_tokenizer("whitespace", TextAnalyzerBuilder(Tokenizer.whitespace()).build())
    writer = index.writer(15_000_000, 1)
    for one in documents:
        writer.add_document(article_row(one))
    writer.commit()
    index.reload()
    searcher = index.searcher()
    answer = {}
    for name, node in queries.items():
        hits = searcher.search(article_query(schema, resolve(node, now)), MOST).hits
        if hits:
            answer[name] = sorted(str(searcher.doc(address).get_first("id")) for _, address in hits)
    return answer


class PlainMatcher:
    """See `records.watching.Matcher`. Queries that use other queries are beyond it."""

    def __init__(self) -> None:
        self.known: dict[str, Subscription] = {}

    def learn(self, changed: Iterable[Subscription], removed: Iterable[str] = ()) -> None:
        for id in list(removed):
            del self.known[id]
        self.known.update((one.id, one) for one in changed)

    def match(self, documents: Sequence[Document], now: datetime) -> dict[str, list[str]]:
        return found(documents, {id: parse(one.query) for id, one in self.known.items() if one.active}, now)
