"""The edits that newsrooms make to wire copy."""

from __future__ import annotations

from datetime import date

import pytest

from replay.edits import (
    Edits,
    HouseStyle,
    all_in_style,
    day_name,
    edited,
    in_style,
    sentences,
    with_credit,
    with_dateline,
)

COPY = ["One. More of one.", "Two.", "Three.", "Four.", "Five."]
DAY = date(2026, 2, 25)


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        (Edits(), COPY),
        (Edits(cut=2), ["One. More of one.", "Two.", "Three."]),
        (Edits(drop=(2, 4)), ["One. More of one.", "Three.", "Five."]),
        (Edits(merge=(1, 2)), ["One. More of one. Two. Three.", "Four.", "Five."]),
        (Edits(merge=(1,), drop=(2,)), ["One. More of one. Three.", "Four.", "Five."]),
        (Edits(insert={2: "Local."}, cut=2), ["One. More of one.", "Two.", "Local.", "Three."]),
        (Edits(lead=("New.",), pad=("Here.",), cut=4), ["New.", "One. More of one.", "Here."]),
        (Edits(replace={"One": "Eins"}, cut=4), ["Eins. More of one."]),
        (Edits(brief=2), ["One. More of one."]),
    ],
)
def test_each_edit_does_what_its_name_says(edits: Edits, expected: list[str]) -> None:
    assert edited(COPY, edits) == expected


@pytest.mark.parametrize("edits", [Edits(drop=(6,)), Edits(merge=(0,)), Edits(insert={9: "x"})])
def test_a_paragraph_that_is_not_there_is_an_error(edits: Edits) -> None:
    with pytest.raises(ValueError, match="no paragraph"):
        edited(COPY, edits)


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        (HouseStyle(), "Mr Hale’s Defence Centre paid 5 per cent on Feb 24, “late”."),
        (HouseStyle(spelling="us"), "Mr Hale’s Defense Center paid 5 percent on Feb 24, “late”."),
        (HouseStyle(honorifics="drop"), "Hale’s Defence Centre paid 5 per cent on Feb 24, “late”."),
        (HouseStyle(honorifics="dot"), "Mr. Hale’s Defence Centre paid 5 per cent on Feb 24, “late”."),
        (HouseStyle(quotes="straight"), 'Mr Hale\'s Defence Centre paid 5 per cent on Feb 24, "late".'),
        (HouseStyle(days="weekday"), "Mr Hale’s Defence Centre paid 5 per cent on Tuesday, “late”."),
        (HouseStyle(days="day-month"), "Mr Hale’s Defence Centre paid 5 per cent on 24 February, “late”."),
    ],
)
def test_house_style(style: HouseStyle, expected: str) -> None:
    copy = "Mr Hale’s Defence Centre paid 5 per cent on [[-1]], “late”."
    assert all_in_style([copy], style, DAY) == [expected]


def test_capitals_survive_the_change_of_spelling() -> None:
    assert in_style("DEFENCE, Defence, defence; indefensible", HouseStyle(spelling="us"), DAY) == (
        "DEFENSE, Defense, defense; indefensible"
    )


@pytest.mark.parametrize(
    ("language", "days", "expected"),
    [
        ("de", "weekday", "Dienstag"),
        ("de", "", "24. Februar"),
        ("fr", "weekday", "mardi"),
        ("fr", "", "24 février"),
        ("ja", "", "2月24日"),
    ],
)
def test_days_in_the_language_of_the_house(language: str, days: str, expected: str) -> None:
    assert day_name(date(2026, 2, 24), DAY, HouseStyle(language=language, days=days)) == expected


def test_a_weekday_is_not_used_for_another_week() -> None:
    assert day_name(date(2026, 2, 10), DAY, HouseStyle(days="weekday")) == "Feb 10"


def test_sentences_end_after_closing_quotes_too() -> None:
    assert sentences("He came. “Why?” She asked. Mr. 5pm stays") == [
        "He came.",
        "“Why?”",
        "She asked.",
        "Mr. 5pm stays",
    ]


def test_datelines_and_credits() -> None:
    assert with_dateline(["It rained.", "Hard."], "OSLO (Reuters) - ") == ["OSLO (Reuters) - It rained.", "Hard."]
    assert with_credit(["It rained.", "Hard."], "REUTERS") == ["It rained.", "Hard. REUTERS"]
    assert with_credit(["It rained."], "\nReporting by Reuters") == ["It rained.", "Reporting by Reuters"]
    assert with_credit(["It rained."], "") == ["It rained."]
    assert with_dateline([], "OSLO - ") == []
