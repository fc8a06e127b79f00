"""The feeds by the rules of their formats: those of the W3C's validator that apply to what we write, and JSON Feed's.

The validator is a service of the W3C's, out of a test's reach: what it checks of feeds like ours is written down anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree, html

from pipeline.telling import Telling
from pipeline.watch import Alert, Reason
from web.feeds.atom import ATOM
from web.feeds.feed import Feed, Format
from web.feeds.jsonfeed import JSON_FEED
from web.feeds.rss import RSS

NOW = datetime(2026, 3, 1, 8, 30, 15, 250_000, tzinfo=UTC)
A, TERMS, DC = "{http://www.w3.org/2005/Atom}", "{http://purl.org/dc/terms/}", "{http://purl.org/dc/elements/1.1/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
DAY, MONTH = "(Mon|Tue|Wed|Thu|Fri|Sat|Sun)", "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
RFC_822 = re.compile(DAY + r", \d\d " + MONTH + r" \d{4} \d\d:\d\d:\d\d GMT")
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
SAFE = {"p", "ul", "li"}  # elements that items hold


def telling(number: int = 1, **changes: Any) -> Telling:
    alert = Alert(
        number, f"evt_{number:024x}", "w1", "s1", "a1", "v1", changes.pop("reason", Reason.STORY), NOW,
        NOW + timedelta(seconds=number), changes.pop("detail", {}),
    )  # fmt: skip
    told: dict[str, Any] = {
        "title": "Drones & ferries", "url": f"https://daily.example/{number}?a=1&b=2", "outlet": "Daily <Example>",
        "language": "en", "wire": "Reuters", "published": NOW, "first_seen": NOW, "summary": "Short & <b>plain</b>.",
        "text": "One.\n\nTwo <three>.", "copies": 2, "outlets": ("Daily <Example>", "Example Times"),
    }  # fmt: skip
    return Telling(alert, "harbour", "s1", "a1", **(told | changes))


def feed(form: Format, items: Sequence[Telling], *, full: bool = False, title: str = "Wirewatch: a & b") -> bytes:
    address = f"https://wire.example/s/token.{form.suffix}?n=10&order=oldest"
    home, id = "https://wire.example/", "urn:uuid:1b4e28ba-2fa1-11d2-883f-0016d3cca427"
    updated = max((one.told for one in items), default=NOW)
    return form.write(Feed(id, title, 'What matches "a <b>"', home, address, updated, items, full))


ITEMS = [
    telling(1),
    telling(2, url="", outlet="", language="", wire="", published=None, summary="", text="", copies=1),
    telling(3, reason=Reason.NEWS, detail={"sentences": ["Two died <here>."]}, updated=NOW + timedelta(hours=1)),
    telling(4, language="x-klingon", title="إطلاق طائرات مسيّرة 𝔘nicode"),
]


def only(element: etree._Element, name: str) -> etree._Element:
    """The one child of that name."""
    found = element.findall(name)
    assert len(found) == 1, f"{element.tag} has {len(found)} {name}"
    return found[0]


def absolute(url: str | None) -> bool:
    parts = urlsplit(url or "")
    return parts.scheme in ("http", "https") and bool(parts.netloc) and (url or "").isascii() and " " not in (url or "")


def fragment(text: str | None) -> None:
    """HTML that every reader may show: only elements of ours, no attributes."""
    for element in html.fragment_fromstring(text or "", create_parent=True).iterdescendants():
        assert element.tag in SAFE and not element.attrib


# --- RSS ------------------------------------------------------------------------------------
@pytest.mark.parametrize("full", [False, True])
def test_rss_keeps_its_rules(full: bool) -> None:
    body = feed(RSS, ITEMS, full=full)
    assert body.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    root = etree.fromstring(body)
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    channel = only(root, "channel")
    assert only(channel, "title").text == "Wirewatch: a & b" and only(channel, "description").text
    assert absolute(only(channel, "link").text) and only(channel, "language").text == "en"
    assert RFC_822.fullmatch(only(channel, "lastBuildDate").text or "")
    own = only(channel, A + "link")
    assert own.get("rel") == "self" and own.get("type") == "application/rss+xml" and absolute(own.get("href"))
    assert own.get("href") == "https://wire.example/s/token.rss?n=10&order=oldest"
    known = {"title", "link", "description", "language", "generator", "lastBuildDate", "item", A + "link"}
    assert {child.tag for child in channel} <= known
    guids = [only(item, "guid") for item in channel.findall("item")]
    assert [one.text for one in guids] == [one.alert.id for one in ITEMS]
    assert all(one.get("isPermaLink") == "false" for one in guids)
    for item, told in zip(channel.findall("item"), ITEMS, strict=True):
        assert only(item, "title").text == told.title
        assert RFC_822.fullmatch(only(item, "pubDate").text or "")
        assert parsedate_to_datetime(only(item, "pubDate").text or "") == told.alert.made.replace(microsecond=0)
        assert RFC_3339.fullmatch(only(item, TERMS + "modified").text or "")
        assert [absolute(link.text) for link in item.findall("link")] == ([True] if told.url else [])
        assert not item.findall("author"), "which would have to be an e-mail address"
        assert len(item.findall(DC + "creator")) == bool(told.outlet)
        assert len(item.findall(CONTENT)) == full
        fragment(only(item, "description").text)
        for whole in item.findall(CONTENT):
            fragment(whole.text)
            assert ("Two &lt;three&gt;." in (whole.text or "")) == bool(told.text)
    languages = [item.findtext(DC + "language") for item in channel.findall("item")]
    assert languages == ["en", None, "en", None]


# --- Atom -----------------------------------------------------------------------------------
@pytest.mark.parametrize("full", [False, True])
def test_atom_keeps_its_rules(full: bool) -> None:
    root = etree.fromstring(feed(ATOM, ITEMS, full=full))
    assert root.tag == A + "feed"
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", only(root, A + "id").text or "")
    assert only(root, A + "title").text and RFC_3339.fullmatch(only(root, A + "updated").text or "")
    links = {link.get("rel"): link for link in root.findall(A + "link")}
    assert set(links) == {"self", "alternate"} and all(absolute(link.get("href")) for link in links.values())
    assert links["self"].get("type") == "application/atom+xml"
    assert only(only(root, A + "author"), A + "name").text
    entries = root.findall(A + "entry")
    assert [only(entry, A + "id").text for entry in entries] == [f"urn:wirewatch:{one.alert.id}" for one in ITEMS]
    for entry, told in zip(entries, ITEMS, strict=True):
        assert only(entry, A + "title").text == told.title
        times = [only(entry, A + name).text or "" for name in ("updated", "published")]
        updated, published = map(datetime.fromisoformat, times)
        assert (updated, published) == (told.told, told.alert.made) and updated >= published
        assert [absolute(link.get("href")) for link in entry.findall(A + "link")] == ([True] if told.url else [])
        assert all(only(author, A + "name").text for author in entry.findall(A + "author"))
        assert all(category.get("term") for category in entry.findall(A + "category"))
        assert only(entry, A + "content").get("type") == "html"
        fragment(only(entry, A + "content").text)


# --- JSON Feed ------------------------------------------------------------------------------
@pytest.mark.parametrize("full", [False, True])
def test_json_feed_keeps_its_rules(full: bool) -> None:
    value = json.loads(feed(JSON_FEED, ITEMS, full=full))
    assert value["version"] == "https://jsonfeed.org/version/1.1" and value["title"]
    assert absolute(value["home_page_url"]) and absolute(value["feed_url"])
    assert [item["id"] for item in value["items"]] == [one.alert.id for one in ITEMS]
    known = {
        "id", "url", "title", "content_html", "summary", "date_published", "date_modified", "tags", "authors",
        "language", "_wirewatch",
    }  # fmt: skip
    for item, told in zip(value["items"], ITEMS, strict=True):
        assert set(item) <= known, "names of others begin with an underscore"
        fragment(item["content_html"])
        assert all(RFC_3339.fullmatch(item[name]) for name in ("date_published", "date_modified"))
        assert ("url" in item) == bool(told.url) and absolute(item.get("url", "https://x.example/"))
        assert all(isinstance(tag, str) and tag for tag in item["tags"])
        assert all(author["name"] for author in item.get("authors", []))
        assert item["_wirewatch"]["seq"] == told.alert.seq


# --- all of them ----------------------------------------------------------------------------
def read(form: Format, body: bytes) -> list[str]:
    """The titles of the items, from a document that is well-formed."""
    if form is JSON_FEED:
        return [item["title"] for item in json.loads(body)["items"]]
    path = ".//item/title" if form is RSS else f".//{A}entry/{A}title"
    return [str(title.text or "") for title in etree.fromstring(body).iterfind(path)]


ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@pytest.mark.parametrize("form", [RSS, ATOM, JSON_FEED], ids=lambda form: form.suffix)
@given(title=ANYTHING, words=ANYTHING, name=ANYTHING)
def test_whatever_outlets_write_a_feed_can_be_read(form: Format, title: str, words: str, name: str) -> None:
    told = telling(
        title=title, outlet=name, wire=name, summary=words, text=words, outlets=(name, words), reason=Reason.NEWS,
        detail={"sentences": [words]},
    )  # fmt: skip
    legal = re.sub(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]", "", title)
    legal = re.sub("<(?=[A-Za-z/!?])", "‹", legal) if form is RSS else legal  # see `web.feeds.feed.headline`
    for full in (False, True):
        [read_back] = read(form, feed(form, [told], full=full, title=title))
        assert read_back == legal
        if form is not JSON_FEED:
            may_be_empty = {"title", "description", A + "title", A + "link", A + "category", CONTENT}
            empty = {one.tag for one in etree.fromstring(feed(form, [told])).iter() if not len(one) and not one.text}
            assert empty <= may_be_empty


@pytest.mark.parametrize("form", [RSS, ATOM, JSON_FEED], ids=lambda form: form.suffix)
def test_an_empty_feed_is_a_feed_and_what_is_alike_is_written_alike(form: Format) -> None:
    assert read(form, feed(form, [])) == []
    assert feed(form, ITEMS) == feed(form, ITEMS), "or no reader would ever be told 304"
    assert feed(form, ITEMS) != feed(form, ITEMS, full=True)
