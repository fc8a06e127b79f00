"""What was done to a text: kept, moved, cut, added, and the small edits within."""

from __future__ import annotations

import random

import pytest

from pipeline.edits import Act, compare
from pipeline.sentences import sentences

LEAD = (
    "Ministers from thirty countries agreed on Tuesday to limit the use of autonomous weapons, "
    "after two days of talks in the harbour town of Velmouth."
)
QUOTE = "“Nobody wants a machine to decide who lives,” the secretary, Ines Calder, told reporters outside the hall."
FIGURES = "The programme will cost 12,000 crowns a year, and 340 inspectors will visit laboratories from March 3."
HISTORY = "Earlier talks failed in the spring when four delegations walked out over the question of verification."
OTHER = "The ferry to the northern islands was delayed by fog, and three hundred passengers spent a night on board."
TEXT = "\n\n".join((LEAD, QUOTE, FIGURES, HISTORY))


def told(a: str, b: str) -> list[tuple[Act, str]]:
    """Each piece as its kind and its words: those of the first text when they are gone from the second."""
    return [
        (piece.act, a[piece.a : piece.a_end] if piece.act is Act.CUT else b[piece.b : piece.b_end])
        for piece in compare(a, b).pieces
    ]


def test_what_is_cut_stands_where_it_is_missing() -> None:
    assert told(TEXT, f"{LEAD}\n\n{FIGURES}\n\n{HISTORY}") == [
        (Act.KEPT, LEAD),
        (Act.CUT, QUOTE),
        (Act.KEPT, f"{FIGURES}\n\n{HISTORY}"),
    ]


def test_what_is_added_is_told_with_its_dateline() -> None:
    new = f"VELMOUTH (Reuters) - {TEXT}\n\n{OTHER}"
    found = compare(TEXT, new)
    assert [act for act, _ in told(TEXT, new)] == [Act.ADDED, Act.KEPT, Act.ADDED]
    [added] = found.passages(Act.ADDED)
    assert new[added.b : added.b_end] == OTHER, "a dateline is too short for a passage"
    assert found.count(Act.ADDED) == added.words + 2


def test_a_moved_paragraph_is_neither_cut_nor_added() -> None:
    new = f"{LEAD}\n\n{FIGURES}\n\n{HISTORY}\n\n{QUOTE}"
    assert [act for act, _ in told(TEXT, new)] == [Act.KEPT, Act.KEPT, Act.MOVED]
    assert told(TEXT, new)[2][1].startswith("“Nobody wants")


def test_small_edits_are_told_within_what_was_kept() -> None:
    new = TEXT.replace("12,000", "14,000").replace("told reporters", "said").replace("in the spring ", "")
    [piece] = compare(TEXT, new).pieces
    edits = [(TEXT[edit.a : edit.a_end], new[edit.b : edit.b_end]) for edit in piece.edits]
    assert edits == [("told reporters", "said"), ("12,000", "14,000"), ("in the spring", "")]


def test_house_style_is_no_edit() -> None:
    new = TEXT.replace("“", '"').replace("”", '"').replace("programme", "program")
    new = new.replace("12,000", "12000").replace("March 3", "3 March")
    [piece] = compare(TEXT, new).pieces
    assert (piece.act, piece.edits) == (Act.KEPT, ())


@pytest.mark.parametrize(("a", "b"), [("", ""), ("", TEXT), (TEXT, ""), ("…", "—"), (TEXT, OTHER)])
def test_texts_with_nothing_in_common(a: str, b: str) -> None:
    found = compare(a, b)
    words = [any(sign.isalnum() for sign in text) for text in (a, b)]
    assert [piece.act for piece in found.pieces] == [
        act for act, has in zip((Act.CUT, Act.ADDED), words, strict=True) if has
    ]


def test_pieces_cover_every_word_of_both_texts_once() -> None:
    dice = random.Random(11)
    stock = [LEAD, QUOTE, FIGURES, HISTORY, OTHER]
    for _ in range(40):
        a = "\n\n".join(dice.sample(stock, dice.randint(1, 5)))
        b = " ".join(dice.sample(stock, dice.randint(1, 5)))
        pieces = compare(a, b).pieces
        for side, text in (("a", a), ("b", b)):
            covered = [0] * len(text)
            for piece in pieces:
                for at in range(getattr(piece, side), getattr(piece, f"{side}_end")):
                    covered[at] += 1
            assert all(covered[at] == 1 for at, sign in enumerate(text) if sign.isalnum())
        assert [piece.b for piece in pieces] == sorted(piece.b for piece in pieces)


@pytest.mark.parametrize("unit", ["word ", "文", "a b c d ", "one two three. "])
def test_hostile_repetition_ends(unit: str) -> None:
    long = unit * (200_000 // len(unit))
    assert compare(long, TEXT + long).pieces


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Mr. Hill left. He ran.", ["Mr. Hill left.", "He ran."]),
        ("The U.S. Army paid $1.5 billion. “No!” she said.", ["The U.S. Army paid $1.5 billion.", "“No!” she said."]),
        ("It ended at 5 p.m. on Feb. 24. Then?", ["It ended at 5 p.m. on Feb. 24.", "Then?"]),
        ("No stop\n\nAnother", ["No stop", "Another"]),
        ("彼は言った。次の文。", ["彼は言った。", "次の文。"]),
        ("", []),
        (" \n…\n ", ["…"]),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text: str, parts: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == parts


def test_words_alike_at_both_ends_of_a_cut_go_with_their_paragraph() -> None:
    """The first word of a paragraph that was cut may be that of the next, and the last that of the one before."""
    paragraphs = [
        "Ministers from thirty countries agreed on Tuesday to limit the use of weapons, the envoy said.",
        "The programme will cost 12,000 crowns a year and send inspectors to laboratories, the envoy said.",
        "The harbour town of Velmouth was chosen for its hall and its quiet hotels by the sea.",
    ]
    whole, cut = "\n\n".join(paragraphs), f"{paragraphs[0]}\n\n{paragraphs[2]}"
    assert told(whole, cut) == [(Act.KEPT, paragraphs[0]), (Act.CUT, paragraphs[1]), (Act.KEPT, paragraphs[2])]
    assert told(cut, whole) == [(Act.KEPT, paragraphs[0]), (Act.ADDED, paragraphs[1]), (Act.KEPT, paragraphs[2])]
    swapped = "\n\n".join((paragraphs[2], paragraphs[1], paragraphs[0]))
    assert sorted(text for _, text in told(whole, swapped)) == sorted(paragraphs)
