"""Paragraphs that recur at an outlet: what the story desk learns, and what people say of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from pipeline.furniture import Paragraph
from records.dialect import upsert
from records.tables import furniture

COLUMNS = ("witnesses", "first_seen", "last_seen", "sample", "confirmed")
UNCONFIRMED_FOR = timedelta(days=60)  # what has not recurred for so long is forgotten


def learn(conn: sa.Connection, learned: Sequence[Paragraph], now: datetime) -> None:
    """Write what a batch taught. What a person said stays, and so does what was confirmed."""
    if not learned:
        return
    rows = [
        {"source_id": one.source_id, "key": one.key, **{name: getattr(one, name) for name in COLUMNS}}
        for one in learned
    ]  # fmt: skip
    conn.execute(upsert(conn, furniture, COLUMNS, where=furniture.c.confirmed.is_(None)), rows)
    old = furniture.c.last_seen < now - UNCONFIRMED_FOR
    conn.execute(sa.delete(furniture).where(old, furniture.c.confirmed.is_(None), furniture.c.kept.is_(None)))


def listed(conn: sa.Connection, source_id: str) -> list[Paragraph]:
    """See `Records.furniture`."""
    wanted = sa.select(furniture).order_by(furniture.c.source_id, furniture.c.first_seen, furniture.c.key)
    if source_id:
        wanted = wanted.where(furniture.c.source_id == source_id)
    return [Paragraph(**row._mapping) for row in conn.execute(wanted)]


def keep(conn: sa.Connection, source_id: str, key: int, now: datetime) -> bool:
    """See `Records.keep_paragraph`."""
    there = furniture.c.source_id == source_id, furniture.c.key == key
    kept = sa.func.coalesce(furniture.c.kept, sa.literal(now, furniture.c.kept.type))
    return conn.execute(sa.update(furniture).where(*there).values(kept=kept)).rowcount == 1
