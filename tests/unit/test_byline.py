"""People out of bylines."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.byline import is_outlet, people, read_bylines


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
        (["By Idris Vale and Philippa Stone"], ("Idris Vale", "Philippa Stone"), ""),
        (["Ana Vidal, Bo Lind, and Cy Doe"], ("Ana Vidal", "Bo Lind", "Cy Doe"), ""),
        (["Ana Vidal & Bo Lind"], ("Ana Vidal", "Bo Lind"), ""),
        (["Ana Vidal with Bo Lind"], ("Ana Vidal", "Bo Lind"), ""),
        (["Par Jean Dupont et Marie Curie (à Bruxelles)"], ("Jean Dupont", "Marie Curie"), ""),
        (["Por Ana Vidal y José Ruiz"], ("Ana Vidal", "José Ruiz"), ""),
        (["Ana Vidal e Rui Costa"], ("Ana Vidal", "Rui Costa"), ""),
        (["Av Ana Vidal och Bo Lind"], ("Ana Vidal", "Bo Lind"), ""),
        (["Mehmet Öz ve Ayşe Kara"], ("Mehmet Öz", "Ayşe Kara"), ""),
        (["Anna Kowalska i Jan Nowak"], ("Anna Kowalska", "Jan Nowak"), ""),
        (["Siti Aminah dan Budi Santoso"], ("Siti Aminah", "Budi Santoso"), ""),
        (["Анна Иванова и Пётр Петров"], ("Анна Иванова", "Пётр Петров"), ""),
        (["Γιώργος Παππάς και Μαρία Ιωάννου"], ("Γιώργος Παππάς", "Μαρία Ιωάννου"), ""),
        (["배윤경 기자, 이상현 기자"], ("배윤경", "이상현"), ""),
        (["김혜진 특파원"], ("김혜진",), ""),
        (["記者王小明／台北報導"], ("王小明",), ""),
        (["山田太郎、鈴木花子"], ("山田太郎", "鈴木花子"), ""),
        (["田中太郎記者"], ("田中太郎",), ""),
        (["محمد علي"], ("محمد علي",), ""),
        (["יעל כהן"], ("יעל כהן",), ""),
        (["สมชาย ใจดี"], ("สมชาย ใจดี",), ""),
        (["J.K. Vidal", "O. Lind"], ("J.K. Vidal", "O. Lind"), ""),
        (["Jean-Pierre de la Tour", "Ludwig van Lind"], ("Jean-Pierre de la Tour", "Ludwig van Lind"), ""),
        (["Ann O'Neill", "María José García-López"], ("Ann O'Neill", "María José García-López"), ""),
        (["Ann MCVIDAL"], ("Ann Mcvidal",), ""),
        (["Dr. Ana Vidal"], ("Ana Vidal",), ""),
        (["Ana Vidal in Washington", "Bo Lind for CNN"], ("Ana Vidal", "Bo Lind"), ""),
        (["By ANA VIDAL Associated Press"], ("Ana Vidal",), "Associated Press"),
        (["Ana Vidal @anavidal"], ("Ana Vidal",), ""),
        (["harbour.de, Frankfurt, Germany", "ndr.de"], (), ""),
        (["Redaktion", "La Redacción", "Nachrichten", "Our Correspondent", "With agencies", "編集部"], (), ""),
        (["HARBOUR BULLETIN"], (), ""),
        (["ana-vidal"], (), ""),
    ],
)
def test_people(lines: list[str], names: tuple[str, ...], credit: str) -> None:
    assert people(lines, "Harbour Bulletin") == (names, credit)


@given(st.lists(st.text(max_size=80), max_size=5))
def test_never_raises(lines: list[str]) -> None:
    names, _ = people(lines)
    assert len(names) <= 12
    assert all(names)


@pytest.mark.parametrize(
    ("line", "authors", "others"),
    [
        ("Text: Ana Vidal; Fotos: Bo Lind", ("Ana Vidal",), {"photo": ("Bo Lind",)}),
        ("Von Ana Vidal (Text) und Bo Lind (Fotos)", ("Ana Vidal",), {"photo": ("Bo Lind",)}),
        ("Photographs by Bo Lind", (), {"photo": ("Bo Lind",)}),
        ("文/王明 图/李雷", ("王明",), {"photo": ("李雷",)}),
        ("撮影・田中一郎", (), {"photo": ("田中一郎",)}),
        ("Фото: Анна Иванова", (), {"photo": ("Анна Иванова",)}),
        ("Ana Vidal; Editing by Cy Doe and Di Emm", ("Ana Vidal",), {"editing": ("Cy Doe", "Di Emm")}),
        ("Reporting by Ana Vidal in Seoul; Editing by Cy Doe", ("Ana Vidal",), {"editing": ("Cy Doe",)}),
        ("編集：山田太郎", (), {"editing": ("山田太郎",)}),
        ("Ana Vidal, translated by Cy Doe", ("Ana Vidal",), {"translation": ("Cy Doe",)}),
        ("Translated from the French by Cy Doe", (), {"translation": ("Cy Doe",)}),
        ("Traduit de l'anglais par Jean Dupont", (), {"translation": ("Jean Dupont",)}),
        ("Ana Vidal, aus dem Englischen übersetzt von Bo Lind", ("Ana Vidal",), {"translation": ("Bo Lind",)}),
        ("Übersetzung: Bo Lind", (), {"translation": ("Bo Lind",)}),
        ("Ana Vidal. Additional reporting by Bo Lind", ("Ana Vidal",), {"reporting": ("Bo Lind",)}),
        ("Ana Vidal | Illustration: Bo Lind", ("Ana Vidal",), {"illustration": ("Bo Lind",)}),
    ],
)
def test_who_did_something_else(line: str, authors: tuple[str, ...], others: dict[str, tuple[str, ...]]) -> None:
    signed = read_bylines([line])
    assert (signed.people, dict(signed.others)) == (authors, others)


@pytest.mark.parametrize(
    ("part", "outlet", "expected"),
    [
        ("Harbour Bulletin", "Harbour Bulletin", True),
        ("The Harbour Bulletin", "Harbour Bulletin", True),
        ("harbour-bulletin", "harbour-bulletin.de", True),
        ("Harbour", "Harbour News", True),
        ("HBR NORTH", "hbr.de", True),
        ("Harbour D", "Harbour News", True),
        ("Ana Vidal", "Harbour News", False),
        ("Harbour Vidal", "Harbour News", False),
        ("Ana Vidal", "", False),
    ],
)
def test_the_outlet_signs_itself(part: str, outlet: str, expected: bool) -> None:
    assert is_outlet(part, outlet) is expected


def test_organizations_that_sign_are_kept() -> None:
    signed = read_bylines(["Ana Vidal, Reuters", "Harbour Bulletin"], "Harbour Bulletin")
    assert signed.organizations == ("Reuters", "Harbour Bulletin")


@pytest.mark.parametrize("line", ["Share", "MANILA", "The cartoon of the day", "Published on", "Read this story"])
def test_strictly_read_what_is_no_full_name_is_none(line: str) -> None:
    assert read_bylines([line], strict=True).people == ()


@pytest.mark.parametrize("line", [" " * 100_000, ", " * 5_000, "By " * 4_000, "Photo: " * 3_000])
def test_hostile_lines_are_read_in_bounded_time(line: str) -> None:
    start = time.process_time()
    read_bylines([line])
    assert time.process_time() - start < 0.5
