"""Column types and statements mean the same on every database."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from pipeline.errors import NotNews, StageFailed
from pipeline.types import Span, Tag
from records import open_records
from records.columns import Duration, Instant, Names, Tags
from records.dialect import add_to, insert_new, upsert
from records.schema import metadata
from records.sqlite import meaning
from records.tables import entries, rejections, robots
from tests.contract.records_kit import (
    LEASE,
    NOW,
    SOURCES,
    article,
    entry,
    fetched,
    filed,
    headline,
    listed,
    put,
    source,
    spooled,
)

DIALECT = sqlite.dialect()  # type: ignore[no-untyped-call]
POSTGRES = postgresql.dialect()  # type: ignore[no-untyped-call]


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])))
def test_a_time_comes_back_to_the_microsecond_in_utc(moment: datetime) -> None:
    kind = Instant()
    stored = kind.process_bind_param(moment, DIALECT)
    assert isinstance(stored, int)
    back = kind.process_result_value(stored, DIALECT)
    assert back == moment
    assert back is not None
    assert back.tzinfo is UTC


def test_a_time_of_no_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        Instant().process_bind_param(datetime(2026, 3, 1), DIALECT)  # noqa: DTZ001


@given(st.timedeltas())
def test_a_duration_comes_back(length: timedelta) -> None:
    assert Duration().process_result_value(Duration().process_bind_param(length, DIALECT), DIALECT) == length


def test_absent_values_stay_absent() -> None:
    assert Instant().process_bind_param(None, DIALECT) is None
    assert Duration().process_result_value(None, DIALECT) is None
    assert Names().process_result_value(None, DIALECT) == ()


def test_tags_come_back() -> None:
    tags = (
        Tag("org:anthropic", "Anthropic", 3, True, (Span(0, 9, True), Span(14, 23))),
        Tag("topic:drones", "Drones"),
        Tag("name:jane-roe", "Jane Roe", kind="person"),
    )
    back = Tags().process_result_value(Tags().process_bind_param(tags, DIALECT), DIALECT)
    assert [(tag, tag.spans, tag.kind) for tag in back] == [(tag, tag.spans, tag.kind) for tag in tags]


def test_tags_written_before_places_were_kept_come_back() -> None:
    old = [["org:anthropic", "Anthropic", 3, True], ["topic:drones", "Drones", 1, False]]
    back = Tags().process_result_value(old, DIALECT)
    assert back == (Tag("org:anthropic", "Anthropic", 3, True), Tag("topic:drones", "Drones"))
    assert Tags().process_bind_param(back, DIALECT) == old, "and are written as they were"


def test_tags_that_stand_elsewhere_are_the_same_tags() -> None:
    assert Tag("org:x", "X", 1, False, (Span(4, 5),)) == Tag("org:x", "X")


def test_extended_error_codes_are_understood() -> None:
    error = sqlite3.OperationalError("locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY_SNAPSHOT
    assert meaning(error) == "busy"
    assert meaning(sqlite3.OperationalError("no such table")) == ""
    assert meaning(ValueError()) == ""


def test_every_table_and_statement_has_a_postgresql_form(tmp_path: Path) -> None:
    """No server: it tells that nothing of SQLite's alone is used, not that PostgreSQL does the same with it."""
    records = open_records(tmp_path / "archive.db")
    for table in metadata.sorted_tables:
        assert str(CreateTable(table).compile(dialect=POSTGRES))
        for index in table.indexes:
            assert str(CreateIndex(index).compile(dialect=POSTGRES))
    compiled: list[str] = []
    raw: list[str] = []

    def before(conn: Any, statement: Any, *rest: Any) -> None:
        if not isinstance(statement, sqlite.Insert):  # an upsert: see below
            compiled.append(str(statement.compile(dialect=POSTGRES)))

    def cursor(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if context.compiled is None:
            raw.append(statement)

    engine = records._database._engine  # type: ignore[attr-defined]
    event.listen(engine, "before_execute", before)
    event.listen(engine, "before_cursor_execute", cursor)
    records.sync_sources(SOURCES)
    records.sync_sources([source("alba", name="Renamed"), *SOURCES[1:]])
    records.take_feeds(NOW, 9, LEASE)
    put(records, entry("alba", "one"))
    one, two = spooled(records, entry("alba", "two"), entry("bern", "three"))
    records.quarantine("page", StageFailed("raised"), NOW, spool_id=one.id)
    records.replay([one.id])
    records.reject(two.id, NotNews("none"), NOW)
    moved = entry("cork", "rss")
    listed(records, moved)
    records.commit([headline(moved)], [], NOW)
    [row] = records.spool([fetched(moved)])
    records.commit([filed(article(entry("cork", "page"), url=moved.url))], [row.id], NOW)
    records.article("nothing")
    records.stories(["s1"])
    list(records.fingerprints(NOW))
    records.waiting(NOW, 9)
    records.health(NOW)
    records.totals()
    records.release_leases()
    records.put_robots("https://alba.example", 200, b"", NOW)
    records.close()
    assert len(compiled) > 60, len(compiled)
    assert {statement.split()[0] for statement in raw} <= {"PRAGMA", "BEGIN"}, "only in the dialect's own module"


def test_upserts_have_a_postgresql_form() -> None:
    server: Any = SimpleNamespace(dialect=POSTGRES)
    assert "ON CONFLICT DO NOTHING" in str(insert_new(server, entries).compile(dialect=POSTGRES))
    whole = str(upsert(server, robots).compile(dialect=POSTGRES))
    assert "ON CONFLICT (origin) DO UPDATE SET status = excluded.status, body = excluded.body" in whole
    tally = str(add_to(server, rejections, rejections.c.count).compile(dialect=POSTGRES))
    assert "DO UPDATE SET count = (rejections.count + excluded.count)" in tally
