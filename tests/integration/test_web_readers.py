"""Our feeds as real readers see them: feedparser, `reader` from PyPI, and feedsmith from npm.

Each subscribes, comes back, and is to show every alert once, what changed as changed, and to be told 304 in between.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import feedparser
import pytest
from reader import make_reader

from pipeline.watch import Mode
from tests.integration.web_house import HARBOUR, WebHouse, story
from tests.services.node import READERS, node, packages


@dataclass(frozen=True, slots=True)
class Item:
    """What a reader shows of one item."""

    title: str
    link: str
    updated: datetime
    content: str


class Subscriber(Protocol):
    """A reader that subscribed to one feed."""

    items: dict[str, Item]  # by id

    def poll(self) -> list[str]:
        """Ask once, as it would by itself; returns the ids that were in the answer."""

    def close(self) -> None: ...


@dataclass
class Feedparser:
    """feedparser, with the memory that its documentation tells its users to keep."""

    address: str
    items: dict[str, Item] = field(default_factory=dict)
    memory: dict[str, Any] = field(default_factory=dict)

    def poll(self) -> list[str]:
        told = feedparser.parse(self.address, **self.memory)
        if told.status == 304:
            assert not told.entries
            return []
        assert not told.bozo, told.get("bozo_exception")
        self.memory = {"etag": told.get("etag"), "modified": told.get("modified")}
        for one in told.entries:
            updated = datetime.fromisoformat(one.updated)
            self.items[one.id] = Item(one.title, one.link, updated, one.get("summary") or one.content[0].value)
        return [one.id for one in told.entries]

    def close(self) -> None:
        """Nothing is open."""


class LemonReader:
    """`reader`, which keeps all by itself."""

    def __init__(self, address: str) -> None:
        self.address, self.items = address, dict[str, Item]()
        self.reader = make_reader(":memory:", feed_root=None)
        self.reader.add_feed(address)
        self.told: Any = None  # how many entries were new and how many were others than before; None = 304

    def poll(self) -> list[str]:
        self.told = self.reader.update_feed(self.address)
        entries = list(self.reader.get_entries(feed=self.address))
        for one in entries:
            text = one.content[0].value if one.content else one.summary or ""
            self.items[one.id] = Item(one.title or "", one.link or "", one.updated, text)  # type: ignore[arg-type]
        return [] if self.told is None else [one.id for one in entries]

    def close(self) -> None:
        self.reader.close()


@dataclass
class Feedsmith:
    """A program of a few lines on feedsmith and fetch."""

    address: str
    items: dict[str, Item] = field(default_factory=dict)
    memory: dict[str, Any] = field(default_factory=lambda: {"items": {}})

    def poll(self) -> list[str]:
        packages(READERS)
        command = [node(), "poll.mjs", self.address]
        done = subprocess.run(
            command, cwd=READERS, input=json.dumps(self.memory), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        self.memory = json.loads(done.stdout)
        for id, one in self.memory["items"].items():
            self.items[id] = Item(one["title"], one["link"], datetime.fromisoformat(one["updated"]), one["content"])
        seen: list[str] = self.memory["seen"]
        return seen

    def close(self) -> None:
        """Nothing is open."""


READS = [
    *((Feedparser, suffix) for suffix in ("rss", "atom")),  # it knows no JSON Feed
    *((kind, suffix) for kind in (LemonReader, Feedsmith) for suffix in ("rss", "atom", "json")),
]


@pytest.fixture(params=READS, ids=lambda one: f"{one[0].__name__}-{one[1]}")
def subscribed(web: WebHouse, request: pytest.FixtureRequest) -> Iterator[Subscriber]:
    """A reader of a feed that tells of stories."""
    make: Callable[[str], Subscriber]
    make, suffix = request.param
    link = web.link(web.subscribe(mode=Mode.STORY))
    with closing(make(f"{web.url}{link}.{suffix}")) as subscriber:
        yield subscriber


def titles(of: Subscriber) -> list[str]:
    return sorted(one.title for one in of.items.values())


def last_status(web: WebHouse) -> int:
    return web.answered[-1][2]


def test_a_reader_sees_each_alert_once_changes_as_changes_and_304_in_between(
    web: WebHouse, subscribed: Subscriber
) -> None:
    web.file(story(1))
    web.clock.pass_(minutes=1)
    web.file(story(2))
    assert len(subscribed.poll()) == 2 and last_status(web) == 200
    assert titles(subscribed) == ["Drones for harbour 1", "Drones for harbour 2"]
    first = dict(subscribed.items)
    assert {one.link for one in first.values()} == {story(1).url, story(2).url}

    web.clock.pass_(minutes=5)
    assert subscribed.poll() == [] and last_status(web) == 304
    assert subscribed.items == first

    web.file(story(3))
    web.clock.pass_(minutes=5)
    subscribed.poll()
    assert last_status(web) == 200
    assert titles(subscribed) == [f"Drones for harbour {number}" for number in (1, 2, 3)]
    assert {id: subscribed.items[id] for id in first} == first, "what did not change is as it was"

    grown = web.clock()
    web.file(story(4, source="bern"), story=story(1))  # one more copy
    web.clock.pass_(minutes=5)
    changed = web.clock()
    web.file(story(2), HARBOUR + "\n\nA third paragraph came.", title="Drones for harbour 2, corrected", summary="New.")
    subscribed.poll()
    assert last_status(web) == 200
    after = {one.title: one for one in subscribed.items.values()}
    assert sorted(after) == ["Drones for harbour 1", "Drones for harbour 2, corrected", "Drones for harbour 3"]
    assert set(first) < set(subscribed.items) and len(subscribed.items) == 3
    to_the_second = {title: one.updated.replace(microsecond=0) for title, one in after.items()}
    assert to_the_second["Drones for harbour 1"] == grown.replace(microsecond=0)
    assert to_the_second["Drones for harbour 2, corrected"] == changed.replace(microsecond=0)
    assert "2 copies at 2 outlets: The Alba, The Bern" in after["Drones for harbour 1"].content
    assert "New." in after["Drones for harbour 2, corrected"].content

    web.clock.pass_(minutes=5)
    assert subscribed.poll() == [] and last_status(web) == 304
    assert all(path == web.answered[0][1] for _, path, _ in web.answered), "no reader needed a second address"


def test_reader_counts_one_new_and_two_modified(web: WebHouse) -> None:
    link = web.link(web.subscribe(mode=Mode.STORY))
    with closing(LemonReader(f"{web.url}{link}.atom")) as subscriber:
        for number in (1, 2):
            web.file(story(number))
        subscriber.poll()
        assert (subscriber.told.new, subscriber.told.modified) == (2, 0)
        web.clock.pass_(hours=1)
        web.file(story(3))
        web.file(story(4, source="bern"), story=story(1))
        subscriber.poll()
        assert (subscriber.told.new, subscriber.told.modified) == (1, 1)
