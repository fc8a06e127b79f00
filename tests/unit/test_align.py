"""Passages in common, whatever a newsroom did to a text."""

from __future__ import annotations

import itertools
import random

import pytest

from pipeline.align import NOTHING, Span, align, align_words, pack, unpack
from pipeline.words import read_words

LEAD = (
    "Ministers from thirty countries agreed on Tuesday to limit the use of autonomous weapons, "
    "after two days of talks in the harbour town of Velmouth."
)
QUOTE = (
    "“Nobody wants a machine to decide who lives,” the organisation’s secretary, Ines Calder, "
    "told reporters outside the hall."
)
FIGURES = "The programme will cost 12,000 crowns a year, and 340 inspectors will visit laboratories from March 3."
HISTORY = "Earlier talks failed in the spring when four delegations walked out over the question of verification."
OTHER = "The ferry to the northern islands was delayed by fog, and three hundred passengers spent a night on board."
TEXT = "\n\n".join((LEAD, QUOTE, FIGURES, HISTORY))


def cut_to(text: str, spans: tuple[Span, ...], side: str) -> list[str]:
    return [text[span.a : span.a_end] if side == "a" else text[span.b : span.b_end] for span in spans]


def test_a_text_is_wholly_in_itself() -> None:
    found = align(TEXT, TEXT)
    assert found.spans == (Span(0, len(TEXT) - 1, 0, len(TEXT) - 1),)  # the full stop is no word
    assert (found.a_in_b, found.b_in_a) == (1.0, 1.0)


def test_house_style_does_not_part_a_passage() -> None:
    restyled = (
        TEXT.replace("“", '"').replace("”", '"').replace("’", "'").replace("organisation", "organization")
        .replace("harbour", "harbor").replace("programme", "program").replace("12,000", "12000")
        .replace("March 3", "3 March").replace("told reporters", "said")
    )  # fmt: skip
    found = align(TEXT, restyled)
    assert len(found.spans) == 1
    assert found.a_in_b > 0.97
    assert found.b_in_a > 0.97


def test_a_trim_inside_a_paragraph_ends_a_span() -> None:
    long = f"{LEAD} {OTHER} {QUOTE}"
    found = align(long, f"{LEAD} {QUOTE}")
    assert [text.strip(" ,.“") for text in cut_to(long, found.spans, "a")] == [LEAD.strip("."), QUOTE.strip("“.")]


def test_moved_and_reflowed_paragraphs_are_found() -> None:
    moved = f"{HISTORY} {LEAD}\n\n{FIGURES}\n\n{QUOTE}"
    found = align(TEXT, moved)
    assert (found.a_in_b, found.b_in_a) == (1.0, 1.0)
    assert list(found.spans) == sorted(found.spans)
    assert [span.b for span in found.spans] != sorted(span.b for span in found.spans)


def test_what_is_padded_is_in_no_span() -> None:
    padded = f"{LEAD}\n\n{OTHER}\n\n{QUOTE}"
    found = align(TEXT, padded)
    at = padded.index(OTHER)
    assert all(span.b_end <= at or span.b >= at + len(OTHER) for span in found.spans)
    assert found.b_in_a == pytest.approx(1 - len(OTHER.split()) / len(padded.split()), abs=0.02)


def test_a_text_printed_twice_is_still_a_copy() -> None:
    assert align(TEXT, f"{TEXT}\n\n{TEXT}").a_in_b == 1.0
    assert align(f"{TEXT}\n\n{TEXT}", TEXT).a_in_b == pytest.approx(0.5, abs=0.01)


def test_furniture_is_no_part_of_a_text() -> None:
    found = align(TEXT, f"Sign up now: Get our newsletters\n\n{TEXT}\n\nAdvertisement")
    assert found.b_in_a == 1.0


def test_a_name_alone_is_no_passage() -> None:
    name = "the Velmouth Office for Machines"
    assert align(f"On Monday {name} opened its doors.", f"A new director will lead {name} from June.") == NOTHING


