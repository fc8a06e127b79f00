"""docs/query.md says what the parser does: every example of it is run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.errors import BadQuery
from search.ast import FIELDS
from search.format import format_query
from search.limits import (
    MAX_ARRANGEMENTS,
    MAX_BETWEEN,
    MAX_CLAUSES,
    MAX_DEPTH,
    MAX_LENGTH,
    MAX_NEAR_STEPS,
    MAX_PREFIXES,
    MAX_STEPS,
    MAX_TEXT,
)
from search.parse import parse
from search.saved import MAX_NESTED
from search.scan import OPERATORS

PAGE = (Path(__file__).parents[2] / "docs" / "query.md").read_text()
_ROW = re.compile(r"^\| `(.+?)` \| (.+) \|$", re.MULTILINE)
GOOD, REFUSED = PAGE.split("## When a query is refused")
_FIRST_COLUMN = [cell for cell, _ in _ROW.findall(GOOD) if cell not in FIELDS]
_EXAMPLES = [code for field, rest in _ROW.findall(GOOD) if field in FIELDS for code in re.findall("`([^`]+)`", rest)]
_EXAMPLES = [code for code in _EXAMPLES if re.match(r"-?[a-z]+:[^/]", code)]


@pytest.mark.parametrize("example", _FIRST_COLUMN + _EXAMPLES)
def test_every_example_is_read(example: str) -> None:
    assert parse(format_query(parse(example))) == parse(example)


@pytest.mark.parametrize(("query", "answer"), _ROW.findall(REFUSED))
def test_every_refusal_is_as_told(query: str, answer: str) -> None:
    with pytest.raises(BadQuery) as caught:
        parse(query)
    assert str(caught.value) == answer


def test_every_field_has_a_row_with_examples() -> None:
    told = {field: rest for field, rest in _ROW.findall(GOOD) if field in FIELDS}
    assert set(told) == set(FIELDS)
    assert all(f"`{field}:" in rest for field, rest in told.items())


def test_every_operator_and_limit_is_told() -> None:
    assert all(re.search(rf"`[^`]*\b{operator}\b[^`]*`", GOOD) for operator in OPERATORS)
    limits = GOOD.split("## Limits")[1]
    counted = (MAX_LENGTH, MAX_CLAUSES, MAX_PREFIXES, MAX_DEPTH, MAX_STEPS)
    for limit in (*counted, MAX_TEXT, MAX_BETWEEN, MAX_NEAR_STEPS, MAX_ARRANGEMENTS, MAX_NESTED):
        assert f"{limit:,} " in limits


def test_same_meaning_where_the_page_says_so() -> None:
    assert parse("anthropic pentagon") == parse("anthropic AND pentagon")
    assert parse("drone NOT toy") == parse("drone -toy")
    assert parse("drone OR missile navy") == parse("drone OR (missile AND navy)")
    assert parse("*") == parse("")
    assert parse("(drone OR uav) NEAR/5 navy") == parse("drone NEAR/5 navy OR uav NEAR/5 navy")
    assert parse("changed:>P1D") == parse("changed:P1D")
    assert parse("seen:>=2026-01-15") == parse("seen:2026-01-15..")
    assert parse("copies:>5") == parse("copies:6..")
