"""Discovery over an invented web: what a page announces, what its addresses hold, what is proposed."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.discover import (
    COMMON_FEEDS,
    Checked,
    Discovery,
    check_source,
    country_of_host,
    discover,
    read_page,
    robots_sitemaps,
)
from pipeline.errors import BadInput, Blocked, Gone, NotNews, Unreachable, Unreadable
from pipeline.types import Entry, Fetched, FetchFailed, FetchTask, Kind, Listing, NotModified, Outcome, Source

NOW = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
PAGE = b"""<!doctype html><html lang="en-SG"><head><title>Harbour news - The Lantern</title>
<meta property="og:site_name" content="The  Harbour
 Lantern"><meta property="og:locale" content="en_US">
<link rel="alternate" type="application/rss+xml" title="World" href="/world.xml">
<link rel="alternate" type="application/rss+xml; charset=utf-8" title="World again" href="https://lantern.example/world.xml/">
<link rel="ALTERNATE nofollow" type="application/atom+xml" href="//feeds.lantern.example/tech">
<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed">
<link rel="alternate" type="application/json+oembed" href="/oembed"><link rel="alternate" hreflang="de" href="/de">
<link rel="stylesheet" type="application/rss+xml" href="/style">
<link rel="alternate" type="application/feed+json" href="">
</head><body></body></html>"""


class Web:
    """Answers by address; a body of the form "FEED 3 2026-11-01 Title" is read by `read` below."""

    def __init__(self, **pages: str | bytes | Exception | None) -> None:
        self.pages: dict[str, str | bytes | Exception | None] = dict(pages)
        self.moved: dict[str, str] = {}
        self.asked: list[str] = []

    async def __call__(self, url: str) -> Outcome:
        self.asked.append(url)
        task = FetchTask(url, "", Kind.PAGE)
        answer = self.pages.get(url, Gone("404: not there", url=url))
        if isinstance(answer, Gone | Blocked | Unreachable):
            return FetchFailed(task, answer, NOW)
        if answer is None:
            return NotModified(task, NOW)
        body = answer if isinstance(answer, bytes) else str(answer).encode()
        return Fetched(task, self.moved.get(url, url), 200, {}, body, NOW, redirected_for_good=self.moved.get(url, ""))


def read(page: Fetched, source: Source | None) -> Listing:
    """Stands in for the real reader: "FEED|SITEMAP|NEWS|INDEX count day-or-dash title"."""
    text = page.body.decode()
    if text.startswith("BROKEN"):
        raise Unreadable("nothing makes sense of it")
    word, _, rest = text.partition(" ")
    if word == "INDEX":
        return Listing((), "sitemap index", "lxml", more=tuple(rest.split()))
    if word not in ("FEED", "SITEMAP", "NEWS"):
        if page.task.kind is Kind.SECTION:
            return Listing((_entry(0, NOW, ""),), "section", "lxml")
        raise NotNews("an HTML page where a feed should be")
    count, day, title = [*rest.split(" ", 2), ""][:3]
    when = None if day == "-" else datetime.fromisoformat(day).replace(tzinfo=UTC)
    how = {"NEWS": "sitemap:news", "SITEMAP": "sitemap:lastmod"}.get(word, "feed:published")
    entries = tuple(_entry(number, when, how) for number in range(int(count)))
    feed = word == "FEED"
    return Listing(entries, "rss 2.0" if feed else "sitemap", "fast", title=title, language="de-AT" if feed else "")


def _entry(number: int, when: datetime | None, how: str) -> Entry:
    url = f"https://lantern.example/story/{number}"
    return Entry(f"a{number}", url, url, published=when, published_how=how)


def found(address: str, web: Web) -> Discovery:
    return asyncio.run(discover(address, web, read))


def lantern(**more: str | bytes | Exception) -> Web:
    web = Web()
    web.pages = {
        "https://lantern.example": PAGE,
        "https://lantern.example/world.xml": "FEED 3 2026-11-01 World desk",
        "https://feeds.lantern.example/tech": "FEED 2 2026-11-02 Tech",
        **more,
    }
    return web


def test_a_page_tells_name_language_country_and_feeds() -> None:
    facts = read_page(PAGE, "https://lantern.example/asia/")
    assert (facts.name, facts.language, facts.country) == ("The Harbour Lantern", "en", "SG")
    assert facts.feeds == ("https://lantern.example/world.xml", "https://feeds.lantern.example/tech")


def test_a_base_and_a_title_are_used() -> None:
    page = b"""<html xml:lang="fr"><head><base href="https://b.example/x/"><title>La une | Le Quai</title>
      <link rel=alternate type=application/rss+xml href=flux.xml></head>"""
    facts = read_page(page, "https://a.example/")
    assert facts.feeds[0] == "https://b.example/x/flux.xml"
    assert (facts.name, facts.language, facts.country) == ("Le Quai", "fr", "")


@given(st.binary(max_size=200))
def test_no_page_raises(body: bytes) -> None:
    announcing = b"<html><link rel=alternate type=application/rss+xml href='" + body
    for page in (body, announcing):
        assert all(url.startswith(("http://", "https://")) for url in read_page(page, "https://a.example/").feeds)
    assert all("://" in url for url in robots_sitemaps(body, "https://a.example/robots.txt"))


def test_robots_names_sitemaps() -> None:
    body = b"User-agent: *\nSITEMAP : /a.xml\n sitemap:https://b.example/b.xml # two\nSitemap: /a.xml\r\n"
    body += b"Sitemap: //[x\n"
    assert robots_sitemaps(body, "https://a.example/robots.txt") == (
        "https://a.example/a.xml",
        "https://b.example/b.xml",
    )


@pytest.mark.parametrize(
    ("host", "country"),
    [
        ("www.bbc.co.uk", "GB"),
        ("lantern.sg", "SG"),
        ("x.gov", "US"),
        ("nato.int", "INT"),
        ("a.eu", "INT"),
        ("a.com", ""),
        ("openai.io", ""),
        ("a.zz", ""),
        ("localhost", ""),
    ],
)
def test_a_country_by_its_domain(host: str, country: str) -> None:
    assert country_of_host(host) == country


def test_announced_feeds_are_read_and_proposed() -> None:
    web = lantern()
    discovery = found("lantern.example", web)
    source = discovery.source
    assert source.feeds == ("https://lantern.example/world.xml", "https://feeds.lantern.example/tech")
    assert (source.id, source.name, source.country, source.language) == ("lantern", "The Harbour Lantern", "SG", "en")
    assert source.homepage == "https://lantern.example/"
    assert source.confirmed == date(2026, 11, 3)
    world = discovery.found[0]
    assert (world.title, world.entries, world.newest) == ("World desk", 3, datetime(2026, 11, 1, tzinfo=UTC))
    assert not any(url.endswith(COMMON_FEEDS) for url in web.asked), "guessed only when nothing is announced"
    assert not any("comments" in url for url in web.asked)
    assert any("guess" in note for note in discovery.notes), "SG comes from the page's lang"


def test_common_addresses_are_tried_when_none_is_announced() -> None:
    web = Web()
    web.pages = {"https://kurier.at/politik": b"<html></html>", "https://kurier.at/rss.xml": "FEED 1 2026-11-01 Kurier"}
    discovery = found("https://kurier.at/politik", web)
    assert discovery.source.feeds == ("https://kurier.at/rss.xml",)
    assert (discovery.source.country, discovery.source.language) == ("AT", "de")
    assert discovery.source.name == "Kurier"
    assert "https://kurier.at/feed.xml" not in web.asked, "the first that works is enough"
    assert [each.url for each in discovery.found] == ["https://kurier.at/rss.xml"], "guesses that fail are not told"


def test_announced_feeds_that_do_not_work_are_told_and_others_tried() -> None:
    web = Web()
    web.pages = {
        "https://a.example/": b"<link rel=alternate type=application/rss+xml href=/gone.xml>",
        "https://a.example/feed": "FEED 0 - Quiet",
    }
    discovery = found("https://a.example/", web)
    assert discovery.source.feeds == ("https://a.example/feed",), "empty and valid is no error"
    assert discovery.found[0].problem == "404: not there"
    assert "none of the addresses dates its entries" in discovery.notes


def test_sitemaps_of_robots_news_first() -> None:
    web = lantern(
        **{
            "https://lantern.example/robots.txt": "Sitemap: /all.xml\nSitemap: /news-index.xml",
            "https://lantern.example/all.xml": "SITEMAP 900 2026-10-01",
            "https://lantern.example/news-index.xml": "INDEX https://lantern.example/n1.xml https://lantern.example/n2.xml",
            "https://lantern.example/n1.xml": "NEWS 5 2026-11-03",
        }
    )
    discovery = found("lantern.example", web)
    assert discovery.source.news_sitemaps == ("https://lantern.example/news-index.xml",)
    assert discovery.source.sitemaps == ()
    assert any("plain sitemaps are left out" in note for note in discovery.notes)
    kinds = {each.url: (each.kind, each.entries) for each in discovery.found}
    assert kinds["https://lantern.example/news-index.xml"] == (Kind.NEWS_SITEMAP, 5)
    assert kinds["https://lantern.example/all.xml"] == (Kind.SITEMAP, 900)
    assert "https://lantern.example/n2.xml" not in web.asked


def test_a_plain_sitemap_is_better_than_nothing() -> None:
    web = Web()
    web.pages = {"https://a.example/": b"<html lang=xx>", "https://a.example/sitemap.xml": "SITEMAP 9 2026-10-01"}
    discovery = found("https://a.example/", web)
    assert discovery.source.sitemaps == ("https://a.example/sitemap.xml",)
    assert (discovery.source.language, discovery.source.country) == ("und", "ZZ")
    assert sum("no language told" in note or "no country told" in note for note in discovery.notes) == 2


def test_the_address_of_a_feed_is_enough() -> None:
    web = Web()
    web.pages = {"https://feeds.kurier.at/welt": "FEED 4 2026-11-01 Kurier Welt"}
    discovery = found("https://feeds.kurier.at/welt", web)
    assert discovery.source.feeds == ("https://feeds.kurier.at/welt",)
    assert discovery.source.id == "kurier"
    assert web.asked == ["https://feeds.kurier.at/welt"]


def test_a_bare_host_is_tried_with_www_and_without_encryption() -> None:
    web = Web()
    web.pages = {"http://old.example": PAGE, "http://old.example/world.xml": "FEED 1 2026-11-01 x"}
    web.pages["https://lantern.example/world.xml"] = "FEED 1 2026-11-01 x"
    found("old.example", web)
    assert web.asked[:3] == ["https://old.example", "https://www.old.example", "http://old.example"]


def test_a_feed_behind_a_blocked_page_is_still_found() -> None:
    web = Web()
    web.pages = {"https://a.example/": Blocked("403: refused"), "https://a.example/feed": "FEED 1 2026-11-01 A"}
    discovery = found("https://a.example/", web)
    assert discovery.source.feeds == ("https://a.example/feed",)
    assert any("does not get around blocks" in note for note in discovery.notes)


def test_a_moved_feed_is_proposed_where_it_is_now() -> None:
    web = lantern()
    web.moved["https://lantern.example/world.xml"] = "https://lantern.example/new.xml"
    assert found("lantern.example", web).source.feeds[0] == "https://lantern.example/new.xml"


def test_nothing_found_says_what_was_tried_and_what_to_give() -> None:
    web = Web()
    web.pages = {"https://a.example/": b"<html></html>", "https://a.example/rss": "BROKEN"}
    with pytest.raises(BadInput) as caught:
        found("https://a.example/", web)
    said = caught.value.message
    assert "no feed and no sitemap found at https://a.example/" in said
    assert "https://a.example/feed.xml" in said
    assert "https://a.example/robots.txt" in said
    assert "'sections'" in said


@pytest.mark.parametrize("given", ["", "lantern", "ftp://lantern.example", "https://", "two words"])
def test_what_is_no_address_is_said(given: str) -> None:
    with pytest.raises(BadInput, match="give a host name such as"):
        found(given, Web())


def test_real_bytes_through_the_real_reader() -> None:
    feed = """<?xml version="1.0"?><rss version="2.0"><channel><title>Lantern: World</title><language>en-sg</language>
      <link>https://lantern.example/</link><description>d</description><item><title>Drones learn to wait</title>
      <link>https://lantern.example/a</link><pubDate>Mon, 02 Nov 2026 07:00:00 GMT</pubDate></item></channel></rss>"""
    news = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
      xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://lantern.example/b</loc><news:news>
      <news:publication><news:name>L</news:name><news:language>en</news:language></news:publication>
      <news:publication_date>2026-11-03T06:00:00Z</news:publication_date><news:title>T</news:title></news:news></url>
      </urlset>"""
    web = Web()
    web.pages = {
        "https://lantern.example": PAGE,
        "https://lantern.example/world.xml": feed,
        "https://feeds.lantern.example/tech": PAGE,
        "https://lantern.example/news-sitemap.xml": news,
    }
    discovery = asyncio.run(discover("lantern.example", web))
    told = {each.url: (each.kind, each.entries, each.newest, bool(each.problem)) for each in discovery.found}
    assert told == {
        "https://lantern.example/world.xml": (Kind.FEED, 1, datetime(2026, 11, 2, 7, tzinfo=UTC), False),
        "https://feeds.lantern.example/tech": (Kind.FEED, 0, None, True),
        "https://lantern.example/news-sitemap.xml": (Kind.NEWS_SITEMAP, 1, datetime(2026, 11, 3, 6, tzinfo=UTC), False),
    }
    assert discovery.source.feeds == ("https://lantern.example/world.xml",)
    assert discovery.source.news_sitemaps == ("https://lantern.example/news-sitemap.xml",)
    checked = asyncio.run(check_source(discovery.source, web))
    assert [(each.problem, each.entries) for each in checked] == [("", 1), ("", 1)]


def test_a_source_is_checked_address_by_address() -> None:
    web = Web()
    web.pages = {
        "https://a.example/feed": "FEED 2 2026-11-01 A",
        "https://a.example/same": None,
        "https://a.example/news.xml": "NEWS 4 2026-11-02",
        "https://a.example/map.xml": "INDEX https://a.example/1.xml https://a.example/2.xml",
        "https://a.example/page": b"<html></html>",
        "https://a.example/html": b"<html></html>",
        "https://a.example/down": Unreachable("timed out after 20 s"),
    }
    web.moved["https://a.example/feed"] = "https://a.example/new"
    source = Source(
        id="a",
        name="A",
        country="ZZ",
        language="und",
        homepage="https://a.example/",
        feeds=("https://a.example/feed", "https://a.example/same", "https://a.example/html", "https://a.example/down"),
        sitemaps=("https://a.example/map.xml",),
        news_sitemaps=("https://a.example/news.xml",),
        sections=("https://a.example/page",),
    )
    checked = asyncio.run(check_source(source, web, read))
    first = datetime(2026, 11, 1, tzinfo=UTC)
    assert checked == [
        Checked("https://a.example/feed", Kind.FEED, moved_to="https://a.example/new", entries=2, newest=first),
        Checked("https://a.example/same", Kind.FEED, unchanged=True),
        Checked("https://a.example/html", Kind.FEED, problem="an HTML page where a feed should be"),
        Checked("https://a.example/down", Kind.FEED, problem="timed out after 20 s"),
        Checked("https://a.example/map.xml", Kind.SITEMAP, entries=2),
        Checked(
            "https://a.example/news.xml",
            Kind.NEWS_SITEMAP,
            entries=4,
            newest=datetime(2026, 11, 2, tzinfo=UTC),
        ),
        Checked("https://a.example/page", Kind.SECTION, entries=1, newest=NOW),
    ]
