"""Subscriptions and their outputs, as they are saved, changed and found."""

from __future__ import annotations

import hashlib
from dataclasses import fields, replace
from datetime import datetime

import sqlalchemy as sa

from pipeline.errors import BadInput
from pipeline.watch import DeliveryState, Every, Mode, Output, OutputKind, Subscription
from records.columns import AnyRow
from records.dialect import upsert
from records.growth import log_end
from records.tables import about, deliveries, matches, outputs, subscriptions

REVISION = "subscriptions"  # in `about`: counts their changes
_NAMES = [field.name for field in fields(Subscription)]
_OUTPUT_NAMES = [field.name for field in fields(Output)]


def listed(conn: sa.Connection) -> list[Subscription]:
    """See `Watching.subscriptions`."""
    return [_subscription(row) for row in conn.execute(sa.select(subscriptions).order_by(subscriptions.c.name))]


def found(conn: sa.Connection, name_or_id: str) -> Subscription | None:
    """See `Watching.subscription`. A name goes before an id."""
    either = sa.or_(subscriptions.c.name == name_or_id, subscriptions.c.id == name_or_id)
    rows = [_subscription(row) for row in conn.execute(sa.select(subscriptions).where(either))]
    return min(rows, key=lambda one: one.name != name_or_id, default=None)


def save(conn: sa.Connection, one: Subscription, now: datetime) -> Subscription:
    """See `Watching.subscribe`. What it tells of begins anew when its query changes, or when it goes on after a pause.

    What matched before then matches it no longer, as far as the records know.
    """
    if not one.name.strip() or not one.query.strip():
        raise BadInput("a subscription needs a name and a query; to be told of everything write *")
    old: AnyRow | None = None
    if one.id:
        old = conn.execute(sa.select(subscriptions).where(subscriptions.c.id == one.id)).one_or_none()
        if old is None:
            raise BadInput(f"there is no subscription {one.id} any more")
    taken = sa.select(subscriptions.c.id).where(subscriptions.c.name == one.name, subscriptions.c.id != one.id)
    if conn.execute(taken).first() is not None:
        raise BadInput(f"there is a subscription called {one.name!r} already: give this one another name")
    row = {name: getattr(one, name) for name in _NAMES} | {"mode": str(one.mode), "revision": _next_revision(conn)}
    if goes_on := old is not None and old.query == one.query and (old.active or not one.active):
        assert old is not None
        row |= {"since": old.since, "since_seq": old.since_seq}
    else:
        row |= {"since": now, "since_seq": log_end(conn)}
    row["id"] = one.id or _new_id("w", one.name, now)
    conn.execute(upsert(conn, subscriptions), row)
    if old is not None and not goes_on:
        open_ones = matches.c.subscription_id == one.id, matches.c.until.is_(None)
        conn.execute(sa.update(matches).where(*open_ones).values(until=now))
    return replace(one, id=row["id"], since=row["since"])


def remove(conn: sa.Connection, subscription_id: str) -> None:
    """See `Watching.unsubscribe`."""
    if conn.execute(sa.delete(subscriptions).where(subscriptions.c.id == subscription_id)).rowcount:
        _next_revision(conn)


def revision(conn: sa.Connection) -> int:
    """How often subscriptions were changed so far."""
    return int(conn.execute(sa.select(about.c.value).where(about.c.key == REVISION)).scalar() or 0)


def changed_after(conn: sa.Connection, revision: int) -> tuple[list[Subscription], dict[str, int]]:
    """Those that are new or others since that revision; and of all there are, by id, since which line of the log."""
    rows = conn.execute(sa.select(subscriptions).where(subscriptions.c.revision > revision))
    changed = [_subscription(row) for row in rows]
    starts = conn.execute(sa.select(subscriptions.c.id, subscriptions.c.since_seq))
    return changed, {row.id: row.since_seq for row in starts}


def _next_revision(conn: sa.Connection) -> int:
    number = revision(conn) + 1
    conn.execute(upsert(conn, about), {"key": REVISION, "value": str(number)})
    return number


def _subscription(row: AnyRow) -> Subscription:
    values = {name: row._mapping[name] for name in _NAMES}
    return Subscription(**{**values, "mode": Mode(row.mode)})


# --- outputs --------------------------------------------------------------------------------
def all_outputs(conn: sa.Connection, subscription_id: str) -> list[Output]:
    """See `Watching.outputs`."""
    wanted = sa.select(outputs).order_by(outputs.c.created, outputs.c.id)
    if subscription_id:
        wanted = wanted.where(outputs.c.subscription_id == subscription_id)
    return [output(row) for row in conn.execute(wanted)]


def link(conn: sa.Connection, token: str) -> Output | None:
    """See `Watching.link`."""
    wanted = sa.select(outputs).where(outputs.c.secret == token, outputs.c.kind == OutputKind.LINK.value)
    row = conn.execute(wanted).first() if token else None
    return output(row) if row is not None else None


def put_output(conn: sa.Connection, one: Output, now: datetime) -> Output:
    """See `Watching.put_output`."""
    owner = sa.select(subscriptions.c.id).where(subscriptions.c.id == one.subscription_id)
    if conn.execute(owner).first() is None:
        raise BadInput(f"there is no subscription {one.subscription_id or 'without an id'}: save it first")
    if one.id and conn.execute(sa.select(outputs.c.id).where(outputs.c.id == one.id)).first() is None:
        raise BadInput(f"there is no output {one.id}")
    saved = replace(
        one,
        id=one.id or _new_id("o", one.subscription_id, one.kind, one.target, one.secret, now),
        created=one.created or now,
    )
    row = {name: getattr(saved, name) for name in _OUTPUT_NAMES}
    conn.execute(upsert(conn, outputs), row | {"kind": str(saved.kind), "every": str(saved.every)})
    return saved


def revoke_output(conn: sa.Connection, output_id: str, now: datetime) -> None:
    """See `Watching.revoke_output`. Revoked twice, the first time counts."""
    one = outputs.c.id == output_id
    when = sa.func.coalesce(outputs.c.revoked, sa.literal(now, outputs.c.revoked.type))
    known = conn.execute(sa.update(outputs).where(one).values(revoked=when))
    if not known.rowcount:
        raise BadInput(f"there is no output {output_id}")
    waiting = deliveries.c.output_id == output_id, deliveries.c.state == DeliveryState.PENDING.value
    conn.execute(sa.delete(deliveries).where(*waiting))


def output(row: AnyRow) -> Output:
    """An output from its row."""
    values = {name: row._mapping[name] for name in _OUTPUT_NAMES}
    return Output(**{**values, "kind": OutputKind(row.kind), "every": Every(row.every)})


def _new_id(kind: str, *told: object) -> str:
    return kind + hashlib.blake2b("\0".join(map(str, told)).encode(), digest_size=8).hexdigest()
