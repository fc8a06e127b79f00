"""Section pages in the layouts that outlets use: stories in, furniture out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawlers.readers import feed_links, read_listing
from pipeline.errors import NotNews
from pipeline.types import Fetched, FetchTask, Kind, Listing, Source

URL = "https://www.outlet.example/defence"
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def read(html: str | bytes, source: Source | None = None, url: str = URL) -> Listing:
    body = html.encode() if isinstance(html, str) else html
    task = FetchTask(url, "outlet", Kind.SECTION)
    return read_listing(Fetched(task, url, 200, {"content-type": "text/html"}, body, NOW), source)


def stories(listing: Listing) -> list[tuple[str, str]]:
    return [(entry.url.split("/", 3)[3], entry.title) for entry in listing.entries]


CARDS = """<!doctype html><html lang="en-GB"><head><title>Defence | The Outlet</title></head>
<body><header><a href="/">The Outlet, news since 1902</a>
<nav>
<a href="/world/long-reads-and-essays-2026">Long reads and essays</a></nav></header>
<div class="breadcrumbs"><a href="/news/defence-and-security-2026">Defence and security news today</a></div>
<main><h1>Defence</h1>
<article class="card">
 <a href="/2026/11/23/convoy-drives-itself-home">
<img src="c.jpg" alt="Lorries"></a>
 <h3><a href="/2026/11/23/convoy-drives-itself-home">Convoy drives itself home through the night</a></h3>
 <a href="/author/maja-sild">Maja Sild, defence correspondent</a>
 <time datetime="2026-11-23T09:00:00+02:00">yesterday</time></article>
<article class="card">
 <h3>
 <a href="https://outlet.example/2026/11/22/radar-learns-to-wait/?src=front#top">
 Radar learns to wait</a></h3>
 <time datetime="2026-11-22">Sunday</time></article>
<article class="card">
 <h3><a href="/video/2026/11/22/watch-the-radar-wait">Watch the radar wait in the cold</a></h3></article>
<article class="card">
 <h3><a href="https://partner.example/2026/11/22/sold-story-about-radar">
 A story that a partner sold to us</a></h3></article>
