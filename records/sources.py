"""Sources, their polled addresses, and what polls bring."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa

from pipeline.types import Entry, FeedState, Kind, Source
from records import tally
from records.columns import EPOCH, AnyRow, storable
from records.dialect import insert_new, upsert
from records.tables import articles, changes, entries, feeds, sources
from records.values import Poll, PollResult

T = TypeVar("T")

STATE = (
    "etag",
    "last_modified",
    "content_hash",
    "interval",
    "next_due",
    "last_try",
    "last_success",
    "last_new",
    "per_day",
    "failures",
    "error",
    "error_kind",
)
_SAVE = (
    sa.update(feeds)
    .where(feeds.c.url == sa.bindparam("address"))
    .values({name: sa.bindparam("new_" + name) for name in (*STATE, "due")})
)
_EDITED = ("url", "title", "summary", "authors", "published", "published_how", "language", "tags", "revision")
_HEADLINE_ONLY = sa.exists().where(articles.c.id == entries.c.article_id, articles.c.grade == "headline")
_EDIT = (
    sa.update(entries)
    .where(entries.c.id == sa.bindparam("entry"))
    .values(
        {
            **{name: sa.bindparam("new_" + name) for name in (*_EDITED, "revised", "due")},
            "state": "pending",
            "tries": 0,
            "error": "",
            "error_kind": "",
            "article_id": sa.case((_HEADLINE_ONLY, sa.null()), else_=entries.c.article_id),
        }
    )
)


def in_chunks(values: Iterable[T], size: int = 1000) -> Iterator[list[T]]:
    """Lists of at most `size`, for IN (…): databases limit the parameters of a statement."""
    rest = list(values)
    for start in range(0, len(rest), size):
        yield rest[start : start + size]


def rows_among(
    conn: sa.Connection, wanted: sa.Select[Any], column: sa.ColumnElement[Any], values: Iterable[Any]
) -> Iterator[AnyRow]:
    """The rows of a SELECT in which a column has one of the values, however many those are."""
    yield from rows_of(conn, among(wanted, column), values)


def among(wanted: sa.Select[Any], column: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """The SELECT of those rows, for `rows_of`: what is asked often is made once."""
    return wanted.where(column.in_(sa.bindparam("among", expanding=True)))


def rows_of(conn: sa.Connection, wanted: sa.Select[Any], values: Iterable[Any]) -> Iterator[AnyRow]:
    """Its rows."""
    for some in in_chunks(values):
        yield from conn.execute(wanted, {"among": some}).all()


def sync(conn: sa.Connection, given: Sequence[Source]) -> None:
    """See `Records.sync_sources`. An address that two sources list is polled once, for the first of them."""
    stored = {row.id: row for row in conn.execute(sa.select(sources))}
    rows = {
        one.id: {
            "id": one.id,
            "name": storable(one.name),
            "country": one.country,
            "blocked": one.blocked,
            "current": True,
        }
        for one in given
    }
    renamed = [
        key for key, row in rows.items()
        if key in stored and (stored[key].name, stored[key].country) != (row["name"], row["country"])
    ]  # fmt: skip
    conn.execute(sa.update(sources).values(current=False))
    conn.execute(sa.update(feeds).values(current=False))
    if rows:
        conn.execute(upsert(conn, sources), list(rows.values()))
    for ids in in_chunks(renamed):  # the index holds the outlet's name and country
        affected = sa.select(articles.c.id).where(articles.c.source_id.in_(ids)).order_by(articles.c.id)
        conn.execute(sa.insert(changes).from_select(["article_id"], affected))
    polled = _addresses(given)
    if polled:
        conn.execute(upsert(conn, feeds, ("source_id", "kind", "current")), list(polled.values()))


def _addresses(given: Sequence[Source]) -> dict[str, dict[str, object]]:
    polled: dict[str, dict[str, object]] = {}
    for one in given:
        lists = (
            (Kind.FEED, one.feeds),
            (Kind.NEWS_SITEMAP, one.news_sitemaps),
            (Kind.SITEMAP, one.sitemaps),
            (Kind.SECTION, one.sections),
        )
        for kind, addresses in lists:
            for url in addresses:
                state = FeedState(one.id, url, kind)
                polled.setdefault(url, _feed_row(state))
    return polled


def _feed_row(state: FeedState) -> dict[str, object]:
    return {
        "url": state.url,
        "source_id": state.source_id,
        "kind": state.kind.value,
        "current": True,
        "due": state.next_due or EPOCH,
        **{name: getattr(state, name) for name in STATE},
    }


def _state(row: AnyRow) -> FeedState:
    values = row._mapping
    return FeedState(
        source_id=row.source_id, url=row.url, kind=Kind(row.kind), **{name: values[name] for name in STATE}
    )


def take(conn: sa.Connection, now: datetime, limit: int, lease: timedelta) -> list[FeedState]:
    """See `Records.take_feeds`. Of sources that are listed and collected."""
    due = (
        sa.select(feeds)
        .join(sources, sources.c.id == feeds.c.source_id)
        .where(feeds.c.current, sources.c.current, sources.c.blocked == "", feeds.c.due <= now)
        .order_by(feeds.c.due, feeds.c.url)
        .limit(limit)
    )
    taken = [_state(row) for row in conn.execute(due)]
    for urls in in_chunks(state.url for state in taken):
        conn.execute(sa.update(feeds).where(feeds.c.url.in_(urls)).values(due=now + lease))
    return taken


def release(conn: sa.Connection) -> None:
    """Addresses under a lease are due when they were."""
    due = sa.func.coalesce(feeds.c.next_due, sa.literal(EPOCH, feeds.c.due.type))
    conn.execute(sa.update(feeds).where(feeds.c.due != due).values(due=due))


def states(conn: sa.Connection) -> list[FeedState]:
    """See `Records.feed_states`; in order of source and address."""
    listed = (
        sa.select(feeds)
        .join(sources, sources.c.id == feeds.c.source_id)
        .where(feeds.c.current, sources.c.current)
        .order_by(feeds.c.source_id, feeds.c.url)
    )
    return [_state(row) for row in conn.execute(listed)]


def record(conn: sa.Connection, polls: Sequence[Poll], now: datetime) -> list[PollResult]:
    """See `Records.record_polls`. One SELECT for what is known, one executemany each for new, edited and states."""
    known: dict[str, tuple[str, str]] = {}
    tries = {
        row.url: row.last_try
        for row in rows_among(conn, sa.select(feeds.c.url, feeds.c.last_try), feeds.c.url, {one.url for one in polls})
    }
    counts: tally.Tally = Counter()
    for ids in in_chunks({entry.id for poll in polls for entry in poll.entries}):
        seen = sa.select(entries.c.id, entries.c.revision, entries.c.listed_by).where(entries.c.id.in_(ids))
        known.update((row[0], (row[1], row[2])) for row in conn.execute(seen))
    new: list[dict[str, object]] = []
    edits: dict[str, dict[str, object]] = {}
    saves: list[dict[str, object]] = []
    results: list[PollResult] = []
    for poll in polls:
        fresh = {entry.id: entry for entry in poll.entries if entry.id not in known}
        state = poll.settle(len(fresh))
        edited = 0
        for entry in poll.entries if len(fresh) < len(poll.entries) else ():
            told_now = storable(entry.revision)
            if entry.id not in fresh and known[entry.id] != (told_now, poll.url):
                revision, listed_by = known[entry.id]
                if listed_by == poll.url and told_now and told_now != revision:
                    known[entry.id] = (told_now, listed_by)
                    edits[entry.id] = _edit(entry, now)
                    edited += 1
        for entry in fresh.values():
            known[entry.id] = (storable(entry.revision), poll.url)
            new.append(_entry_row(entry, poll, now))
        saves.append(_saved(state))
        if poll.answered and (poll.part or tries.get(poll.url) != state.last_try):
            counts[tally.day_of(now), poll.source_id, poll.answered] += 1
            if not poll.part:
                tries[poll.url] = state.last_try
        results.append(PollResult(poll.url, len(fresh), edited))
    if new:
        conn.execute(insert_new(conn, entries), new)
    if edits:
        conn.execute(_EDIT, list(edits.values()))
    if saves:
        conn.execute(_SAVE, saves)
    tally.add(conn, counts, now)
    return results


def _saved(state: FeedState) -> dict[str, object]:
    values: dict[str, object] = {"new_" + name: getattr(state, name) for name in STATE}
    values["address"], values["new_due"] = state.url, state.next_due or EPOCH
    return values


def _edit(entry: Entry, now: datetime) -> dict[str, object]:
    values: dict[str, object] = {"new_" + name: getattr(entry, name) for name in _EDITED}
    values.update(entry=entry.id, new_revised=now, new_due=EPOCH)
    return values


def _entry_row(entry: Entry, poll: Poll, now: datetime) -> dict[str, object]:
    published = entry.published
    return {
        "id": entry.id,
        "source_id": poll.source_id,
        "listed_by": poll.url,
        "url": entry.url,
        "canonical_url": entry.canonical_url,
        "title": entry.title,
        "summary": entry.summary,
        "authors": entry.authors,
        "published": published,
        "published_how": entry.published_how,
        "language": entry.language,
        "tags": entry.tags,
        "revision": entry.revision,
        "first_seen": now,
        "revised": now,
        "dated": published if published is not None and published < now else now,
        "state": "pending",
        "due": EPOCH,
        "tries": 0,
    }
