"""The dashboard: what rises is told with the numbers that the search behind it finds, on the page and by the API."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from pipeline.types import Tag, Tagging
from tests.integration.web_house import WebHouse, story
from web.pages.now import lasted


def about(*names: str) -> dict[str, Any]:
    tags = tuple(Tag(f"name:{name.lower()}", name) for name in names)
    return {"tagging": Tagging(topics=(Tag("topic:drones", "Drones"),), entities=tags, relevance=0.5)}


@pytest.fixture
def month(web: WebHouse) -> WebHouse:
    """Four weeks of a story a day on Bolt, and today eight on Anvil, of which one at all three outlets."""
    number = 0
    for _ in range(28):
        web.file(story(number), wire="", **about("Bolt"))
        web.clock.pass_(days=1)
        number += 1
    for _ in range(8):
        web.clock.pass_(minutes=10)
        web.file(story(number), wire="", **about("Anvil"))
        number += 1
    for source in ("bern", "cork"):
        web.clock.pass_(minutes=10)
        web.file(story(number, source=source), story=story(number - 1), **about("Anvil"))
    web.clock.pass_(minutes=1)
    return web


def test_what_rises_is_told(month: WebHouse) -> None:
    told = month.ask("/api/v1/now").json()
    [anvil] = told["rising"]["entity"]
    assert (anvil["value"], anvil["stories"], anvil["usual"]) == ("Anvil", 8, 0.0)
    assert len(anvil["before"]) == 28 and anvil["chance"] < 0.001
    assert told["enough"] and told["articles"] == 10


def numbers(told: Any) -> list[tuple[str, str, int]]:
    """(query, what of the search tells it, how many) of all that has a query."""
    named = [*told["rising"]["entity"], *told["most"]["entity"], *told["most"]["topic"]]
    return [
        *((one["query"], "story_count", one["stories"]) for one in named),
        *((one["query"], "total", one["articles"]) for one in [told, *told["countries"], *told["languages"]]),
        (told["wire"]["query"], "total", told["wire"]["copies"]),
        (told["wire"]["original"], "total", told["articles"] - told["wire"]["copies"]),
    ]


@pytest.mark.parametrize("window", ["6h", "24h", "7d"])
def test_every_number_is_what_its_search_finds(month: WebHouse, window: str) -> None:
    told = month.ask(f"/api/v1/now?window={window}").json()
    found = numbers(told)
    assert len(found) >= 8
    for query, key, count in found:
        assert month.ask(f"/api/v1/search?limit=1&q={quote(query)}").json()[key] == count, query


def test_the_page_leads_to_the_searches_that_say_the_same(month: WebHouse) -> None:
    page = month.ask("/now?window=24h").body.decode()
    links = re.findall(r'<a href="(/\?q=[^"]+)"><span class="hidden">([^<]+): </span>([\d,]+)</a>', page)
    assert len(links) >= 6
    for address, what, count in links:
        searched = month.ask(unescape(address)).body.decode()
        unit = r"stor(?:y|ies)" if what.endswith("stories") else r"matching articles?"
        assert re.search(rf"\b{count} {unit}", searched), (what, parse_qs(urlsplit(unescape(address)).query))


def test_the_biggest_stories_are_those_that_most_outlets_carry(month: WebHouse) -> None:
    [one] = month.ask("/api/v1/now").json()["largest"]
    assert (one["outlets"], one["copies"]) == (3, 3)
    assert (one["half_seconds"], one["all_seconds"]) == (600, 1200)


def test_agencies_copies_are_told_from_original_reporting(month: WebHouse) -> None:
    wire = month.ask("/api/v1/now").json()["wire"]
    assert (wire["copies"], wire["share"], wire["usual"]) == (2, 0.2, 0.0)
    assert sum(one["articles"] for one in wire["over_time"]) == 28 + 10
    assert [one["copies"] for one in wire["over_time"]][-2:] == [0, 2]


def test_a_young_archive_says_that_nothing_can_be_called_usual(web: WebHouse) -> None:
    for number in range(9):
        web.file(story(number), **about("Anvil"))
    web.clock.pass_(minutes=1)
    told = web.ask("/api/v1/now").json()
    assert not told["enough"] and told["rising"] == {"entity": [], "topic": []}
    assert told["most"]["entity"][0]["stories"] == 9
    assert "does not go back far enough" in web.ask("/now").body.decode()


def test_an_empty_archive_has_a_page_too(web: WebHouse) -> None:
    for window in ("6h", "24h", "7d"):
        answer = web.ask(f"/now?window={window}")
        assert answer.status == 200 and "No story was carried" in answer.body.decode()


def test_sources_that_brought_nothing_are_named(month: WebHouse) -> None:
    month.clock.pass_(days=2)
    month.file(story(99, source="bern"))
    month.clock.pass_(minutes=1)
    silent = month.ask("/api/v1/now?window=6h").json()["coverage"]["silent"]
    assert sorted(one["source"] for one in silent) == ["alba", "cork"]


def test_it_is_made_once_a_minute(month: WebHouse) -> None:
    before = month.ask("/api/v1/now").json()
    month.file(story(500))
    assert month.ask("/api/v1/now").json() == before
    month.clock.now += timedelta(minutes=1)
    assert month.ask("/api/v1/now").json()["articles"] == before["articles"] + 1


def test_a_window_that_there_is_not_is_refused(web: WebHouse) -> None:
    answer = web.ask("/api/v1/now?window=5m")
    assert answer.status == 422 and "query.window" in answer.json()["detail"]
    assert web.ask("/now?window=5m").status == 422


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(0), "1 min"),
        (timedelta(seconds=61), "2 min"),
        (timedelta(hours=4, minutes=10), "4 h 10 min"),
        (timedelta(hours=5), "5 h"),
        (timedelta(days=2, hours=1), "2 days"),
    ],
)
def test_how_fast_a_story_spread(span: timedelta, words: str) -> None:
    assert lasted(span) == words
