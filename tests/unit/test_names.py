"""Names outside the taxonomy: believed by frame, form or repetition; not by a capital alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.names import MAX_NAMES, find_names
from pipeline.tag import Tagger
from pipeline.taxonomy import load_taxonomy
from pipeline.tokens import Tokens
from pipeline.types import Article

TAGGER = Tagger(load_taxonomy(), names=True)


def names(text: str, title: str = "A headline", language: str = "en") -> dict[str, str]:
    """Printed name -> kind."""
    return {one.name: one.kind for one in find_names(Tokens(title, text), (), language)}


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("The plan was shown by Lt. Gen. Clara B. Quill on Monday.", "Clara B. Quill", "person"),
        ("Minister Osgood Fell left early.", "Osgood Fell", "person"),
        ("Later, CEO Ilka Brandt of the firm agreed.", "Ilka Brandt", "person"),
        ("It will not do, Mara Teal said.", "Mara Teal", "person"),
        ("Nobody asked Mara Teal, a former director of the port.", "Mara Teal", "person"),
        ("The work went to startup Quorvex, which builds radios.", "Quorvex", "org"),
        ("Workers of Quorvex, a maker of radios, went home.", "Quorvex", "org"),
        ("It was made by Quorvex Industries Inc. of Lindmark.", "Quorvex Industries Inc", "org"),
        ("They bought it from Hollow Tree Robotics last year.", "Hollow Tree Robotics", "org"),
        ("A paper of the Lindmark Institute of Tides says so.", "Lindmark Institute of Tides", "org"),
        ("She teaches at the University of Osterholm now.", "University of Osterholm", "org"),
        ("Guards of the 43rd Infantry Division marched.", "43rd Infantry Division", "org"),
        ("The Osterhavn-based team won.", "Osterhavn", "place"),
        ("They met in Osterhavn, Lindmark, on Friday.", "Osterhavn", "place"),
        ("Jets left Fort Quill at dawn.", "Fort Quill", "place"),
        ("Ships crossed the Strait of Quill at dawn.", "Strait of Quill", "place"),
        ("The crew fired the new XQ-99 over the range.", "XQ-99", "name"),
        ("Teams came for the Best Gunner Competition again.", "Best Gunner Competition", "name"),
    ],
)
def test_a_name_is_believed_by_what_it_is_or_stands_beside(text: str, name: str, kind: str) -> None:
    assert names(text).get(name) == kind


@pytest.mark.parametrize(
    "text",
    [
        "Yesterday it rained. Nothing happened. However, Bakers baked.",
        "On Monday the minister spoke in English about March.",
        "The President and the Prime Minister met. They agreed.",
        "WHOLLY IN CAPITALS STANDS THE QUORVEX ROBOTICS COMPANY",
        "He bought Smart things. Smart people like smart and Smart things.",
        "They sold Quorvex once.",
        "It happened in FY2026, says CVE-2026-1234.",
    ],
)
def test_a_capital_alone_makes_no_name(text: str) -> None:
    assert names(text) == {}


def test_a_word_seen_twice_inside_sentences_is_a_name() -> None:
    assert names("They sold Quorvex once, and then they sold Quorvex’s shares.") == {"Quorvex": "name"}


def test_a_surname_is_the_person_named_in_full() -> None:
    [one] = find_names(Tokens("A headline", "So says Gen. Jane Roe. But Roe left. Nobody saw Roe."), ())
    assert (one.id, one.name, one.count, one.kind) == ("name:jane-roe", "Jane Roe", 3, "person")
    assert [(at.start, at.end, at.in_title) for at in one.spans] == [(13, 21, False), (27, 30, False), (48, 51, False)]


def test_names_of_the_taxonomy_are_left_to_it() -> None:
    found = TAGGER.tag(Article("a", "", "", "s", "x", "The U.S. Army hired Osgood Fell and Lockheed Martin in Berlin."))
    ids = [one.id for one in found.entities]
    assert "name:osgood-fell" in ids and "org:lockheed-martin" in ids
    assert not {"name:army", "name:lockheed-martin", "name:berlin"} & set(ids)


def test_a_headline_counts_where_the_text_has_the_name() -> None:
    text = "So says Gen. Jane Roe."
    assert not names("", title="Jane Roe Leaves The Quorvex Tower")
    [one] = find_names(Tokens("Jane Roe Leaves The Tower", text), ())
    assert (one.count, one.in_title) == (2, True)
    assert names("", title="The harbour is left by Quorvex Robotics for good") == {"Quorvex Robotics": "org"}


def test_languages_that_write_capitals_otherwise_are_not_read() -> None:
    assert names("Der Minister Osgood Fell kauft Brot.", language="de") == {}


def test_names_are_bounded() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    text = " ".join(f"Gen. Mar{a} Quil{b} left." for a in letters for b in letters[:4])
    assert len(names(text)) == MAX_NAMES


def test_a_text_made_to_hurt_ends() -> None:
    assert "Jane Roe" in names("So says Gen. Jane Roe and " * 8000)
    assert len(names(" ".join(f"said Mar{n:05d}x and Mar{n:05d}x" for n in range(8000)))) <= MAX_NAMES
    assert names("A" * 200_000) == {}


@given(st.text(max_size=300), st.text("ABab. ,’'s-of1\n", max_size=300))
def test_never_raises_and_says_where_it_stands(one: str, two: str) -> None:
    words = Tokens("", one + two)
    for name in find_names(words, ()):
        assert (one + two)[name.spans[0].start : name.spans[0].end]
