"""How often sources answered, and how: counts for each source and day, kept for `KEPT`.

They are written in the transaction that records what came of the fetch. A poll or page that is recorded again is known
by its time and not counted twice; the sitemaps of an index have no state of their own, and a page that was fetched,
settled and is then recorded once more leaves no trace to know it by: those would count twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from pipeline.answered import Answered
from records.columns import EPOCH, MICROSECOND
from records.dialect import add_to
from records.tables import answers, articles, sources
from records.values import AnswerCount

KEPT = timedelta(days=90)
DAY = timedelta(days=1)
Tally = Counter[tuple[date, str, Answered]]


def day_of(when: datetime) -> date:
    """The day in UTC."""
    return when.astimezone(UTC).date()


def add(conn: sa.Connection, tally: Mapping[tuple[date, str, Answered], int], now: datetime) -> None:
    """Add to the counts, and forget those of days long past. In one order, so that writers never wait in a circle."""
    oldest = day_of(now - KEPT)
    rows = [
        {"day": day, "source_id": source_id, "outcome": outcome.value, "count": count}
        for (day, source_id, outcome), count in sorted(tally.items())
        if count and source_id and day >= oldest
    ]
    if rows:
        conn.execute(add_to(conn, answers, answers.c.count), rows)
        conn.execute(sa.delete(answers).where(answers.c.day < oldest))


def turned(rows: Sequence[tuple[datetime, str]], out_of: Answered, into: Answered) -> Tally:
    """What (fetched, source id) were counted as turns out to be something else."""
    tally: Tally = Counter()
    for fetched, source_id in rows:
        tally[day_of(fetched), source_id, out_of] -= 1
        tally[day_of(fetched), source_id, into] += 1
    return tally


def counted(conn: sa.Connection, since: date, source_id: str) -> list[AnswerCount]:
    """See `Records.answers`."""
    wanted = sa.select(answers.c.source_id, answers.c.day, answers.c.outcome, answers.c.count).where(
        answers.c.day >= since, answers.c.count > 0
    )
    if source_id:
        wanted = wanted.where(answers.c.source_id == source_id)
    ordered = wanted.order_by(answers.c.day, answers.c.source_id, answers.c.outcome)
    return [AnswerCount(row[0], row[1], Answered(row[2]), row[3]) for row in conn.execute(ordered)]


def daily(conn: sa.Connection, end: datetime, days: int, source_id: str) -> dict[str, tuple[int, ...]]:
    """See `Records.daily`. A look into the index for each source and day: grouping would sort all that was counted."""
    first = (end - days * DAY - EPOCH) // MICROSECOND
    length = DAY // MICROSECOND
    begin = sa.select(sa.literal(0).label("number"), sa.literal(first, sa.BigInteger).label("begin"))
    periods = begin.cte("periods", recursive=True)
    periods = periods.union_all(
        sa.select(periods.c.number + 1, periods.c.begin + sa.literal(length, sa.BigInteger)).where(
            periods.c.number < days - 1
        )
    )
    seen = sa.type_coerce(articles.c.first_seen, sa.BigInteger)
    within = seen >= periods.c.begin, seen < periods.c.begin + sa.literal(length, sa.BigInteger)
    count = sa.select(sa.func.count()).where(articles.c.source_id == sources.c.id, *within).scalar_subquery()
    recent = sa.exists().where(articles.c.source_id == sources.c.id, articles.c.first_seen >= end - days * DAY)
    every = sources.join(periods, sa.true())
    wanted = sa.select(sources.c.id, periods.c.number, count.label("count")).select_from(every).where(recent)
    if source_id:
        wanted = wanted.where(sources.c.id == source_id)
    found: dict[str, list[int]] = {}
    for id, number, held in conn.execute(wanted).all():
        if held:
            found.setdefault(id, [0] * days)[number] = held
    return {key: tuple(value) for key, value in found.items()}
