"""The fast reader against feedparser: whatever it accepts gives the same entries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawlers.fastfeed import read_fast
from crawlers.feeds import judged
from pipeline.errors import WirewatchError
from pipeline.types import Listing
from replay.answers import Request
from replay.demo import demo_world
from tests.shared import shared_data

OURS = Path(__file__).parent.parent / "data" / "feeds"
PLAIN = ["blog.atom", "ministry.rdf", "plain.rss", "wordpress.rss"]
URL = "https://outlet.example/feed"
NOW = datetime(2026, 11, 24, tzinfo=UTC)
LATER = datetime(2100, 1, 1, tzinfo=UTC)  # the test suite has dates to come


def compare(body: bytes, headers: dict[str, str], fetched: datetime = NOW) -> str | None:
    """None when the fast reader refuses, "" when both agree, else what differs."""
    fast = read_fast(body, headers, fetched)
    if fast is None:
        return None
    try:
        slow = judged(body, URL, headers, fetched)
    except WirewatchError as error:
        return "" if not fast.entries else f"feedparser says {error}"
    for one, other in zip(fast.entries, slow.entries, strict=False):
        if one != other:
            return f"{one}\n{other}"
    return "" if told(fast) == told(slow) else f"{told(fast)}\n{told(slow)}"


def told(listing: Listing) -> tuple[object, ...]:
    return (len(listing.entries), listing.format, listing.title, listing.language, listing.home, listing.ttl)


@pytest.mark.parametrize("name", PLAIN)
def test_ordinary_feeds_are_read_fast_and_alike(name: str) -> None:
    body = (OURS / name).read_bytes()
    assert compare(body, {"content-type": "application/xml"}) == ""
    listing = read_fast(body, {}, NOW)
    assert listing is not None and listing.entries and listing.reader == "fast"


ITEM = "<item><title>t</title><link>https://o.example/1</link>{}</item>"
RSS = '<rss version="2.0" xmlns:x="urn:x" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>{}</channel></rss>'


@pytest.mark.parametrize(
    "inside",
    ["<title>twice</title>", "<pubDate>yesterday</pubDate>", "<link>/relative</link>", "<summary>s</summary>",
     "<description><p>markup</p></description>", "<PUBDATE>Mon, 23 Nov 2026 17:30:00 GMT</PUBDATE>",
     "<dc:title>u</dc:title>",
     "<pubDate>Mon, 23 Nov 2026 17:30:00 GMT</pubDate><pubDate>Mon, 23 Nov 2026 18:30:00 GMT</pubDate>",
     "<x:box><title>nested</title></x:box>", "<author>x@y@z</author>", "<date>2026</date>",
     '<content:encoded xmlns:content="urn:other">c</content:encoded>', "<item><link>https://o.example/2</link></item>"],
)  # fmt: skip
def test_what_is_odd_is_left_to_feedparser(inside: str) -> None:
    assert read_fast(RSS.format(ITEM.format("<x:other a='1'>fine</x:other>")).encode(), {}, NOW) is not None
    assert read_fast(RSS.format(ITEM.format(inside)).encode(), {}, NOW) is None


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (RSS.format(ITEM.format("")).encode(), "text/xml; charset=iso-8859-1"),
        (b'<?xml version="1.0" encoding="windows-1252"?>' + RSS.format(ITEM.format("")).encode(), ""),
        (b'<!DOCTYPE rss [<!ENTITY a "b">]>' + RSS.format(ITEM.format("")).encode(), ""),
        (RSS.format(ITEM.format(""))[:-9].encode(), ""),
        (RSS.format("<Item><link>https://o.example/1</link></Item>").encode(), ""),
        (RSS.format(ITEM.format("<description>\xff</description>")).encode("latin-1"), ""),
        (RSS.format("<item><title>no link</title></item>").encode(), ""),
    ],
)
def test_odd_documents_are_left_to_feedparser(body: bytes, content_type: str) -> None:
    assert read_fast(body, {"content-type": content_type}, NOW) is None


def variants(body: bytes) -> Iterator[bytes]:
    """The feed; and with a link put at the start and at the end of each entry: without one all is refused."""
    yield body
    for pattern, after in ((rb"<(item|entry)(?:\s[^>]*)?(?<!/)>", True), (rb"</(item|entry)>", False)):

        def put(match: re.Match[bytes], after: bool = after) -> bytes:
            where = b"http://example.org/%d" % match.start()
            link = b"<link>" + where + b"</link>" if match[1] == b"item" else b'<link href="' + where + b'"/>'
            return match[0] + link if after else link + match[0]

        yield re.sub(pattern, put, body)


async def test_the_demos_feeds() -> None:
    world = demo_world(lambda: NOW, frozen=True, faults=False)
    read: dict[str, list[str]] = {"fast": [], "feedparser": []}
    for site in world.outlets.values():
        for plan in site.outlet.feeds:
            if plan.format.startswith("json"):
                continue
            answer = await site.answer(Request(site.outlet.host, plan.path))
            verdict = compare(answer.body, {name.lower(): value for name, value in answer.headers.items()})
            assert not verdict, f"{site.outlet.id}: {verdict}"
            read["feedparser" if verdict is None else "fast"].append(plan.format)
    assert len(read["fast"]) >= 15
    assert set(read["feedparser"]) <= {"rss091", "atom03"}  # a doctype, and a format that died


@pytest.mark.shared
def test_all_of_feedparsers_own_feeds() -> None:
    accepted, wrong = 0, {}
    files = sorted(shared_data("feeds-feedparser/tests").rglob("*.xml"))
    assert len(files) == 2106
    for path in files:
        body = path.read_bytes().lstrip()
        lines = re.findall(rb"^Header:\s+([^:]+):(.*)$", body, re.MULTILINE)
        headers = {name.decode().lower(): value.decode().strip() for name, value in lines}
        for number, variant in enumerate(variants(body)):
            verdict = compare(variant, headers, LATER)
            accepted += verdict == ""
            if verdict:
                wrong[f"{path.name} {number}"] = verdict
    assert wrong == {}
    print("ACC", accepted)
    assert accepted > 1500, accepted
