"""People out of bylines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.byline import people


@pytest.mark.parametrize(
    ("lines", "names", "credit"),
    [
        (["By Ana Vidal and Bo Lind"], ("Ana Vidal", "Bo Lind"), ""),
        (["Ana Vidal, Bo Lind"], ("Ana Vidal", "Bo Lind"), ""),
        (["Ana Vidal", "ANA VIDAL"], ("Ana Vidal",), ""),
        (["ANA VIDAL-ORTEGA"], ("Ana Vidal-Ortega",), ""),
        (["Reuters Staff"], (), "Reuters Staff"),
        (["Ana Vidal, Reuters"], ("Ana Vidal",), "Reuters"),
        (["Ana Vidal (AFP)"], ("Ana Vidal",), "AFP"),
        (["AP", "Associated Press"], (), "AP"),
        (["Von Ana Vidal und Bo Lind, dpa"], ("Ana Vidal", "Bo Lind"), "dpa"),
        (["Ana Vidal, Defence Correspondent"], ("Ana Vidal",), ""),
        (["Ana Vidal, Jr."], ("Ana Vidal",), ""),
        (["The Harbour Bulletin"], (), ""),
        (["Harbour Bulletin"], (), ""),
        (["newsroom"], (), ""),
        (["ana@halva.example (Ana Vidal)"], ("Ana Vidal",), ""),
        (["ana@harbour.example"], (), ""),
        (["By Ana Vidal Published Feb 25"], ("Ana Vidal",), ""),
        (["Ana Vidal Monday, November 18, 2019"], ("Ana Vidal",), ""),
        (["Ana Vidal and April May"], ("Ana Vidal", "April May"), ""),
        (["李小龍"], ("李小龍",), ""),
        (["Мария Петрова"], ("Мария Петрова",), ""),
        ([""], (), ""),
    ],
)
def test_people(lines: list[str], names: tuple[str, ...], credit: str) -> None:
    assert people(lines, "Harbour Bulletin") == (names, credit)


@given(st.lists(st.text(max_size=80), max_size=5))
def test_never_raises(lines: list[str]) -> None:
    names, _ = people(lines)
    assert len(names) <= 12
    assert all(names)
