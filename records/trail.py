"""Where one address stands, from the listing that told of it to the last line of the change log about it."""

from __future__ import annotations

import sqlalchemy as sa

from pipeline.types import Entry
from records.columns import AnyRow
from records.frontier import ENTRY
from records.quarantine import SHOWN
from records.reading import article, spellings
from records.tables import changes, entries, quarantine, spool
from records.values import ArticleView, Listed, OnSpool, Quarantined, Trail

_SPOOLED = sa.select(*(spool.c[name] for name in ("id", "url", "fetched", "tries", "size")))


def follow(conn: sa.Connection, id_or_url: str) -> Trail | None:
    """See `Records.trail`."""
    view = article(conn, id_or_url)
    row = _entry(conn, id_or_url, view)
    addresses = {id_or_url}
    ids = set(spellings(id_or_url))
    if view is not None:
        addresses |= {view.article.url, view.article.canonical_url}
        ids.add(view.article.id)
    if row is not None:
        addresses |= {row.url, row.canonical_url}
        ids |= {row.id, *((row.article_id,) if row.article_id else ())}
    found = Trail(
        url=id_or_url,
        listed=None if row is None else _listed(row),
        spooled=_spooled(conn, addresses, ids),
        quarantined=_quarantined(conn, addresses, ids),
        article=view,
        last_change=conn.execute(sa.select(sa.func.max(changes.c.seq)).where(changes.c.article_id.in_(ids))).scalar()
        or 0,
    )
    return None if found == Trail(id_or_url, None, None, None, None, 0) else found


def _entry(conn: sa.Connection, id_or_url: str, view: ArticleView | None) -> AnyRow | None:
    """The entry of that name; or the first that led to the article, whose page may tell another address."""
    row = conn.execute(sa.select(entries).where(entries.c.id.in_(spellings(id_or_url)))).first()
    if row is None and view is not None:
        led = sa.select(entries).where(entries.c.article_id == view.article.id)
        row = conn.execute(led.order_by(entries.c.first_seen, entries.c.id)).first()
    return row


def _listed(row: AnyRow) -> Listed:
    values = row._mapping
    return Listed(
        entry=Entry(*(values[name] for name in ENTRY)),
        source_id=row.source_id,
        listed_by=row.listed_by,
        first_seen=row.first_seen,
        revised=row.revised,
        state=row.state,
        error_kind=row.error_kind,
        error=row.error,
        tries=row.tries,
        due=row.due,
        article_id=row.article_id,
    )


def _spooled(conn: sa.Connection, addresses: set[str], ids: set[str]) -> OnSpool | None:
    here = sa.or_(spool.c.address.in_(addresses), spool.c.entry_id.in_(ids))
    row = conn.execute(_SPOOLED.where(here).order_by(spool.c.id.desc())).first()
    return None if row is None else OnSpool(*row)


def _quarantined(conn: sa.Connection, addresses: set[str], ids: set[str]) -> Quarantined | None:
    here = sa.or_(quarantine.c.address.in_(addresses), quarantine.c.entry_id.in_(ids))
    newest = SHOWN.where(here).order_by(quarantine.c.since.desc(), quarantine.c.id.desc())
    row = conn.execute(newest).first()
    return None if row is None else Quarantined(*row)