</main>
<aside class="most-read"><a href="/2026/11/20/what-everyone-reads-now">What everyone reads now and always</a></aside>
<footer><a href="/terms-of-use">The terms of use of this site</a></footer></body></html>"""


def test_cards_with_times() -> None:
    listing = read(CARDS)
    assert stories(listing) == [
        ("2026/11/23/convoy-drives-itself-home", "Convoy drives itself home through the night"),
        ("2026/11/22/radar-learns-to-wait/?src=front", "Radar learns to wait"),
    ]
    first, second = listing.entries
    assert (first.published, first.published_how) == (datetime(2026, 11, 23, 7, tzinfo=UTC), "time element")
    assert (second.published, second.published_how) == (datetime(2026, 11, 22, tzinfo=UTC), "time element (no zone)")
    assert (listing.format, listing.language, listing.title) == ("section", "en", "Defence | The Outlet")


LIST = """<html><body><div id="menu"><ul><li><a href="/a/100200-menu">Menus and more menus for all</a></li></ul></div>
<div class="content"><ul class="river">
<li><a href="/article/100201"><h4>Shipyard asks a machine for the plan</h4><p>It had three.</p></a></li>
<li><a href="/article/100202">Satellite finds the lost convoy</a> <span>2 h</span></li>
<li><a href="/article/100203">More</a></li>
<li><a href="/defence?page=2">Older stories from this section</a></li>
<li><a href="/tag/drones">All our stories about drones</a></li>
<li><a href="/pdf/2026-report-on-the-fleet.pdf">The report on the fleet, in full</a></li>
<li><a href="mailto:desk@outlet.example">Write to the desk about this page</a></li>
<li><a href="http://[broken">A broken link with a long text</a></li>
</ul></div></body></html>"""


def test_a_river_of_numbered_links() -> None:
    listing = read(LIST)
    assert stories(listing) == [
        ("article/100201", "Shipyard asks a machine for the plan"),
        ("article/100202", "Satellite finds the lost convoy"),
    ]
    assert all(entry.published is None and entry.published_how == "" for entry in listing.entries)


MINISTRY = """<html lang=ja><head><base href="https://www.outlet.example/press/"></head><body><table>
<tr><td>2026/11/20</td><td><a href="2026/11/20a.html">無人水上艇の試験を開始しました</a></td></tr>
<tr><td>2026/11/19</td><td><a href="2026/11/19b.html">人工知能の利用に関する指針について</a></td></tr>
<tr><td></td><td><a href="index.html">一覧</a></td></tr></table></body></html>"""


def test_a_table_in_a_script_without_spaces() -> None:
    assert stories(read(MINISTRY)) == [
        ("press/2026/11/20a.html", "無人水上艇の試験を開始しました"),
        ("press/2026/11/19b.html", "人工知能の利用に関する指針について"),
    ]


DIVS = """<html><body><div class="wrap"><div class="teaser teaser--big">
<a class="teaser__link" href="/politik/drohnen-lernen-fliegen-a-7f3c">
<span class="kicker">Bundeswehr</span> <h2>Drohnen lernen fliegen, ganz allein</h2></a></div>
<div class="teaser"><a href="/politik/kurz" title="Kurz">Kurz</a></div>
<div class="related"><a href="/politik/was-noch-alles-geschah-heute">Was noch alles geschah an diesem Tag</a></div>
</div></body></html>"""


def test_teasers_take_the_heading_as_title() -> None:
    assert stories(read(DIVS)) == [("politik/drohnen-lernen-fliegen-a-7f3c", "Drohnen lernen fliegen, ganz allein")]


def test_patterns_decide_where_they_are_given() -> None:
    source = Source("o", "O", "DE", "de", URL, allow=(r"/politik/",), deny=(r"-a-7f3c$",))
    assert stories(read(DIVS, source)) == [
        ("politik/kurz", "Kurz"),
        ("politik/was-noch-alles-geschah-heute", "Was noch alles geschah an diesem Tag"),
    ]


def test_the_picture_and_the_headline_are_one_story_and_a_shared_time_is_no_ones() -> None:
    html = """<main><div><a href="/2026/11/a-story-of-two-links"><img></a>
    <a href="/2026/11/a-story-of-two-links">A story of
    two links, told once</a><a href="/2026/11/another-story-beside-it">Another story beside it, told too</a>
    <time datetime="2026-11-20T00:00:00Z"></time><time datetime="2026-11-21T00:00:00Z"></time></div></main>"""
    listing = read(html)
    assert [title for _, title in stories(listing)] == [
        "A story of two links, told once",
        "Another story beside it, told too",
    ]
    assert [entry.published for entry in listing.entries] == [None, None]


@pytest.mark.parametrize("body", [b"<html><body><p>No links here</p></body></html>", b"<!doctype html><html></html>"])
def test_a_page_without_stories_says_so(body: bytes) -> None:
    listing = read(body)
    assert listing.entries == () and listing.warning == "no story links found on the page"


def test_other_encodings() -> None:
    html = '<meta charset="windows-1251"><main><a href="/2026/11/drony">Дроны учатся летать домой сами</a></main>'
    assert stories(read(f"<html><head>{html}".encode("windows-1251")))[0][1] == "Дроны учатся летать домой сами"


def test_announced_feeds() -> None:
    html = """<html><head><base href="https://www.outlet.example/x/">
    <link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed">
    <link rel="alternate" type="application/rss+xml" title=" The
      Outlet " href="feed"><link rel="ALTERNATE feed" type="application/atom+xml; charset=utf-8" href="/atom">
    <link rel="alternate" type="application/feed+json" href="https://cdn.example/f.json">
    <link rel="alternate" hreflang="de" href="/de"><link rel="stylesheet" type="application/rss+xml" href="/no">
    <link rel="alternate" type="application/rss+xml" href="feed"></head>"""
    assert feed_links(html.encode(), URL) == [
        ("https://www.outlet.example/x/feed", "The Outlet", "rss"),
        ("https://www.outlet.example/atom", "", "atom"),
        ("https://cdn.example/f.json", "", "json"),
        ("https://www.outlet.example/comments/feed", "Comments", "rss"),
    ]
    assert feed_links(b"", URL) == []
    assert feed_links(b"\x00\xff<", URL) == []


def test_html_is_read_as_a_section_only_where_one_was_asked_for() -> None:
    with pytest.raises(NotNews):
        read_listing(Fetched(FetchTask(URL, "o", Kind.NEWS_SITEMAP), URL, 200, {}, CARDS.encode(), NOW))
