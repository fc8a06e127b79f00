"""Queries changed by clicks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from search.ast import Ago, Is, Not
from search.parse import parse
from web.editing import chosen, clause, having, last, moment, text_of, window_of, within, without

SG = Is("country", "SG")


@pytest.mark.parametrize(
    ("query", "more", "less"),
    [
        ("", "country:SG", ""),
        ("*", "country:SG", ""),
        ("drone", "drone country:SG", "drone"),
        ("drone OR missile", "(drone OR missile) country:SG", "drone OR missile"),
        ("drone -country:SG", "drone country:SG", "drone -country:SG"),
        ("country:SG drone", "drone country:SG", "drone"),
        ("country:SG", "country:SG", ""),
        ("country:(SG OR MY)", "(country:SG OR country:MY) country:SG", "country:SG OR country:MY"),
        ('"a country:SG"', '"a country:SG" country:SG', '"a country:SG"'),
    ],
)
def test_a_clause_comes_and_goes(query: str, more: str, less: str) -> None:
    node = parse(query)
    assert text_of(having(node, SG)) == more
    assert text_of(without(node, SG)) == less
    assert having(having(node, SG), SG) == having(node, SG)
    assert having(having(node, SG), Not(SG)) == having(node, Not(SG)), "the opposite gives way"
    for made in (having(node, SG), without(node, SG)):
        assert parse(text_of(made)) == made


def test_one_stretch_of_time_takes_the_place_of_another() -> None:
    node = parse("drone seen:2026-01 date:2026-03-01")
    assert text_of(within(node, "seen", *last("P7D"))) == "drone date:2026-03-01 seen:P7D"
    assert text_of(within(node, "seen", None, None)) == "drone date:2026-03-01"
    assert window_of(parse("drone seen:P1D")) == (Ago("P1D"), None)
    assert window_of(parse("drone OR seen:P1D")) == (None, None), "an alternative is no window"


@pytest.mark.parametrize("value", ['O"Neil (x) OR -y', "a\\b", "12:30", "*", "東京", "-"])
@pytest.mark.parametrize("field", ["outlet", "author", "entity", "wire"])
def test_whatever_a_value_is_its_clause_can_be_written(field: str, value: str) -> None:
    made = clause(field, value)
    assert (made is None) == (value in ("*", "-"))
    assert made is None or parse(text_of(made)) == made


def test_what_is_more_than_a_word_can_be_taken_away() -> None:
    told = [text for _, text in chosen(parse('drone "a b" -toy wire:AFP seen:P1D'))]
    assert told == ['"a b"', "-toy", "wire:AFP", "seen:P1D"]


@pytest.mark.parametrize("text", ["", "yesterday", "2026-99", "..", "P1D", "2026-01-01T99:00Z", "9" * 30])
def test_what_is_no_moment_is_none(text: str) -> None:
    assert moment(text) is None
    assert moment("2026-03-01T06:30Z") == datetime(2026, 3, 1, 6, 30, tzinfo=UTC)
