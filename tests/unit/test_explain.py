"""Clause by clause, and the whole as search has it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings

from pipeline.errors import BadQuery
from search.ast import Node
from search.explain import Clause, explain, failures
from search.format import format_query
from search.match import LiveMatcher
from search.parse import parse
from tests.contract.index_backends import NOON, PREFIXES, VALUES, WORDS, article, made_articles
from tests.contract.test_match import subscription
from tests.queries import nodes

TEXT = article(1, "Drones over the harbour", "The navy tested unmanned boats.", country="SG", copies=3)
MADE = made_articles(12, seed=5)


def told(query: str, saved: dict[str, str] | None = None) -> Clause:
    return explain(parse(query), TEXT, NOON, (saved or {}).get)


def test_words_tell_where_they_stand() -> None:
    clause = told("drone AND (boat OR submarine) -army the")
    assert clause.matched
    drone, either, army, the = clause.parts
    assert (drone.text, drone.where) == ("drone", ("title",))
    assert [(one.text, one.matched, one.where) for one in either.parts] == [
        ("boat", True, ("body",)),
        ("submarine", False, ()),
    ]
    assert (army.kind, army.matched, army.parts[0].matched) == ("not", True, False)
    assert the.where == ("title", "body")
    assert told("body:drone").where == ()
    assert told("navy NEAR/3 boats").where == ("body",)


def test_what_failed_is_named() -> None:
    assert failures(told("drone boat")) == ()
    assert [one.text for one in failures(told("drone (army OR =test) -navy country:SG copies:>5"))] == [
        "army",
        "=test",
        "-navy",
        "copies:>5",
    ]


def test_a_saved_query_is_opened() -> None:
    clause = told("drone search:boats", {"boats": "boat search:places", "places": "dateline:oslo OR harbour"})
    assert clause.matched
    saved = clause.parts[1]
    assert (saved.kind, saved.text, saved.parts[0].text) == ("saved", "search:boats", "boat search:places")
    with pytest.raises(BadQuery, match="no saved query 'boats' at 8"):
        told("search:boats")


@settings(max_examples=150, deadline=None)
@given(node=nodes(WORDS, PREFIXES, VALUES, relative=True))
def test_the_whole_is_what_the_matcher_says(node: Node) -> None:
    now = NOON + timedelta(days=1)
    matched = LiveMatcher([subscription(1, node)]).match(MADE, now).get("1", [])
    for document in MADE:
        clause = explain(node, document, now)
        assert clause.matched == (document.article_id in matched), format_query(node)
        check(clause)


def check(clause: Clause) -> None:
    """The parts bear out the whole."""
    for part in clause.parts:
        check(part)
    parts = [part.matched for part in clause.parts]
    whole = {"and": all(parts), "or": any(parts), "not": parts != [True], "": clause.matched}
    assert clause.matched == whole[clause.kind]
    assert bool(failures(clause)) != clause.matched
