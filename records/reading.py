"""What readers ask for: the change log, documents for the index, articles and stories."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, time, timedelta

import sqlalchemy as sa

from pipeline.ids import article_id
from pipeline.types import Article, Copy, Document, EventAssignment, Grade, Storage, Tagging
from pipeline.urls import canonical_url
from records import details
from records.columns import AnyRow
from records.desk import ARTICLE
from records.merging import leads_to
from records.sources import among, rows_of
from records.tables import articles, changes, entries, sources, versions
from records.tables import stories as stories_table
from records.values import ArticleView, Change, Revision, StoryView

_OUTLET = sa.func.coalesce(sources.c.name, articles.c.source_id).label("outlet")
A_DAY_ANYWHERE = timedelta(hours=36)  # from midnight UTC until the day has ended in the last time zone
_COUNTRY = sa.func.coalesce(sources.c.country, "").label("country")
_every = versions.alias()
_VERSIONS = sa.select(sa.func.count()).where(_every.c.article_id == articles.c.id).scalar_subquery().label("versions")
_current = sa.and_(versions.c.article_id == articles.c.id, versions.c.version == articles.c.version)
_told = articles.outerjoin(sources, sources.c.id == articles.c.source_id)
_with_text = _told.outerjoin(versions, _current)
_WHOLE = sa.select(articles, versions.c.text, _OUTLET, _COUNTRY).select_from(_with_text)
_COPIES = among(
    sa.select(
        articles.c.id, articles.c.story_id, articles.c.title, articles.c.url, articles.c.source_id, _OUTLET, _COUNTRY,
        articles.c.published, articles.c.first_seen, articles.c.grade, articles.c.wire, articles.c.method,
        articles.c.score,
    ).select_from(_told),
    articles.c.story_id,
)  # fmt: skip
_DOCUMENTS = among(
    sa.select(
        articles.c.id, articles.c.story_id, articles.c.title, versions.c.text, articles.c.summary, articles.c.url,
        articles.c.source_id, _OUTLET, _COUNTRY, articles.c.language, articles.c.authors, articles.c.wire,
        articles.c.topics, articles.c.entities, articles.c.published, articles.c.first_seen, articles.c.relevance,
        articles.c.grade, articles.c.dateline_places, stories_table.c.size, articles.c.changed,
    ).select_from(_with_text.join(stories_table, stories_table.c.id == articles.c.story_id)),
    articles.c.id,
)  # fmt: skip


def log(conn: sa.Connection, after: int, limit: int) -> list[Change]:
    """See `Records.changes`."""
    rows = sa.select(changes.c.seq, changes.c.article_id).where(changes.c.seq > after)
    return [Change(*row) for row in conn.execute(rows.order_by(changes.c.seq).limit(limit))]


def documents(conn: sa.Connection, ids: Sequence[str]) -> list[Document]:
    """See `Records.documents`; in the order asked for."""
    found = {row.id: _document(row) for row in rows_of(conn, _DOCUMENTS, ids)}
    return [found[id] for id in dict.fromkeys(ids) if id in found]


def _document(row: AnyRow) -> Document:
    entities = [word for tag in row.entities for word in (tag.id, tag.name)]
    return Document(
        article_id=row.id,
        story_id=row.story_id,
        title=row.title,
        text=row.text or "",
        summary=row.summary,
        url=row.url,
        source_id=row.source_id,
        outlet=row.outlet,
        country=row.country,
        language=row.language,
        authors=row.authors,
        wire=row.wire,
        topics=tuple(tag.id.removeprefix("topic:") for tag in row.topics),
        entities=tuple(dict.fromkeys(entities)),
        published=row.published,
        first_seen=row.first_seen,
        relevance=row.relevance,
        grade=Grade(row.grade),
        dateline=row.dateline_places,
        copies=row.size,
        changed=row.changed,
    )


def article(conn: sa.Connection, id_or_url: str) -> ArticleView | None:
    """See `Records.article`. Any spelling of an address will do; that of an entry finds the article it led to."""
    whole = _WHOLE.add_columns(_VERSIONS)
    ids = spellings(id_or_url)
    row = conn.execute(whole.where(articles.c.id.in_(ids))).first()
    if row is None:
        row = conn.execute(whole.where(articles.c.url == id_or_url).order_by(articles.c.id)).first()
    if row is None:
        led = sa.select(entries.c.article_id).where(entries.c.id.in_(ids))
        row = conn.execute(whole.where(articles.c.id.in_(led))).first()
    return None if row is None else _view(row)


def spellings(id_or_url: str) -> list[str]:
    """The ids that an article or entry so named may have."""
    return [id_or_url, article_id(id_or_url), article_id(canonical_url(id_or_url))]


def page(conn: sa.Connection, after: str, limit: int) -> list[ArticleView]:
    """See `Records.articles`."""
    whole = _WHOLE.add_columns(_VERSIONS).where(articles.c.id > after).order_by(articles.c.id).limit(limit)
    return [_view(row) for row in conn.execute(whole)]


def latest(conn: sa.Connection, source_id: str, limit: int) -> list[ArticleView]:
    """See `Records.latest`."""
    whole = _WHOLE.add_columns(_VERSIONS).where(articles.c.source_id == source_id)
    newest = whole.order_by(articles.c.first_seen.desc(), articles.c.id).limit(limit)
    return [_view(row) for row in conn.execute(newest)]


def copies(conn: sa.Connection, story_id: str) -> list[ArticleView]:
    """See `Records.copies`."""
    stands = leads_to(conn, [story_id]).get(story_id, story_id)
    whole = _WHOLE.add_columns(_VERSIONS).where(articles.c.story_id == stands)
    rows = sorted(conn.execute(whole), key=lambda row: (_out(row), row.first_seen, row.id))
    return [_view(row) for row in rows]


def revisions(conn: sa.Connection, article_id: str) -> list[Revision]:
    """See `Records.revisions`."""
    current = (versions.c.version == articles.c.version).label("current")
    told = sa.select(versions.c.version, versions.c.title, versions.c.text, versions.c.seen, current)
    told = told.join(articles, articles.c.id == versions.c.article_id).where(articles.c.id == article_id)
    rows = conn.execute(told.order_by(versions.c.seen, current, versions.c.version))
    return [Revision(row.version, row.title, row.text, row.seen, bool(row.current)) for row in rows]


def _view(row: AnyRow) -> ArticleView:
    values = row._mapping
    told = Article(
        **{name: values[name] for name in ARTICLE},
        **details.unpack(row.details),
        text=row.text or "",
        grade=Grade(row.grade),
        storage=Storage(row.storage),
    )
    tagging = Tagging(row.topics, row.entities, row.relevance, row.reasons)
    return ArticleView(
        told, tagging, row.story_id, row.outlet, row.country, row.method, row.score, row.versions, row.like,
        row.like_version, row.spans,
    )  # fmt: skip


def stories(conn: sa.Connection, ids: Sequence[str]) -> list[StoryView]:
    """See `Records.stories`; copies in the order in which they were published or, failing that, first seen."""
    copies: dict[str, list[Copy]] = defaultdict(list)
    known = {row.id: row for row in rows_of(conn, _STORIES, set(ids))}
    ways = {id: row.merged_into for id, row in known.items() if row.merged_into is not None}
    wanted = list(dict.fromkeys(ways.get(id, id) for id in ids))
    known.update((row.id, row) for row in rows_of(conn, _STORIES, set(wanted) - known.keys()))
    for row in rows_of(conn, _COPIES, wanted):
        values = dict(row._mapping)
        copies[row.story_id].append(Copy(article_id=values.pop("id"), **{**values, "grade": Grade(row.grade)}))
    for one in copies.values():
        one.sort(key=lambda copy: (_out(copy), copy.first_seen, copy.article_id))
    return [StoryView(id, tuple(copies[id]), _event(known.get(id))) for id in wanted if id in copies]


def event(conn: sa.Connection, event_id: str) -> list[StoryView]:
    """See `Records.event`."""
    if not event_id:
        return []
    within = stories_table.c.event_id == event_id, stories_table.c.merged_into.is_(None)
    ids = conn.execute(sa.select(stories_table.c.id).where(*within)).scalars().all()
    return sorted(stories(conn, ids), key=lambda story: (min(copy.first_seen for copy in story.copies), story.id))


_EVENT = [stories_table.c[name] for name in ("event_id", "event_score", "event_like", "event_shared")]
_STORIES = among(sa.select(*_EVENT, stories_table.c.id, stories_table.c.merged_into), stories_table.c.id)


def _event(row: AnyRow | None) -> EventAssignment | None:
    return EventAssignment(*row[: len(_EVENT)]) if row is not None and row.event_id else None


def _out(copy: Copy | AnyRow) -> datetime:
    """When a copy came out, to tell the earliest. A bare day (midnight UTC) may have lasted until we saw it."""
    published: datetime | None = copy.published
    if published is None:
        return copy.first_seen
    if published.time() == time():
        return min(published + A_DAY_ANYWHERE, copy.first_seen)
    return published
