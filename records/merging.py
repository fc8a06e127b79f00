"""Articles that change their story, and stories that are no more: their ids lead to where their articles went."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from pipeline.types import Filed
from records.sources import in_chunks, rows_among
from records.tables import articles, changes, stories


def move(conn: sa.Connection, ids: Collection[str], story: str) -> None:
    """Put articles into a story that there is, and log it."""
    for keys in in_chunks(ids):
        conn.execute(sa.update(articles).where(articles.c.id.in_(keys)).values(story_id=story))
        conn.execute(sa.insert(changes), [{"article_id": id} for id in keys])


def redirect(conn: sa.Connection, ways: Mapping[str, str]) -> None:
    """Of the stories named, those without articles lead to the other; so do those that led to them."""
    for keys in in_chunks(ways):
        empty = ~sa.exists().where(articles.c.story_id == stories.c.id)
        for old in conn.execute(sa.select(stories.c.id).where(stories.c.id.in_(keys), empty)).scalars().all():
            led = sa.or_(stories.c.id == old, stories.c.merged_into == old)
            conn.execute(sa.update(stories).where(led).values(merged_into=ways[old]))


def reopen(conn: sa.Connection, ids: Collection[str]) -> set[str]:
    """Stories that were merged into others stand again; gives those that they led to."""
    led: set[str] = set()
    for keys in in_chunks(ids):
        again = stories.c.id.in_(keys), stories.c.merged_into.is_not(None)
        led.update(conn.execute(sa.select(stories.c.merged_into).where(*again)).scalars())
        conn.execute(sa.update(stories).where(*again).values(merged_into=None))
    return led


def leads_to(conn: sa.Connection, ids: Collection[str]) -> dict[str, str]:
    """Where merged stories lead, by id; those that still stand are absent."""
    columns = sa.select(stories.c.id, stories.c.merged_into).where(stories.c.merged_into.is_not(None))
    return {row.id: row.merged_into for row in rows_among(conn, columns, stories.c.id, set(ids))}


def merged_within(filed: Sequence[Filed]) -> tuple[dict[str, str], dict[str, str]]:
    """Of a batch: the story of each article after all mergers, and where each merged story leads."""
    final: dict[str, str] = {}
    into: dict[str, str] = {}
    for one in reversed(filed):
        story = into.get(one.assignment.story_id, one.assignment.story_id)
        final.setdefault(one.read.article.id, story)
        into.update((old, story) for old in one.assignment.merged if old != story)
    return final, into


def merge(conn: sa.Connection, into: Mapping[str, str]) -> None:
    """Move the articles that the records hold of merged stories. `redirect` comes when the batch is written."""
    for old, story in into.items():
        ids = conn.execute(sa.select(articles.c.id).where(articles.c.story_id == old)).scalars().all()
        if ids:
            move(conn, ids, story)
