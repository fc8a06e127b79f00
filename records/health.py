"""How the archive and its sources are: sizes, health, and whether the database holds together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from records.columns import EPOCH, AnyRow
from records.engine import Database
from records.growth import log_end
from records.sources import rows_among
from records.tables import (
    articles,
    changes,
    entries,
    feeds,
    fingerprints,
    quarantine,
    rejections,
    sources,
    spool,
    stories,
    versions,
)
from records.values import Backlog, Sizes, SourceHealth, Totals, Watched

QUIET_AFTER = timedelta(days=7)  # without a new entry


def health(conn: sa.Connection, now: datetime) -> list[SourceHealth]:
    """See `Records.health`; in order of id."""
    polled = _polled(conn)
    held = _by_source(conn, sa.select(articles.c.source_id, sa.func.count()).group_by(articles.c.source_id))
    wanted = sa.select(entries.c.source_id, sa.func.count()).where(entries.c.due.is_not(None))
    pending = _by_source(conn, wanted.group_by(entries.c.source_id))
    current = conn.execute(sa.select(sources).where(sources.c.current).order_by(sources.c.id))
    return [
        _health(row, polled[row.id], held.get(row.id, 0), pending.get(row.id, 0), now) for row in current
    ]  # fmt: skip


def _by_source(conn: sa.Connection, counts: sa.Select[Any]) -> dict[str, int]:
    return {row[0]: row[1] for row in conn.execute(counts)}


def _health(source: AnyRow, polled: list[AnyRow], held: int, pending: int, now: datetime) -> SourceHealth:
    state, words = _state(source, polled, now)
    return SourceHealth(
        source_id=source.id,
        name=source.name,
        country=source.country,
        feeds=len(polled),
        state=state,
        last_success=_last_success(polled),
        last_error=words,
        per_day=sum(row.per_day for row in polled),
        articles=held,
        pending=pending,
    )


_COLLECTED = sources.c.current, sources.c.blocked == ""
_IDS = sa.select(sa.func.aggregate_strings(sources.c.id, " ")).where(*_COLLECTED)  # one row is read faster than many


def watched_ids(conn: sa.Connection) -> list[str]:
    """See `Records.watched_ids`."""
    return sorted((conn.execute(_IDS).scalar_one() or "").split())


def watched(conn: sa.Connection, now: datetime, among: Collection[str] | None) -> list[Watched]:
    """See `Records.watched`."""
    polled = _polled(conn, among)
    rows = _among(conn, sa.select(sources).where(*_COLLECTED), sources.c.id, among)
    return [
        Watched(row.id, row.name, state, _last_success(polled[row.id]), words)
        for row in sorted(rows, key=lambda row: row.id)
        for state, words in [_state(row, polled[row.id], now)]
    ]


_TOLD = [
    feeds.c[name]
    for name in (
        "source_id", "url", "last_try", "last_success", "last_new", "per_day", "failures", "error", "error_kind",
    )
]  # fmt: skip


def _polled(conn: sa.Connection, among: Collection[str] | None = None) -> dict[str, list[AnyRow]]:
    """Current addresses by source, of all or of these."""
    polled: dict[str, list[AnyRow]] = defaultdict(list)
    for row in _among(conn, sa.select(*_TOLD).where(feeds.c.current), feeds.c.source_id, among):
        polled[row.source_id].append(row)
    return polled


def _among(
    conn: sa.Connection, wanted: sa.Select[Any], column: sa.ColumnElement[Any], ids: Collection[str] | None
) -> Iterable[AnyRow]:
    return conn.execute(wanted) if ids is None else rows_among(conn, wanted, column, ids)


def _last_success(polled: list[AnyRow]) -> datetime | None:
    return max((row.last_success for row in polled if row.last_success is not None), default=None)


def _state(source: AnyRow, polled: list[AnyRow], now: datetime) -> tuple[str, str]:
    """The state of a source, and what is wrong in words."""
    tried = [row for row in polled if row.last_try is not None]
    failing = sorted((row for row in tried if row.failures), key=lambda row: (row.last_try, row.url))
    if source.blocked:
        return "blocked", source.blocked
    if not tried:
        return "new", ""
    if failing:
        shut = len(failing) == len(polled) and all(row.error_kind == "Blocked" for row in failing)
        return "blocked" if shut else "failing", failing[-1].error
    if all(row.last_new is None or row.last_new < now - QUIET_AFTER for row in tried):
        return "quiet", ""
    return "healthy", ""


def backlog(conn: sa.Connection, now: datetime) -> Backlog:
    """See `Records.backlog`. Each from an index over what waits, so that it costs what waits."""
    polled = (
        sa.select(sa.func.count(), sa.func.min(feeds.c.due))
        .join(sources, sources.c.id == feeds.c.source_id)
        .where(feeds.c.current, sources.c.current, sources.c.blocked == "", feeds.c.due <= now)
    )
    wanted = sa.select(sa.func.count(), sa.func.min(entries.c.revised))
    bare = sa.select(sa.func.count(), sa.func.min(entries.c.revised)).where(entries.c.article_id.is_(None))
    on_spool = sa.select(sa.func.count(), sa.func.min(spool.c.fetched))
    polls, polls_since = conn.execute(polled).one()
    pages, pages_since = conn.execute(wanted.where(entries.c.due.is_not(None), entries.c.due <= now)).one()
    later = _count(conn, entries, entries.c.due.is_not(None), entries.c.due > now)
    spooled, spooled_since = conn.execute(on_spool).one()
    without, without_since = conn.execute(bare).one()
    return Backlog(
        polls, None if polls_since == EPOCH else polls_since, pages, pages_since, later, spooled, spooled_since,
        without, without_since, _count(conn, quarantine), log_end(conn),
    )  # fmt: skip


def filed(conn: sa.Connection, since: datetime) -> dict[str, int]:
    """See `Records.filed`."""
    counted = sa.select(articles.c.grade, sa.func.count()).where(articles.c.first_seen >= since)
    return {row[0]: row[1] for row in conn.execute(counted.group_by(articles.c.grade))}


def sizes(conn: sa.Connection) -> Sizes:
    """See `Records.sizes`."""
    return Sizes(_count(conn, spool), _count(conn, quarantine), log_end(conn))


def _count(conn: sa.Connection, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
    return conn.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one()


def totals(conn: sa.Connection) -> Totals:
    """See `Records.totals`."""
    count = partial(_count, conn)
    reasons = conn.execute(sa.select(rejections.c.reason, rejections.c.count).order_by(rejections.c.reason))
    return Totals(
        articles=count(articles),
        stories=count(stories) - count(stories, stories.c.merged_into.is_not(None)),
        entries=count(entries),
        pending=count(entries, entries.c.due.is_not(None)),
        spooled=count(spool),
        quarantined=count(quarantine),
        last_change=log_end(conn),
        rejected=tuple((row[0], row[1]) for row in reasons),
    )


def check(database: Database) -> list[str]:
    """See `Records.check`: the database's own findings, then what must hold between our tables."""
    with database.read(patient=True) as conn:
        found = list(database.kind.integrity(conn))
        if found:
            return found  # a damaged file cannot be trusted to answer the rest
        for words, broken in _invariants():
            ids = [str(row[0]) for row in conn.execute(broken.limit(1000))]
            if ids:
                more = "at least " if len(ids) == 1000 else ""
                found.append(f"{more}{len(ids)} {words}, for example {ids[0]}")
    return found


