"""What persons say of copies, what it moves, and how it is taken back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from pipeline.errors import BadInput
from pipeline.ids import parted_story_id, story_id
from pipeline.labels import Label, parted
from pipeline.types import Fingerprint
from records.columns import AnyRow
from records.dialect import insert_new
from records.growth import log_end, note_growth
from records.merging import leads_to, move, redirect, reopen
from records.sources import rows_among
from records.tables import articles, fingerprints, labels, stories
from records.values import Said

_ACTIVE = labels.c.undone.is_(None)
_LABEL = sa.select(*(labels.c[name] for name in ("id", "a", "b", "same", "by", "note", "made", "undone")))


def listed(conn: sa.Connection) -> list[Label]:
    """See `Records.labels`."""
    return [Label(*row) for row in conn.execute(_LABEL.order_by(labels.c.id))]


def say(conn: sa.Connection, a: str, b: str, same: bool, by: str, note: str, now: datetime) -> Label:
    """See `Records.say`."""
    if a == b:
        raise BadInput(f"{a} was named twice: say of two different articles whether they are the same")
    within = _stories_of(conn, (a, b))
    for id in (a, b):
        if id not in within:
            raise BadInput(f"there is no article {id}")
    active = _active(conn)
    for row in active:
        if {row.a, row.b} == {a, b} and row.same == same:
            return Label(*row[:8])
    if same:
        moved = dict.fromkeys(_members(conn, within[b]), (within[b], within[a])) if within[a] != within[b] else {}
    else:
        moved = _part(conn, a, b, within[a], active) if within[a] == within[b] else {}
    _refuse_contradiction(conn, [*active, (0, a, b, same)], moved)
    made = {"a": a, "b": b, "same": same, "by": by, "note": note, "made": now, "step": _step(conn) + 1}
    told = {id: list(way) for id, way in moved.items()}
    number = conn.execute(sa.insert(labels).values(**made, moved=told).returning(labels.c.id)).scalar_one()
    _carry_out(conn, moved, now)
    return Label(number, a, b, same, by, note, now)


def take_back(conn: sa.Connection, number: int, now: datetime) -> Label:
    """See `Records.take_back`."""
    row = conn.execute(sa.select(labels).where(labels.c.id == number)).one_or_none()
    if row is None:
        raise BadInput(f"there is no label {number}: `wirewatch labels list` shows them")
    if row.undone is None:
        stored = _stories_of(conn, row.moved)
        now_at = leads_to(conn, {after for _, after in row.moved.values()})
        moved = {
            id: (stored[id], before)
            for id, (before, after) in row.moved.items()
            if id in stored and stored[id] == now_at.get(after, after)
        }
        _refuse_contradiction(conn, [one for one in _active(conn) if one.id != number], moved)
        changed = sa.update(labels).where(labels.c.id == number)
        conn.execute(changed.values(undone=now, step=_step(conn) + 1))
        _carry_out(conn, moved, now)
    return Label(*conn.execute(_LABEL.where(labels.c.id == number)).one())


def said(conn: sa.Connection, after: int) -> Said | None:
    """See `Records.said`."""
    step = _step(conn)
    if step == after:
        return None
    news = conn.execute(sa.select(labels.c.moved).where(labels.c.step > after)).scalars()
    touched = {id for moved in news for id in moved}
    active = _active(conn)
    named = _stories_of(conn, {id for row in active for id in (row.a, row.b)})
    apart = tuple(
        (named[row.a], named[row.b]) for row in active if not row.same and row.a in named and row.b in named
    )  # fmt: skip
    return Said(step, _stories_of(conn, touched), frozenset(named), apart)


def settled(conn: sa.Connection, ids: Collection[str]) -> set[str]:
    """Those of the articles of which a person said something."""
    return {
        row[0]
        for column in (labels.c.a, labels.c.b)
        for row in rows_among(conn, sa.select(column).where(_ACTIVE), column, ids)
    }


def _active(conn: sa.Connection) -> list[AnyRow]:
    return list(conn.execute(_LABEL.where(_ACTIVE).order_by(labels.c.id)))


def _step(conn: sa.Connection) -> int:
    return int(conn.execute(sa.select(sa.func.coalesce(sa.func.max(labels.c.step), 0))).scalar_one())


def _stories_of(conn: sa.Connection, ids: Collection[str]) -> dict[str, str]:
    columns = sa.select(articles.c.id, articles.c.story_id)
    return {row.id: row.story_id for row in rows_among(conn, columns, articles.c.id, ids)}


def _members(conn: sa.Connection, story: str) -> list[str]:
    wanted = sa.select(articles.c.id).where(articles.c.story_id == story).order_by(articles.c.first_seen, articles.c.id)
    return list(conn.execute(wanted).scalars())


def _part(conn: sa.Connection, a: str, b: str, story: str, active: Sequence[AnyRow]) -> dict[str, tuple[str, str]]:
    """Who leaves a story that two articles are not to share, and for which. The founder's side keeps the id."""
    columns = sa.select(articles.c.id, fingerprints.c.exact, fingerprints.c.title_key, fingerprints.c.shingles)
    joined = articles.outerjoin(fingerprints, fingerprints.c.article_id == articles.c.id)
    rows = conn.execute(columns.select_from(joined).where(articles.c.story_id == story)).all()
    prints = {row.id: Fingerprint(row.exact, row.title_key, row.shingles) if row.shingles else None for row in rows}
    leaving = parted(a, b, prints, [(row.a, row.b) for row in active if row.same])
    if any(story_id(id) == story for id in leaving):
        a, b, leaving = b, a, prints.keys() - leaving
    own = [story_id(id) for id in leaving]
    in_use = sa.select(articles.c.story_id)
    taken = {row.story_id for row in rows_among(conn, in_use, articles.c.story_id, own)}
    free = [made for id in (b, *sorted(leaving)) if (made := story_id(id)) not in taken]
    new = free[0] if free else parted_story_id(story, b)
    return dict.fromkeys(leaving, (story, new))


def _refuse_contradiction(conn: sa.Connection, active: Sequence[AnyRow | tuple[int, str, str, bool]],
                          moved: Mapping[str, tuple[str, str]]) -> None:  # fmt: skip
    """Raise BadInput when a label would no longer hold."""
    within = _stories_of(conn, {id for row in active for id in (row[1], row[2])})
    after = {id: moved[id][1] if id in moved else story for id, story in within.items()}
    for number, a, b, same, *_ in active:
        if a in after and b in after and (after[a] == after[b]) != same:
            words = f"that {a} and {b} {'are' if same else 'are not'} the same"
            if number:
                raise BadInput(f"label {number} says {words}: take it back first (`wirewatch labels undo {number}`)")
            raise BadInput(f"other labels say otherwise than {words}: `wirewatch labels list` shows them")


def _carry_out(conn: sa.Connection, moved: Mapping[str, tuple[str, str]], now: datetime) -> None:
    """Move articles; a story left empty redirects to where they went."""
    end = log_end(conn)
    into = dict.fromkeys(new for _, new in moved.values())
    lost = {old for old, _ in moved.values()} | reopen(conn, into)
    for new in into:
        conn.execute(insert_new(conn, stories), {"id": new, "first_seen": now})
        move(conn, [id for id, way in moved.items() if way[1] == new], new)
    redirect(conn, dict(moved.values()))
    note_growth(conn, {story for way in moved.values() for story in way}, end, lost)
