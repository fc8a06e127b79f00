"""The headline as printed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import fromstring

from pipeline.headline import Heading, headline, read_heading, without_site
from pipeline.html import parse
from pipeline.metadata import read_metadata

SITE = "Halva Herald"


def title(h1s: list[str], declared: str = "", og: str = "", element: str = "", site: str = "") -> str:
    claims = [("json-ld", declared), ("meta", og), ("title element", element)]
    return headline([Heading(h) for h in h1s], claims, [site] if site else []).text


@pytest.mark.parametrize(
    ("h1s", "declared", "og", "element", "expected"),
    [
        (["The story"], "The story", "", "", "The story"),
        (["The Story’s End"], "The story's end", "", "", "The Story’s End"),
        ([SITE], "", "The story", "The story | Halva Herald", "The story"),
        ([], "", "", "The story - Halva Herald", "The story"),
        ([], "", "Drones - a short history", "", "Drones - a short history"),
        (["World", "The story"], "The story", "", "", "The story"),
        ([], "", "", "", ""),
        ([], "", "Harbour opens｜Halva Herald", "", "Harbour opens"),
        ([], "", "Harbour opens：Halva Herald", "", "Harbour opens"),
        # an h1 that is the title element's, and the same headline without its search words in a meta element
        (
            ["Port buys four boats that steer themselves in the fjord"], "",
            "Port buys four boats that steer themselves",
            "Port buys four boats that steer themselves in the fjord | Halva Herald",
            "Port buys four boats that steer themselves",
        ),
        # the h1 outranks what is written for search engines
        (["Harbour lab keeps its line"], "Harbour lab line 2026", "", "", "Harbour lab keeps its line"),
        (["Navigation"], "Harbour lab keeps its line", "", "", "Harbour lab keeps its line"),
        # a kicker run together with its headline; a kicker that only the claim has; one that only the page has
        (["Navy Drones sail alone"], "Navy: Drones sail alone", "", "", "Navy: Drones sail alone"),
        (["Drones sail alone again"], "Navy: Drones sail alone again", "", "", "Navy: Drones sail alone again"),
        (["Opinion Drones sail alone again"], "Drones sail alone again", "", "", "Drones sail alone again"),
    ],
)  # fmt: skip
def test_headline(h1s: list[str], declared: str, og: str, element: str, expected: str) -> None:
    assert title(h1s, declared, og, element, SITE) == expected


def test_an_h1_in_the_breadcrumb_trail_is_for_search_engines() -> None:
    page = """<html><head><title>Drones navy harbour 2026</title>
      <meta property="og:title" content="The navy lets its drones sail alone"></head><body>
      <ol class="breadcrumb"><li><a href="/">Home</a></li><li><h1>Drones navy harbour 2026</h1></li></ol>
      <h2><span class="kicker">Sea</span> <span>The navy lets its drones sail alone</span></h2></body></html>"""
    meta = read_metadata(parse(page.encode()))
    assert (meta.title, meta.title_how) == ("The navy lets its drones sail alone", "heading")
    assert meta.title_confidence > 0.9


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<div><h1>A story</h1></div>", Heading("A story")),
        ("<nav><h1>A story</h1></nav>", Heading("A story", trail=True)),
        ("<div><a>World</a><h1>A story</h1></div>", Heading("A story", trail=True)),
        ("<div><h1 data-breadcrumb-headline='1'>A story</h1></div>", Heading("A story", trail=True)),
        ("<div><h2>A <b>sto\u00adry</b></h2></div>", Heading("A story", level=2)),
        ("<div><h1><span>Kicker</span><div>A story</div></h1></div>", Heading("A story", bare=True)),
        ("<div><h1><span>Kicker</span><span>A story</span></h1></div>", Heading("Kicker A story")),
    ],
)
def test_headings(markup: str, expected: Heading) -> None:
    element = next(fromstring(markup).iter("h1", "h2"))
    assert read_heading(element) == expected


@pytest.mark.parametrize(
    ("text", "site", "expected"),
    [
        ("A | B | Halva Herald", SITE, "A | B"),
        ("A – Halva Herald", SITE, "A"),
        ("Halva Herald | The long story", SITE, "The long story"),
        ("Anti-drone test", "Test", "Anti-drone test"),
        ("A | Halva Herald", "", "A | Halva Herald"),
        ("", "", ""),
        ("Prairie Sentinel: Wheat closes down 7 cents", "Prairie Sentinel", "Wheat closes down 7 cents"),
        ("Pentagon: no comment", "Prairie Sentinel", "Pentagon: no comment"),
        ("Drones - AI", "The Daily Bulletin", "Drones - AI"),  # "ai" is in "daily"
        ("Drones * Halva Herald", SITE, "Drones"),
    ],
)
def test_without_site(text: str, site: str, expected: str) -> None:
    assert without_site(text, site) == expected


def test_what_agrees_with_nothing_is_less_sure() -> None:
    sure = headline([Heading("One story here")], [("meta", "One story here")], [])
    retold = headline([Heading("A harbour laboratory speaks about drones")], [("meta", "What the laboratory said")], [])
    declared = headline([], [("json-ld", "One story here")], [])
    assert sure.confidence > declared.confidence > retold.confidence > 0
    assert headline([], [], []).confidence == 0


@given(st.lists(st.text(max_size=40), max_size=4), st.text(max_size=60), st.text(max_size=60), st.text(max_size=20))
def test_never_raises(h1s: list[str], declared: str, og: str, site: str) -> None:
    assert isinstance(title(h1s, declared, og, "", site), str)
