"""Generated and recorded worlds."""

from __future__ import annotations

import asyncio
import gzip
import json
import random
from collections import Counter
from pathlib import Path

import feedparser
import lxml.etree
import pytest

from replay import prose
from replay.answers import Answer, Request
from replay.made import feeds_world, made_story, made_world, origin
from replay.recorded import FEED, FEEDS_HOST, REFERENCE_URL, recorded_world
from replay.server import World
from tests.shared import shared_data


def get(world: World, url: str) -> Answer:
    return asyncio.run(world.answer(Request.of(url)))


def test_generated_pages_are_the_same_every_time() -> None:
    one, other = made_world(pages=40, hosts=4, seed=7), made_world(pages=40, hosts=4, seed=7)
    urls = [str(told["url"]) for told in one.truth()]
    assert len(set(urls)) == 40
    assert [get(one, url).body for url in urls] == [get(other, url).body for url in urls]
    assert get(made_world(pages=40, hosts=4, seed=8), urls[3]).body != get(one, urls[3]).body


def test_generated_pages_have_a_realistic_weight() -> None:
    world = made_world(pages=40, hosts=20)
    sizes = [len(get(world, str(told["url"])).body) for told in world.truth()]
    assert min(sizes) > 100_000
    assert max(sizes) < 300_000


def test_one_generated_page_in_four_is_a_copy() -> None:
    copies = sum(origin(1, number) != number for number in range(4000))
    assert 0.2 < copies / 4000 < 0.3
    number = next(n for n in range(10, 100) if origin(1, n) != n)
    copy, first = made_story(1, number, 100), made_story(1, origin(1, number), 100)
    assert set(copy.paragraphs) <= set(first.paragraphs)
    assert len(copy.paragraphs) >= len(first.paragraphs) - 3


def test_generated_stories_share_little_but_copies() -> None:
    def shingles(number: int) -> set[tuple[str, ...]]:
        words = " ".join(made_story(1, number, 100).paragraphs).split()
        return {tuple(words[at : at + 5]) for at in range(len(words) - 4)}

    originals = [n for n in range(40) if origin(1, n) == n][:25]
    made = [shingles(n) for n in originals]
    shares = [len(a & b) / min(len(a), len(b)) for i, a in enumerate(made) for b in made[:i]]
    assert max(shares) < 0.1


def test_a_generated_outlet_lists_its_pages() -> None:
    world = made_world(pages=50, hosts=5)
    source = world.sources()[2]
    listed = source["sitemaps"]
    assert isinstance(listed, list)
    locs = [str(e.text) for e in lxml.etree.fromstring(get(world, listed[0]).body).iter("{*}loc")]
    assert len(locs) == 10
    assert all(get(world, url).status == 200 for url in locs)
    assert len(feedparser.parse(get(world, f"{source['homepage']}feed.xml").body).entries) == 10
    assert get(world, f"{source['homepage']}news/0.html").status == 404
    assert get(world, f"{source['homepage']}robots.txt").status == 200


def test_generated_feeds_and_their_advance() -> None:
    world = feeds_world(feeds=20, items=20)
    urls = [f"https://{host}/feed.xml" for host in world.hosts]
    before = {url: get(world, url) for url in urls}
    for answer in before.values():
        parsed = feedparser.parse(answer.body)
        assert not parsed.bozo
        assert len({entry.link for entry in parsed.entries}) == 20
        assert all(entry.published_parsed for entry in parsed.entries)
    assert world.controls["advance"]({"share": "0.1", "new": "3"}) == {"advanced": 2}
    changed = [url for url in urls if get(world, url).etag != before[url].etag]
    assert len(changed) == 2
    old = {entry.link for entry in feedparser.parse(before[changed[0]].body).entries}
    new = {entry.link for entry in feedparser.parse(get(world, changed[0]).body).entries}
    assert len(new - old) == 3
    assert len(new) == 20
    assert b"<article" in get(world, next(iter(new))).body or b'"content"' in get(world, next(iter(new))).body
    assert world.advance(1) == 20


