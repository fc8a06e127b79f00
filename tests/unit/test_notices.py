"""Notices that correct something, told from those that only tell more or hold a story back."""

from __future__ import annotations

import pytest

from pipeline.notices import is_correction, is_notice

CORRECTIONS = (
    "Correction: an earlier version gave the wrong number of boats.",
    "(Corrects spelling of the minister's name in paragraph 3)",
    "(Refiles to fix the dateline)",
    "This story has been corrected to show that the contract was signed in May.",
    "Clarification: The headline was changed to say that the talks go on; an earlier one was wrong.",
    "Editor's note: This article was amended on 3 May; it misstated the price.",
    "An earlier version of this story named another harbour.",
    "Korrektur: In einer früheren Version stand ein falscher Ort.",
    "Rectificatif : le contrat porte sur dix drones.",
    "Fe de erratas: el ministro es otro.",
)
OTHERS = (
    "(Adds quotes from the minister, details)",
    "(Updates with the market's reaction)",
    "(Recasts, adds analyst's comment)",
    "Embargoed until 6 am on Monday",
    "Strictly under embargo: not before noon",
    "Sperrfrist: 18 Uhr",
    "Not for release before Friday",
)


@pytest.mark.parametrize("notice", CORRECTIONS)
def test_corrections(notice: str) -> None:
    assert is_notice(notice)
    assert is_correction(notice)


@pytest.mark.parametrize("notice", OTHERS)
def test_what_corrects_nothing(notice: str) -> None:
    assert is_notice(notice)
    assert not is_correction(notice)


@pytest.mark.parametrize(
    ("mark", "corrects"), [("CORRECTED", True), ("REFILE", True), ("UPDATE 2", False), ("RPT", False)]
)
def test_marks_of_headlines(mark: str, corrects: bool) -> None:
    assert is_correction(mark) == corrects
