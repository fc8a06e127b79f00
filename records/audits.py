"""Tries to sign in, which wait longer and longer, and the log of what was changed."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from pipeline.people import FORGOTTEN, FREE_OF_ADDRESS, FREE_OF_NAME, Audited, wait_after
from records.account_tables import audit, login_attempts
from records.dialect import upsert


def try_login(conn: sa.Connection, name: str, address: str, now: datetime) -> float:
    """See `Peopling.try_login`. Counted first, so that many tries at the same time are no way around the wait."""
    conn.execute(sa.delete(login_attempts).where(login_attempts.c.last <= now - FORGOTTEN))
    free = {f"name {name}": FREE_OF_NAME, f"address {address}": FREE_OF_ADDRESS}
    known = {
        row.key: row for row in conn.execute(sa.select(login_attempts).where(login_attempts.c.key.in_(list(free))))
    }
    wait = max((row.until - now for row in known.values()), default=timedelta(0))
    if wait > timedelta(0):
        return wait.total_seconds()
    for key, some in free.items():
        failures = known[key].failures + 1 if key in known else 1
        row = {"key": key, "failures": failures, "last": now, "until": now + wait_after(failures, some)}
        conn.execute(upsert(conn, login_attempts), row)
    return 0.0


def succeeded(conn: sa.Connection, name: str, address: str) -> None:
    """See `Peopling.login_succeeded`. An address does not begin anew: who has an account could guess for ever."""
    conn.execute(sa.delete(login_attempts).where(login_attempts.c.key == f"name {name}"))
    less = {"failures": login_attempts.c.failures - 1, "until": login_attempts.c.last}
    conn.execute(sa.update(login_attempts).where(login_attempts.c.key == f"address {address}").values(**less))


def note(conn: sa.Connection, one: Audited) -> None:
    """See `Peopling.note`."""
    values = {"at": one.at, "who": one.who, "what": one.what, "to": one.to, "detail": dict(one.detail)}
    conn.execute(sa.insert(audit), values)


def listed(conn: sa.Connection, before: int, limit: int, who: str, what: str) -> list[Audited]:
    """See `Peopling.audited`."""
    wanted = sa.select(audit).order_by(audit.c.seq.desc()).limit(limit)
    if before:
        wanted = wanted.where(audit.c.seq < before)
    if who:
        wanted = wanted.where(audit.c.who == who)
    if what:
        wanted = wanted.where(audit.c.what.startswith(what, autoescape=True))
    return [Audited(row.at, row.who, row.what, row.to, row.detail, row.seq) for row in conn.execute(wanted)]
