"""A query as text: what is written is read as the same."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipeline.errors import BadQuery
from search.ast import Node, Phrase, Word
from search.format import format_query
from search.parse import parse
from tests.queries import nodes


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet=st.sampled_from(list('ab*-=:()"“\\ .~<>AND/ORTE技é2026P')), max_size=40) | st.text(max_size=40))
@example("title:a:b")
@example("=A:")
@example("=AND")
@example("==0")
@example("=-a")
@example('x "\\')
@example("a NEAR/3 b NEAR/")
@example('a NEAR/3 "b"~1')
def test_any_text_is_read_or_refused_with_a_column(text: str) -> None:
    try:
        node = parse(text)
    except BadQuery as error:
        assert 1 <= error.column <= len(text) + 1
    else:
        assert parse(format_query(node)) == node


WORDS = ["drone", "F-35", "naïve", "Pentagon's", "AND.", "and", "人工智能", "title", "a=b", "c-d", "5%", "\\w"]
VALUES = [
    ("outlet", "The Paper"),
    ("author", 'J. "Jo" Smith'),
    ("author", "smith"),
    ("wire", "AP"),
    ("topic", "ai-safety"),
    ("entity", "org:x"),
    ("url", "https://a.example/b-c"),
    ("site", "a.example"),
    ("country", "SG"),
    ("lang", "en"),
    ("grade", "full"),
    ("dateline", "New York"),
]
SAVED = ["ports", "Port watch", 'the "best"', "-a", "x*", "NEAR/3", "é"]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(nodes(WORDS, ["dro", "f-35", "人工", "na"], VALUES, relative=True, saved=SAVED))
def test_format_is_read_as_the_same(node: Node) -> None:
    assert parse(format_query(node)) == node


@pytest.mark.parametrize("text", ["AND", "x:y", "NEAR/3", "NEAR", "!a", "a^2", "-a", "=a", "a*", "a b"])
def test_format_of_a_word_no_query_makes_means_the_same(text: str) -> None:
    assert parse(format_query(Word(text))) == Phrase(text)
