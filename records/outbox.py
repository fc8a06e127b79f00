"""The outbox as it is read, and the deliveries of its alerts as they are due, settled and put back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa

from pipeline.errors import BadInput
from pipeline.watch import Alert, Delivery, DeliveryState, Matched, Output, OutputKind, Reason, Settled
from records.columns import AnyRow
from records.dialect import insert_new
from records.sources import in_chunks, rows_among
from records.subscriptions import output
from records.tables import alerts, articles, deliveries, matches, outputs, stories, subscriptions
from records.values import Outgoing

PENDING, DEAD = DeliveryState.PENDING.value, DeliveryState.DEAD.value
_DAY = 86_400_000_000  # microseconds
_EPOCH = date(1970, 1, 1).toordinal()
_NAMES = tuple(Alert.__dataclass_fields__)
_STATE = ("state", "tries", "settled", "error")
_ALERT = [alerts.c[name] for name in _NAMES]
_ONE_BY_ONE = outputs.c.kind.in_([OutputKind.WEBHOOK.value, OutputKind.NOTIFY.value])
_WAITING = deliveries.c.state == PENDING
_going = outputs.join(deliveries, deliveries.c.output_id == outputs.c.id)


def listed(
    conn: sa.Connection, subscription_id: str, after: int, limit: int, since: datetime | None, newest: bool
) -> list[Alert]:
    """See `Watching.alerts`."""
    wanted = sa.select(*_ALERT).where(alerts.c.seq > after)
    if subscription_id:
        wanted = wanted.where(alerts.c.subscription_id == subscription_id)
    if since is not None:
        wanted = wanted.where(alerts.c.made >= since)
    order = alerts.c.seq.desc() if newest else alerts.c.seq
    return [_alert(row) for row in conn.execute(wanted.order_by(order).limit(limit))]


def of_article(conn: sa.Connection, article_id: str, subscription_id: str) -> list[Alert]:
    """See `Watching.alerts_of`."""
    story = conn.execute(sa.select(articles.c.story_id).where(articles.c.id == article_id)).scalar() or ""
    merged = sa.select(stories.c.id).where(stories.c.merged_into == story)
    members = sa.select(articles.c.id).where(articles.c.story_id == story)
    about = sa.or_(
        alerts.c.article_id == article_id,
        alerts.c.article_id.in_(members),
        alerts.c.story_id == story,
        alerts.c.story_id.in_(merged),
    )
    wanted = sa.select(*_ALERT).where(about)
    if subscription_id:
        wanted = wanted.where(alerts.c.subscription_id == subscription_id)
    return [_alert(row) for row in conn.execute(wanted.order_by(alerts.c.seq))]


def days(conn: sa.Connection, since: datetime) -> dict[str, dict[date, int]]:
    """See `Watching.alert_days`."""
    day = (sa.type_coerce(alerts.c.made, sa.BigInteger) // _DAY).label("day")
    new = alerts.c.seq >= _first_since(conn, since), alerts.c.made >= since
    wanted = sa.select(alerts.c.subscription_id, day, sa.func.count().label("number")).where(*new)
    told: dict[str, dict[date, int]] = defaultdict(dict)
    for row in conn.execute(wanted.group_by(alerts.c.subscription_id, day).order_by(day)):
        told[row.subscription_id][date.fromordinal(_EPOCH + row.day)] = row.number
    return dict(told)


def _first_since(conn: sa.Connection, since: datetime) -> int:
    """The first `seq` made since then, about: times have no index, but they rise with `seq`."""
    first, last = 0, int(conn.execute(sa.select(sa.func.max(alerts.c.seq))).scalar() or 0)
    made = sa.select(alerts.c.made).order_by(alerts.c.seq).limit(1)
    while first < last:
        middle = (first + last) // 2
        if conn.execute(made.where(alerts.c.seq >= middle)).scalar_one() < since:
            first = middle + 1
        else:
            last = middle
    return first


def last(conn: sa.Connection) -> dict[str, datetime]:
    """See `Watching.last_alerts`."""
    own = sa.select(alerts.c.made).where(alerts.c.subscription_id == subscriptions.c.id)
    newest = own.order_by(alerts.c.seq.desc()).limit(1).scalar_subquery().label("made")
    return {row.id: row.made for row in conn.execute(sa.select(subscriptions.c.id, newest)) if row.made is not None}


def matched(conn: sa.Connection, subscription_id: str, article_id: str) -> list[Matched]:
    """See `Watching.matched`."""
    columns = sa.select(*(matches.c[name] for name in Matched.__dataclass_fields__))
    wanted = columns.where(matches.c.subscription_id == subscription_id)
    if article_id:
        wanted = wanted.where(matches.c.article_id == article_id)
    return [Matched(*row) for row in conn.execute(wanted.order_by(matches.c.since, matches.c.article_id))]


# --- deliveries -----------------------------------------------------------------------------
def due(conn: sa.Connection, now: datetime, each: int, most: int) -> list[Delivery]:
    """See `Watching.due_deliveries`."""
    ready = sa.select(outputs.c.id).where(_ONE_BY_ONE, outputs.c.revoked.is_(None), _is_due(now))
    waits = sa.exists().where(deliveries.c.output_id == outputs.c.id, _WAITING)
    # the one tried longest ago goes first, so that many outputs take turns
    ids = (
        conn.execute(ready.where(waits).order_by(outputs.c.due.asc().nulls_first(), outputs.c.id).limit(most))
        .scalars()
        .all()
    )
    place = sa.func.row_number().over(
        partition_by=deliveries.c.output_id, order_by=(alerts.c.first_seen, alerts.c.seq)
    )  # fmt: skip
    first = (
        sa.select(deliveries.c.output_id, deliveries.c.seq, place.label("place"))
        .join(alerts, alerts.c.seq == deliveries.c.seq)
        .where(_WAITING, deliveries.c.output_id.in_(ids))
        .subquery()
    )
    wanted = sa.select(first.c.output_id, first.c.seq).where(first.c.place <= each)
    heads = conn.execute(wanted.order_by(first.c.output_id, first.c.place)).all()
    found = {(one.output.id, one.alert.seq): one for one in _deliveries(conn, {row.seq for row in heads})}
    return [found[row.output_id, row.seq] for row in heads]


def digests(conn: sa.Connection, now: datetime) -> list[tuple[Output, list[Alert]]]:
    """See `Watching.due_digests`."""
    wanted = sa.select(outputs).where(outputs.c.kind == OutputKind.DIGEST.value, outputs.c.revoked.is_(None))
    ready = [output(row) for row in conn.execute(wanted.where(_is_due(now)).order_by(outputs.c.id))]
    waiting: dict[str, list[Alert]] = defaultdict(list)
    columns = sa.select(deliveries.c.output_id, *_ALERT).join(alerts, alerts.c.seq == deliveries.c.seq)
    ids = [one.id for one in ready if one.due is not None]
    for row in rows_among(conn, columns.where(_WAITING), deliveries.c.output_id, ids):
        waiting[row.output_id].append(_alert(row))
    return [(one, sorted(waiting[one.id], key=lambda alert: (alert.first_seen, alert.seq))) for one in ready]


def settle(conn: sa.Connection, tries: Sequence[Settled], now: datetime) -> None:
    """See `Watching.settle`."""
    for one in tries:
        which = deliveries.c.output_id == one.output_id, deliveries.c.seq == one.seq
        waits = one.state is DeliveryState.PENDING
        row = sa.update(deliveries).where(*which)
        conn.execute(
            row.values(
                state=one.state.value, error=one.error, settled=None if waits else now, tries=deliveries.c.tries + 1
            )
        )
    failing = sa.func.coalesce(outputs.c.failing_since, sa.literal(now, outputs.c.failing_since.type))
    for output_id, last in {one.output_id: one for one in tries}.items():
        state = sa.update(outputs).where(outputs.c.id == output_id)
        due_again = {} if last.due is None and last.state is not DeliveryState.PENDING else {"due": last.due}
        if last.state is DeliveryState.SENT:
            conn.execute(state.values(tries=0, failing_since=None, error="", **due_again))
        else:
            tries_now = outputs.c.tries + 1 if last.state is DeliveryState.PENDING else 0
            conn.execute(state.values(tries=tries_now, failing_since=failing, error=last.error, **due_again))


def set_due(conn: sa.Connection, output_id: str, due: datetime) -> None:
    """See `Watching.set_due`."""
    conn.execute(sa.update(outputs).where(outputs.c.id == output_id).values(due=due))


def deliveries_of(
    conn: sa.Connection,
    output_id: str,
    alert: int,
    state: DeliveryState | None,
    limit: int,
    after: tuple[int, str] | None,
) -> list[Delivery]:
    """See `Watching.deliveries`."""
    wanted = sa.select(deliveries.c.output_id, deliveries.c.seq)
    if after is not None:
        seq, of = after
        next_output = sa.and_(deliveries.c.seq == seq, deliveries.c.output_id > of)
        wanted = wanted.where(sa.or_(deliveries.c.seq < seq, next_output))
    if output_id:
        wanted = wanted.where(deliveries.c.output_id == output_id)
    if alert:
        wanted = wanted.where(deliveries.c.seq == alert)
    if state is not None:
        wanted = wanted.where(deliveries.c.state == state.value)
    keys = conn.execute(
        wanted.order_by(deliveries.c.seq.desc(), deliveries.c.output_id).limit(limit)
    ).all()  # fmt: skip
    found = {(one.output.id, one.alert.seq): one for one in _deliveries(conn, {row.seq for row in keys})}
    return [found[row.output_id, row.seq] for row in keys]


def redeliver(conn: sa.Connection, output_id: str, since: datetime | None, seqs: Sequence[int]) -> int:
    """See `Watching.redeliver`."""
    one = conn.execute(sa.select(outputs).where(outputs.c.id == output_id)).one_or_none()
    if one is None:
        raise BadInput(f"there is no output {output_id}")
    if one.revoked is not None:
        raise BadInput(f"output {output_id} was revoked: make a new one, and send to that")
    if one.kind == OutputKind.LINK.value:
        raise BadInput("nothing is sent to a link: who reads it asks for what they missed (since=, after=)")
    own = sa.select(alerts.c.seq).where(alerts.c.subscription_id == one.subscription_id)
    if since is not None:
        own = own.where(alerts.c.made >= since)
    elif not seqs:
        dead = sa.select(deliveries.c.seq).where(deliveries.c.output_id == output_id, deliveries.c.state == DEAD)
        own = own.where(alerts.c.seq.in_(dead))
    named = list(conn.execute(own).scalars()) if not seqs else []
    for keys in in_chunks(seqs):
        named += conn.execute(own.where(alerts.c.seq.in_(keys))).scalars()
    for keys in in_chunks(named):
        again = deliveries.c.output_id == output_id, deliveries.c.seq.in_(keys)
        conn.execute(sa.update(deliveries).where(*again).values(state=PENDING, tries=0, settled=None, error=""))
        rows = [{"output_id": output_id, "seq": seq, "state": PENDING, "tries": 0} for seq in keys]
        conn.execute(insert_new(conn, deliveries), rows)
    if named and one.kind != OutputKind.DIGEST.value:
        conn.execute(sa.update(outputs).where(outputs.c.id == output_id).values(due=None, tries=0, failing_since=None))
    return len(named)


def outgoing(conn: sa.Connection) -> Outgoing:
    """See `Watching.outgoing`."""
    among = sa.and_(_ONE_BY_ONE, outputs.c.revoked.is_(None), _WAITING)
    oldest = sa.select(sa.func.count(), sa.func.min(alerts.c.made))
    waiting = oldest.select_from(_going.join(alerts, alerts.c.seq == deliveries.c.seq)).where(among)
    pending, since = conn.execute(waiting).one()
    dead = conn.execute(sa.select(sa.func.count()).where(deliveries.c.state == DEAD)).scalar_one()
    failing = sa.select(sa.func.count()).where(outputs.c.failing_since.is_not(None), outputs.c.revoked.is_(None))
    return Outgoing(pending, dead, since, conn.execute(failing).scalar_one())


def _is_due(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(outputs.c.due.is_(None), outputs.c.due <= now)


def _deliveries(conn: sa.Connection, seqs: set[int]) -> list[Delivery]:
    """All deliveries of these alerts."""
    named = [column.label(f"a_{column.name}") for column in _ALERT]
    columns = sa.select(outputs, *named, *(deliveries.c[name].label(f"d_{name}") for name in _STATE))
    joined = columns.select_from(_going.join(alerts, alerts.c.seq == deliveries.c.seq))
    found = []
    for row in rows_among(conn, joined, deliveries.c.seq, sorted(seqs)):
        values = row._mapping
        told = Alert(**{name: values[f"a_{name}"] for name in _NAMES} | {"reason": Reason(row.a_reason)})
        found.append(Delivery(told, output(row), DeliveryState(row.d_state), row.d_tries, row.d_settled, row.d_error))
    return found


def _alert(row: AnyRow) -> Alert:
    values = {name: row._mapping[name] for name in _NAMES}
    return Alert(**{**values, "reason": Reason(row.reason)})
