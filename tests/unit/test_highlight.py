"""What matched is marked, whatever the back end."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.highlight import Marked, snippets
from search.parse import parse

TITLE = "Navy tests autonomous boats"
TEXT = (
    "The harbour was quiet on Monday.\n\nTwo autonomous weapons were shown by Ms Müller, who leads the Pentagon's "
    "boat office. " + "Nothing of note was said for a long while. " * 20 + "Then the U.S. admiral spoke of drones. "
    "人工智能技术很重要。"
)


def shown(marked: Marked) -> str:
    text = marked.text
    for start, end in reversed(marked.spans):
        text = f"{text[:start]}[{text[start:end]}]{text[end:]}"
    return text


def marks(query: str, text: str = TEXT, title: str = TITLE, language: str = "en") -> list[str]:
    """What is marked, of title and fragments."""
    found = snippets(parse(query), title, text, language=language)
    return [piece.text[start:end] for piece in (found.title, *found.fragments) for start, end in piece.spans]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("boat", ["boats", "boat"]),
        ("=boat", ["boat"]),
        ("muller", ["Müller"]),
        ("MÜLLER", ["Müller"]),
        ("pentagon", ["Pentagon"]),
        ("US", ["U.S."]),
        ("auto*", ["autonomous", "autonomous"]),
        ('"autonomous weapon"', ["autonomous weapons"]),
        ('="autonomous weapon"', []),
        ('"weapon autonomous"', []),
        ("autonomous-weapon", ["autonomous weapons"]),
        ("title:autonomous", ["autonomous"]),
        ("body:drone", ["drones"]),
        ("title:drone", []),
        ("drone -boat", ["drones"]),
        ("drone NOT (harbour OR boat)", ["drones"]),
        ("智能", ["智能"]),
        ("技", ["技"]),
        ("人工智能技术", ["人工智能技术"]),
        ("autonomous weapons", ["autonomous", "autonomous", "weapons"]),
        ("admiral NEAR/3 drone", ["admiral", "drones"]),
        ("drone NEAR/2 admiral", ["admiral", "drones"]),
        ("admiral NEAR/1 drone", []),
        ("boat NEAR/1 navy", []),
        ("boat NEAR/2 navy", ["Navy", "boats"]),
        ("title:(tests NEAR/1 autonomous)", ["tests", "autonomous"]),
        ("body:(navy NEAR/2 boat)", []),
        ('"autonomous weapon" NEAR/4 muller', ["autonomous weapons", "Müller"]),
        ("人工 NEAR/2 技术", ["人工", "技术"]),
        ("人工 NEAR/1 技术", []),
        ("-(admiral NEAR/3 drone)", []),
        ('"us admiral drone"~2', ["U.S.", "admiral", "drones"]),
        ('"us admiral drone"~1', []),
        ('"drone admiral"~4', []),
        ('="two weapons"~1', ["Two", "weapons"]),
        ('="two weapon"~1', []),
        ("country:SG copies:>1 search:x", []),
        ("", []),
    ],
)
def test_marks(query: str, expected: list[str]) -> None:
    assert marks(query) == expected


def test_only_words_that_stand_near_are_marked() -> None:
    text = "Drones were seen here. A navy there. Far off stood the drone of a navy, and the navy of a drone."
    assert marks("drone NEAR/2 navy", text, "") == ["drone", "navy", "navy", "drone"]
    assert marks('"drone navy"~2', text, "") == ["drone", "navy"]
    assert marks("drone NEAR/3 drone", text, "") == []


def test_other_languages_are_not_stemmed() -> None:
    assert marks("boat", language="fr") == ["boat"]


def test_fragments_show_different_words_in_the_order_of_the_text() -> None:
    found = snippets(parse("drones weapons"), TITLE, TEXT)
    assert [shown(piece) for piece in found.fragments] == [
        "The harbour was quiet on Monday.  Two autonomous [weapons] were shown by Ms Müller, who leads the "
        + "Pentagon's boat office. "
        + "Nothing of note was said for a long while. " * 2
        + "Nothing of note was said for a",
        "Then the U.S. admiral spoke of [drones]. 人工智能技术很重要。",
    ]
    assert [(piece.cut_before, piece.cut_after) for piece in found.fragments] == [(False, True), (True, False)]
    assert all(len(piece.text) <= 240 for piece in found.fragments)


def test_one_fragment_when_it_shows_all() -> None:
    assert len(snippets(parse("harbour weapons"), TITLE, TEXT).fragments) == 1
    assert len(snippets(parse("nothing"), TITLE, TEXT).fragments) == 1


def test_the_beginning_when_nothing_in_the_text_matched() -> None:
    (lead,) = snippets(parse("title:navy"), TITLE, TEXT).fragments
    assert lead.text.startswith("The harbour was quiet on Monday.  Two") and not lead.spans and not lead.cut_before


def test_no_text_no_fragment() -> None:
    assert snippets(parse("navy"), TITLE, "").fragments == ()
    assert snippets(parse("navy"), TITLE, TEXT, most=0).fragments == ()


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(["drone ", "drones. ", "Müller’s\n\n", "人工智能", "a ", "x" * 50 + " ", "U.S. "]), max_size=60
    ),
    st.sampled_from(["drone", '"drone drones"', "人工 OR muller", "工", "xx*", "us a", "drone -a"]),
    st.integers(1, 80),
    st.integers(0, 4),
)
def test_pieces_are_cut_from_the_text(words: list[str], query: str, width: int, most: int) -> None:
    text = "".join(words)
    found = snippets(parse(query), text, text, width=width, most=most)
    flat = text.replace("\n", " ")
    assert found.title.text == text
    assert len(found.fragments) <= most
    last = 0
    for piece in found.fragments:
        assert flat[piece.start : piece.start + len(piece.text)] == piece.text
        assert piece.start >= last and len(piece.text) <= width
        last = piece.start + len(piece.text)
    for piece in (found.title, *found.fragments):
        flat_spans = [place for span in piece.spans for place in span]
        assert flat_spans == sorted(flat_spans) and all(0 <= place <= len(piece.text) for place in flat_spans)


def test_a_long_text_full_of_matches_ends() -> None:
    """Work that grew with the square of the matches would take minutes here."""
    shown = snippets(parse('the "drone of" dr*'), TITLE, "the drone of the drones " * 20_000)
    assert all(piece.spans for piece in shown.fragments)
