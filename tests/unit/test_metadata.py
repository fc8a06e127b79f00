"""What a page says about itself."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.charset import decode
from pipeline.errors import NotNews, Unreadable
from pipeline.html import parse
from pipeline.metadata import read_metadata

PAGES = Path(__file__).parent.parent / "data" / "pages"


def head(markup: str) -> bytes:
    return f"<!doctype html><html><head>{markup}</head><body><p>x</p></body></html>".encode()


def test_json_ld_in_a_graph() -> None:
    meta = read_metadata(parse((PAGES / "wire-copy.html").read_bytes()))
    assert meta.title == "Harbour AI lab holds its line on military use"
    assert meta.canonical == "https://www.halvaherald.example/world/lab-holds-its-line"
    assert (meta.organizations, meta.providers) == (("Meridian Wire",), ())
    assert meta.authors == ()
    assert meta.published[0] == ("json-ld", "2026-02-25T10:04:00+08:00")
    assert meta.keywords == ("Artificial intelligence", "Defence")
    assert (meta.section, meta.free, meta.word_count, meta.news) == ("World", True, 180, True)
    assert meta.languages[0] == "en-SG"


@pytest.mark.parametrize(
    "script",
    [
        '{"@type":"NewsArticle","headline":"A headline",}',
        '<![CDATA[{"@type":"NewsArticle","headline":"A headline"}]]>',
        '[{"@type":"ItemList"},{"@type":["Thing","ReportageNewsArticle"],"headline":"A headline"}]',
        '{"@type":"WebPage","mainEntity":{"@type":"NewsArticle","headline":"A &amp;quot;headline&amp;quot;"}}',
        '{"@type":"NewsArticle","headline":"A\nheadline"}',
    ],
)
def test_json_ld_as_it_is_written(script: str) -> None:
    meta = read_metadata(parse(head(f'<script type="application/ld+json">{script}</script>')))
    assert meta.title.replace('"', "").startswith("A headline")


def test_of_several_articles_the_one_with_the_pages_title() -> None:
    scripts = "".join(
        '<script type="application/ld+json">'
        f'{{"@type":"NewsArticle","headline":"{t}","datePublished":"2026-02-0{n}"}}</script>'
        for n, t in ((1, "Another story"), (2, "This story"))
    )
    meta = read_metadata(parse(head(f'<meta property="og:title" content="This story">{scripts}')))
    assert meta.published[0][1] == "2026-02-02"


@pytest.mark.parametrize(
    "script", ["", "{", "null", "[" * 5000, '{"@type": 5, "author": [[]], "image": {"url": []}}', '"x"']
)
def test_odd_json_ld_is_no_trouble(script: str) -> None:
    meta = read_metadata(parse(head(f'<title>T</title><script type="application/ld+json">{script}</script>')))
    assert meta.title == "T"


def test_a_date_in_the_state_of_the_page_only_where_no_other_is() -> None:
    state = '<script>window.__STATE__={"publishedAt":"2026-02-25T10:00:00Z"}</script>'
    assert read_metadata(parse(head(state))).published == (("page state", "2026-02-25T10:00:00Z"),)
    escaped = '<script>self.push("{\\"publishedAt\\":\\"2026-02-25T10:00:00Z\\"}")</script>'
    assert read_metadata(parse(head(escaped))).published == (("page state", "2026-02-25T10:00:00Z"),)
    meta = '<meta property="article:published_time" content="2026-02-24T10:00:00Z">'
    assert read_metadata(parse(head(state + meta))).published[0][0] == "meta"


def test_a_time_element_without_stamp_gives_its_text() -> None:
    page = b"<html><body><time>3 hours ago</time></body></html>"
    assert read_metadata(parse(page)).published == (("time element", "3 hours ago"),)


TEXT = "<html><body><p>Überall in Köln – „schön“</p></body></html>"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (TEXT.encode(), ""),
        (TEXT.encode(), "text/html; charset=iso-8859-1"),
        (b"\xef\xbb\xbf" + TEXT.encode(), ""),
        (TEXT.encode("utf-16"), ""),
        (TEXT.encode("utf-16-le"), ""),
        (TEXT.encode("cp1252"), "text/html; charset=ISO-8859-1"),
        (TEXT.replace("<body>", '<meta charset="windows-1252"><body>').encode("cp1252"), ""),
        (TEXT.encode() + b"<p>\xe2\x80", "text/html; charset=utf-8"),
    ],
)
def test_encodings(body: bytes, content_type: str) -> None:
    assert "Überall in Köln – „schön“" in decode(body, content_type)


def test_japanese_encodings() -> None:
    page = '<html><meta charset="{}"><body><p>人工知能の軍事利用について</p></body></html>'
    for name in ("shift_jis", "euc_jp", "iso2022_jp"):
        assert "人工知能の軍事利用" in decode(page.format(name).encode(name), "")


@pytest.mark.parametrize(
    "body", [b"", b"   ", b"%PDF-1.7 ...", b"\x89PNG\r\n", b'{"json": true}', b"just words", b"\0" * 500]
)
def test_what_is_no_html(body: bytes) -> None:
    with pytest.raises(NotNews):
        parse(body)


def test_too_much_markup_is_unreadable_but_scripts_do_not_count() -> None:
    with pytest.raises(Unreadable):
        parse(b"<html><body>" + b"<p>word</p>" * 400_000)
    scripts = b"<html><head><script>" + b"x" * 6_000_000 + b"</script></head><body><p>kept</p></body></html>"
    assert parse(scripts).text_content() == "kept"


@settings(deadline=None)  # the first page reads tables
@given(st.binary(max_size=400))
def test_random_bytes(body: bytes) -> None:
    with suppress(NotNews, Unreadable):
        assert read_metadata(parse(b"<html>" + body)).free is None
