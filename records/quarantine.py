"""What no stage could make sense of, kept with its bytes until a person replays it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
import zstandard

from pipeline.answered import Answered
from pipeline.errors import WirewatchError
from records import tally
from records.columns import EPOCH
from records.dialect import insert_new
from records.frontier import LEVEL, set_aside
from records.sources import in_chunks, rows_among
from records.tables import PAGE, entries, feeds, quarantine, spool
from records.values import Quarantined

LISTING: dict[str, object] = {
    "kind": "", "entry_id": None, "task": {}, "status": 0, "headers": {}, "content_hash": "", "redirected": "",
}  # fmt: skip

_SHOWN = ("id", "stage", "source_id", "url", "error_kind", "error", "since", "size")
SHOWN = sa.select(*(quarantine.c[name] for name in _SHOWN))  # a row as `Quarantined`


def keep(
    conn: sa.Connection, stage: str, error: WirewatchError, now: datetime, spool_id: int | None, body: bytes
) -> None:
    """See `Records.quarantine`. One row for each stage and address: the newest."""
    row: dict[str, object]
    if spool_id is not None:
        page = set_aside(conn, spool_id, "quarantined", error, now)
        if page is None:
            return
        row = {name: page._mapping[name] for name in PAGE}
    else:
        row = {
            **LISTING,
            "address": error.url,
            "source_id": error.source_id,
            "url": error.url,
            "fetched": now,
            "body": zstandard.ZstdCompressor(level=LEVEL).compress(body),
            "size": len(body),
        }
    row.update(stage=stage, error_kind=type(error).__name__, error=str(error), since=now)
    same = (quarantine.c.stage == stage, quarantine.c.address == row["address"])
    there = conn.execute(sa.select(quarantine.c.id).where(*same)).scalar()
    if there is None:
        conn.execute(sa.insert(quarantine), row)
    else:
        conn.execute(sa.update(quarantine).where(quarantine.c.id == there), row)


def listed(conn: sa.Connection, limit: int, before: tuple[datetime, int] | None) -> list[Quarantined]:
    """See `Records.quarantined`."""
    since, id = quarantine.c.since, quarantine.c.id
    older = sa.true() if before is None else sa.or_(since < before[0], sa.and_(since == before[0], id < before[1]))
    newest = SHOWN.where(older).order_by(quarantine.c.since.desc(), quarantine.c.id.desc()).limit(limit)
    return [Quarantined(*row) for row in conn.execute(newest)]


def kept(conn: sa.Connection, quarantine_id: int, most: int) -> tuple[Quarantined, bytes] | None:
    """See `Records.kept`."""
    row = conn.execute(SHOWN.add_columns(quarantine.c.body).where(quarantine.c.id == quarantine_id)).one_or_none()
    if row is None:
        return None
    with zstandard.ZstdDecompressor().stream_reader(row.body) as reader:
        return Quarantined(*row[: len(_SHOWN)]), reader.read(most)


def replay(conn: sa.Connection, ids: Sequence[int] | None) -> int:
    """See `Records.replay`. A page that was fetched anew in the meantime stays as it is now on the spool.

    A listing's address is due at once and asked without conditions, rather than its old bytes read again: they would
    edit entries back to what they were.
    """
    chosen = sa.select(quarantine.c.id, quarantine.c.kind, quarantine.c.address, quarantine.c.entry_id)
    chosen = chosen.add_columns(quarantine.c.fetched, quarantine.c.source_id)
    if ids is None:
        rows = conn.execute(chosen).all()
    else:
        rows = list(rows_among(conn, chosen, quarantine.c.id, ids))
    pages = [row for row in rows if row.kind]
    for keys in in_chunks(row.id for row in pages):
        columns = [quarantine.c[name] for name in PAGE]
        moved = sa.select(*columns, sa.literal(0)).where(quarantine.c.id.in_(keys)).order_by(quarantine.c.id)
        conn.execute(insert_new(conn, spool).from_select([*PAGE, "tries"], moved))
    if pages:
        fetched = [(row.fetched, row.source_id) for row in pages]
        again = tally.turned(fetched, Answered.UNREADABLE, Answered.OK)
        tally.add(conn, again, max(when for when, _ in fetched))
    for entry_ids in in_chunks(row.entry_id for row in pages if row.entry_id):
        aside = sa.update(entries).where(entries.c.id.in_(entry_ids), entries.c.state == "quarantined")
        conn.execute(aside.values(state="fetched", error="", error_kind=""))
    for urls in in_chunks(row.address for row in rows if not row.kind):
        at_once = sa.update(feeds).where(feeds.c.url.in_(urls))
        conn.execute(at_once.values(due=EPOCH, next_due=None, etag="", last_modified="", content_hash=""))
    for keys in in_chunks(row.id for row in rows):
        conn.execute(sa.delete(quarantine).where(quarantine.c.id.in_(keys)))
    return len(rows)