@pytest.mark.parametrize(
    "text",
    [
        "政府は火曜日、自律型兵器の使用を制限する新しい条約に署名したと発表した。関係者によると、交渉は二日間続いた。",
        "รัฐบาลประกาศเมื่อวันอังคารว่าได้ลงนามในสนธิสัญญาฉบับใหม่เพื่อจำกัดการใช้อาวุธอัตโนมัติในสนามรบทั่วโลก",
    ],
    ids=["ja", "th"],
)
def test_languages_without_spaces_are_read_by_characters(text: str) -> None:
    found = align(text, f"{text[:30]}\n\n{text[30:]}")
    assert found.a_in_b == 1.0
    assert align(text, TEXT) == align(TEXT, text) == NOTHING


def test_accents_set_apart_and_soft_hyphens_do_not_matter() -> None:
    plain = "Le ministre délégué a évoqué à Valmer une réforme très étendue des armées et de leurs systèmes"
    marked = plain.replace("é", "e\u0301").replace("réforme", "ré\u00adforme").replace("ministre", "minis\u00adtre")
    assert align(plain, marked).a_in_b == 1.0


@pytest.mark.parametrize(
    "text", ["", " \n\n ", "…", "Fog", "one two", "Sign up now", "\ud800 \u0301\u0301", "ﬁ 1,2,3,"]
)
def test_texts_that_are_next_to_none(text: str) -> None:
    assert align(text, TEXT) == align(TEXT, text) == align(text, text) == NOTHING


@pytest.mark.parametrize("unit", ["word ", "文", "a b ", "sign up\n", "12.5 ", "'a", "x", "\n"])
def test_hostile_repetition_ends(unit: str) -> None:
    long = unit * (200_000 // len(unit))
    found = align(long, long + "end")
    assert len(found.spans) <= 1
    assert align(long, TEXT) == NOTHING


def test_spans_never_overlap_and_lie_inside_the_texts() -> None:
    dice = random.Random(7)
    words = [f"{a}{b}" for a in ("bar", "fen", "lom", "tur", "wex") for b in ("en", "ic", "or", "ast", "um")]
    for _ in range(60):
        a = [dice.choice(words) for _ in range(200)]
        at = sorted(dice.sample(range(200), 6))
        pieces = [a[at[k] : at[k + 1]] for k in range(5)]
        dice.shuffle(pieces)
        b = [word if dice.random() > 0.1 else dice.choice(words) for piece in pieces for word in piece]
        text_a, text_b = " ".join(a), " ".join(b)
        found = align(text_a, text_b)
        assert 0 <= found.a_in_b <= 1
        for side, text in (("a", text_a), ("b", text_b)):
            places = sorted((getattr(s, side), getattr(s, f"{side}_end")) for s in found.spans)
            assert all(0 <= start < end <= len(text) for start, end in places)
            assert all(before[1] <= after[0] for before, after in itertools.pairwise(places))


def test_texts_already_read_give_the_same() -> None:
    short = f"{LEAD}\n\n{HISTORY}"
    assert align_words(read_words(TEXT), read_words(short)) == align(TEXT, short)


def test_packed_spans_come_back() -> None:
    spans = align(TEXT, f"{HISTORY}\n\n{OTHER}\n\n{LEAD}").spans
    assert len(spans) == 2
    assert unpack(pack(spans)) == spans
    assert len(pack(spans)) <= 16
    assert unpack(pack(())) == ()
    assert unpack(pack([Span(0, 200_000, 199_999, 399_999)])) == (Span(0, 200_000, 199_999, 399_999),)


@pytest.mark.parametrize(
    "packed", [b"\x80", b"\x01", b"\x01\x02\x03\x04\x05", b"\xff" * 12 + b"\x01" + b"\x01\x01\x01"]
)
def test_bytes_that_are_no_spans_are_refused(packed: bytes) -> None:
    with pytest.raises(ValueError, match="packed spans"):
        unpack(packed)
