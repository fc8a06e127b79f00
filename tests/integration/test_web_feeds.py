"""Feeds as they are served: by the rules of HTTP, at addresses that can be revoked, with what was told and no more."""

from __future__ import annotations

import json
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import pytest
from lxml import etree

from tests.integration.web_house import BEGAN, HARBOUR, WebHouse, story

SUFFIXES = ("rss", "atom", "json")
TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}
ATOM = {"a": "http://www.w3.org/2005/Atom"}


def titles(web: WebHouse, path: str) -> list[str]:
    """The titles of a feed's items, in their order."""
    answer = web.ask(path)
    assert answer.status == 200, answer
    if ".json" in path:
        return [one["title"] for one in answer.json()["items"]]
    root = etree.fromstring(answer.body)
    return root.xpath("//item/title/text() | //a:entry/a:title/text()", namespaces=ATOM)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_feed_holds_what_the_subscription_told_newest_first(web: WebHouse, suffix: str) -> None:
    link = web.link(web.subscribe())
    assert titles(web, f"{link}.{suffix}") == []
    for number in (1, 2, 3):
        web.file(story(number))
    web.file(story(4), "An orchard in the valley was sold to a family of growers.", title="Cider")
    assert titles(web, f"{link}.{suffix}") == [f"Drones for harbour {number}" for number in (3, 2, 1)]
    assert titles(web, f"{link}.{suffix}?order=oldest&n=2") == ["Drones for harbour 2", "Drones for harbour 3"]
    answer = web.ask(f"{link}.{suffix}")
    assert answer.headers["content-type"].split(";")[0] == TYPES[suffix]
    assert answer.headers["cache-control"] == "private, max-age=60"
    assert answer.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_hours_bound_what_was_told(web: WebHouse, suffix: str) -> None:
    link = web.link(web.subscribe())
    web.file(story(1))
    web.clock.pass_(hours=3)
    web.file(story(2))
    assert titles(web, f"{link}.{suffix}?hours=2") == ["Drones for harbour 2"]
    assert len(titles(web, f"{link}.{suffix}?hours=3.5")) == 2


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_who_has_it_gets_304_until_something_changes(web: WebHouse, suffix: str) -> None:
    link = web.link(web.subscribe())
    web.file(story(1))
    first = web.ask(f"{link}.{suffix}")
    by_tag, by_time = {"if-none-match": first.headers["etag"]}, {"if-modified-since": first.headers["last-modified"]}
    web.clock.pass_(minutes=5)
    for condition in (by_tag, by_time, {"if-none-match": f'"x", {first.headers["etag"]}'}, {"if-none-match": "*"}):
        again = web.ask(f"{link}.{suffix}", headers=condition)
        assert (again.status, again.body) == (304, b""), condition
        assert again.headers["etag"] == first.headers["etag"]
        assert again.headers["last-modified"] == first.headers["last-modified"]
    web.file(story(2))
    for condition in (by_tag, by_time):
        assert web.ask(f"{link}.{suffix}", headers=condition).status == 200
    other = web.ask(
        f"{link}.{suffix}", headers={"if-none-match": '"x"', "if-modified-since": "Sun, 01 Mar 2037 00:00:00 GMT"}
    )
    assert other.status == 200, "If-None-Match goes before If-Modified-Since"


def test_what_changes_within_a_second_is_seen_by_those_who_only_know_times(web: WebHouse) -> None:
    link = web.link(web.subscribe())
    web.file(story(1))
    first = web.ask(f"{link}.rss")
    assert parsedate_to_datetime(first.headers["last-modified"]) == BEGAN.replace(microsecond=0)
    web.file(story(2))
    second = web.ask(f"{link}.rss", headers={"if-modified-since": first.headers["last-modified"]})
    assert second.status == 200
    assert "last-modified" not in second.headers, "it would lie in the future"
    web.clock.pass_(seconds=1)
    third = web.ask(f"{link}.rss")
    assert third.headers["last-modified"] > first.headers["last-modified"]
    assert web.ask(f"{link}.rss", headers={"if-modified-since": third.headers["last-modified"]}).status == 304


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_head_tells_what_get_would(web: WebHouse, suffix: str) -> None:
    link = web.link(web.subscribe())
    web.file(story(1))
    full, head = web.ask(f"{link}.{suffix}"), web.ask(f"{link}.{suffix}", "HEAD")
    assert (head.status, head.body) == (200, b"")
    unlike = {"date", "content-length", "content-encoding", "vary"}
    told = {name: value for name, value in full.headers.items() if name not in unlike}
    assert {name: value for name, value in head.headers.items() if name not in unlike} == told
    assert web.ask(f"{link}.{suffix}", "HEAD", {"if-none-match": full.headers["etag"]}).status == 304


