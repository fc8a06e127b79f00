"""Sitemaps of every kind, whole and broken, and their limits."""

from __future__ import annotations

import gzip
import tracemalloc
from datetime import UTC, datetime

import pytest

from crawlers.readers import read_listing
from crawlers.sitemaps import gunzip, read_sitemap, sitemap_date
from pipeline.errors import Refused, Unreadable, WirewatchError
from pipeline.types import Fetched, FetchTask, Kind, Listing

URL = "https://outlet.example/sitemap.xml"
NOW = datetime(2026, 11, 24, tzinfo=UTC)
NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
NEWS = """<url><loc>https://outlet.example/convoy</loc><n:news><n:publication><n:name>Outlet</n:name>
<n:language>en</n:language></n:publication><n:publication_date>2026-11-23T09:00+02:00</n:publication_date>
<n:title>Convoy drives itself &amp;amp; stops</n:title><n:keywords>land, lorries , ,land</n:keywords></n:news>
<image:image xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><image:loc>https://outlet.example/p.jpg</image:loc>
<image:title>not this</image:title></image:image></url>"""


def read(body: str | bytes) -> Listing:
    return read_sitemap(body.encode() if isinstance(body, str) else body, URL, NOW)


def row(number: int, changed: str = "") -> str:
    return f"<url><loc>https://outlet.example/{number}</loc>{f'<lastmod>{changed}</lastmod>' if changed else ''}</url>"


def test_newest_first() -> None:
    rows = [row(1), row(2, "2026-11-01"), row(3, "2026-11-23T10:00:00+09:00"), row(4), row(5, "2026-11")]
    listing = read(f"<urlset {NS}>{''.join(rows)}</urlset>")
    assert (listing.format, listing.reader, listing.warning) == ("sitemap", "lxml", "")
    assert [entry.url[-1] for entry in listing.entries] == ["3", "2", "5", "1", "4"]
    assert listing.entries[0].published == datetime(2026, 11, 23, 1, tzinfo=UTC)
    assert listing.entries[0].published_how == "sitemap:lastmod"
    assert listing.entries[1].published_how == "sitemap:lastmod (no zone)"
    assert listing.entries[3].published is None


@pytest.mark.parametrize("name", [":", "x:"])
def test_a_name_that_is_none_costs_no_address(name: str) -> None:
    """lxml reads it and its QName refuses it; what stands beside it is read."""
    assert len(read(f"<urlset {NS}><{name}/>{row(1)}{row(2)}</urlset>").entries) == 2


def test_google_news() -> None:
    listing = read(f"<urlset {NS}>{NEWS}</urlset>")
    (entry,) = listing.entries
    assert listing.format == "news sitemap"
    assert (entry.title, entry.language, entry.tags) == ("Convoy drives itself & stops", "en", ("land", "lorries"))
    assert (entry.published, entry.published_how) == (datetime(2026, 11, 23, 7, tzinfo=UTC), "sitemap:news")
    assert entry.url == "https://outlet.example/convoy"


def test_an_index_names_its_sitemaps_newest_first() -> None:
    parts = "".join(
        f"<sitemap><loc>https://outlet.example/{day}.xml.gz</loc><lastmod>2026-11-{day}</lastmod></sitemap>"
        for day in (20, 23, 21)
    )
    listing = read(f"<sitemapindex {NS}>{parts}<sitemap><loc>/relative</loc></sitemap></sitemapindex>")
    assert (listing.format, listing.entries) == ("sitemap index", ())
    assert listing.more == tuple(f"https://outlet.example/{day}.xml.gz" for day in (23, 21, 20))


def test_gzip_wrong_namespaces_and_text() -> None:
    assert len(read(gzip.compress(f"<urlset>{row(1)}</urlset>".encode())).entries) == 1
    assert len(read(f'<urlset xmlns="http://www.google.com/schemas/sitemap/0.84">{row(1)}</urlset>').entries) == 1
    listing = read("\ufeffhttps://outlet.example/1\r\nhttps://outlet.example/2\n\n")
    assert listing.format == "text sitemap" and len(listing.entries) == 2
    task = FetchTask(URL, "outlet", Kind.SITEMAP)
    assert len(read_listing(Fetched(task, URL, 200, {}, b"https://outlet.example/1", NOW)).entries) == 1


def test_what_is_cut_short_is_kept_as_far_as_whole() -> None:
    listing = read(f"<urlset {NS}>{row(1)}{row(2)}<url><loc>https://outlet.ex")
    assert [entry.url[-1] for entry in listing.entries] == ["1", "2"]
    assert "not well-formed" in listing.warning


def test_empty_and_valid_is_no_error() -> None:
    assert read(f"<urlset {NS}></urlset>").entries == ()
    assert read(f"<sitemapindex {NS}/>").more == ()


@pytest.mark.parametrize(
    "body", [b"", b"Not found", b"<html><body>no</body></html>", b"\x1f\x8bno gzip", b"<urlset", b"<"]
)
def test_what_is_no_sitemap(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(body)


@pytest.mark.parametrize("raw", ["", "yesterday", "2026-13-01", "2026-11-23T25:00:00Z", "99"])
def test_dates_that_are_none(raw: str) -> None:
    assert sitemap_date(raw) is None


def test_bombs_are_refused() -> None:
    with pytest.raises(Refused):
        gunzip(gzip.compress(b" " * (3 << 20)), limit=2 << 20)
    with pytest.raises(Refused):
        read('<!DOCTYPE u [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><urlset><url><loc>&b;</loc></url></urlset>')


def test_a_huge_sitemap_costs_little_memory_and_keeps_the_newest() -> None:
    days = [f"2026-{month:02}-{day:02}" for month in range(1, 11) for day in range(1, 28)]
    body = f"<urlset {NS}>{''.join(row(n, days[n % 270]) for n in range(60_000))}</urlset>".encode()
    tracemalloc.start()
    listing = read(body)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(listing.entries) == 2000 and listing.entries[0].published == datetime(2026, 10, 27, tzinfo=UTC)
    assert "only the newest 2000" in listing.warning and "50000 addresses" in listing.warning
    assert peak < 25 << 20


def test_a_damaged_gzip_never_leaks_a_foreign_error() -> None:
    good = gzip.compress(f"<urlset>{row(1)}</urlset>".encode())
    for cut in range(0, len(good), 7):
        try:
            entries = read(good[:cut]).entries
        except Exception as error:
            assert isinstance(error, WirewatchError), error
        else:
            assert len(entries) <= 1
