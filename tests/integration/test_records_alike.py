"""The same story of an archive, told to SQLite and to PostgreSQL, leaves the same rows and the same answers."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from pipeline.errors import Blocked, NotNews, StageFailed, Unreachable, Unreadable
from pipeline.ids import story_id
from pipeline.types import Entry, Grade, Storage
from records.base import Records
from records.values import PageFailure
from tests.contract.records_kit import (
    BACKENDS,
    LEASE,
    MINUTE,
    NOW,
    SOURCES,
    article,
    dump,
    entry,
    fetched,
    filed,
    headline,
    opened,
    poll,
    source,
)

OUTLETS = ("alba", "bern", "cork")


def tell(records: Records, seed: int) -> list[object]:
    """A few hundred things that happen to an archive; what it answered."""
    chance = random.Random(seed)
    entries = [entry(outlet, f"{outlet}-{k}", title=f"Ünïcode {k} 🛰") for outlet in OUTLETS for k in range(12)]
    answers: list[object] = []
    clock = NOW
    steps: list[Callable[[Records, random.Random, list[Entry], list[object]], None]] = [
        _list,
        _take,
        _file,
        _fail,
        _put_aside,
    ]
    for number in range(120):
        clock += timedelta(seconds=chance.randint(1, 400))
        steps[chance.randrange(len(steps))](records, chance, entries, answers)
        if number % 40 == 39:
            records.sync_sources([source("alba", name=f"Alba {number}"), *SOURCES[1:]])
            records.release_leases()
            records.put_robots("https://alba.example", 200, b"User-agent: *", clock)
    answers += [records.check(), records.totals(), records.health(clock), records.articles("", 999)]
    answers += [records.changes(0, 9999), records.quarantined(), records.spooled(999), records.feed_states()]
    answers += [list(records.fingerprints(NOW - timedelta(days=1))), records.waiting(clock, 999)]
    answers += [records.trail(one.url) for one in entries]
    answers += records.stories([story_id(one.id) for one in entries])
    answers += records.documents([one.id for one in entries])
    return answers


def _list(records: Records, chance: random.Random, entries: list[Entry], answers: list[object]) -> None:
    some = [replace(one, revision=str(chance.randint(1, 3))) for one in chance.sample(entries, 5)]
    polls = [poll(outlet, *(one for one in some if f"//{outlet}." in one.url)) for outlet in OUTLETS]
    answers.append(records.record_polls(polls, NOW + chance.randint(0, 90) * MINUTE))


def _take(records: Records, chance: random.Random, entries: list[Entry], answers: list[object]) -> None:
    now = NOW + chance.randint(0, 90) * MINUTE
    answers.append(records.take_feeds(now, 2, LEASE))
    tasks = records.take_pages(now, chance.randint(1, 6), LEASE)
    answers.append(tasks)
    known = {one.id: one for one in entries}
    pages = [fetched(known[task.entry_id], content_hash=str(chance.random())) for task in tasks]
    answers.append(records.spool(pages))


def _file(records: Records, chance: random.Random, entries: list[Entry], answers: list[object]) -> None:
    rows = records.spooled(4)
    grades = [Grade.FULL, Grade.FULL, Grade.PARTIAL]
    batch = [
        filed(
            article(
                row.entry,
                chance.choice(["One.", "Two.\n\nThree."]),
                grade=chance.choice(grades),
                storage=chance.choice([Storage.FULL, Storage.FULL, Storage.SUMMARY]),
                published_confidence=chance.random(),
            ),
            chance.choice(["", "s-shared"]),
        )
        for row in rows
        if row.entry
    ]
    batch += [headline(one.entry) for one in records.waiting(NOW + 500 * MINUTE, 2)]
    records.commit(batch, [row.id for row in rows], NOW + chance.randint(0, 90) * MINUTE)


def _fail(records: Records, chance: random.Random, entries: list[Entry], answers: list[object]) -> None:
    one, two = chance.sample(entries, 2)
    failures = [
        PageFailure(one.id, "blocked", Blocked("answered 403"), None),
        PageFailure(two.id, "pending", Unreachable("no answer"), NOW + chance.randint(1, 99) * MINUTE),
    ]
    records.pages_failed(failures, NOW)
    for row in records.spooled(1):
        answers.append(records.tried(row.id))
        records.reject(row.id, NotNews("no article"), NOW)


def _put_aside(records: Records, chance: random.Random, entries: list[Entry], answers: list[object]) -> None:
    for row in records.spooled(2):
        records.quarantine("page", StageFailed("raised", url=row.page.url), NOW, spool_id=row.id)
    error = Unreadable("no sense", source_id="bern", url="https://bern.example/feed")
    records.quarantine("listing", error, NOW, body=str(chance.random()).encode())
    answers.append(records.stale(NOW + MINUTE, 9))
    if chance.random() < 0.5:
        answers.append(records.replay())


def test_both_databases_hold_the_same(tmp_path: Path) -> None:
    seed = random.randrange(1_000_000)
    with ExitStack() as stack:
        sqlite, postgresql = (stack.enter_context(opened(name, tmp_path)) for name in BACKENDS)
        told, told_too = tell(sqlite, seed), tell(postgresql, seed)
        for one, other in zip(told, told_too, strict=True):
            assert one == other, f"seed {seed}"
        rows, rows_too = dump(sqlite), dump(postgresql)
        assert {name: len(table) for name, table in rows.items() if table}.keys() >= {
            "entries", "articles", "versions", "stories", "changes", "rejections", "feeds", "robots",
        }  # fmt: skip
        assert repr(rows).encode() == repr(rows_too).encode(), f"seed {seed}"
