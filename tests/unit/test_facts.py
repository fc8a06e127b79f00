"""Figures and names in one form, so that house style makes no new fact."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pipeline.facts import figures, is_told, names


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("12,000 people, 12000 ships, 12\u00a0000 cars", [12000] * 3),
        ("$1.5bn, 1.5 billion dollars, £1.5 billion", [1500000000] * 3),
        ("three hundred, 300, twenty-five", [300, 300, 25]),
        ("5 per cent, 5%, five percent", [5] * 3),
        ("3.25 points", [Decimal("3.25")]),
        ("on Feb 24, 2026 and 24 February at 5pm, 10:30, in the 1990s and 2025-26, on 2026-02-24", []),
        ("an F-35 and a MiG-29 flew", []),
        ("one of them, zero", []),
        ("2,026 men in 2026", [2026]),
        ("", []),
    ],
)
def test_figures_are_values(text: str, values: list[int | Decimal]) -> None:
    assert [one.value for one in figures(text)] == values


def test_a_figure_knows_its_place() -> None:
    text = "About 340 inspectors and $2.5 million."
    assert [text[one.start : one.end].strip() for one in figures(text)] == ["340", "$2.5 million"]
    assert [one.loose for one in figures(text)] == [True, False]


def test_a_rounded_figure_is_told_by_the_exact_one() -> None:
    [loose] = figures("nearly 12,000")
    [exact] = figures("12,000")
    known = frozenset({Decimal(11970)})
    assert is_told(loose, known)
    assert not is_told(exact, known)
    assert not is_told(loose, frozenset({Decimal(9000)}))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Talks at the Velmouth Office ended, Ines Calder said.", ["Velmouth Office", "Ines Calder"]),
        ("Mr. Calder left for NATO.", ["Calder", "NATO"]),
        ("They paid RM6.162 million for iOS phones.", ["RM6.162"]),
        ("“We left.” Lawyers for Velmouth agreed.", ["Velmouth"]),
        ("Yesterday it rained. However, nobody left.", []),
        ("On Tuesday the Department of Transport agreed with Reuters.", ["Department of Transport"]),
        ("MINISTERS AGREE TO LIMIT WEAPONS IN VELMOUTH", []),
        ("Ministers Agree to Limit Weapons in Velmouth Talks", []),
        ("", []),
    ],
)
def test_names_stand_inside_sentences(text: str, found: list[str]) -> None:
    assert [one.text for one in names(text)] == found
    assert all(text[one.start : one.end] == one.text for one in names(text))


def test_capitals_of_german_say_nothing() -> None:
    assert names("Die Minister der Bundesrepublik trafen den Rat.", "de") == []


@pytest.mark.parametrize(
    "unit", ["1 ", "1,111", "A ", "A of the ", "$", "twenty ", "5:", "A.", "F-", "9", "million ", "5 million million "]
)
def test_hostile_repetition_ends(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    assert len(figures(text)) <= len(text)
    assert len(names(text)) <= len(text)
