"""OPML: the lists of other readers, whole or broken, and ours."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawlers.opml import MAX_BYTES, OpmlFeed, id_for_host, read_opml, sources_from_opml, unlike, write_opml
from crawlers.registry import duplicates, load_source, write_source
from pipeline.errors import BadInput
from pipeline.types import Source

NESTED = b"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.0"><head><title>mine</title></head><body>
  <outline text="News">
    <outline text="Asia" title="Asia &amp; Pacific">
      <outline type="rss" text="The Lantern - World" xmlUrl="https://www.lantern.example/world.xml"
        htmlUrl="https://www.lantern.example/world" language="en-SG"/>
      <outline type="rss" text="The Lantern - Tech" xmlUrl="https://feeds.lantern.example/tech.xml" htmlUrl="https://lantern.example/"/>
    </outline>
    <!-- a note -->
    <outline TEXT="Kurier" XMLURL=" feed://kurier.example/rss " HTMLURL=""/>
  </outline>
  <outline text="No feed here"/>
  <outline text="Twice" xmlUrl="http://www.lantern.example/world.xml/"/>
  <outline text="Local" xmlUrl="file:///etc/passwd"/>
</body></opml>
"""


def test_feeds_are_read_with_their_folders_each_once() -> None:
    feeds = read_opml(NESTED)
    assert [feed.title for feed in feeds] == ["The Lantern - World", "The Lantern - Tech", "Kurier", "Local"]
    assert feeds[0] == OpmlFeed(
        "The Lantern - World",
        "https://www.lantern.example/world.xml",
        "https://www.lantern.example/world",
        "en-SG",
        ("News", "Asia & Pacific"),
    )
    assert feeds[2].xml_url == "http://kurier.example/rss"
    assert feeds[2].folder == ("News",)
    assert [feed.usable for feed in feeds] == [True, True, True, False]


def test_a_source_a_site() -> None:
    lantern, kurier = sources_from_opml(NESTED)
    assert lantern.id == "lantern"
    assert lantern.name == "The Lantern"
    assert (lantern.country, lantern.language) == ("ZZ", "en")
    assert lantern.homepage == "https://www.lantern.example/"
    assert lantern.feeds == ("https://www.lantern.example/world.xml", "https://feeds.lantern.example/tech.xml")
    assert (kurier.id, kurier.name, kurier.language) == ("kurier", "Kurier", "und")
    assert kurier.confirmed is None


def test_imported_sources_can_be_saved(tmp_path: Path) -> None:
    for source in sources_from_opml(NESTED):
        assert load_source(write_source(source, tmp_path)) == source


def test_feeds_on_a_shared_host_are_not_one_site() -> None:
    data = b"""<opml><body><outline text="A" xmlUrl="https://feeds.feedburner.com/alpha"/>
      <outline text="B" xmlUrl="https://feeds.feedburner.com/beta"/>
      <outline text="C" xmlUrl="https://feeds.feedburner.com/gamma" htmlUrl="https://gamma.example/"/></body></opml>"""
    assert [(source.id, len(source.feeds)) for source in sources_from_opml(data)] == [
        ("alpha", 1),
        ("beta", 1),
        ("gamma", 1),
    ]


def test_ids_are_unlike_each_other() -> None:
    data = b"""<opml><body><outline text="A" xmlUrl="https://post.example/rss"/>
      <outline text="B" xmlUrl="https://post.test/rss"/></body></opml>"""
    assert [source.id for source in sources_from_opml(data)] == ["post", "post-2"]
    assert unlike("a", {"a", "a-2"}) == "a-3"


@pytest.mark.parametrize(
    ("host", "id_"),
    [
        ("www.bbc.co.uk", "bbc"),
        ("news.un.org", "news-un"),
        ("feeds.bbci.co.uk", "bbci"),
        ("www.gov.uk", "gov"),
        ("ABC.net.au", "abc"),
        ("bücher.example", "bucher"),
        ("10.0.0.1", "10-0-0-1"),
        ("localhost", "localhost"),
        ("新聞", "source"),
    ],
)
def test_an_id_from_a_host(host: str, id_: str) -> None:
    assert id_for_host(host) == id_


@pytest.mark.parametrize(
    "data",
    [
        NESTED[: NESTED.index(b"</outline>")],
        NESTED.replace(b"&amp;", b"&"),
        b"\xef\xbb\xbf  \n" + NESTED,
        NESTED.replace(b"</opml>", b""),
        NESTED.replace(b'encoding="UTF-8"', b'encoding="latin-1"'),
    ],
    ids=["cut off", "bare ampersand", "byte order mark", "not closed", "wrong encoding"],
)
def test_broken_xml_is_read_as_far_as_it_makes_sense(data: bytes) -> None:
    assert read_opml(data)[0].xml_url == "https://www.lantern.example/world.xml"


def test_a_namespace_does_not_hide_the_feeds() -> None:
    data = NESTED.replace(b"<opml ", b'<opml xmlns="http://opml.org/spec2" ')
    assert len(read_opml(data)) == 4


BOMB = b"""<!DOCTYPE opml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<opml><body><outline text="&b;" xmlUrl="https://a.example/"/></body></opml>"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_an_entity_bomb_is_refused(encoding: str) -> None:
    with pytest.raises(BadInput, match="declares XML entities"):
        read_opml(BOMB.decode().encode(encoding))


@pytest.mark.parametrize("data", [b"", b"  ", b"\0\1", b"<rss version='2.0'/>", b"<html><p>no</p></html>", b"plain"])
def test_what_is_no_opml_is_said(data: bytes) -> None:
    with pytest.raises(BadInput, match="not an OPML file"):
        read_opml(data)


def test_a_list_without_feeds_is_empty() -> None:
    assert read_opml(b"<opml version='2.0'><body><outline text='empty'/></body></opml>") == []


def test_a_huge_file_is_not_read() -> None:
    with pytest.raises(BadInput, match="the most that is read"):
        read_opml(b"<opml>" + b" " * MAX_BYTES)


@example(b"<:")  # a name that lxml's QName refuses
@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    for attempt in (data, b"<opml><outline xmlUrl='" + data):
        with contextlib.suppress(BadInput):
            assert all(source.feeds for source in sources_from_opml(attempt))


def test_what_is_written_is_read_again() -> None:
    sources = [
        Source(
            "b",
            'B & "Co" \x07<x>',
            "SG",
            "en",
            "https://b.example/",
            feeds=("https://b.example/1", "https://b.example/2?a=1&b=2"),
        ),
        Source("a", "Ä", "DE", "de", "https://a.example/", feeds=("https://a.example/rss",)),
        Source("c", "Sitemap only", "SG", "en", "https://c.example/", sitemaps=("https://c.example/s.xml",)),
    ]
    data = write_opml(sources)
    assert data.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    assert b'<opml version="2.0">' in data
    assert b'type="link"' in data
    assert b"https://c.example/" in data
    feeds = read_opml(data)
    assert [(feed.folder, feed.title, feed.xml_url) for feed in feeds] == [
        (("DE",), "Ä", "https://a.example/rss"),
        (("SG",), 'B & "Co" <x>', "https://b.example/1"),
        (("SG",), 'B & "Co" <x>', "https://b.example/2?a=1&b=2"),
    ]
    assert {feed.language for feed in feeds} == {"de", "en"}
    assert duplicates(sources_from_opml(data)) == []
