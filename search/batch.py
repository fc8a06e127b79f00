"""A few articles in memory, searched by the same rows and the same queries as the index on disk."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence

import tantivy
from tantivy import Query, TextAnalyzerBuilder, Tokenizer

from pipeline.types import Document
from search.analysis import stem
from search.ast import NAME_FIELDS
from search.limits import too_open
from search.required import TEXT, Clause, Key, is_prefix
from search.tantivy_schema import article_row, make_schema
from search.tantivy_values import Numbers

HEAP = 50_000_000  # bytes: a batch of 500 articles is one segment
SCHEMA = make_schema()  # of every batch, so that a query is made once for all
_WORDS = NAME_FIELDS  # fields whose rows are terms joined by spaces …
_WHOLE = ("source", "country", "lang", "wire", "topic", "entity", "url", "site", "grade")  # … and single terms


class Batch:
    """Articles, each id once: the last one given counts."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.documents = list({one.article_id: one for one in documents}.values())
        numbers = Numbers()
        self._rows = [article_row(one, numbers) for one in self.documents]
        self._texts: dict[str, int] = defaultdict(int)  # terms of title or body -> articles, as bits by place
        for place, row in enumerate(self._rows):
            bit = 1 << place
            for term in {*str(row.get_first("title")).split(), *str(row.get_first("body")).split()}:
                self._texts[term] |= bit
        self.has = self._keys()
        self._prefixed: dict[Key, int] = {}
        self._ordered: dict[bool, list[str]] = {}

    def opened(self, bits: int = -1) -> Opened:
        """The articles of those places, or all of them, ready to be searched."""
        places = [place for place in range(len(self.documents)) if bits >> place & 1]
        return Opened([self.documents[place].article_id for place in places], [self._rows[place] for place in places])

    def may(self, clauses: Sequence[Clause]) -> int:
        """Which articles fulfil all the clauses, as bits by their place; all of them for no clauses."""
        left = (1 << len(self.documents)) - 1
        for clause in clauses:
            some = 0
            for key in clause:
                some |= self.prefixed(key) if is_prefix(key) else self.has.get(key, 0)
            left &= some
            if not left:
                break
        return left

    def prefixed(self, key: Key) -> int:
        """Which articles have a key that begins so, as bits."""
        made = self._prefixed.get(key)
        if made is None:
            field, _, begins = key[:-1].rpartition("\0")
            in_texts = field == TEXT
            bits, ordered = (self._texts if in_texts else self.has), self._in_order(in_texts)
            if field and not in_texts:
                begins = f"{field}\0{begins}"
            made = 0
            for at in range(bisect_left(ordered, begins), len(ordered)):
                if not ordered[at].startswith(begins):
                    break
                made |= bits[ordered[at]]
            self._prefixed[key] = made
        return made

    def _in_order(self, texts: bool) -> list[str]:
        if texts not in self._ordered:
            self._ordered[texts] = sorted(self._texts if texts else self.has)
        return self._ordered[texts]

    def _keys(self) -> dict[Key, int]:
        """Key -> the articles that have it, as bits: stems, and terms of other fields."""
        made: defaultdict[Key, int] = defaultdict(int)
        for term, bits in self._texts.items():
            made[stem(term)] |= bits
        for place, row in enumerate(self._rows):
            bit = 1 << place
            for name in _WORDS:
                for text in row.get_all(name):
                    for term in text.split():
                        made[f"{name}\0{term}"] |= bit
            for name in _WHOLE:
                for term in row.get_all(name):
                    made[f"{name}\0{term}"] |= bit
        return dict(made)


class Opened:
    """Rows in an index in memory."""

    def __init__(self, ids: list[str], rows: Iterable[tantivy.Document]) -> None:
        self._ids = ids
        index = tantivy.Index(SCHEMA)
        index.register_tokenizer("whitespace", TextAnalyzerBuilder(Tokenizer.whitespace()).build())
        index.config_reader("manual")
        writer = index.writer(HEAP, 1)
        for row in rows:
            writer.add_document(row)
        writer.commit()
        index.reload()
        self._searcher = searcher = index.searcher()
        place_of = {id: place for place, id in enumerate(ids)}
        hits = searcher.search(Query.all_query(), max(1, len(ids)), count=False).hits
        self._places = {
            (address.segment_ord, address.doc): place_of[str(searcher.doc(address).get_first("id"))]
            for _, address in hits
        }

    def find(self, query: Query) -> list[str]:
        """The ids of the articles that match, in the order given. Raise BadQuery for a query that tries too much."""
        plain = Query.const_score_query(query, 0.0)  # no order is asked for: half the time
        try:
            hits = self._searcher.search(plain, len(self._places), count=False).hits
        except ValueError as error:
            raise too_open(str(error)) or error from error
        places = sorted(self._places[address.segment_ord, address.doc] for _, address in hits)
        return [self._ids[place] for place in places]
