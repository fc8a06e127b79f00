"""How many articles each story has: part of what every one of them says, so a change of it is in the change log.

So is the loss of an article, or of a story that was merged into it: what was told of the story may have been told of
that one alone.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from records.sources import in_chunks, rows_among
from records.tables import articles, changes, stories


def note_growth(conn: sa.Connection, story_ids: Collection[str], after: int, lost: Collection[str] = ()) -> None:
    """Count these stories; log all articles of those that grew, shrank or `lost` something, if not after that line."""
    counted = sa.select(articles.c.story_id, sa.func.count().label("size")).group_by(articles.c.story_id)
    sizes = {row.story_id: row.size for row in rows_among(conn, counted, articles.c.story_id, story_ids)}
    known = sa.select(stories.c.id, stories.c.size)
    other = {
        row.id: sizes.get(row.id, 0)
        for row in rows_among(conn, known, stories.c.id, story_ids)
        if row.size != sizes.get(row.id, 0)
    }
    if other:
        resize = sa.update(stories).where(stories.c.id == sa.bindparam("story")).values(size=sa.bindparam("now"))
        conn.execute(resize, [{"story": id, "now": size} for id, size in other.items()])
    to_tell = sorted({*other, *lost})
    if not to_tell:
        return
    logged = set(conn.execute(sa.select(changes.c.article_id).where(changes.c.seq > after)).scalars())
    for keys in in_chunks(to_tell):
        members = sa.select(articles.c.id).where(articles.c.story_id.in_(keys)).order_by(articles.c.id)
        told = [{"article_id": id} for id in conn.execute(members).scalars() if id not in logged]
        if told:
            conn.execute(sa.insert(changes), told)


def log_end(conn: sa.Connection) -> int:
    """The newest line of the change log."""
    return conn.execute(sa.select(sa.func.max(changes.c.seq))).scalar() or 0
