"""Sitemaps: urlset, index, Google News, plain lists of addresses; gzip or not; streamed: size costs no memory."""

from __future__ import annotations

import heapq
import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO

from lxml import etree

from crawlers.entries import (
    MAX_BODY,
    MAX_ENTRIES,
    date_of,
    headline,
    language_code,
    make_entry,
    parse_when,
    unique,
)
from crawlers.xmlguard import local_name, refuse_bombs
from pipeline.errors import Refused, Unreadable
from pipeline.types import Entry, Listing

MAX_ADDRESSES = 50_000  # of one sitemap, by the protocol; a longer one is read no further
MAX_MORE = 500  # sitemaps of an index that are named, newest first
_DAY = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)

_Fields = dict[str, str]


def read_sitemap(body: bytes, url: str, fetched: datetime) -> Listing:
    """Read a sitemap found at `url`: the newest MAX_ENTRIES stories, newest first (undated ones in their order, last).

    An index gives no entries but `more`, newest first. Raises Unreadable, or Refused for bombs and giants.
    """
    body = gunzip(body, url)
    refuse_bombs(body, url)
    if not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _plain_list(body, url)
    rows = _Rows(body)
    if rows.root not in ("urlset", "sitemapindex"):
        raise Unreadable(f"not a sitemap: its root is <{rows.root or 'nothing'}>", url=url)
    if rows.root == "sitemapindex":
        return _index(rows)
    newest = heapq.nlargest(MAX_ENTRIES, enumerate(rows), key=lambda row: (_when(row[1]), -row[0]))
    entries, lost = unique(_entry(fields, fetched) for _, fields in newest)
    if not entries and rows.broken:
        raise Unreadable(f"not a sitemap: {rows.broken}", url=url)
    notes = [rows.broken]
    if lost:
        notes.append(f"{lost} entries without an http address")
    if rows.count > MAX_ENTRIES:
        notes.append(f"only the newest {MAX_ENTRIES} of {rows.count} entries kept")
    news = any(entry.published_how.startswith("sitemap:news") or entry.title for entry in entries)
    return Listing(entries, "news sitemap" if news else "sitemap", "lxml", warning="; ".join(filter(None, notes)))


def gunzip(body: bytes, url: str = "", limit: int = MAX_BODY) -> bytes:
    """`body` unpacked if it is gzip, as it is otherwise. Raises Refused over `limit` bytes, Unreadable if damaged."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(body, limit + 1)
    except zlib.error as error:
        raise Unreadable(f"damaged gzip: {error}", url=url) from error
    if len(unpacked) > limit:
        raise Refused(f"too large: it unpacks to more than {limit >> 20} MB", url=url)
    return unpacked


class _Rows:
    """The <url> or <sitemap> elements of a sitemap, one at a time, each as {local name: text}. Names are matched
    without their namespace: a third of the sitemaps in the wild declare a wrong one."""

    def __init__(self, body: bytes) -> None:
        self.root = ""
        self.count = 0
        self.broken = ""
        self._body = body
        self._events = self._read()
        first = next(self._events, None)
        self._first: list[_Fields] = [first] if first else []

    def __iter__(self) -> Iterator[_Fields]:
        yield from self._first
        yield from self._events

    def _read(self) -> Iterator[_Fields]:
        events = etree.iterparse(
            BytesIO(self._body), events=("start", "end"), resolve_entities=False, no_network=True, remove_comments=True
        )
        try:
            for event, element in events:
                if event == "start":
                    if not self.root:
                        self.root = local_name(element.tag)
                        if self.root not in ("urlset", "sitemapindex"):
                            return
                    continue
                if local_name(element.tag) not in ("url", "sitemap"):
                    continue
                fields = {
                    local_name(part.tag): (part.text or "").strip()
                    for part in element.iter(etree.Element)
                    if part is not element and part.text and local_name(part.getparent().tag) != "image"
                }
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
                self.count += 1
                if self.count > MAX_ADDRESSES:
                    self.count -= 1
                    self.broken = f"more than {MAX_ADDRESSES} addresses, the rest not read"
                    return
                yield fields
        except etree.XMLSyntaxError as error:
            self.broken = f"not well-formed: {error.msg}"


def _index(rows: _Rows) -> Listing:
    """The sitemaps that an index names, newest first by their lastmod."""
    found = [fields for fields in rows if fields.get("loc", "").startswith(("http://", "https://"))]
    found.sort(key=_when, reverse=True)
    more = tuple(dict.fromkeys(fields["loc"] for fields in found))[:MAX_MORE]
    return Listing((), "sitemap index", "lxml", more=more, warning=rows.broken)


def _plain_list(body: bytes, url: str) -> Listing:
    """A text sitemap: one address a line."""
    lines = [line.strip() for line in body[: 8 << 20].decode("utf-8-sig", "replace").splitlines()[:MAX_ADDRESSES]]
    links = [line for line in lines if line.startswith(("http://", "https://"))]
    if not links or len(links) * 2 < sum(map(bool, lines)):
        raise Unreadable("neither XML nor a list of addresses", url=url)
    entries, _ = unique(make_entry(link) for link in links[:MAX_ENTRIES])
    notes = [f"only {MAX_ENTRIES} of {len(links)} entries read"] if len(links) > MAX_ENTRIES else []
    return Listing(entries, "text sitemap", "lxml", warning="; ".join(notes))


def sitemap_date(raw: str) -> datetime | None:
    """A W3C date: to the second with a zone, or a year, month or day alone (midnight UTC)."""
    if _DAY.fullmatch(raw):
        raw += "-01" * (2 - raw.count("-"))
        return parse_when(raw + "T00:00:00Z")
    return parse_when(raw)


def _when(fields: _Fields) -> datetime:
    return sitemap_date(fields.get("publication_date", "")) or sitemap_date(fields.get("lastmod", "")) or _LONG_AGO


def _entry(fields: _Fields, fetched: datetime) -> Entry | None:
    written, changed = fields.get("publication_date", ""), fields.get("lastmod", "")
    dates = [("sitemap:news", written, sitemap_date(written)), ("sitemap:lastmod", changed, sitemap_date(changed))]
    published, how = date_of(dates, fetched)
    words = (word.strip() for word in fields.get("keywords", "").split(","))
    return make_entry(
        fields.get("loc", ""),
        title=headline(fields.get("title", ""), True),
        published=published,
        how=how,
        language=language_code(fields.get("language", "")),
        tags=tuple(dict.fromkeys(filter(None, words))),
        edited=changed or written,
    )
