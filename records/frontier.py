"""Pages: which entries want one, which were fetched and wait on the spool, which cannot be had."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any

import sqlalchemy as sa
import zstandard

from pipeline.answered import Answered
from pipeline.errors import WirewatchError
from pipeline.types import Entry, Fetched, FetchTask, Kind
from records import tally
from records.columns import EPOCH, AnyRow, storable
from records.dialect import add_to
from records.sources import in_chunks
from records.tables import entries, rejections, sources, spool
from records.values import PageFailure, Spooled, Waiting

LEVEL = 3  # of zstandard: measured on 133 real news pages of 299 KB on average, a fifth is left, in 0.6 ms a page
ENTRY = (
    "id", "url", "canonical_url", "title", "summary", "authors", "published", "published_how", "language", "tags",
    "revision",
)  # fmt: skip
TASK = ("etag", "last_modified", "content_hash", "attempt", "verify_only")
_ENTRY_COLUMNS = [entries.c[name] for name in ENTRY]
_SPOOLED = sa.select(*(spool.c[name] for name in ("id", "address", "entry_id", "fetched", "content_hash", "tries")))
_UNREACHED = sa.or_(entries.c.taken.is_(None), entries.c.taken == entries.c.revision)
_WANTED = sa.and_(entries.c.due.is_not(None), entries.c.due <= sa.bindparam("now"))
_OF_SOURCE = (
    sa.select(entries.c.id, entries.c.url, entries.c.source_id, entries.c.tries, entries.c.dated)
    .where(entries.c.source_id == sa.bindparam("source"), _WANTED)
    .order_by(entries.c.dated.desc(), entries.c.id.desc())
    .limit(sa.bindparam("most", type_=sa.Integer))
)
_WANTING = (
    sa.select(sources.c.id)
    .where(sources.c.current, sources.c.blocked == "")
    .where(sa.exists().where(entries.c.source_id == sources.c.id, _WANTED))
    .order_by(sources.c.id)
)


def take(
    conn: sa.Connection, now: datetime, limit: int, lease: timedelta, after: str = ""
) -> tuple[list[FetchTask], str]:
    """See `Records.take_pages`. The round over the sources starts behind `after`; returns the last source served.

    One indexed look per source instead of one window over all that is pending: what it costs grows with `limit`,
    not with the backlog.
    """
    ids = [row.id for row in conn.execute(_WANTING, {"now": now})]
    ids = [id for id in ids if id > after] + [id for id in ids if id <= after]
    ids = ids[:limit]
    if not ids:
        return [], after
    share = -(-limit // len(ids))
    rows = {id: _newest(conn, id, now, share) for id in ids}
    hungry = [id for id in ids if len(rows[id]) == share]
    if hungry and sum(map(len, rows.values())) < limit:
        for id in hungry:
            rows[id] = _newest(conn, id, now, limit)
    rounds = zip_longest(*(rows[id] for id in ids))
    chosen = [row for one in rounds for row in one if row is not None][:limit]
    for keys in in_chunks(row.id for row in chosen):
        leased = sa.update(entries).where(entries.c.id.in_(keys))
        conn.execute(leased.values(due=now + lease, taken=entries.c.revision))
    tasks = [FetchTask(row.url, row.source_id, Kind.PAGE, entry_id=row.id, attempt=row.tries) for row in chosen]
    return tasks, chosen[-1].source_id


def _newest(conn: sa.Connection, source: str, now: datetime, most: int) -> Sequence[AnyRow]:
    return conn.execute(_OF_SOURCE, {"source": source, "now": now, "most": most}).all()


def release(conn: sa.Connection) -> None:
    """Pages under a lease are due at once; pages on the spool count one more try."""
    leased = sa.and_(entries.c.due.is_not(None), entries.c.taken.is_not(None))
    conn.execute(sa.update(entries).where(leased).values(due=EPOCH, taken=None))
    conn.execute(sa.update(spool).values(tries=spool.c.tries + 1))


def put(conn: sa.Connection, pages: Sequence[Fetched]) -> list[Spooled]:
    """See `Records.spool`. A newer answer of the same address takes the place of an older one, under a new id.

    What is fetched by hand in place of an entry's page stands for that entry too.
    """
    latest = {storable(page.task.url): page for page in pages}
    there = {
        row.address: row
        for addresses in in_chunks(latest)
        for row in conn.execute(_SPOOLED.where(spool.c.address.in_(addresses)))
    }
    kept = {address: row for address, row in there.items() if _same(row, latest[address])}
    owners = {
        address: page.task.entry_id or (there[address].entry_id if address in there else None)
        for address, page in latest.items()
    }
    known = entries_by_id(conn, {id for id in owners.values() if id})
    ids = {address: row.id for address, row in kept.items()}
    stale = [row.id for address, row in there.items() if address not in kept]
    if stale:
        conn.execute(sa.delete(spool).where(spool.c.id.in_(stale)))
    fresh = {address: page for address, page in latest.items() if address not in kept}
    if fresh:
        pack = zstandard.ZstdCompressor(level=LEVEL).compress
        rows = [
            {
                **page_row(page, pack(page.body)),
                "entry_id": owners[address] if owners[address] in known else None,
                "tries": 0,
            }
            for address, page in fresh.items()
        ]
        added = conn.execute(sa.insert(spool).returning(spool.c.id, spool.c.address), rows)
        ids.update((row.address, row.id) for row in added)
        counts: tally.Tally = Counter(
            (tally.day_of(page.fetched), page.task.source_id, Answered.OK) for page in fresh.values()
        )
        tally.add(conn, counts, max(page.fetched for page in fresh.values()))
        _reached(conn, [page.task.entry_id for page in fresh.values() if page.task.entry_id])
    return [
        Spooled(ids[address], page, known.get(owners[address] or ""), kept[address].tries if address in kept else 0)
        for address, page in latest.items()
    ]


def _same(row: AnyRow, page: Fetched) -> bool:
    return bool((row.fetched, row.content_hash) == (page.fetched, page.content_hash))


def _reached(conn: sa.Connection, ids: Sequence[str]) -> None:
    for keys in in_chunks(ids):
        state = sa.case((_UNREACHED, "fetched"), else_=entries.c.state)
        due = sa.case((_UNREACHED, sa.null()), else_=entries.c.due)
        conn.execute(sa.update(entries).where(entries.c.id.in_(keys)).values(state=state, due=due, taken=None))


def page_row(page: Fetched, body: bytes) -> dict[str, object]:
    """A fetched page as a row of the spool, with its compressed body; without its entry, which may not be there."""
    task = page.task
    return {
        "address": task.url,
        "source_id": task.source_id,
        "kind": task.kind.value,
        "task": {name: value for name in TASK if (value := getattr(task, name))},
        "url": page.url,
        "status": page.status,
        "headers": dict(page.headers),
        "fetched": page.fetched,
        "content_hash": page.content_hash,
        "redirected": page.redirected_for_good,
        "body": body,
        "size": len(page.body),
    }


def spooled(conn: sa.Connection, limit: int) -> list[Spooled]:
    """See `Records.spooled`."""
    return _whole(conn, sa.select(spool).order_by(spool.c.id).limit(limit))


def spooled_page(conn: sa.Connection, spool_id: int) -> Spooled | None:
    """See `Records.spooled_page`."""
    return next(iter(_whole(conn, sa.select(spool).where(spool.c.id == spool_id))), None)


def stale(conn: sa.Connection, before: datetime, limit: int) -> list[int]:
    """See `Records.stale`."""
    old = sa.select(spool.c.id).where(spool.c.fetched < before).order_by(spool.c.fetched, spool.c.id)
    return list(conn.execute(old.limit(limit)).scalars())


def tried(conn: sa.Connection, spool_id: int) -> int:
    """See `Records.tried`."""
    once_more = sa.update(spool).where(spool.c.id == spool_id).values(tries=spool.c.tries + 1)
    return conn.execute(once_more.returning(spool.c.tries)).scalar() or 0


def _whole(conn: sa.Connection, chosen: sa.Select[Any]) -> list[Spooled]:
    rows = conn.execute(chosen).all()
    known = entries_by_id(conn, {row.entry_id for row in rows if row.entry_id})
    unpack = zstandard.ZstdDecompressor().decompress
    return [
        Spooled(
            row.id,
            Fetched(
                task=FetchTask(row.address, row.source_id, Kind(row.kind), entry_id=row.entry_id or "", **row.task),
                url=row.url,
                status=row.status,
                headers=row.headers,
                body=unpack(row.body),
                fetched=row.fetched,
                content_hash=row.content_hash,
                redirected_for_good=row.redirected,
            ),
            known.get(row.entry_id),
            row.tries,
        )
        for row in rows
    ]


def entries_by_id(conn: sa.Connection, ids: set[str]) -> dict[str, Entry]:
    """The entries of these ids that there are."""
    found: dict[str, Entry] = {}
    for keys in in_chunks(ids):
        for row in conn.execute(sa.select(*_ENTRY_COLUMNS).where(entries.c.id.in_(keys))):
            found[row.id] = Entry(*row)
    return found


def failed(conn: sa.Connection, failures: Sequence[PageFailure], now: datetime) -> None:
    """See `Records.pages_failed`. One that was noted already changes nothing."""
    by_id = {one.entry_id: one for one in failures}
    updates: list[dict[str, object]] = []
    reasons: Counter[str] = Counter()
    counts: tally.Tally = Counter()
    for keys in in_chunks(by_id):
        stored = sa.select(entries.c.id, entries.c.source_id, entries.c.state, entries.c.due, entries.c.taken)
        for row in conn.execute(stored.where(entries.c.id.in_(keys))):
            one = by_id[row.id]
            if row.due is None or (row.taken is None and (row.state, row.due) == (one.state, one.next_try)):
                continue
            kind = type(one.error).__name__
            updates.append(
                {
                    "entry": row.id,
                    "new_state": one.state,
                    "new_due": one.next_try,
                    "kind": kind,
                    "words": str(one.error),
                }
            )
            reasons[kind] += one.next_try is None
            if one.answered:
                counts[tally.day_of(now), row.source_id, one.answered] += 1
    if updates:
        changed = sa.update(entries).where(entries.c.id == sa.bindparam("entry"))
        conn.execute(
            changed.values(
                state=sa.bindparam("new_state"),
                due=sa.bindparam("new_due"),
                error_kind=sa.bindparam("kind"),
                error=sa.bindparam("words"),
                tries=entries.c.tries + 1,
                taken=None,
            ),
            updates,
        )
    count(conn, reasons)
    tally.add(conn, counts, now)


def count(conn: sa.Connection, reasons: Mapping[str, int]) -> None:
    """Add to the tally of what is final."""
    rows = [{"reason": reason, "count": number} for reason, number in reasons.items() if number]
    if rows:
        conn.execute(add_to(conn, rejections, rejections.c.count), rows)


def set_aside(conn: sa.Connection, spool_id: int, state: str, error: WirewatchError, now: datetime) -> AnyRow | None:
    """Take a page off the spool because of an error; its entry gets `state`. None when it is no longer there.

    What was counted as a good answer is counted as unreadable now.
    """
    row = conn.execute(sa.select(spool).where(spool.c.id == spool_id)).one_or_none()
    if row is not None:
        conn.execute(sa.delete(spool).where(spool.c.id == spool_id))
        of_page = sa.update(entries).where(entries.c.id == row.entry_id, entries.c.state == "fetched")
        conn.execute(of_page.values(state=state, error_kind=type(error).__name__, error=str(error)))
        tally.add(conn, tally.turned([(row.fetched, row.source_id)], Answered.OK, Answered.UNREADABLE), now)
    return row


def reject(conn: sa.Connection, spool_id: int, error: WirewatchError, now: datetime) -> None:
    """See `Records.reject`."""
    if set_aside(conn, spool_id, "failed", error, now) is not None:
        count(conn, {type(error).__name__: 1})


def waiting(conn: sa.Connection, seen_before: datetime, limit: int) -> list[Waiting]:
    """See `Records.waiting`; longest first."""
    bare = entries.c.article_id.is_(None)
    unreadable = entries.c.state.in_(("blocked", "gone", "failed", "quarantined"))
    late = sa.and_(entries.c.state == "pending", entries.c.revised < seen_before)
    chosen = (
        sa.select(*_ENTRY_COLUMNS, entries.c.source_id, entries.c.first_seen, entries.c.error)
        .where(bare, sa.or_(unreadable, late))
        .order_by(entries.c.revised, entries.c.id)
        .limit(limit)
    )
    return [
        Waiting(row.source_id, Entry(*row[: len(ENTRY)]), row.first_seen, row.error) for row in conn.execute(chosen)
    ]
