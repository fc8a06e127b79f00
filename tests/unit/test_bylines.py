"""Where pages print their authors, and which of their claims wins."""

from __future__ import annotations

import pytest

from pipeline.bylines import page_bylines, printed_dates, signed
from pipeline.html import parse, strip
from pipeline.metadata import read_metadata

LD = '<script type="application/ld+json">{"@type":"NewsArticle","headline":"A story",%s}</script>'


def page(body: str, head: str = "") -> bytes:
    return f"<html><head><title>A story</title>{head}</head><body><h1>A story</h1>{body}</body></html>".encode()


def test_bylines_on_the_page() -> None:
    tree = parse(page('<p class="byline">By Ana Vidal</p><footer><a rel="author">Bo</a></footer>'))
    assert page_bylines(tree) == ["By Ana Vidal"]


@pytest.mark.parametrize(
    ("head", "body", "people", "how"),
    [
        (LD % '"author":{"@type":"Person","name":"Ana Vidal"}', "", ("Ana Vidal",), "json-ld"),
        (LD % '"author":[{"name":["Ana Vidal","Bo Lind"]}]', "", ("Ana Vidal", "Bo Lind"), "json-ld"),
        (LD % '"author":[[{"name":"Ana Vidal"}],"Bo Lind"]', "", ("Ana Vidal", "Bo Lind"), "json-ld"),
        (LD % '"author":"Ana Vidal, Bo Lind"', "", ("Ana Vidal", "Bo Lind"), "json-ld"),
        (
            '<script type="application/ld+json">{"@graph":[{"@id":"#a","@type":"Person","name":"Ana Vidal"},'
            '{"@type":"NewsArticle","headline":"A story","author":{"@id":"#a"}}]}</script>',
            "", ("Ana Vidal",), "json-ld",
        ),
        ('<meta name="author" content="Ana Vidal">', "", ("Ana Vidal",), "meta"),
        ('<meta name="author" content="https://x.de/a">', '<a rel="author">Ana Vidal</a>', ("Ana Vidal",), "byline"),
        ("", '<span itemprop="author">Ana Vidal</span>', ("Ana Vidal",), "byline"),
        ("", '<div class="authorname">Ana Vidal</div>', ("Ana Vidal",), "byline"),
        ("", "<div><span>Von: <a>Ana Vidal</a>, <a>Bo Lind</a></span></div>", ("Ana Vidal", "Bo Lind"), "byline"),
        ("", "<p><i>Par Jean Dupont</i></p>", ("Jean Dupont",), "byline"),
        ("", "<p><strong>Ana Vidal/Bo Lind</strong></p><p>The story.</p>", ("Ana Vidal", "Bo Lind"), "leading name"),
        ("", "<p><strong>The story begins at dawn</strong></p>", (), ""),
        ("", '<aside><p class="author">Ana Vidal</p></aside>', (), ""),
    ],
)  # fmt: skip
def test_who_signs(head: str, body: str, people: tuple[str, ...], how: str) -> None:
    tree = parse(page(body, head))
    meta = read_metadata(tree)
    who = signed(strip(tree), meta, (), "Harbour Bulletin")
    assert (who.people, who.how) == (people, how)
    assert (who.confidence > 0.5) == bool(people)


def test_a_page_signed_by_an_agency_is_not_searched() -> None:
    tree = parse(page('<p class="author">Ana Vidal</p>', LD % '"author":{"@type":"Person","name":"dpa"}'))
    who = signed(tree, read_metadata(tree), (), "")
    assert (who.people, who.credit, who.wire, who.wire_how) == ((), "dpa", "dpa", "json-ld")
    assert who.others == {"organization": ("dpa",)}


def test_the_feeds_author_where_the_page_names_nobody() -> None:
    tree = parse(page("<p>The story.</p>"))
    assert signed(tree, read_metadata(tree), ("Ana Vidal",), "").how == "entry"


def test_editors_and_translators_of_json_ld() -> None:
    tree = parse(page("", LD % '"author":"Ana Vidal","editor":{"name":"Cy Doe"},"translator":"Bo Lind"'))
    who = signed(tree, read_metadata(tree), (), "")
    assert (who.people, dict(who.others)) == (("Ana Vidal",), {"editing": ("Cy Doe",), "translation": ("Bo Lind",)})


def test_dates_a_page_prints() -> None:
    tree = parse(page('<div class="post-date">25 February 2026</div><aside class="date">26 February 2026</aside>'))
    assert "25 February 2026" in printed_dates(tree)
