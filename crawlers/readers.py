"""One reader for all listings: it looks at what the bytes are, not at what their address promised."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from crawlers.feeds import read_feed
from crawlers.jsonfeed import read_json_feed
from crawlers.sections import absolute, base_of, parse_html, read_section
from crawlers.sitemaps import gunzip, read_sitemap
from pipeline.errors import BadSource, NotNews, Unreadable, WirewatchError
from pipeline.types import Entry, Fetched, Kind, Listing, Source

_PROLOG = re.compile(
    rb"(?:\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE\s+(?!html)[^\[>]*(?:\[.*?\]\s*)?>)*", re.DOTALL | re.IGNORECASE
)
_FEED_TYPES = {
    "application/rss+xml": "rss",
    "application/atom+xml": "atom",
    "application/feed+json": "json",
    "application/rdf+xml": "rss",
    "application/x-rss+xml": "rss",
}
_ROOT = re.compile(rb"<(?:[A-Za-z][\w.-]*:)?([A-Za-z!][\w]*)")


def read_listing(page: Fetched, source: Source | None = None) -> Listing:
    """Entries of a feed, sitemap or section page, in its order, each once, those only that the source allows.

    Raises Unreadable (nothing makes sense of it), NotNews (an HTML page where a listing should be; names the feeds
    it announces), Refused (too large, a bomb), BadSource (an allow or deny pattern that is none).
    """
    try:
        listing = _read(page, source)
    except WirewatchError as error:
        error.source_id = error.source_id or page.task.source_id
        raise
    if source is None or not (source.allow or source.deny):
        return listing
    entries = tuple(entry for entry in listing.entries if allowed(entry, source))
    return replace(listing, entries=entries)


def allowed(entry: Entry, source: Source) -> bool:
    """Whether the source's patterns let a story in: one of `allow` (if there are any) and none of `deny`."""
    allow, deny = _patterns(source.allow), _patterns(source.deny)
    if allow and not any(pattern.search(entry.url) for pattern in allow):
        return False
    return not any(pattern.search(entry.url) for pattern in deny)


@lru_cache(maxsize=1024)
def _patterns(texts: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    try:
        return tuple(re.compile(text) for text in texts)
    except re.error as error:
        raise BadSource(f"allow/deny: {error.pattern!r} is not a regular expression: {error}") from error


def _read(page: Fetched, source: Source | None) -> Listing:
    """Dispatch on the bytes."""
    body = gunzip(page.body, page.url)
    if not body.strip():
        raise Unreadable("an empty answer", url=page.url)
    root = root_of(body)
    sitemap = page.task.kind in (Kind.SITEMAP, Kind.NEWS_SITEMAP)
    if root == "json":
        return read_json_feed(body, page.url, page.fetched)
    if root in ("urlset", "sitemapindex") or (sitemap and root == "text"):
        return read_sitemap(body, page.url, page.fetched)
    if root == "html" or (page.task.kind is Kind.SECTION and root not in ("rss", "RDF", "feed")):
        return _html(page, body, source)
    return read_feed(body, page.url, page.headers, page.fetched)


def _html(page: Fetched, body: bytes, source: Source | None) -> Listing:
    """A section page; anywhere else HTML is not what was asked for."""
    if page.task.kind is Kind.SECTION:
        allow = _patterns(source.allow) if source else ()
        return read_section(body, page.url, page.fetched, allow)
    announced = feed_links(body, page.url)
    hint = "; it announces " + ", ".join(url for url, _, _ in announced[:3]) if announced else ""
    raise NotNews(f"an HTML page, not a {page.task.kind.value}{hint}", url=page.url)


def root_of(body: bytes) -> str:
    """What the bytes are: "json", "html", "text", or the local name of the XML root element."""
    head = _head(body)
    if head[:1] in (b"{", b"["):
        return "json"
    prolog = _PROLOG.match(head)
    root = _ROOT.match(head, prolog.end() if prolog else 0)
    if root is None:
        return "text" if head[:1] != b"<" else "xml"
    name = root[1].decode("ascii").lower()
    return "html" if name in ("html", "head", "body", "!doctype", "div", "p", "title", "meta") else root[1].decode()


def _head(body: bytes) -> bytes:
    """The first bytes in an encoding that ASCII patterns can read, without byte order mark and white space."""
    head = body[:4096]
    if b"\0" in head[:8] or head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").replace(b"\0", b"")
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()


def feed_links(body: bytes, base_url: str) -> list[tuple[str, str, str]]:
    """Feeds that an HTML page announces, as (absolute address, title, type), in its order, each once.

    Types are "rss", "atom" and "json". Comment feeds come last. Never raises: a page that cannot be read has none.
    """
    try:
        page = parse_html(body, base_url)
    except Unreadable:
        return []
    base = base_of(page, base_url)
    found: dict[str, tuple[str, str, str]] = {}
    for link in page.iter("link"):
        kind = _FEED_TYPES.get((link.get("type") or "").partition(";")[0].strip().lower(), "")
        url = absolute(link.get("href") or "", base)
        if url and kind and {"alternate", "feed"} & set((link.get("rel") or "").lower().split()):
            found.setdefault(url, (url, " ".join((link.get("title") or "").split()), kind))
    return sorted(found.values(), key=lambda feed: "comment" in f"{feed[0]} {feed[1]}".lower())
