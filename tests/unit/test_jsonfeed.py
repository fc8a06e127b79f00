"""JSON Feed: what is forgiven and what is not."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from crawlers.jsonfeed import read_json_feed
from pipeline.errors import Refused, Unreadable
from pipeline.types import Listing

URL = "https://outlet.example/feed.json"
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def read(*items: object, **feed: Any) -> Listing:
    told = {"version": "https://jsonfeed.org/version/1.1", "title": "Relay", "items": list(items)} | feed
    return read_json_feed(json.dumps(told).encode(), URL, NOW)


def test_a_feed_of_version_1_1() -> None:
    item = {
        "id": "https://outlet.example/1",
        "url": "https://outlet.example/2026/convoy?utm_source=json",
        "title": "Convoy drives <itself>",
        "content_html": "<p>Nine lorries, <b>no</b> drivers.</p>",
        "date_published": "2026-11-23T09:00:00+02:00",
        "date_modified": "2026-11-23T10:00:00+02:00",
        "authors": [{"name": "Maja Sild"}, {"url": "https://outlet.example/x"}],
        "tags": ["land", "land", 7],
        "language": "et",
    }
    listing = read(item, language="en-GB", home_page_url="https://outlet.example/")
    (entry,) = listing.entries
    assert (listing.format, listing.reader, listing.title, listing.language) == ("json feed 1.1", "json", "Relay", "en")
    assert entry.canonical_url == "https://outlet.example/2026/convoy"
    assert (entry.title, entry.summary) == ("Convoy drives <itself>", "Nine lorries, no drivers.")
    assert (entry.published, entry.published_how) == (datetime(2026, 11, 23, 7, tzinfo=UTC), "feed:published")
    assert (entry.authors, entry.tags, entry.language) == (("Maja Sild",), ("land",), "et")


def test_version_1_0_and_what_stands_in() -> None:
    items = (
        {"id": 1, "external_url": "https://elsewhere.example/a", "summary": " said  twice "},
        {"id": "https://outlet.example/b", "date_modified": "2026-11-01T00:00:00Z"},
        {"id": "c", "url": "/c"},
    )
    listing = read(*items, version="https://jsonfeed.org/version/1", author={"name": "Desk"})
    assert listing.format == "json feed 1.0" and listing.warning == ""
    urls = [entry.url for entry in listing.entries]
    assert urls == ["https://elsewhere.example/a", "https://outlet.example/b", "https://outlet.example/c"]
    assert listing.entries[0].summary == "said twice"
    assert listing.entries[0].authors == ("Desk",)
    assert listing.entries[1].published_how == "feed:updated"


def test_odd_items_are_counted_not_fatal() -> None:
    items: list[object] = [
        None,
        [],
        {"id": "x"},
        {"url": "mailto:a@b"},
        {"url": 5},
        {"url": "https://outlet.example/1"},
    ]
    items.append({"url": "https://outlet.example/2", "title": None, "authors": "me", "tags": "a", "date_published": 3})
    listing = read(*items)
    assert [entry.url for entry in listing.entries] == ["https://outlet.example/1", "https://outlet.example/2"]
    assert "5 entries without an http address" in listing.warning


def test_empty_future_and_encodings() -> None:
    assert read().entries == () and read().warning == ""
    assert read({"url": URL, "date_published": "2027-01-01T00:00:00Z"}).entries[0].published_how == "future refused"
    told = json.dumps(
        {"version": "https://jsonfeed.org/version/1.1", "title": "Übung", "items": []}, ensure_ascii=False
    )
    for encoding in ("utf-8-sig", "utf-16", "utf-8"):
        assert read_json_feed(told.encode(encoding), URL, NOW).title == "Übung"
    assert "no known version" in read(version="2").warning


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"items": {}}',
        b'{"items": [],}',
        b'{"items": [] // no\n}',
        b"\xff\xff",
        b"[" * 200_000,
    ],
)
def test_what_is_no_json_feed(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_json_feed(body, URL, NOW)


def test_a_giant_is_refused() -> None:
    with pytest.raises(Refused, match="too large"):
        read_json_feed(b" " * (65 << 20), URL, NOW)
