"""What the story desk writes: articles, their versions and stories, and the change log; and what it remembers by."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from pipeline.furniture import Paragraph
from pipeline.ids import article_id, version_id
from pipeline.types import Article, Filed, Fingerprint, Grade, Storage
from records import details
from records.columns import AnyRow, all_storable
from records.dialect import insert_new, upsert
from records.engine import Database
from records.furniture import learn
from records.growth import log_end, note_growth
from records.labels import settled
from records.merging import leads_to, merge, merged_within, redirect, reopen
from records.sources import in_chunks, rows_among
from records.tables import alerts, articles, changes, entries, fingerprints, spool, stories, versions

GRADES = {Grade.HEADLINE.value: 0, Grade.PARTIAL.value: 1, Grade.FULL.value: 2}
ALLOWANCE = {Storage.HEADLINE.value: 0, Storage.SUMMARY.value: 1, Storage.FULL.value: 2}
ARTICLE = (
    "id", "url", "canonical_url", "source_id", "title", "summary", "authors", "published", "published_how",
    "published_confidence", "modified", "fetched", "first_seen", "language", "section", "keywords", "image", "wire",
    "wire_how", "credit", "dateline_places", "dateline_date", "storage_why", "version",
)  # fmt: skip
Row = dict[str, Any]
CHUNK = 500  # fingerprints read at a time: a few MB


def commit(
    conn: sa.Connection,
    filed: Sequence[Filed],
    spool_ids: Sequence[int],
    now: datetime,
    learned: Sequence[Paragraph] = (),
) -> dict[str, Sequence[str]]:
    """See `Records.commit`. Returns the notices that the articles had which were written anew."""
    end = log_end(conn)
    pages = _pages(conn, spool_ids)
    links = _links(filed, pages)
    ids = {one.read.article.id for one in filed}
    within, into = merged_within(filed)
    moved_on = leads_to(conn, {*within.values(), *into.values()})
    into = {old: moved_on.get(story, story) for old, story in into.items()}
    decided = settled(conn, ids)
    entry_rows = _entries(conn, ids | {row.entry_id for row in pages if row.entry_id})
    seen = _first_seen(links, entry_rows)
    stored = _stored(conn, ids)
    before = dict(stored)
    written: dict[str, Filed] = {}
    for one in filed:
        article = one.read.article
        entry = entry_rows.get(article.id)
        turned_out = links.get(article.id) or (entry.article_id if entry else None)
        if article.grade is Grade.HEADLINE and turned_out not in (None, article.id):
            continue  # its page came first, and told another address
        old = stored.get(article.id)
        story = (
            within[article.id]
            if one.assignment.method == "first"
            else moved_on.get(within[article.id], within[article.id])
        )
        if old and article.id in decided:
            story = old["story_id"]
        row = _row(one, story, article.first_seen or seen.get(article.id) or now, old)
        if old is None or _replaces(row, old):
            row.update(changed=_changed(row, old, now), written_after=_written(row, old, end))
            stored[article.id] = row
            written[article.id] = one
    superseded = _superseded(conn, links, written.keys())
    lost = _open_stories(conn, written, stored, into, now)
    merge(conn, into)
    _write(conn, written, stored, before, now)
    _note_events(conn, filed)
    _remove(conn, superseded, links)
    log = [*written, *superseded]
    if log:
        conn.execute(sa.insert(changes), [{"article_id": id} for id in log])
    went = [(before[id]["story_id"], id) for id in written if id in before]
    went += [(story, id) for entry_id, story in superseded.items() if (id := links[entry_id])]
    left = {story: stored[id]["story_id"] for story, id in went if id in stored}
    redirect(conn, left | into)
    written_to = (stored[id]["story_id"] for id in written)
    touched = {*written_to, *left, *left.values(), *into, *into.values(), *superseded.values()}
    lost.update(story for story, id in went if id not in stored or stored[id]["story_id"] != story)
    note_growth(conn, touched, end, lost)
    _drop_empty(conn, set(superseded.values()))
    _settle_entries(conn, links, ids)
    for keys in in_chunks(row.id for row in pages):
        conn.execute(sa.delete(spool).where(spool.c.id.in_(keys)))
    learn(conn, learned, now)
    return {id: before[id]["details"].get("notices", ()) for id in written if id in before}


def _pages(conn: sa.Connection, spool_ids: Sequence[int]) -> list[AnyRow]:
    columns = sa.select(spool.c.id, spool.c.entry_id, spool.c.address, spool.c.url)
    return list(rows_among(conn, columns, spool.c.id, spool_ids))


def _links(filed: Sequence[Filed], pages: Sequence[AnyRow]) -> dict[str, str | None]:
    """Entry id -> id of the article its page turned out to be, told by where the article was read; None = not told."""
    by_url = {one.read.article.url: one.read.article.id for one in filed}
    by_id = {one.read.article.id for one in filed}
    links: dict[str, str | None] = {}
    for row in pages:
        if row.entry_id is not None:
            found = (by_url.get(row.url), by_url.get(row.address), row.entry_id, article_id(row.url))
            links[row.entry_id] = next((id for id in found if id in by_id), None)
    return links


def _entries(conn: sa.Connection, ids: set[str]) -> dict[str, AnyRow]:
    columns = sa.select(entries.c.id, entries.c.article_id, entries.c.first_seen)
    return {row.id: row for row in rows_among(conn, columns, entries.c.id, ids)}


def _first_seen(links: dict[str, str | None], entry_rows: dict[str, AnyRow]) -> dict[str, datetime]:
    """An article was first seen when the first entry that led to it was."""
    seen: dict[str, datetime] = {id: row.first_seen for id, row in entry_rows.items()}
    for entry_id, id in links.items():
        if id is not None and entry_id in entry_rows:
            seen[id] = min(entry_rows[entry_id].first_seen, seen.get(id, entry_rows[entry_id].first_seen))
    return seen


def _stored(conn: sa.Connection, ids: set[str]) -> dict[str, Row]:
    return {row.id: dict(row._mapping) for row in rows_among(conn, sa.select(articles), articles.c.id, ids)}


def _row(one: Filed, story: str, first_seen: datetime, old: Row | None) -> Row:
    article, tagging, assignment = one.read.article, one.read.tagging, one.assignment
    row: Row = {name: all_storable(getattr(article, name)) for name in ARTICLE}  # as what is stored, to compare
    row.update(
        grade=article.grade.value,
        storage=article.storage.value,
        first_seen=old["first_seen"] if old else first_seen,
        version=article.version or version_id(article.title, article.text),
        topics=tagging.topics,
        entities=tagging.entities,
        relevance=tagging.relevance,
        reasons=all_storable(tagging.reasons),
        story_id=story,
        method=assignment.method,
        score=assignment.score,
        like=assignment.like,
        like_version=one.like_version,
        spans=one.spans,
        details=details.pack(article),
    )
    if old and assignment.method == "kept" and story == old["story_id"]:
        row.update({name: old[name] for name in ("method", "score", "like", "like_version", "spans")})
    return row


def _replaces(row: Row, old: Row) -> bool:
    """Not by a lower grade, unless the outlet now lets us keep less; not when nothing but the fetch is new."""
    poorer = GRADES[row["grade"]] < GRADES[old["grade"]]
    if poorer and ALLOWANCE[row["storage"]] >= ALLOWANCE[old["storage"]]:
        return False
    return any(old[name] != value for name, value in row.items() if name != "fetched")


def _is_other(row: Row, old: Row) -> bool:
    """Whether a reader would read another text, headline or summary than before."""
    return any(row[name] != old[name] for name in ("version", "summary"))


def _changed(row: Row, old: Row | None, now: datetime) -> datetime | None:
    """When the text last became another: a page that takes the place of its headline changes nothing."""
    if old is None:
        return None
    edited = row["version"] != old["version"] and row["grade"] == old["grade"]
    kept: datetime | None = old["changed"]
    return now if edited else kept


def _written(row: Row, old: Row | None, end: int) -> int:
    kept: int = end if old is None or _is_other(row, old) else old["written_after"]
    return kept


def _open_stories(
    conn: sa.Connection, written: dict[str, Filed], stored: dict[str, Row], into: dict[str, str], now: datetime
) -> set[str]:
    """Every story that the batch speaks of is there, and one that is founded again leads nowhere else.

    Gives the stories that those led to.
    """
    named = dict.fromkeys([*(stored[id]["story_id"] for id in written), *into.values()])
    if named:
        conn.execute(insert_new(conn, stories), [{"id": id, "first_seen": now} for id in named])
    founded = {stored[id]["story_id"] for id, one in written.items() if one.assignment.method == "first"}
    return reopen(conn, founded)


def _note_events(conn: sa.Connection, filed: Sequence[Filed]) -> None:
    """The event of each story that is told of; the last word counts."""
    told = {one.assignment.story_id: one.event for one in filed if one.event is not None}
    if not told:
        return
    row = sa.update(stories).where(stories.c.id == sa.bindparam("story"))
    names = {"event_id": "event", "event_score": "how", "event_like": "most", "event_shared": "terms"}
    conn.execute(
        row.values({name: sa.bindparam(key) for name, key in names.items()}),
        [
            {"story": id, "event": one.event_id, "how": one.score, "most": one.like, "terms": one.shared}
            for id, one in told.items()
        ],
    )


def _write(
    conn: sa.Connection, written: dict[str, Filed], stored: dict[str, Row], before: dict[str, Row], now: datetime
) -> None:
    if not written:
        return
    conn.execute(upsert(conn, articles), [stored[id] for id in written])
    withdrawn = [
        id for id in written if id in before and ALLOWANCE[stored[id]["storage"]] < ALLOWANCE[before[id]["storage"]]
    ]
    if withdrawn:  # texts we may no longer keep
        conn.execute(sa.update(versions).where(versions.c.article_id.in_(withdrawn)).values(text=""))
    told = [_version(one.read.article, stored[id]["version"], now) for id, one in written.items()]
    conn.execute(insert_new(conn, versions), told)
    prints = [{"article_id": id, **_fingerprint(one.read.fingerprint)} for id, one in written.items()]
    conn.execute(upsert(conn, fingerprints), prints)


def _version(article: Article, version: str, now: datetime) -> Row:
    return {"article_id": article.id, "version": version, "title": article.title, "text": article.text, "seen": now}


def _fingerprint(one: Fingerprint) -> Row:
    return {"exact": one.exact, "title_key": one.title_key, "shingles": one.shingles, "paragraphs": one.paragraphs,
            "terms": one.terms}  # fmt: skip


def _superseded(conn: sa.Connection, links: dict[str, str | None], written: Collection[str]) -> dict[str, str]:
    """Headlines filed under the address of a feed whose page now told another: id -> story."""
    moved = [entry_id for entry_id, id in links.items() if id not in (None, entry_id) and entry_id not in written]
    columns = sa.select(articles.c.id, articles.c.story_id).where(articles.c.grade == Grade.HEADLINE.value)
    return {row.id: row.story_id for row in rows_among(conn, columns, articles.c.id, moved)}


def _remove(conn: sa.Connection, ids: dict[str, str], links: dict[str, str | None]) -> None:
    """What was told of a headline was told of the article that it turned out to be."""
    if not ids:
        return
    conn.execute(sa.delete(articles).where(articles.c.id.in_(list(ids))))
    for id in ids:
        if turned_out := links[id]:
            told = sa.update(alerts).where(alerts.c.article_id == id)
            conn.execute(told.values(article_id=turned_out))


def _drop_empty(conn: sa.Connection, story_ids: set[str]) -> None:
    for keys in in_chunks(story_ids):
        empty = ~sa.exists().where(articles.c.story_id == stories.c.id), stories.c.merged_into.is_(None)
        conn.execute(sa.delete(stories).where(stories.c.id.in_(keys), *empty))


def _settle_entries(conn: sa.Connection, links: dict[str, str | None], ids: set[str]) -> None:
    if links:
        of_page = sa.update(entries).where(entries.c.id == sa.bindparam("entry"))
        state = sa.case((entries.c.state == "fetched", "done"), else_=entries.c.state)
        conn.execute(
            of_page.values(
                article_id=sa.func.coalesce(sa.bindparam("article", type_=sa.Text), entries.c.article_id), state=state
            ),
            [{"entry": entry_id, "article": id} for entry_id, id in links.items()],
        )
    for keys in in_chunks(ids - links.keys()):  # filed from the entry alone: its page may still come
        bare = sa.update(entries).where(entries.c.id.in_(keys), entries.c.article_id.is_(None))
        conn.execute(bare.values(article_id=entries.c.id))


def headlines(conn: sa.Connection, ids: Sequence[str]) -> set[str]:
    """See `Records.headlines`."""
    bare = sa.select(articles.c.id).where(articles.c.grade == Grade.HEADLINE.value)
    return {row.id for row in rows_among(conn, bare, articles.c.id, ids)}


def texts(conn: sa.Connection, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """See `Records.texts`."""
    current = sa.and_(versions.c.article_id == articles.c.id, versions.c.version == articles.c.version)
    columns = sa.select(articles.c.id, articles.c.version, versions.c.text).join(versions, current)
    return {row.id: (row.version, row.text) for row in rows_among(conn, columns, articles.c.id, ids) if row.text}


def events_since(database: Database, since: datetime) -> Iterator[tuple[str, str, float, bytes]]:
    """See `Records.events`."""
    founder = articles.c.id == "a" + sa.func.substr(articles.c.story_id, 2)
    order = sa.func.row_number().over(
        partition_by=articles.c.story_id,
        order_by=(sa.case((founder, 0), else_=1), articles.c.first_seen, articles.c.id),
    )
    told = (
        sa.select(
            articles.c.story_id, stories.c.event_id, articles.c.first_seen, fingerprints.c.terms, order.label("n")
        )
        .join(stories, stories.c.id == articles.c.story_id)
        .join(fingerprints, fingerprints.c.article_id == articles.c.id)
        .where(stories.c.event_id != "", articles.c.first_seen >= since)
        .subquery()
    )
    wanted = sa.select(told).where(told.c.n == 1).order_by(told.c.first_seen, told.c.story_id)
    with database.read(patient=True) as conn:
        for row in conn.execution_options(yield_per=CHUNK).execute(wanted):
            yield row.story_id, row.event_id, row.first_seen.timestamp(), row.terms or b""


def fingerprints_since(database: Database, since: datetime) -> Iterator[tuple[str, str, datetime, Fingerprint, str]]:
    """See `Records.fingerprints`. Read in pieces, so that a slow reader holds nothing open."""
    columns = (
        sa.select(articles.c.id, articles.c.story_id, articles.c.first_seen, articles.c.source_id, fingerprints)
        .join(fingerprints, fingerprints.c.article_id == articles.c.id)
        .order_by(articles.c.first_seen, articles.c.id)
        .limit(CHUNK)
    )
    beyond = articles.c.first_seen >= since
    while True:
        with database.read() as conn:
            rows = conn.execute(columns.where(beyond)).all()
        for row in rows:
            made = Fingerprint(row.exact, row.title_key, row.shingles, row.paragraphs or b"", row.terms or b"")
            yield row.id, row.story_id, row.first_seen, made, row.source_id
        if len(rows) < CHUNK:
            return
        last = rows[-1]
        same = sa.and_(articles.c.first_seen == last.first_seen, articles.c.id > last.id)
        beyond = sa.or_(articles.c.first_seen > last.first_seen, same)
