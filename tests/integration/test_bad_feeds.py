"""Feeds that go wrong, through the whole pipeline: each mishap costs itself, and what came of it is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from replay.answers import content, words
from replay.faults import Fault
from replay.listings import sitemap, sitemap_index
from tests.integration.crawling import NOON
from tests.integration.pipeline_house import PipelineHouse, story
from tests.integration.press import LITTLE, MB, PNG, Press, peak


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace(b"</item>", b"</item> & <br> &eacute; ", 1),
        lambda text: text.replace(b"<channel>", b"<channel><unclosed>", 1),
        lambda text: b"\n\n<!-- a template's remark -->\n" + text,
        lambda text: text.replace(b"<description>", b"<description>\x00\x0b", 1),
    ],
    ids=["bare ampersand", "element not closed", "remark before the declaration", "control characters"],
)
def test_a_malformed_feed_gives_its_whole_entries(house: PipelineHouse, press: Press, spoil) -> None:  # type: ignore[no-untyped-def]
    press.serve_feed(spoil(press.listed(1, 2, 3)))
    press.run(house)
    assert press.ledgers(house) == ["/1", "/2", "/3"]
    assert house.state(press.ledger.url("/feed.xml")).error == ""


def test_a_feed_that_breaks_now_and_then_goes_on(house: PipelineHouse, press: Press) -> None:
    press.listed(1, 2)
    press.ledger.faults.append(Fault("malformed", path="feed", times=1))
    press.run(house)
    first = house.state(press.ledger.url("/feed.xml"))
    assert press.ledgers(house) == ["/1"], "its last third was missing"
    assert first.error == ""
    press.listed(1, 2, 3)
    house.clock.now = first.next_due or NOON
    press.run(house)
    assert press.ledgers(house) == ["/1", "/2", "/3"]


def test_a_truncated_feed_keeps_the_entries_that_came_whole(house: PipelineHouse, press: Press) -> None:
    text = press.listed(1, 2, 3)
    press.serve_feed(text[: text.rindex(b"<item>") + 60])
    progress = press.run(house)
    assert press.ledgers(house) == ["/1", "/2"]
    assert progress.counts["odd"] == 1
    assert any("cut short" in note and "ledger.example/feed.xml" in note for note in progress.notes)


def test_a_feed_whose_connection_breaks_is_not_taken_for_whole(house: PipelineHouse, press: Press) -> None:
    press.listed(1, 2, 3)
    press.ledger.faults.append(Fault("cut", path="feed"))
    press.run(house)
    state = house.state(press.ledger.url("/feed.xml"))
    assert press.ledgers(house) == []
    assert state.error_kind == "Unreachable" and state.failures == 1 and state.last_success is None


@pytest.mark.parametrize(
    ("declared", "really"), [("utf-8", "latin-1"), ("iso-8859-1", "utf-8"), ("us-ascii", "utf-8"), ("utf-16", "utf-8")]
)
def test_a_feed_in_another_encoding_than_it_says(
    house: PipelineHouse, press: Press, declared: str, really: str
) -> None:
    title = "Café owners of Århus protest: Jürgen says “nobody asked us”" if really == "utf-8" else "Café in Århus"
    one = press.print("ledger", 1)
    press.ledger.answers["/1"] = words(403, "Not for you.")
    text = press.ledger.feed(one.item(press.ledger.url("/1"), title=title, summary="Smørrebrød für alle."))
    press.serve_feed(text.replace("UTF-8", declared, 1).encode(really))
    press.run(house)
    article = house.article(press.ledger.url("/1"))
    assert article.title == title
    assert article.summary == "Smørrebrød für alle."


def test_a_feed_of_50_mb_is_refused_in_words(house: PipelineHouse, press: Press) -> None:
    press.ledger.faults.append(Fault("huge-feed", path="feed"))
    with peak() as grown:
        press.run(house)
    state = house.state(press.ledger.url("/feed.xml"))
    assert (state.error_kind, state.error) == ("Refused", "larger than 30,000,000 bytes")
    assert grown[0] < LITTLE


def test_of_a_feed_of_50_mb_that_is_let_in_the_newest_entries_are_read(house: PipelineHouse, press: Press) -> None:
    press.ledger.faults.append(Fault("huge-feed", path="feed"))
    house.crawl["max_feed_mb"] = 60
    with peak() as grown:
        progress = house.run(*press.sources, pages=False)
    assert house.state(press.ledger.url("/feed.xml")).error == ""
    assert house.records.totals().entries == 2000 + len(press.good)
    assert any("only the first 7 MB of 50 MB read" in note for note in progress.notes)
    assert grown[0] < 350 * MB


@pytest.mark.parametrize(
    ("declarations", "refused"),
    [
        (
            '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">'
            '<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;">',
            True,
        ),
        ('<!ENTITY e SYSTEM "https://www.ledger.example/secret">', False),
        ('<!ENTITY e SYSTEM "file:///etc/passwd">', False),
        ('<!ENTITY % x SYSTEM "https://www.ledger.example/secret"> %x; <!ENTITY e "harmless">', True),
    ],
    ids=["billion laughs", "from the net", "from the disk", "parameter"],
)
def test_an_entity_bomb_is_refused_and_nothing_is_fetched(
    house: PipelineHouse, press: Press, declarations: str, refused: bool
) -> None:
    text = press.listed(1).replace(b"<rss", f"<!DOCTYPE rss [{declarations}]>\n<rss".encode(), 1)
    press.serve_feed(text.replace(b"<title>", b"<title>&e;"))
    press.ledger.answers["/1"] = words(403, "Subscribers only.")
    press.run(house)
    state = house.state(press.ledger.url("/feed.xml"))
    assert "/secret" not in press.ledger.asked
    if refused:
        assert (state.error_kind, press.ledgers(house)) == ("Refused", [])
        assert state.error == "an entity bomb: it declares entities that swell when they are read"
    else:
        assert house.article(press.ledger.url("/1")).title.removeprefix("&e;") == story(1).title


def test_html_where_a_feed_should_be(house: PipelineHouse, press: Press) -> None:
    press.listed(1)
    announced = '<link rel="alternate" type="application/rss+xml" href="/news.rss">'
    press.ledger.page("/feed.xml", story(1).html(announced))
    press.run(house)
    state = house.state(press.ledger.url("/feed.xml"))
    assert state.error_kind == "NotNews"
    assert state.error == "an HTML page, not a feed; it announces https://www.ledger.example/news.rss"
    assert house.records.quarantined() == []


def test_a_feed_under_a_wrong_content_type_is_read(house: PipelineHouse, press: Press) -> None:
    press.listed(1)
    press.ledger.faults.append(Fault("wrong-type", path="feed", content_type="text/html; charset=utf-8"))
    press.run(house)
    assert press.ledgers(house) == ["/1"]


def test_a_picture_where_a_feed_should_be(house: PipelineHouse, press: Press) -> None:
    press.serve_feed(PNG, "image/png")
    press.run(house)
    state = house.state(press.ledger.url("/feed.xml"))
    assert (state.error_kind, state.error) == ("NotNews", "a feed was expected, not image/png")


def test_a_picture_that_calls_itself_a_feed_is_kept_in_quarantine(house: PipelineHouse, press: Press) -> None:
    press.serve_feed(PNG)
    press.run(house)
    (kept,) = house.records.quarantined()
    assert (kept.url, kept.error_kind, kept.size) == (press.ledger.url("/feed.xml"), "Unreadable", len(PNG))
    assert kept.error.startswith("not a feed")
    press.listed(1)
    assert house.records.replay([kept.id]) == 1
    press.run(house)
    assert press.ledgers(house) == ["/1"] and house.records.quarantined() == []


def test_an_empty_and_valid_feed_is_no_error(house: PipelineHouse, press: Press) -> None:
    press.ledger.feed()
    progress = press.run(house)
    state = house.state(press.ledger.url("/feed.xml"))
    assert state.error == "" and state.last_success == NOON
    assert progress.errors == {} and progress.source("ledger-example").state == "healthy"
    health = {one.source_id: one.state for one in house.records.health(NOON)}
    assert health["ledger-example"] == "quiet"


def test_an_answer_of_no_bytes_is_an_error(house: PipelineHouse, press: Press) -> None:
    press.serve_feed(b"")
    press.run(house)
    assert "empty answer" in house.state(press.ledger.url("/feed.xml")).error


def test_two_feeds_with_the_same_stories(house: PipelineHouse, press: Press) -> None:
    items = [press.print("ledger", number).item(press.ledger.url(f"/{number}?utm_source=rss")) for number in (1, 2)]
    press.ledger.feed(*items)
    press.ledger.feed(*(story(n).item(press.ledger.url(f"/{n}?utm_source=top")) for n in (2, 1)), path="/top.xml")
    press.ledger.answers |= {
        f"/{number}?utm_source={where}": press.ledger.answers[f"/{number}"]
        for number in (1, 2)
        for where in ("rss", "top")
    }
    house.run(press.ledger.source("/feed.xml", "/top.xml"))
    assert house.records.totals().articles == house.records.totals().stories == 2
    assert sum(target.startswith(("/1", "/2")) for target in press.ledger.asked) == 2


def test_one_address_in_two_sources(house: PipelineHouse, press: Press) -> None:
    press.listed(1, 2)
    press.gazette.feed(*(story(number).item(press.ledger.url(f"/{number}")) for number in (1, 2)))
    house.run(*press.sources)
    assert house.records.totals().articles == 2
    assert press.ledger.asked.count("/1") == press.ledger.asked.count("/2") == 1


def test_a_sitemap_that_fails_is_fetched_with_the_next_poll_of_its_index(house: PipelineHouse, press: Press) -> None:
    """The index has not changed since: that must not keep its stories away."""
    ledger = press.ledger
    items = [press.print("ledger", number).item(ledger.url(f"/{number}")) for number in (1, 2)]
    ledger.answers["/sitemap.xml"] = content(sitemap_index([ledger.url("/news.xml")], NOON), "application/xml")
    ledger.answers["/news.xml"] = content(sitemap(items), "application/xml")
    ledger.faults.append(Fault("unavailable", path="/news.xml", times=1))
    source = replace(ledger.source(), feeds=(), sitemaps=(ledger.url("/sitemap.xml"),))
    house.run(source)
    assert press.ledgers(house) == []
    house.clock.turn(days=1)
    house.run(source)
    assert press.ledgers(house) == ["/1", "/2"]
    [state] = house.records.feed_states()
    assert state.last_new and state.per_day > 0, "what its sitemaps bring is news of the index"
    [watched] = house.records.watched(house.clock())
    assert watched.state == "healthy"
