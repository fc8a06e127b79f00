"""How large a query may be, typed or not."""

from __future__ import annotations

import pytest

from pipeline.errors import BadQuery
from search.ast import And, Near, Node, Not, Phrase, Prefix, Word
from search.format import format_query
from search.importing import Imported, from_freshrss, from_google, from_miniflux
from search.limits import MAX_ARRANGEMENTS, MAX_CLAUSES, MAX_DEPTH, MAX_PREFIXES, check
from search.parse import parse
from tests.hostile_queries import TEXTS

A, C = Word("a"), Word("c")


def test_bounds_hold_for_a_tree_as_for_a_text() -> None:
    """`check` is what trees meet that were not typed; it agrees with the parser at the very bound."""
    pair = "a-b NEAR/30 c "  # 62 ways
    for most, too_many in (
        ("a " * MAX_CLAUSES, Word("b")),
        ("ab* " * MAX_PREFIXES, Prefix("xy")),
        (pair * (MAX_ARRANGEMENTS // 62), Near(Phrase("a b"), C, 30)),
        ("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH, None),
        ("-" * MAX_DEPTH + "a", None),
    ):
        node = parse(most)
        check(node)
        with pytest.raises(BadQuery, match="too"):
            check(And((node, too_many)) if too_many else parse_of_negations(MAX_DEPTH + 1))
        if too_many:
            with pytest.raises(BadQuery, match="too"):
                parse(f"{most} {format_query(too_many)}")


def parse_of_negations(count: int) -> Node:
    node: Node = A
    for _ in range(count):
        node = Not(node)
    return node


def test_largest_query_is_read() -> None:
    assert isinstance(parse("(" * MAX_DEPTH + "a " * MAX_CLAUSES + ")" * MAX_DEPTH), And)


@pytest.mark.parametrize("name", TEXTS)
def test_hostile_query_is_refused_shortly_or_within_bounds(name: str) -> None:
    """How long it takes is measured by `./run bench queries`."""
    for read in (parse, from_google, from_freshrss, from_miniflux):
        try:
            made = read(TEXTS[name])
        except BadQuery as error:
            assert len(str(error)) < 400
        else:
            check(made.query if isinstance(made, Imported) else made)