def _invariants() -> list[tuple[str, sa.Select[Any]]]:
    a, e = articles.c, entries.c
    current = sa.exists().where(versions.c.article_id == a.id, versions.c.version == a.version)
    s, goal = stories.c, stories.alias()
    told = sa.exists().where(a.story_id == s.id)
    leads = sa.exists().where(goal.c.id == s.merged_into, goal.c.merged_into.is_(None))
    on_spool = sa.exists().where(spool.c.entry_id == e.id)
    in_quarantine = sa.exists().where(quarantine.c.entry_id == e.id)
    return [
        ("articles without a story", sa.select(a.id).where(~sa.exists().where(stories.c.id == a.story_id))),
        ("stories without an article", sa.select(s.id).where(s.merged_into.is_(None), ~told)),
        ("merged stories that have articles", sa.select(s.id).where(s.merged_into.is_not(None), told)),
        ("merged stories that lead nowhere", sa.select(s.id).where(s.merged_into.is_not(None), ~leads)),
        ("articles without the text of their version", sa.select(a.id).where(~current)),
        (
            "articles without a fingerprint",
            sa.select(a.id).where(~sa.exists().where(fingerprints.c.article_id == a.id)),
        ),
        (
            "articles that the change log does not know",
            sa.select(a.id).where(a.id.not_in(sa.select(changes.c.article_id))),
        ),
        ("articles of an unknown source", sa.select(a.id).where(~sa.exists().where(sources.c.id == a.source_id))),
        (
            "entries that name an article which is not there",
            sa.select(e.id).where(e.article_id.is_not(None), ~sa.exists().where(a.id == e.article_id)),
        ),
        ("entries called fetched without a page on the spool", sa.select(e.id).where(e.state == "fetched", ~on_spool)),
        (
            "entries called quarantined without a page kept",
            sa.select(e.id).where(e.state == "quarantined", ~in_quarantine),
        ),
        (
            "entries that are settled and yet want their page",
            sa.select(e.id).where(e.state.in_(("fetched", "done", "quarantined")), e.due.is_not(None)),
        ),
        ("pending entries that will never be fetched", sa.select(e.id).where(e.state == "pending", e.due.is_(None))),
    ]
