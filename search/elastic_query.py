"""The Elasticsearch query that our tree becomes: term by term, so that nothing is analysed a second time."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from search.analysis import steps, url_key
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
from search.base import Asked
from search.like import Like
from search.sought import Segment, Sought, scope, sought, width
from search.values import stored_form
from search.weights import TITLE_BOOST, microseconds

Body = dict[str, Any]
# Lucene leaves the constant factor k1 + 1 out of BM25. With it, words weigh the same beside prefixes (which count 1).
_BM25 = 2.2
_DEEP = 6  # levels of our tree after which the rest is wrapped; a server refuses more than 30 levels of its own
_ALL: Body = {"match_all": {}}


def ranked(asked: Asked) -> Body:
    """Scored: BM25 by words, times the article's youth."""
    weight = {"field_value_factor": {"field": "recency"}, "boost_mode": "multiply"}
    return {"function_score": {"query": _like(asked) if isinstance(asked, Like) else query(asked), **weight}}


def unranked(asked: Asked) -> Body:
    """Matching only."""
    return {"bool": {"filter": [_like(asked) if isinstance(asked, Like) else query(asked)]}}


def narrowed(body: Body, field: str, values: Sequence[str]) -> Body:
    """The same scores, among the articles that have one of these values (of few) only."""
    return {"bool": {"must": [body], "filter": [{"terms": {field: list(values)}}]}}


def _like(asked: Like) -> Body:
    if not asked.terms:
        return {"match_none": {}}
    fields = ("title_en", "body_en") if asked.english else ("title", "body")
    boosts = (TITLE_BOOST * _BM25, _BM25)
    some = [
        {
            "dis_max": {
                "queries": [
                    {"term": {name: {"value": term, "boost": boost}}}
                    for name, boost in zip(fields, boosts, strict=True)
                ]
            }
        }
        for term in asked.terms
    ]
    return {
        "bool": {
            "must": [{"bool": {"should": some, "minimum_should_match": asked.least}}],
            "filter": [query(asked.within)],
            "must_not": [{"term": {"story": asked.without}}],
        }
    }


def query(node: Node, depth: int = 0) -> Body:
    """The query of a tree. Filters weigh nothing.

    Raise ValueError when relative times are not resolved, or saved queries not expanded.
    """
    if depth and depth % _DEEP == 0 and isinstance(node, And | Or | Not):
        return {"wrapper": {"query": base64.b64encode(json.dumps(_made(node, depth)).encode()).decode()}}
    return _made(node, depth)


def _made(node: Node, depth: int) -> Body:
    match node:
        case And(parts):
            return _both(parts, depth)
        case Or(parts):
            return {"bool": {"should": [query(part, depth + 1) for part in parts], "minimum_should_match": 1}}
        case Not():
            return _both((node,), depth)
        case Word() | Phrase() | Near() | Prefix():
            return _words(sought(node), *scope(node))
        case _:
            return {"constant_score": {"filter": _filter(node), "boost": 0.0}}


def _both(parts: tuple[Node, ...], depth: int) -> Body:
    clauses: dict[str, list[Body]] = {"must": [], "filter": [], "must_not": []}
    for part in parts:
        match part:
            case Not(inner):
                clauses["must_not"].append(query(inner, depth + 1))
            case Everything() | Is() | Range() | Count():
                clauses["filter"].append(_filter(part))
            case _:
                clauses["must"].append(query(part, depth + 1))
    return {"bool": {name: some for name, some in clauses.items() if some}}


def _words(asked: Sought, field: str, exact: bool) -> Body:
    """In title or body, as written or (English) stemmed; the best of them counts."""
    choices = []
    for name in (field,) if field else ("title", "body"):
        boost = TITLE_BOOST if name == "title" else 1.0
        choices.append(_sought(name, asked, boost))
        if not exact:
            choices.append(_sought(f"{name}_en", asked.stemmed(), boost))
    return choices[0] if len(choices) == 1 else {"dis_max": {"queries": choices}}


def _sought(name: str, asked: Sought, boost: float) -> Body:
    """The segments in one of their orders. All places of a segment are equally wide, so that Lucene's spans, which
    take the nearest that follows, miss none; its own unordered spans would let segments overlap."""
    if len(asked.segments) == 1:
        return _steps(name, asked.segments[0], boost)
    choices: list[Body] = []
    for order in asked.orders():
        clauses = [_span(name, segment) for segment in order]
        near = {"clauses": clauses, "slop": asked.slop, "in_order": True, "boost": boost * _BM25}
        choices.append({"span_near": near})
    return choices[0] if len(choices) == 1 else {"dis_max": {"queries": choices}}


def _steps(name: str, asked: Segment, boost: float = 1.0) -> Body:
    if len(asked) == 1:
        term = asked[0].term
        if asked[0].prefix:
            return {"prefix": {name: {"value": term, "boost": boost}}}
        return {"term": {name: {"value": term, "boost": boost * _BM25}}}
    gapless = asked[-1].offset - asked[0].offset == len(asked) - 1
    if gapless and not any(step.prefix for step in asked):
        text = " ".join(step.term for step in asked)
        return {"match_phrase": {name: {"query": text, "analyzer": "whitespace", "boost": boost * _BM25}}}
    span = _span(name, asked)
    return {"span_near": span["span_near"] | {"boost": boost * _BM25}}


def _span(name: str, segment: Segment) -> Body:
    """Where the segment stands, and how wide it is: a pair of an unspaced script goes on behind its term."""
    clauses: list[Body] = []
    place = 0
    for step in segment:
        if step.offset > place:
            clauses.append({"span_gap": {name: step.offset - place}})
        one: Body = {"span_term": {name: {"value": step.term}}}
        clauses.append({"span_multi": {"match": {"prefix": {name: {"value": step.term}}}}} if step.prefix else one)
        place = step.offset + 1
    if width(segment) > place:
        clauses.append({"span_gap": {name: width(segment) - place}})
    if len(clauses) == 1:
        return clauses[0]
    return {"span_near": {"clauses": clauses, "slop": 0, "in_order": True}}


def _filter(node: Node) -> Body:
    match node:
        case Everything():
            return _ALL
        case Is(field, value, prefix):
            return _value(field, value, prefix=prefix)
        case Range(field, since, until):
            return _range(field, since, until)
        case Count(field, least, most):
            ends = {"gte": least, "lte": most}
            return {"range": {field: {name: end for name, end in ends.items() if end is not None}}}
        case Saved(name):
            raise ValueError(f"the saved query {name!r}: expand() the query first")
    raise TypeError(f"{type(node).__name__} is no filter")


def _value(field: str, value: str, *, prefix: bool) -> Body:
    if field not in NAME_FIELDS:
        return _key(field, value, prefix=prefix)
    named = _steps(field, steps(value, prefix=prefix))
    if field == "outlet":
        either = [named, _key("source", value, prefix=prefix)]
        return {"bool": {"should": either, "minimum_should_match": 1}}
    return named


def _key(name: str, value: str, *, prefix: bool) -> Body:
    if prefix:
        return {"prefix": {name: {"value": url_key(value) if name == "url" else stored_form(name, value)}}}
    return {"term": {name: {"value": stored_form(name, value)}}}


def _range(field: str, since: Moment | None, until: Moment | None) -> Body:
    if isinstance(since, Ago) or isinstance(until, Ago):
        raise ValueError("a relative time: resolve() the query first")
    bounds: dict[str, datetime | None] = {"gte": since, "lt": until}
    return {"range": {field: {name: microseconds(moment) for name, moment in bounds.items() if moment is not None}}}
