"""The JSON form of a query: nothing is lost, nothing is guessed at."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import BadQuery
from search import json_form
from search.ast import And, Node, Word
from search.format import format_query
from search.json_form import from_json, to_json
from search.limits import MAX_ARRANGEMENTS, MAX_CLAUSES, MAX_DEPTH, MAX_PREFIXES
from search.parse import parse
from tests.queries import nodes
from tests.unit.test_query_format import SAVED, VALUES, WORDS


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(nodes(WORDS, ["dro", "f-35", "人工", "na"], VALUES, relative=True, saved=SAVED))
def test_nothing_is_lost(node: Node) -> None:
    written = json.dumps(to_json(node))
    assert from_json(json.loads(written)) == node
    assert parse(format_query(from_json(json.loads(written)))) == node


@pytest.mark.parametrize(
    ("query", "form"),
    [
        ("*", {"everything": True}),
        ("drone", {"word": "drone"}),
        ("title:=drone", {"word": "drone", "field": "title", "exact": True}),
        ('"a b"~2', {"phrase": "a b", "slop": 2}),
        ("dro*", {"prefix": "dro"}),
        ("a NEAR/0 b", {"near": [{"word": "a"}, {"word": "b"}], "within": 0}),
        ("url:example.com/n*", {"is": "example.com/n", "field": "url", "prefix": True}),
        ("country:SG", {"is": "SG", "field": "country"}),
        ("seen:P1D", {"range": "seen", "since": "P1D"}),
        ("date:2026", {"range": "date", "since": "2026-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z"}),
        ("copies:>1", {"count": "copies", "least": 2}),
        ("search:x", {"search": "x"}),
        ("a -(b OR c)", {"and": [{"word": "a"}, {"not": {"or": [{"word": "b"}, {"word": "c"}]}}]}),
    ],
)
def test_forms(query: str, form: dict[str, Any]) -> None:
    assert to_json(parse(query)) == form
    assert from_json(form) == parse(query)


def test_groups_of_groups_are_one_as_in_a_text() -> None:
    words: list[dict[str, Any]] = [{"word": "a"}, {"and": [{"word": "b"}, {"and": [{"word": "c"}]}]}]
    assert from_json({"and": words}) == parse("a b c")
    assert from_json({"range": "seen", "since": "2026-01-01T08:00:00+08:00"}) == parse("seen:2026..")


A = {"word": "a"}
_NAMES = set(json_form._KINDS) | {name for names in json_form._KINDS.values() for name in names}


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (None, "^an object such as"),
        ([A], "^an object such as .* not a list"),
        ({}, "^exactly one of everything, and, or"),
        ({"word": "a", "phrase": "b"}, "^exactly one of"),
        ({"words": "a"}, "^exactly one of"),
        ({"word": 1}, "^word: a text belongs here, not a number"),
        ({"word": "a b"}, "^the language has no such thing.*phrase"),
        ({"word": "AND"}, "^the language has no such thing.*phrase"),
        ({"word": "a" * 2001}, "^word: too long: .* 2000"),
        ({"word": "!a"}, "the language has no such thing.*phrase"),
        ({"word": ""}, "nothing to search for"),
        ({"word": "a", "field": "titel"}, "did you mean 'title'"),
        ({"word": "SG", "field": "country"}, "the language has no such thing.*'is': 'SG'"),
        ({"word": "a", "exact": 1}, "^exact: true or false belongs here"),
        ({"word": "a", "slop": 1}, "^slop: unknown beside 'word', which goes with field, exact"),
        ({"everything": False}, "^everything: it is true"),
        ({"and": []}, "^and: it has at least one part"),
        ({"and": A}, "^and: a list belongs here, not an object"),
        ({"and": [A, {"not": {"or": [A, {"word": "&"}]}}]}, r"^and\[1\]\.not\.or\[1\]: nothing to search for"),
        ({"not": [A]}, "^not: an object"),
        ({"phrase": "a", "slop": 2}, "two words or more"),
        ({"phrase": "a b", "slop": True}, "^slop: a whole number"),
        ({"phrase": "a b", "slop": -1}, "no number after ~"),
        ({"phrase": "a b", "slop": 31}, "at most 30"),
        ({"prefix": "a"}, "at least two letters"),
        ({"near": [A, A]}, "^within: it is missing"),
        ({"near": [A], "within": 3}, "^near: two words or phrases"),
        ({"near": [A, {"prefix": "ab"}], "within": 3}, "^near: two words or phrases"),
        ({"near": [A, {"word": "b", "exact": True}], "within": 3}, "before both sides"),
        ({"near": [A, {"word": "b", "field": "title"}], "within": 3}, ""),
        ({"near": [A, {"phrase": "b c", "slop": 1}], "within": 3}, "stand at each side"),
        ({"near": [A, A], "within": 99}, "at most 30"),
        ({"is": "Singapore", "field": "country"}, "two-letter code"),
        ({"is": "SG", "field": "country", "prefix": True}, "whole values"),
        ({"is": "a"}, "the language has no such thing"),
        ({"range": "seen"}, "at least one end"),
        ({"range": "title", "since": "P1D"}, ""),
        ({"range": "seen", "since": "2026"}, "^since: '2026' is no time"),
        ({"range": "seen", "since": "2026-01-01T00:00:00"}, "^since: .* is no time"),
        ({"range": "seen", "since": "Px"}, "ISO-8601"),
        ({"range": "seen", "since": "1600-01-01T00:00:00Z"}, "out of range"),
        ({"range": "seen", "since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}, "ends before it begins"),
        ({"count": "copies"}, ""),
        ({"count": "copies", "least": 5, "most": 2}, "ends before it begins"),
        ({"count": "copies", "most": 0}, "always one"),
        ({"count": "copies", "least": 0}, "the language has no such thing"),
        ({"count": "copies", "least": -5}, "copies:>5"),
        ({"count": "copies", "least": 1.5}, "^least: a whole number belongs here, not a number"),
        ({"count": "seen", "least": 1}, ""),
        ({"search": " "}, "the name of a saved query"),
        ({"and": [A] * (MAX_CLAUSES + 1)}, "too many words"),
        ({"or": [{"prefix": "ab"}] * (MAX_PREFIXES + 1)}, "too many prefixes"),
        ({"or": [{"near": [A, {"phrase": "a b"}], "within": 30}] * (MAX_ARRANGEMENTS // 62 + 1)}, "too many ways"),
    ],
)
def test_refuses(form: object, said: str) -> None:
    with pytest.raises(BadQuery) as caught:
        from_json(form)
    assert re.search(said, str(caught.value)), str(caught.value)
    assert len(str(caught.value)) < 400


def test_the_largest_are_read() -> None:
    for node in (parse("a NEAR/30 b " * (MAX_CLAUSES // 2)), parse("a " * MAX_CLAUSES)):
        assert from_json(to_json(node)) == node


def test_depth_is_bounded() -> None:
    def within(depth: int) -> dict[str, Any]:
        return A if not depth else {"not": within(depth - 1)}

    assert from_json(within(MAX_DEPTH)) == parse("-" * MAX_DEPTH + "a")
    for depth in (MAX_DEPTH + 1, 400):
        with pytest.raises(BadQuery, match="too deep"):
            from_json(within(depth))


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-3, 40) | st.sampled_from(["a", "seen", "P1D", "a b", "country", "&"]),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(_NAMES)), inner, max_size=3),
        max_leaves=6,
    )
)
def test_any_value_is_read_or_refused(form: object) -> None:
    try:
        node = from_json(form)
    except BadQuery:
        return
    assert parse(format_query(node)) == node


def test_the_module_shows_every_kind() -> None:
    assert json_form.__doc__
    assert all(f'{{"{kind}":' in json_form.__doc__ for kind in json_form._KINDS)
    assert from_json({"and": [A]}) == Word("a")
    assert isinstance(from_json({"and": [A, A]}), And)
