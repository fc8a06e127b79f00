"""What the tantivy index holds of an article, and the queries that our tree becomes over it.

Queries are built from the tree, never from strings: tantivy's own parser gives no hits for `(a OR b) AND NOT c`.
"""

from __future__ import annotations

import hashlib
import re

from tantivy import Document as Row
from tantivy import FieldType, Occur, Query, Schema, SchemaBuilder

from pipeline.types import Document
from search.analysis import Step, analysed, is_english, key, sites, stemmed, steps, url_key
from search.ast import (
    NAME_FIELDS,
    Ago,
    And,
    Count,
    Everything,
    Is,
    Moment,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Range,
    Saved,
    Word,
)
from search.base import Asked, content_hash
from search.facets import COLUMN, FACETS, columns
from search.like import Like
from search.sought import Sought, scope, sought
from search.tantivy_values import VALUE, Numbers, terms
from search.values import stored_form
from search.weights import TITLE_BOOST, microseconds, youth

VERSION = 6  # raise it whenever the schema or the analysis changes: older indexes are then built anew

_TEXTS = ("title", "title_en", "body", "body_en", "outlet", "author", "dateline")
_KEYS = ("kind", "story", "source", "country", "lang", "wire", "topic", "entity", "url", "site", "grade")


def make_schema() -> Schema:
    """Texts are whitespace-separated terms (see `search.analysis`), keys single terms, times microseconds."""
    builder = SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("hash", stored=True, tokenizer_name="raw", index_option="basic")
    for name in _TEXTS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    for name in _KEYS:
        builder.add_text_field(name, stored=name == "story", tokenizer_name="raw", index_option="basic")
    for name in ("date", "seen", "changed", "copies"):
        builder.add_integer_field(name, fast=True)
    for name in FACETS:
        builder.add_unsigned_field(COLUMN.format(name), fast=True)
    builder.add_text_field(VALUE, tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("fold", fast=True)
    for name in ("position", "numbers"):
        builder.add_unsigned_field(name, stored=True)
    builder.add_float_field("recency", fast=True)
    return builder.build()


def article_row(document: Document, numbers: Numbers) -> Row:
    """The row of one article; its facets become numbers."""
    row = Row()
    row.add_text("id", document.article_id)
    row.add_text("story", document.story_id)
    row.add_text("hash", content_hash(document))
    row.add_text("kind", "article")
    for name, text in (("title", document.title), ("body", document.text or document.summary)):
        plain = analysed(text)
        row.add_text(name, plain)
        if is_english(document.language):
            row.add_text(f"{name}_en", stemmed(plain))
    row.add_text("outlet", analysed(document.outlet))
    row.add_text("source", key(document.source_id))
    for name, names in (("author", document.authors), ("dateline", document.dateline)):
        for one in names:
            row.add_text(name, analysed(one))
    for name, values in (("topic", document.topics), ("entity", document.entities)):
        for value in values:
            row.add_text(name, stored_form(name, value))
    for site in sites(document.url):
        row.add_text("site", site)
    codes = (document.country, document.language, document.wire, document.url, document.grade)
    for name, value in zip(("country", "lang", "wire", "url", "grade"), codes, strict=True):
        if value:
            row.add_text(name, stored_form(name, value))
    for name, moment in (("date", document.published), ("seen", document.first_seen), ("changed", document.changed)):
        if moment:
            row.add_integer(name, microseconds(moment))
    row.add_integer("copies", document.copies)
    for name, shown in columns(document).items():
        for value in shown:
            number = numbers.of(value)
            row.add_unsigned(name, number)
            for term in terms(number, value):
                row.add_text(VALUE, term)
    row.add_unsigned("fold", _hash(document.story_id))  # so that hits are folded without reading their rows
    row.add_float("recency", _recency(document))
    return row


def position_row(position: int, numbers: Numbers) -> Row:
    """The one row that is no article: committed together with the articles it covers."""
    row = Row()
    row.add_text("kind", "position")
    row.add_unsigned("position", position)
    row.add_unsigned("numbers", numbers.next)
    return row


def _hash(text: str) -> int:
    """64 bits."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def _recency(document: Document) -> float:
    """What tantivy weighs a score with is log2(2 + value); here that is the article's youth."""
    return float(2.0 ** youth(document)) - 2.0


def article_query(schema: Schema, asked: Asked) -> Query:
    """The tantivy query of a tree with relative times resolved, saved queries expanded (ValueError otherwise)."""
    compiler = _Compiler(schema)
    return compiler.like(asked) if isinstance(asked, Like) else compiler.query(asked)


class _Compiler:
    """One method for each kind of node. Filters weigh nothing beside words."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def query(self, node: Node) -> Query:
        match node:
            case Everything():
                return _unscored(Query.term_query(self.schema, "kind", "article", "basic"))
            case And(parts):
                return self.both(parts)
            case Or(parts):
                return Query.boolean_query([(Occur.Should, self.query(part)) for part in parts])
            case Not():
                return self.both((node,))
            case Word() | Phrase() | Near() | Prefix():
                return self.words(sought(node), *scope(node))
            case Is(field, value, prefix):
                return self.value(field, value, prefix=prefix)
            case Range(field, since, until):
                return self.range(field, since, until)
            case Count(field, least, most):
                return _unscored(Query.range_query(self.schema, field, FieldType.Integer, least, most))
            case Saved(name):
                raise ValueError(f"the saved query {name!r}: expand() the query first")

    def like(self, asked: Like) -> Query:
        if not asked.terms:
            return Query.empty_query()
        fields = (
            (("title_en", TITLE_BOOST), ("body_en", 1.0)) if asked.english else (("title", TITLE_BOOST), ("body", 1.0))
        )
        some = [
            (
                Occur.Should,
                Query.disjunction_max_query(
                    [Query.boost_query(Query.term_query(self.schema, name, term), boost) for name, boost in fields]
                ),
            )
            for term in asked.terms
        ]
        return Query.boolean_query(
            [
                (Occur.Must, Query.boolean_query(some, minimum_number_should_match=asked.least)),
                (Occur.Must, _unscored(self.query(asked.within))),
                (Occur.MustNot, Query.term_query(self.schema, "story", asked.without, "basic")),
            ]
        )

    def both(self, parts: tuple[Node, ...]) -> Query:
        clauses = [
            (Occur.MustNot, self.query(part.part)) if isinstance(part, Not) else (Occur.Must, self.query(part))
            for part in parts
        ]
        if all(isinstance(part, Not) for part in parts):
            clauses.append((Occur.Must, self.query(Everything())))
        return Query.boolean_query(clauses)

    def words(self, asked: Sought, field: str, exact: bool) -> Query:
        """In title or body, as written or (English) stemmed; the best of them counts."""
        choices = []
        for name in (field,) if field else ("title", "body"):
            boost = TITLE_BOOST if name == "title" else 1.0
            choices.append(Query.boost_query(self.sought(name, asked), boost))
            if not exact:
                choices.append(Query.boost_query(self.sought(f"{name}_en", asked.stemmed()), boost))
        return choices[0] if len(choices) == 1 else Query.disjunction_max_query(choices)

    def sought(self, name: str, asked: Sought) -> Query:
        """Any arrangement of the terms: two of them by tantivy's slop, more of them spelt out.

        tantivy's slop alone is not ours: of two terms it lets the second be up to `slop` places off its own in either
        direction (so it takes one `a` for both of `a a`), and of more it takes some that are too far apart.
        """
        if asked.slop and asked.pair:
            choices = self.pair(name, *asked.pair, asked.slop, either=asked.either)
        else:
            choices = [self.steps(name, arranged) for arranged in asked.arrangements()]
        return choices[0] if len(choices) == 1 else Query.disjunction_max_query(choices)

    def pair(self, name: str, first: str, last: str, slop: int, *, either: bool) -> list[Query]:
        """Two terms with at most `slop` places between them, in this order or in either."""
        if either and first != last:  # both sought at one place, each off it to either side
            return [Query.phrase_query(self.schema, name, [(0, first), (0, last)], slop=slop + 1)]
        half = slop // 2  # the last term is half-way to the farthest place; for an odd number, there or one further
        places = (1 + half,) if slop % 2 == 0 else (1 + half, 2 + half)
        return [Query.phrase_query(self.schema, name, [(0, first), (at, last)], slop=half) for at in places]

    def steps(self, name: str, asked: tuple[Step, ...]) -> Query:
        if len(asked) == 1:
            term = asked[0].term
            return self.beginning(name, term) if asked[0].prefix else Query.term_query(self.schema, name, term)
        if any(step.prefix for step in asked):
            patterns: list[str | tuple[int, str]] = [
                (step.offset, re.escape(step.term) + (".*" if step.prefix else "")) for step in asked
            ]
            return Query.regex_phrase_query(self.schema, name, patterns)
        return Query.phrase_query(self.schema, name, [(step.offset, step.term) for step in asked])

    def beginning(self, name: str, term: str) -> Query:
        """Terms that begin so. A fuzzy query of distance 0 is that, at a hundredth of a regular expression's memory."""
        return Query.fuzzy_term_query(self.schema, name, term, distance=0, prefix=True)

    def value(self, field: str, value: str, *, prefix: bool) -> Query:
        if field in NAME_FIELDS:
            named = self.steps(field, steps(value, prefix=prefix))
            if field == "outlet":
                named = Query.boolean_query([(Occur.Should, named), (Occur.Should, self.key("source", value, prefix))])
            return _unscored(named)
        return _unscored(self.key(field, value, prefix))

    def key(self, name: str, value: str, prefix: bool) -> Query:
        if prefix:
            return self.beginning(name, url_key(value) if name == "url" else stored_form(name, value))
        return Query.term_query(self.schema, name, stored_form(name, value), "basic")

    def range(self, field: str, since: Moment | None, until: Moment | None) -> Query:
        if isinstance(since, Ago) or isinstance(until, Ago):
            raise ValueError("a relative time: resolve() the query first")
        bounds = [None if moment is None else microseconds(moment) for moment in (since, until)]
        since_at, until_at = bounds
        return _unscored(
            Query.range_query(self.schema, field, FieldType.Integer, since_at, until_at, include_upper=until_at is None)
        )


def _unscored(query: Query) -> Query:
    return Query.const_score_query(query, 0.0)