def test_advance_refuses_a_share_that_is_none() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        feeds_world(feeds=2).advance(3)


def test_prose_does_not_repeat_itself() -> None:
    chance = random.Random(1)
    told = Counter(prose.sentence(chance) for _ in range(2000))
    assert told.most_common(1)[0][1] == 1
    assert all(sentence[0].isupper() or sentence[0] == "“" for sentence in told)


def test_a_folder_with_a_manifest(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<html><body><p>Kept.</p></body></html>", encoding="utf-8")
    (tmp_path / "old.html.gz").write_bytes(gzip.compress(b"<p>Older.</p>"))
    manifest = [
        {"url": "https://www.kept.example/a?b=1", "file": "page.html", "headers": {"Content-Type": "text/html"}},
        {"url": "https://www.kept.example/old", "file": "old.html.gz", "gzip": True, "status": 410},
        {"url": "https://www.kept.example/old", "file": "page.html"},
    ]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    world = recorded_world(tmp_path)
    assert b"Kept." in get(world, "https://www.kept.example/a?b=1").body
    old = get(world, "https://www.kept.example/old")
    assert (old.status, old.body) == (410, b"<p>Older.</p>")
    links = [e.link for e in feedparser.parse(get(world, f"https://www.kept.example{FEED}").body).entries]
    assert len(links) == 3
    assert [get(world, link).status for link in links] == [200, 410, 200]
    assert get(world, "https://www.kept.example/none").status == 404


def test_a_folder_with_nothing_in_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        recorded_world(tmp_path)
    (tmp_path / "manifest.json").write_text('[{"url": "https://a.example/"}]', encoding="utf-8")
    with pytest.raises(ValueError, match="url and file"):
        recorded_world(tmp_path)


@pytest.mark.shared
def test_the_real_pages_and_feeds_are_served() -> None:
    folder = shared_data()
    world = recorded_world(folder)
    files = world.files()
    pages = [file.name for file in folder.glob("*/html/*.html.gz")]
    assert set(pages) <= set(files.values())
    assert sum(url.startswith(f"https://{FEEDS_HOST}/") for url in files) == 2107
    assert b"Anthropic has no intention" in get(world, REFERENCE_URL).body
    listed = 0
    for source in world.sources():
        feeds = source["feeds"]
        assert isinstance(feeds, list)
        entries = feedparser.parse(get(world, feeds[0]).body).entries
        listed += len(entries)
        assert all(get(world, entry.link).status == 200 for entry in entries)
    assert listed == len(pages) + 1


@pytest.mark.shared
def test_recorded_feeds_have_the_headers_they_ask_for() -> None:
    world = recorded_world(shared_data())
    answers = [get(world, url) for url in world.files() if url.startswith(f"https://{FEEDS_HOST}/")]
    types = {answer.headers["Content-Type"] for answer in answers}
    assert types >= {"application/atom+xml", "text/xml; charset=windows-1252"}
    assert any(answer.headers.get("Content-Location") == "http://example.com/" for answer in answers)
    assert any(answer.etag == "foo" for answer in answers)


def test_a_mirror_serves_a_hosts_pages_under_another_name(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<html><title>A page</title><p>Text.</p></html>", encoding="utf8")
    manifest = [{"url": "https://www.gazette.example/story", "file": "page.html"}]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf8")
    world = recorded_world(tmp_path, mirrors=2)
    assert [row["id"] for row in world.sources()] == [
        "gazette-example",
        "gazette-example-mirror1-example",
        "gazette-example-mirror2-example",
    ]
    told = get(world, "https://www.gazette.example.mirror2.example/story")
    assert told.body == get(world, "https://www.gazette.example/story").body != b""
    assert (
        b"https://www.gazette.example.mirror2.example/story"
        in get(world, "https://www.gazette.example.mirror2.example/replay-feed.xml").body
    )
