"""The pages and the API about the house itself: what waits, the quarantine, the way of a page, fetching one now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crawlers.guard import Guard
from pipeline.answered import Answered
from pipeline.errors import Away, Unreadable
from pipeline.types import FetchTask
from tests.contract.records_kit import LEASE, SOURCES, article, entry, fetched, filed, listed, poll
from tests.integration.web_forms import send, words
from tests.integration.web_house import BEGAN, WebHouse, story, web_house
from web.findings import Finding
from web.house import span
from web.sourcing import Sourcing


class Redis:
    """Tells depths, or is away; takes orders."""

    def __init__(self) -> None:
        self.up, self.sent = True, list[FetchTask]()

    def depths(self) -> Mapping[str, int]:
        if not self.up:
            raise Away("Redis does not answer: nobody there")
        return {"read": 1234, "fetch-asked.0": 1, "held": 2}

    def order(self, tasks: Sequence[FetchTask]) -> None:
        self.sent += tasks


@pytest.fixture
def redis() -> Redis:
    return Redis()


@pytest.fixture
def house(tmp_path: Path, redis: Redis) -> Iterator[WebHouse]:
    parts: dict[str, Any] = {
        "sourcing": Sourcing({one.id: one for one in SOURCES}, tmp_path, Guard()),
        "examine": lambda: [Finding("index", True, "up to date"), Finding("disk", False, "0.1 GB free")],
        "depths": redis.depths,
        "order": redis.order,
    }
    with web_house(tmp_path, parts=parts) as one:
        yield one


ODD = b"<html>\x00\xff odd <script>alert(1)</script>"


def aside(house: WebHouse, slug: str = "odd") -> int:
    """A page in quarantine; its number."""
    one = entry("alba", slug)
    listed(house.records, one)
    house.records.take_pages(house.clock() + timedelta(days=1), 100, LEASE)
    [row] = house.records.spool([fetched(one, body=ODD)])
    house.records.quarantine("page", Unreadable("no text in it"), house.clock(), spool_id=row.id)
    return house.records.quarantined(1)[0].id


def test_what_waits_is_told_with_its_age(house: WebHouse) -> None:
    one = entry("alba", "waits")
    listed(house.records, one)
    house.clock.now = BEGAN + timedelta(hours=8)
    house.file(story(1))
    told = house.ask("/api/v1/operations").json()
    waits = {one["name"]: one for one in told["waits"]}
    assert waits["pages due to be fetched"]["count"] == 1
    assert waits["addresses due to be asked"]["count"] == 3
    assert told["filed_last_hour"] == {"full": 1}
    assert told["index_behind"] == 0
    assert told["queues"] == {"read": 1234, "fetch-asked.0": 1, "held": 2}
    assert all(part["good"] for part in told["parts"] if part["name"] != "collecting")
    said = words(house.ask("/operations"))
    assert "1,234" in said and "pages to read" in said and "1 article" in said


def test_an_index_that_lags_and_queues_that_are_away_are_said(house: WebHouse, redis: Redis) -> None:
    house.file(story(1))
    house.records.commit([filed(article(story(2)))], [], house.clock())
    redis.up = False
    told = house.ask("/api/v1/operations").json()
    assert told["index_behind"] == 1
    parts = {one["name"]: one for one in told["parts"]}
    assert "1 change behind" in parts["search index"]["words"]
    assert parts["queues (Redis)"] == {
        "name": "queues (Redis)",
        "good": False,
        "words": "Redis does not answer: nobody there",
    }
    assert house.ask("/operations").status == 200


def test_nobody_collecting_is_noticed_by_what_is_late(house: WebHouse) -> None:
    def collecting() -> dict[str, Any]:
        parts = house.ask("/api/v1/operations").json()["parts"]
        return next(one for one in parts if one["name"] == "collecting")

    assert "no outlet was ever asked" in collecting()["words"]
    now = house.clock()
    house.records.record_polls(
        [
            replace(poll(one.id, last_try=now, next_due=now + timedelta(minutes=30)), answered=Answered.OK)
            for one in SOURCES
        ],
        now,
    )
    house.clock.pass_(minutes=40)
    assert collecting()["good"], "ten minutes late is nothing"
    house.clock.pass_(minutes=20)
    assert not collecting()["good"]
    assert "3 addresses are due, and none has been asked for 60 min" in collecting()["words"]


def test_what_is_in_quarantine_is_shown_and_tried_again(house: WebHouse) -> None:
    number = aside(house)
    page = house.ask("/operations/quarantine")
    assert "no text in it" in words(page)
    one = house.ask(f"/operations/quarantine/{number}")
    assert "<html>\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER} odd" in words(one)
    assert b"<script>alert" not in one.body
    assert house.ask(f"/api/v1/quarantine/{number}").json()["size"] == len(ODD)
    done = send(house.url, "/operations/quarantine/replay", [("ids", str(number))])
    assert done.headers["location"] == "/operations/quarantine?replayed=1"
    assert "1 page or listing is tried again" in words(house.ask(done.headers["location"]))
    assert house.records.quarantined() == []
    assert house.ask(f"/operations/quarantine/{number}").status == 404
    assert len(house.records.spooled(9)) == 1


def test_all_of_it_or_none_can_be_tried_again(house: WebHouse) -> None:
    aside(house, "one"), aside(house, "two")
    assert send(house.url, "/operations/quarantine/replay", []).headers["location"].endswith("=0")
    assert len(house.ask("/api/v1/quarantine").json()["quarantined"]) == 2
    assert house.ask("/api/v1/quarantine/replay", "POST", given={"ids": []}).json() == {"replayed": 0}
    assert house.ask("/api/v1/quarantine/replay", "POST", given={}).json() == {"replayed": 2}


def test_the_way_of_a_page(house: WebHouse) -> None:
    one = entry("alba", "way")
    listed(house.records, one)
    told = house.ask(f"/api/v1/trace?url={one.url}").json()
    assert [step["stage"] for step in told["steps"]] == ["listed", "page"]
    said = words(house.ask(f"/operations/trace?url={one.url}"))
    assert "by https://alba.example/feed of alba" in said
    assert house.ask("/api/v1/trace?url=https://alba.example/never").status == 404
    never = house.ask("/operations/trace?url=https://alba.example/never")
    assert never.status == 404 and "Nothing was ever heard of that" in words(never)
    assert house.ask("/operations/trace").status == 200


def test_a_page_is_fetched_now(house: WebHouse, redis: Redis) -> None:
    done = send(house.url, "/operations/fetch", [("url", " https://alba.example/now ")])
    assert done.status == 303
    assert "It is fetched next" in words(house.ask(done.headers["location"]))
    assert [one.url for one in redis.sent] == ["https://alba.example/now"]
    asked = house.ask("/api/v1/fetch", "POST", given={"url": "https://alba.example/now"})
    assert (asked.status, asked.json()) == (
        202,
        {"url": "https://alba.example/now", "source": "alba", "new": False},
    )
    wrong = send(house.url, "/operations/fetch", [("url", "https://elsewhere.example/x")])
    assert wrong.status == 400 and "no source is of the site of" in words(wrong)
    assert house.ask("/api/v1/fetch", "POST", given={"url": "nonsense"}).status == 400


def test_every_part_is_examined_on_demand(house: WebHouse) -> None:
    said = words(house.ask("/operations/checks"))
    assert "well index: up to date" in said and "wrong disk: 0.1 GB free" in said


def test_another_website_changes_nothing(house: WebHouse, redis: Redis) -> None:
    number = aside(house)
    for path, pairs in (
        ("/operations/fetch", [("url", "https://alba.example/now")]),
        ("/operations/quarantine/replay", [("ids", str(number))]),
    ):
        assert send(house.url, path, pairs, origin="http://evil.example").status == 403
    assert (len(house.records.quarantined()), redis.sent) == (1, [])


def test_spans_in_words() -> None:
    told = [span(timedelta(seconds=seconds)) for seconds in (-1, 119, 120, 7199, 7200, 172_799, 172_800)]
    assert told == ["0 s", "119 s", "2 min", "119 min", "2 h", "47 h", "2 days"]
