"""An outlet's own selectors: what they cut, what they narrow, and that they stand back where they find nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import html

from pipeline.extract import extract
from pipeline.rules import apply, field, fields, selector
from pipeline.types import Article, Fetched, FetchTask, Kind, Known, Rules, Source

PAGES = Path(__file__).parent.parent / "data" / "pages"
URL = "https://brine.example/2026/pilots"
BRINE = Source("brine", "Brine Weekly", "NL", "en", "https://brine.example/")
RULES = Rules(body=".x2", remove=(".promo",), title=".hl", authors="//meta[@name='who']/@content")


def read(rules: Rules) -> Article:
    body = (PAGES / "ruled.html").read_bytes()
    page = Fetched(FetchTask(URL, "brine", Kind.PAGE), URL, 200, {}, body, datetime(2026, 3, 1, tzinfo=UTC))
    return extract(page, None, replace(BRINE, rules=rules))


def test_a_page_that_only_its_outlets_rules_can_read() -> None:
    article = read(RULES)
    assert article.title == "Pilots refuse to share the bridge with a machine"
    assert article.authors == ("Ida Holt", "Sem Okker")
    paragraphs = article.text.split("\n\n")
    assert [paragraph.split()[0] for paragraph in paragraphs] == ["The", "The", "A"]
    assert "mug" not in article.text and "Elsewhere" not in article.text
    assert article.known["title"] == article.known["authors"] == Known("rule of the source", 0.95)


def test_the_page_is_indeed_too_much_for_the_general_reader() -> None:
    article = read(Rules())
    assert article.title != "Pilots refuse to share the bridge with a machine"
    assert article.authors == ()


def test_rules_that_find_nothing_leave_the_page_as_it_was() -> None:
    assert read(Rules(".gone", (".gone",), ".gone", ".gone")) == read(Rules())


def test_removing_keeps_what_follows() -> None:
    tree = html.document_fromstring("<p>one <b>two</b> three <i>four</i></p>")
    assert apply(tree, Rules(remove=("b", "//i"))).text_content().split() == ["one", "three"]


def test_bodies_inside_each_other_are_taken_once() -> None:
    tree = html.document_fromstring("<div><div>a<p>b</p></div></div><p>c</p>")
    narrowed = apply(tree, Rules(body="div, p"))
    assert narrowed.text_content() == "abc"
    assert tree.text_content() == "abc", "the page itself stays"


def test_fields_are_lines_each_once() -> None:
    tree = html.document_fromstring("<p> a\n<b>b</b> </p><p>a b</p><p> </p><p x='c'>d</p>")
    assert fields(tree, "p") == ["a b", "d"]
    assert field(tree, "//p/@x") == "c"
    assert field(tree, "(string(//p[@x]))") == "d"
    assert fields(tree, "(count(//p))") == fields(tree, "") == []


@pytest.mark.parametrize("text", ["p >", "//p[", "p::before:", "", "(//p", "//p[unknown()]"])
def test_what_is_no_selector_says_so_or_finds_nothing(text: str) -> None:
    tree = html.document_fromstring("<p>a</p>")
    try:
        selector(text)
    except ValueError as error:
        assert str(error).startswith("is not")
    else:
        assert fields(tree, text) == []
