"""What turns or hides text goes, what scripts need stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.controls import all_without_controls, without_controls
from tests.hostile_texts import TURNING

OPENING, POP, ISOLATES, POP_ISOLATE = "\u202a\u202b\u202d\u202e", "\u202c", "\u2066\u2067\u2068", "\u2069"
TURNS = OPENING + POP + ISOLATES + POP_ISOLATE


def open_at_the_end(line: str) -> list[str]:
    """What of a line would go on behind it, and what of it closes something before it, by UAX #9, X1 to X8."""
    begun: list[str] = []
    stray: list[str] = []
    for char in line:
        if char in OPENING + ISOLATES:
            begun.append(char)
        elif char == POP:
            if begun and begun[-1] in OPENING:
                begun.pop()
            else:
                stray.append(char)
        elif char == POP_ISOLATE:
            if any(one in ISOLATES for one in begun):
                while begun.pop() not in ISOLATES:
                    pass
            else:
                stray.append(char)
    return begun + stray


@pytest.mark.parametrize(
    "text",
    [
        "שלום עולם!\u200f",  # a mark that puts the exclamation mark where it belongs
        "\u200fAI בצה״ל",
        "גרסה \u202a3.2 (beta)\u202c של Wirewatch",
        "חדש: \u2066C++\u2069 ו\u2067אב\u2068c\u2069\u2069",
        "مرحبا \u061c(1)",
        "می\u200cخواهم",  # Persian needs the non-joiner
        "क्\u200dष",  # Devanagari the joiner
        "👩\u200d🚀 ❤\ufe0f",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f wins",
        "การ\u200bทดสอบ",  # Thai words parted for whoever breaks lines
        "Donau\u00addampf\u2060schiff",
        "東京\U000e0100",
        "tab\tand\nline",
    ],
)
def test_what_a_script_needs_stays(text: str) -> None:
    assert without_controls(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("order \u202egpj.exe", "order gpj.exe"),
        ("a \u202eb\u202c c", "a b c"),
        ("a\u200f (b)\u200e \u2066c\u2069", "a (b) c"),  # nothing in it runs right to left
        ("שלום \u202eעולם\u202c", "שלום עולם"),  # an override is never needed
        ("שלום \u202bעולם", "שלום עולם"),
        ("שלום \u2067\u202bעולם\u2069\u202c", "שלום \u2067עולם\u2069"),
        ("שלום\u2069\u202c", "שלום"),
        ("שלום \u202bעולם\nשלום\u202c", "שלום עולם\nשלום"),  # no pair reaches over the end of a line
        ("\ufeffDr\u200bones\u2063", "Drones"),
        ("hi\U000e0041\U000e0042 🏴", "hi 🏴"),
        ("a\ufffeb\uffff", "ab"),
    ],
)
def test_what_turns_or_hides_goes(text: str, left: str) -> None:
    assert without_controls(text) == left
    assert all_without_controls((text, "\u202e \u200b")) == (left,)


@pytest.mark.parametrize("text", TURNING)
def test_hostile_texts_turn_nothing_behind_them(text: str) -> None:
    assert open_at_the_end(text) or without_controls(text) != text
    assert not open_at_the_end(without_controls(text))


@given(st.text(st.sampled_from(TURNS + "aא1\u200f"), max_size=40))
def test_whatever_was_in_it_a_line_is_balanced_and_keeps_its_letters(text: str) -> None:
    told = without_controls(text)
    assert not open_at_the_end(told)
    assert without_controls(told) == told
    assert [one for one in told if one in "aא1"] == [one for one in text if one in "aא1"]


def test_deep_nesting_is_matched_too() -> None:
    """Of 100,000 isolates, each with an embedding that is not closed in it."""
    told = without_controls("א" + "\u2067\u202b" * 100_000 + "\u2069" * 200_000)
    assert told == "א" + "\u2067" * 100_000 + "\u2069" * 100_000
