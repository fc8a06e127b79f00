"""Tagging the archive anew: tags are written in batches, each with how far it brings us, so that a kill costs a batch.

The state is one row of `about`. The desk may write the same articles meanwhile: what it changed is left alone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa

from records.columns import AnyRow, all_storable
from records.dialect import upsert
from records.sources import rows_among
from records.tables import about, articles, changes
from records.values import Retag, Retagged

KEY = "retag"
_TAGS = (articles.c.topics, articles.c.entities, articles.c.relevance, articles.c.reasons)


def state(conn: sa.Connection, digest: str) -> Retag:
    """See `Records.retag_state`."""
    kept = conn.execute(sa.select(about.c.value).where(about.c.key == KEY)).scalar()
    told = json.loads(kept) if kept else {}
    return Retag(**told) if told.get("digest") == digest else Retag(digest)


def write(conn: sa.Connection, reached: Retag, tagged: Sequence[Retagged]) -> tuple[Retag, list[str]]:
    """See `Records.retag`."""
    there = _there(conn, [one.article_id for one in tagged])
    rows, changed, again = [], [], []
    for one in tagged:
        old = there.get(one.article_id)
        if old is None:
            continue  # removed meanwhile
        if (old.version, old.summary) != (one.version, all_storable(one.summary)):
            again.append(one.article_id)
            continue
        tags = one.tagging
        new = (tags.topics, tags.entities, tags.relevance, all_storable(tags.reasons))
        said = (old.topics, old.entities, old.relevance, old.reasons)
        if new != said:
            changed.append(one.article_id)
        if new != said or _places(new) != _places(said):
            rows.append(
                {"of": one.article_id, **{column.name: value for column, value in zip(_TAGS, new, strict=True)}}
            )
    if rows:
        statement = sa.update(articles).where(articles.c.id == sa.bindparam("of"))
        conn.execute(statement.values({column: sa.bindparam(column.name) for column in _TAGS}), rows)
    if changed:
        conn.execute(sa.insert(changes), [{"article_id": id} for id in changed])
    kept = replace(reached, changed=reached.changed + len(changed))
    conn.execute(upsert(conn, about), {"key": KEY, "value": json.dumps(asdict(kept))})
    return kept, again


def _there(conn: sa.Connection, ids: Sequence[str]) -> dict[str, AnyRow]:
    columns = sa.select(articles.c.id, articles.c.version, articles.c.summary, *_TAGS)
    return {row.id: row for row in rows_among(conn, columns, articles.c.id, ids)}


def _places(tags: tuple[Any, ...]) -> list[object]:
    """Tags are equal wherever they stand; this is where."""
    return [tag.spans for tag in (*tags[0], *tags[1])]