def test_it_is_compressed_for_who_takes_that(web: WebHouse) -> None:
    link = web.link(web.subscribe())
    for number in range(9):
        web.file(story(number))
    assert web.ask(f"{link}.rss", headers={"accept-encoding": "gzip"}).headers["content-encoding"] == "gzip"
    assert "content-encoding" not in web.ask(f"{link}.rss").headers


@pytest.mark.parametrize("place", [".rss", ".atom", ".json", "/alerts", "/stream"])
def test_unknown_addresses_are_404_and_revoked_ones_410(web: WebHouse, place: str) -> None:
    of = web.subscribe()
    link = web.link(of)
    assert web.ask(f"/s/nobody-knows-this{place}").status == 404
    [output] = web.records.outputs(of.id)
    web.records.revoke_output(output.id, web.clock())
    gone = web.ask(f"{link}{place}")
    assert gone.status == 410
    assert gone.headers["content-type"] == "application/problem+json"
    assert "revoked" in gone.json()["detail"]
    web.records.unsubscribe(of.id)
    assert web.ask(f"{link}{place}").status == 404


@pytest.mark.parametrize("asked", ["hours=0", "n=0", "n=501", "order=best", "content=all", "hours=nan", "n=1e3"])
def test_what_cannot_be_given_is_refused_in_words(web: WebHouse, asked: str) -> None:
    link = web.link(web.subscribe())
    answer = web.ask(f"{link}.rss?{asked}")
    assert answer.status == 422
    assert answer.json()["errors"][0]["where"] == f"query.{asked.split('=')[0]}"


def test_full_texts_only_where_they_are_asked_for_and_kept(web: WebHouse) -> None:
    link = web.link(web.subscribe())
    web.file(story(1, summary="Short."))
    web.file(story(2, source="bern", summary="Short too."), "", title="Drones again")
    summary, full = (web.ask(f"{link}.json{asked}").json()["items"] for asked in ("", "?content=full"))
    last = HARBOUR.split("\n\n")[-1]
    assert [last in one["content_html"] for one in summary] == [False, False]
    assert [last in one["content_html"] for one in full] == [False, True]
    assert "<p>Short too.</p>" in full[0]["content_html"]


def test_an_item_keeps_its_id_and_says_when_its_article_changed(web: WebHouse) -> None:
    link = web.link(web.subscribe())
    web.file(story(1))
    [before] = web.ask(f"{link}.json").json()["items"]
    web.clock.pass_(hours=1)
    web.file(story(1), HARBOUR + "\n\nA third paragraph came.")
    [after] = web.ask(f"{link}.json").json()["items"]
    assert after["id"] == before["id"]
    assert (
        before["date_modified"] == before["date_published"] == after["date_published"] == "2026-03-01T08:00:00.250000Z"
    )
    assert after["date_modified"] == "2026-03-01T09:00:00.250000Z"


def test_an_item_says_when_its_story_grew_and_who_carries_it(web: WebHouse) -> None:
    link = web.link(web.subscribe())
    web.file(story(1))
    web.clock.pass_(hours=2)
    web.file(story(2, source="bern"), story=story(1))
    items = web.ask(f"{link}.json").json()["items"]
    assert [one["_wirewatch"]["story"]["copies"] for one in items] == [2, 2]
    assert "2 copies at 2 outlets: The Alba, The Bern" in items[1]["content_html"]
    assert items[1]["date_modified"] == "2026-03-01T10:00:00.250000Z"


def test_links_in_feeds_begin_with_the_public_address(web: WebHouse) -> None:
    link = web.link(web.subscribe())
    feed = web.ask(f"{link}.json?n=10&utm_source=x").json()
    assert feed["feed_url"] == f"{web.url}{link}.json?n=10"
    assert urlsplit(feed["home_page_url"]).netloc == urlsplit(web.url).netloc


def test_what_outlets_write_stays_text(web: WebHouse) -> None:
    link = web.link(web.subscribe())
    web.file(story(1, summary="<script>alert(1)</script> & more"), title="Drones \x0b<b>&amp;\x00 ]]> \ufffe")
    for suffix, headline in (("rss", "Drones ‹b>&amp; ]]>"), ("atom", "Drones <b>&amp; ]]>")):
        root = etree.fromstring(web.ask(f"{link}.{suffix}").body)
        [title] = root.xpath("//item/title/text() | //a:entry/a:title/text()", namespaces=ATOM)
        assert title.strip() == headline, "an RSS title may be taken for HTML, Atom says that it is text"
        told = "".join(root.itertext())
        assert "&lt;script&gt;" in told and "<script>" not in told
    [item] = json.loads(web.ask(f"{link}.json").body)["items"]
    assert "<script>" not in item["content_html"]
