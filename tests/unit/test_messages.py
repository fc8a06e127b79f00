"""Messages between the services: JSON there and back, and clear words for what is none of ours."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from pipeline.errors import Blocked, NotNews, StageFailed, Trouble
from pipeline.types import (
    Article,
    Entry,
    FeedState,
    FetchTask,
    Fingerprint,
    Grade,
    Kind,
    Known,
    Read,
    Span,
    Storage,
    Tag,
    Tagging,
)
from workers.messages import FetchOrder, FileOrder, HeadlineOrder, ReadOrder, done_of, file_order, pack, unpack
from workers.reading import Done

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
ARTICLE = Article(
    "a1", "https://a.example/1", "https://a.example/1", "a", "Ünïcode “title”", text="One.\n\nTwo. \U0001f6f0",
    grade=Grade.PARTIAL, authors=("Ann Lee",), published=NOW, published_confidence=0.9, dateline_places=("SEOUL",),
    dateline_date=date(2026, 3, 1), storage=Storage.SUMMARY, contributors={"photo": ("P. Lens",)}, paywalled=True,
    notices=("Correction.",), known={"title": Known("h1", 0.9)},
)  # fmt: skip
READ = Read(
    ARTICLE,
    Fingerprint("e", "t", bytes(range(256))),
    Tagging(
        (Tag("topic:x", "X", 2, True, (Span(0, 3, True), Span(7, 9))),),
        (Tag("name:x-y", "X Y", kind="person"),),
        0.25,
        ("because",),
    ),
    {"extract": 0.01},
)
STATE = FeedState("a", "https://a.example/feed", Kind.FEED, interval=timedelta(microseconds=90_000_001), next_due=NOW)
ORDERS = [
    FetchOrder(FetchTask("https://a.example/feed", "a", Kind.FEED, etag='"x"'), STATE),
    FetchOrder(FetchTask("https://a.example/1", "a", Kind.PAGE, entry_id="a1", attempt=2)),
    ReadOrder(7, "a1", again=True),
    HeadlineOrder(Entry("a1", "https://a.example/1", "https://a.example/1", "T", published=NOW), "a", NOW, "blocked"),
    FileOrder(7, "a1", read=READ),
]


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: type(order).__name__)
def test_every_order_comes_back_as_it_went(order: object) -> None:
    message = json.loads(json.dumps(pack(order)))
    assert unpack(type(order), message) == order


@pytest.mark.parametrize("error", [NotNews("no article", source_id="a", url="https://a.example/1"), Blocked("403")])
def test_an_error_keeps_its_class_its_words_and_its_address(error: Exception) -> None:
    done = Done(error, 7, "a1")  # type: ignore[arg-type]
    back = done_of(unpack(FileOrder, json.loads(json.dumps(pack(file_order(done))))))
    assert type(back.result) is type(error)
    assert vars(back.result) == vars(error)
    assert (back.spool_id, back.entry_id) == (7, "a1")


def test_an_error_of_a_later_release_is_kept_for_a_person() -> None:
    message = pack(FileOrder(7, "a1"))
    message["order"]["problem"] = {"kind": "Unheard", "message": "odd", "source_id": "a", "url": "u"}
    assert isinstance(done_of(unpack(FileOrder, message)).result, StageFailed)
    message["order"]["problem"]["kind"] = "annotations"  # a name of that module, but no error
    assert isinstance(done_of(unpack(FileOrder, message)).result, StageFailed)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ({"schema": 2, "order": {}}, "a message of schema 2 reached a release that knows schema 1"),
        ({}, "a message of schema None"),
        ({"schema": 1, "order": {"spool_id": "seven"}}, "a message is no ReadOrder"),
        ({"schema": 1}, "a message is no ReadOrder"),
    ],
)
def test_a_message_that_is_none_of_ours_is_refused_in_words(message: dict[str, object], words: str) -> None:
    with pytest.raises(Trouble, match=words):
        unpack(ReadOrder, message)
