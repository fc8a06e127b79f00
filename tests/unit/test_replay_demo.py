"""What must be true of the demo's world."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import feedparser
import lxml.etree
import lxml.html
import pytest

from replay.answers import Answer, Request
from replay.content import load_outlets, load_pieces
from replay.demo import DemoWorld, demo_world
from replay.press import Pace, publish, slug_of

NOW = datetime(2026, 2, 25, 8, 0, tzinfo=UTC)
REFERENCE = "anthropic-hegseth-ultimatum"


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        return self.time


def get(world: DemoWorld, url: str, follow: bool = True) -> Answer:
    async def go() -> Answer:
        answer = await world.answer(Request.of(url))
        for _ in range(4):
            if not follow or answer.status not in {301, 302}:
                break
            answer = await world.answer(Request.of(answer.headers["Location"]))
        return answer

    return asyncio.run(go())


@pytest.fixture(scope="module")
def frozen() -> DemoWorld:
    return demo_world(lambda: NOW, frozen=True, faults=False)


def text_of(world: DemoWorld, url: str) -> str:
    return " ".join(lxml.html.fromstring(get(world, url).body).text_content().split())


def test_it_is_as_large_as_promised(frozen: DemoWorld) -> None:
    truth = frozen.truth()
    assert len(frozen.outlets) >= 16
    assert len({one["piece"] for one in truth}) >= 64
    assert len({one["outlet"] for one in truth}) == len(frozen.outlets)
    assert {outlet.outlet.language for outlet in frozen.outlets.values()} >= {"en", "de", "fr", "ja"}
    assert all((urlsplit(str(one["url"])).hostname or "").endswith(".example") for one in truth)


def test_about_half_is_out_at_the_start() -> None:
    clock = Clock()
    world = demo_world(clock)
    everything = len(demo_world(lambda: NOW, frozen=True).truth())
    assert 0.35 < len(world.truth()) / everything < 0.65


def test_nine_outlets_carry_the_reference_story(frozen: DemoWorld) -> None:
    copies = [one for one in frozen.truth() if one["piece"] == REFERENCE]
    assert len({one["outlet"] for one in copies}) >= 9
    assert {one["kind"] for one in copies} >= {"original", "copy", "cut", "padded", "brief", "update"}
    for one in copies:
        text = text_of(frozen, str(one["url"]))
        assert one["kind"] == "brief" or ("Anthropic" in text and "Pentagon" in text), one
    others = {one["piece"] for one in frozen.truth() if one["event"] == REFERENCE and one["piece"] != REFERENCE}
    assert others == {"hegseth-meeting-account"}


def test_the_blocked_outlet_tells_the_reference_in_its_feed(frozen: DemoWorld) -> None:
    [entry] = [e for e in feed(frozen, "emerald-examiner").entries if "Anthropic" in e.title]
    assert "Pentagon" in entry.title + entry.summary


def test_the_reference_comes_first_and_fast() -> None:
    publications, _ = publish(load_pieces(), load_outlets(), Pace(NOW))
    after = sorted((p.appears - NOW).total_seconds() for p in publications if p.piece == REFERENCE)
    assert 0 < after[0] < 5
    assert after[-1] < 35
    assert sum(seconds <= 30 for seconds in after) >= 9
    assert min(p.appears for p in publications if p.appears > NOW) == NOW + timedelta(seconds=after[0])


def test_several_other_stories_are_carried_by_more_than_one_outlet(frozen: DemoWorld) -> None:
    carried = Counter(str(one["piece"]) for one in frozen.truth() if one["wire"])
    assert sum(2 <= n <= 6 for piece, n in carried.items() if piece != REFERENCE) >= 8


def test_no_sentence_is_shared_by_two_pieces_but_where_that_is_the_point() -> None:
    seen: dict[str, set[str]] = defaultdict(set)
    for piece in load_pieces():
        if piece.carriers[0].kind not in {"followup", "roundup", "template"}:
            for paragraph in piece.paragraphs:
                seen[paragraph].add(piece.id)
    assert [paragraph for paragraph, pieces in seen.items() if len(pieces) > 1] == []


def test_every_page_holds_its_title_text_and_date(frozen: DemoWorld) -> None:
    for site in frozen.outlets.values():
        for publication in site.published():
            answer = get(frozen, site.url(publication))
            assert answer.status == 200
            text = " ".join(lxml.html.fromstring(answer.body).text_content().split())
            assert " ".join(publication.title.split()) in text
            shown = publication.paragraphs_at(NOW)[: site.outlet.paywall or None]
            assert all(" ".join(paragraph.removeprefix("* ").split()) in text for paragraph in shown)
            assert "[[" not in text and "{" not in "".join(shown)
            assert f"{publication.dated:%Y}" in answer.body.decode()


def test_dates_are_sane(frozen: DemoWorld) -> None:
    for one in frozen.truth():
        published = datetime.fromisoformat(str(one["published"]))
        assert NOW - timedelta(days=2, hours=1) < published <= NOW, one


def test_addresses_are_unique_and_all_lead_to_the_page(frozen: DemoWorld) -> None:
    urls = [str(one["url"]) for one in frozen.truth()]
    assert len(urls) == len(set(urls))
    for one in frozen.truth():
        urls_of_one = one["urls"]
        assert isinstance(urls_of_one, list)
        bodies = {get(frozen, url).body for url in urls_of_one}
        assert len(bodies) == 1, one


def feed(world: DemoWorld, outlet: str, number: int = 0) -> feedparser.FeedParserDict:
    feeds = next(source for source in world.sources() if source["id"] == outlet)["feeds"]
    assert isinstance(feeds, list)
    return feedparser.parse(get(world, feeds[number]).body)


def test_every_feed_format_is_there_and_read(frozen: DemoWorld) -> None:
    versions = set()
    for site in frozen.outlets.values():
        for plan in site.outlet.feeds:
            body = get(frozen, f"https://{site.outlet.host}{plan.path}").body
            listed = {site.listed(p): p for p in site.published()}
            if plan.format == "json11":
                told = json.loads(body)
                versions.add(told["version"].rpartition("/")[2])
                entries = [(item["url"], item["title"]) for item in told["items"]]
            else:
                parsed = feedparser.parse(body)
                assert not parsed.bozo, (plan, parsed.get("bozo_exception"))
                versions.add(parsed.version)
                entries = [(entry.link, entry.title) for entry in parsed.entries]
            assert entries
            for link, title in entries:
                publication = listed[link.partition(plan.tracking)[0].rstrip("?&") if plan.tracking else link]
                assert title == publication.title
    assert versions == {"1.1", "rss091u", "rss092", "rss10", "rss20", "atom03", "atom10"}


def test_feeds_give_dates_authors_and_whole_texts(frozen: DemoWorld) -> None:
    entry = feed(frozen, "lagos-compass").entries[0]
    assert entry.content[0].value.startswith("<p>")
    atom = feed(frozen, "capitol-ledger").entries[0]
    assert atom.published_parsed
    assert atom.author
    assert feed(frozen, "kaiyo-shimbun").entries[0].updated_parsed
    assert "published_parsed" not in feed(frozen, "prairie-sentinel").entries[0]


def test_a_story_stands_in_two_feeds_under_two_tracked_addresses(frozen: DemoWorld) -> None:
    links = [e.link for n in (0, 1) for e in feed(frozen, "harbour-courier", n).entries if "Friday deadline" in e.title]
    assert len(set(links)) == 2
    assert len({link.partition("?")[0] for link in links}) == 1
    assert get(frozen, links[0]).body == get(frozen, links[1]).body


def locs(body: bytes) -> list[str]:
    return [str(e.text) for e in lxml.etree.fromstring(body).iter("{*}loc")]


def test_sitemaps(frozen: DemoWorld) -> None:
    southern = frozen.outlets["southern-cross-dispatch"]
    [news] = locs(get(frozen, f"https://{southern.outlet.host}{southern.outlet.sitemap_index}").body)
    assert sorted(locs(gzip.decompress(get(frozen, news).body))) == sorted(map(southern.url, southern.published()))
    maple = frozen.outlets["maple-tribune"]
    assert sorted(locs(get(frozen, f"https://{maple.outlet.host}{maple.outlet.sitemap}").body)) == sorted(
        map(maple.url, maple.published())
    )


def test_section_pages_list_stories(frozen: DemoWorld) -> None:
    [source] = [source for source in frozen.sources() if source["id"] == "deccan-morning-post"]
    assert source["feeds"] == [] and source["sitemaps"] == [] and source["news_sitemaps"] == []
    assert isinstance(source["sections"], list) and isinstance(source["allow"], list)
    found: set[str] = set()
    for section in source["sections"]:
        page = lxml.html.fromstring(get(frozen, section).body)
        found |= {link for _, _, link, _ in page.iterlinks() if re.search(source["allow"][0], link)}
    site = frozen.outlets["deccan-morning-post"]
    assert found == {site.url(publication) for publication in site.published()}


def test_fronts_announce_feeds(frozen: DemoWorld) -> None:
    page = lxml.html.fromstring(get(frozen, "https://news.baltic-relay.example/").body)
    assert page.xpath("//link[@rel='alternate']/@type") == ["application/feed+json", "application/rss+xml"]


def test_robots(frozen: DemoWorld) -> None:
    assert b"Crawl-delay: 2" in get(frozen, "https://www.prairie-sentinel.example/robots.txt").body
    assert b"Disallow: /live/" in get(frozen, "https://www.thames-standard.example/robots.txt").body
    assert any("/live/" in str(one["url"]) for one in frozen.truth())
    assert b"Sitemap:" in get(frozen, "https://www.maple-tribune.example/robots.txt").body


def test_rights_are_declared(frozen: DemoWorld) -> None:
    first = {outlet: frozen.outlets[outlet].url(frozen.outlets[outlet].published()[0]) for outlet in frozen.outlets}
    assert b'content="noarchive"' in get(frozen, first["aotearoa-register"]).body
    assert get(frozen, first["polder-signal"]).headers["tdm-reservation"] == "1"
    walled = get(frozen, first["signal-and-armour"]).body
    assert b"Subscribers read on" in walled
    assert len(re.findall(rb"<p>", walled)) < 6


def test_old_addresses_lead_over_two_redirects_to_the_new(frozen: DemoWorld) -> None:
    link = feed(frozen, "polder-signal").entries[0].link
    assert link.startswith("http://polder-signal.example/?p=")
    first = get(frozen, link, follow=False)
    assert (first.status, first.headers["Location"]) == (301, link.replace("http://", "https://www."))
    second = get(frozen, first.headers["Location"], follow=False)
    assert second.status == 301
    assert get(frozen, second.headers["Location"]).status == 200


def test_pages_move_and_are_revised_while_it_runs() -> None:
    clock = Clock()
    world = demo_world(clock, faults=False)
    clock.time = NOW + timedelta(seconds=40)
    [before] = [o for o in world.truth() if o["piece"] == REFERENCE and o["outlet"] == "maple-tribune"]
    [lagos] = [str(o["url"]) for o in world.truth() if o["piece"] == REFERENCE and o["outlet"] == "lagos-compass"]
    assert b"(Updated" not in get(world, lagos).body
    clock.time = NOW + timedelta(seconds=150)
    [after] = [o for o in world.truth() if o["piece"] == REFERENCE and o["outlet"] == "maple-tribune"]
    assert before["url"] != after["url"]
    assert get(world, str(before["url"]), follow=False).headers["Location"] == after["url"]
    assert b"(Updated" in get(world, lagos).body


def test_feeds_and_their_etags_follow_the_clock() -> None:
    clock = Clock()
    world = demo_world(clock, faults=False)
    url = "https://www.harbour-courier.example/news/world/rss.xml"
    first = get(world, url)
    assert get(world, url).etag == first.etag
    assert b"Anthropic digs in" not in first.body
    clock.time += timedelta(seconds=4)
    second = get(world, url)
    assert second.etag != first.etag
    assert b"Anthropic digs in" in second.body


def test_bulletins_go_on_for_ever_in_bounded_memory() -> None:
    clock = Clock()
    world = demo_world(clock, faults=False)
    clock.time = NOW + timedelta(minutes=15)
    early = [o for o in world.truth() if o["kind"] == "bulletin"]
    clock.time = NOW + timedelta(days=3)
    late = [o for o in world.truth() if o["kind"] == "bulletin"]
    assert 0 < len(early) < len(late) <= 20 * len(world.outlets)
    assert not {o["piece"] for o in early} & {o["piece"] for o in late}
    assert len({o["url"] for o in late}) == len(late)
    assert get(world, str(late[-1]["url"])).status == 200
    assert get(world, str(early[0]["url"])).status == 404
    again = demo_world(lambda: NOW, faults=False)
    assert [o["url"] for o in again.truth()] == [o["url"] for o in demo_world(lambda: NOW, faults=False).truth()]


def test_speed_brings_things_forward() -> None:
    clock = Clock()
    slow, fast = demo_world(clock, 1), demo_world(clock, 4)
    clock.time += timedelta(seconds=60)
    assert len(fast.truth()) > len(slow.truth())


def test_sources_say_that_they_are_invented(frozen: DemoWorld) -> None:
    sources = frozen.sources()
    assert len({source["id"] for source in sources}) == len(sources)
    for source in sources:
        assert "invented" in str(source["terms"])
        assert source["feeds"] or source["sitemaps"] or source["news_sitemaps"] or source["sections"]
        for key in ("feeds", "sitemaps", "news_sitemaps", "sections"):
            addresses = source[key]
            assert isinstance(addresses, list)
            assert all(get(frozen, address).status == 200 for address in addresses)


def test_misbehaviour_is_on_by_default() -> None:
    world = demo_world(lambda: NOW, frozen=True)
    emerald = world.outlets["emerald-examiner"]
    assert get(world, emerald.url(emerald.published()[0])).status == 403
    assert get(world, "https://www.emerald-examiner.example/feed/latest.xml").status == 200
    gulf = "https://www.gulf-meridian.example/arc/outboundfeeds/latest.xml"
    assert [get(world, gulf).status for _ in range(2)] == [429, 200]
    kowloon = world.outlets["kowloon-evening-mail"]
    asia = next(kowloon.url(p) for p in kowloon.published() if p.section == "asia")
    assert [get(world, asia).ending.value for _ in range(2)] == ["cut", "whole"]
    assert 0 < get(world, asia).pace < 50_000
    cape = "https://www.cape-observer.example/rss/cape.xml"
    assert [bool(feedparser.parse(get(world, cape).body).bozo) for _ in range(5)] == [False, False, False, False, True]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("title: x\n", "no line '---'"),
        ("---\ntitle: x\ncarriers: {a: {}}\nslot: 1\nago: 2\n---\nText.\n", "either ago or slot"),
        ("---\ntitle: x\ncarriers: {a: {headline: y}}\nslot: 1\n---\nText.\n", "headline"),
    ],
)
def test_a_story_file_at_fault_is_named(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "bad.md").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=rf"bad\.md: .*{words}"):
        load_pieces(tmp_path)


def test_an_outlet_file_at_fault_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text('language = "en"\nnmae = "x"\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"bad\.toml: .*nmae"):
        load_outlets(tmp_path)


def test_a_carrier_that_is_no_outlet_is_named() -> None:
    outlets = load_outlets()
    outlets.pop("harbour-courier")
    with pytest.raises(ValueError, match="harbour-courier"):
        publish(load_pieces(), outlets, Pace(NOW))


def test_slugs() -> None:
    assert slug_of("Won’t ease A.I. limits, café says", "x") == "wont-ease-a-i-limits-cafe-says"
    assert slug_of("海洋新報", "fallback") == "fallback"
