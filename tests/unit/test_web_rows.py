"""A difference as rows: beside each paragraph what it was made of, and nothing of either text left out."""

from __future__ import annotations

import random
import re

import pytest

from web.comparing import Side, difference
from web.rows import Row, blocks, rows

TALKS = "Ministers from thirty countries agreed on Tuesday to limit autonomous weapons after days of talks in the city."
QUOTE = "“Nobody wants a machine to decide who lives,” the secretary, Ines Calder, told reporters outside the hall."
COST = "The programme will cost 12,000 crowns a year, and 340 inspectors will visit laboratories from early March."
PAST = "Earlier talks failed in the spring when four delegations walked out over the question of verification."
OWN = "Fishermen in our own harbour said that they had seen no inspector since the lighthouse burned down in June."
ALL = (TALKS, QUOTE, COST, PAST, OWN)


def made(old: str, new: str) -> list[Row]:
    return rows(difference(Side("a", "A", None, "T", old), Side("b", "B", None, "T", new), "en"))


def text(row: Row, side: str, *marks: str) -> str:
    return "".join(run.text for run in getattr(row, side) if run.mark in marks)


def paragraphs(*some: str) -> str:
    return "\n\n".join(some)


def test_each_paragraph_stands_beside_its_own() -> None:
    found = made(paragraphs(TALKS, QUOTE, PAST), paragraphs(TALKS, QUOTE, PAST))
    assert [row.kind for row in found] == ["kept"] * 3
    assert [text(row, "old", "") for row in found] == [text(row, "new", "") for row in found] == [TALKS, QUOTE, PAST]


def test_words_exchanged_are_marked_in_both() -> None:
    [_, row] = made(paragraphs(TALKS, COST), paragraphs(TALKS, COST.replace("340", "410")))
    assert row.kind == "changed"
    assert text(row, "old", "del") == text(row, "new", "del") == "340" and text(row, "new", "ins") == "410"
    assert text(row, "old", "", "del") == COST and "340 410 inspectors" in text(row, "new", "", "del", "ins")


def test_paragraphs_cut_and_added_have_rows_of_their_own() -> None:
    found = made(paragraphs(TALKS, QUOTE, COST, PAST), paragraphs(TALKS, COST, OWN, PAST))
    assert [row.kind for row in found] == ["kept", "cut", "kept", "added", "kept"]
    assert text(found[1], "old", "del") == text(found[1], "new", "del") == QUOTE
    assert found[3].old == () and text(found[3], "new", "ins") == OWN


def test_a_sentence_cut_within_a_paragraph_stays_in_it() -> None:
    [row] = made(f"{TALKS} {QUOTE} {COST}", f"{TALKS} {COST}")
    assert row.kind == "changed" and text(row, "old", "del") == QUOTE
    assert text(row, "new", "", "del") == f"{TALKS} {QUOTE} {COST}"


def test_what_moved_says_where_it_stood() -> None:
    found = made(paragraphs(TALKS, QUOTE, COST, PAST), paragraphs(PAST, TALKS, QUOTE, COST))
    [moved] = [row for row in found if row.kind == "moved"]
    assert text(moved, "old", "") == text(moved, "new", "") == PAST
    assert moved.notes == ("moved: paragraph 4 of the other text",)


def test_paragraphs_joined_and_split_are_no_change() -> None:
    joined = made(paragraphs(TALKS, QUOTE, COST), paragraphs(f"{TALKS} {QUOTE}", COST))
    assert [(row.kind, text(row, "old", "")) for row in joined] == [("kept", paragraphs(TALKS, QUOTE)), ("kept", COST)]
    split = made(f"{TALKS} {QUOTE} {COST}", paragraphs(TALKS, QUOTE, COST))
    assert [(row.kind, text(row, "old", "")) for row in split] == [("kept", one) for one in (TALKS, QUOTE, COST)]


def test_texts_without_anything_in_common() -> None:
    assert {row.kind for row in made(paragraphs(TALKS, QUOTE), OWN)} == {"cut", "added"}
    assert [row.kind for row in made("", OWN)] == ["added"] and [row.kind for row in made(OWN, "")] == ["cut"]


def test_long_stretches_without_a_change_are_folded() -> None:
    same = [f"{TALKS} It was day {number} of the talks." for number in ("one", "two", "three", "four", "five", "six")]
    found = blocks(made(paragraphs(*ALL, *same), paragraphs(*ALL, *same, "A line that is new to all who read it.")))
    assert [(len(one.rows), one.folded) for one in found] == [(10, True), (2, False)]
    assert [one.folded for one in blocks(made(paragraphs(*ALL), paragraphs(*ALL)))] == [False]


@pytest.mark.parametrize("seed", range(40))
def test_no_word_of_either_text_is_lost(seed: int) -> None:
    chance = random.Random(seed)
    old = [one for one in ALL if chance.random() < 0.8]
    new = list(old)
    chance.shuffle(new) if chance.random() < 0.5 else None
    new = [_edited(one, chance) for one in new if chance.random() < 0.8] + ["Follow us for more on this story."]
    a, b = (paragraphs(*some) if chance.random() < 0.7 else " ".join(some) for some in (old, new))
    found = made(a, b)
    assert sorted(_words("".join(f"{text(row, 'old', '', 'del', 'aside')} " for row in found))) == sorted(_words(a))
    assert _words("".join(f"{text(row, 'new', '', 'ins', 'aside')} " for row in found)) == _words(b)


def _edited(paragraph: str, chance: random.Random) -> str:
    words = paragraph.split()
    for _ in range(chance.randrange(4)):
        at = chance.randrange(len(words))
        words[at : at + chance.randrange(3)] = chance.choice(([], ["harbour"], ["two", "words\n\nmore"]))
    return " ".join(words)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)
