"""Accounts, and what they are known by: as they are saved, changed and found."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa

from pipeline.errors import BadInput
from pipeline.people import SESSION_IDLE, ApiKey, Role, Session, User
from records.account_tables import api_keys, sessions, users
from records.columns import AnyRow

Known = TypeVar("Known", Session, ApiKey)
_SESSION = [sessions.c[name] for name in ("id", "user_id", "created", "seen", "expires", "origin")]
_KEY = [api_keys.c[name] for name in ("id", "user_id", "name", "role", "created", "used", "revoked")]


# --- accounts -------------------------------------------------------------------------------
def listed(conn: sa.Connection) -> list[User]:
    """See `Peopling.users`."""
    seen = sa.select(sessions.c.user_id, sa.func.max(sessions.c.seen)).group_by(sessions.c.user_id)
    used = sa.select(api_keys.c.user_id, sa.func.max(api_keys.c.used)).where(api_keys.c.used.is_not(None))
    last: dict[str, datetime] = {row[0]: row[1] for row in conn.execute(seen)}
    for user_id, at in conn.execute(used.group_by(api_keys.c.user_id)):
        last[user_id] = max(at, last.get(user_id, at))
    rows = conn.execute(sa.select(users).order_by(users.c.folded))
    return [replace(_user(row), last_seen=last.get(row.id)) for row in rows]


def found(conn: sa.Connection, name_or_id: str) -> User | None:
    """See `Peopling.user`. A name goes before an id."""
    folded = name_or_id.casefold()
    either = sa.or_(users.c.folded == folded, users.c.id == name_or_id)
    rows = list(conn.execute(sa.select(users).where(either)))
    row = min(rows, key=lambda one: one.folded != folded, default=None)
    return None if row is None else _user(row)


def of_subject(conn: sa.Connection, subject: str) -> User | None:
    """See `Peopling.user_of_subject`."""
    row = conn.execute(sa.select(users).where(users.c.subject == subject)).one_or_none() if subject else None
    return None if row is None else _user(row)


def any_of(conn: sa.Connection, *which: sa.ColumnElement[bool]) -> bool:
    """Whether there is such an account."""
    return conn.execute(sa.select(users.c.id).where(*which).limit(1)).first() is not None


def has_admin(conn: sa.Connection, but: str = "") -> bool:
    """See `Peopling.has_admin`; `but` is an id that does not count."""
    return any_of(conn, users.c.role == Role.ADMIN.value, users.c.disabled.is_(None), users.c.id != but)


def password(conn: sa.Connection, user_id: str) -> str:
    """See `Peopling.password`."""
    return conn.execute(sa.select(users.c.password).where(users.c.id == user_id)).scalar_one_or_none() or ""


def add(conn: sa.Connection, one: User, now: datetime, password: str, only_first: bool) -> User | None:
    """See `Peopling.add_user`."""
    if only_first and any_of(conn):
        return None
    if one.role is not Role.ADMIN and not any_of(conn):
        raise BadInput("the first account is an admin's, for from then on everybody has to sign in")
    if any_of(conn, users.c.folded == one.name.casefold()):
        raise BadInput(f"somebody is called {one.name!r} already: take another name")
    id = "u" + hashlib.blake2b(f"{one.name}\0{now}".encode(), digest_size=8).hexdigest()
    row = {"id": id, "name": one.name, "folded": one.name.casefold(), "role": one.role.value, "created": now}
    conn.execute(sa.insert(users), row | {"password": password, "subject": one.subject, "disabled": None})
    return replace(one, id=id, created=now, has_password=bool(password))


def change(conn: sa.Connection, user_id: str, now: datetime, role: Role | None, disabled: bool | None) -> User:
    """See `Peopling.change_user`."""
    old = _known(conn, user_id)
    if (role is not None and role is not Role.ADMIN) or disabled:
        _not_the_last_admin(conn, old)
    if role is not None:
        _set(conn, user_id, role=role.value)
    if disabled is not None:
        _set(conn, user_id, disabled=(old.disabled or now) if disabled else None)
        if disabled:
            end_sessions(conn, user_id)
    return _known(conn, user_id)


def set_password(conn: sa.Connection, user_id: str, password: str, keep_session: str) -> None:
    """See `Peopling.set_password`."""
    _known(conn, user_id)
    _set(conn, user_id, password=password)
    end_sessions(conn, user_id, keep=keep_session)


def set_subject(conn: sa.Connection, user_id: str, subject: str) -> None:
    """See `Peopling.set_subject`."""
    _known(conn, user_id)
    other = of_subject(conn, subject)
    if other is not None and other.id != user_id:
        raise BadInput(f"{other.name!r} is that person already")
    _set(conn, user_id, subject=subject)


def remove(conn: sa.Connection, user_id: str) -> None:
    """See `Peopling.remove_user`."""
    row = conn.execute(sa.select(users).where(users.c.id == user_id)).one_or_none()
    if row is not None:
        _not_the_last_admin(conn, _user(row))
        conn.execute(sa.delete(users).where(users.c.id == user_id))


def _not_the_last_admin(conn: sa.Connection, one: User) -> None:
    if one.role is Role.ADMIN and one.disabled is None and not has_admin(conn, but=one.id):
        raise BadInput(f"{one.name!r} is the last admin: make another one first")


def _set(conn: sa.Connection, user_id: str, **values: object) -> None:
    conn.execute(sa.update(users).where(users.c.id == user_id).values(**values))


def _known(conn: sa.Connection, user_id: str) -> User:
    row = conn.execute(sa.select(users).where(users.c.id == user_id)).one_or_none()
    if row is None:
        raise BadInput(f"there is no account {user_id!r}")
    return _user(row)


def _user(row: AnyRow) -> User:
    return User(row.name, Role(row.role), row.id, row.created, row.disabled, row.subject, bool(row.password))


# --- sessions -------------------------------------------------------------------------------
def open_session(conn: sa.Connection, token: str, one: Session) -> None:
    """See `Peopling.open_session`."""
    old = sa.or_(sessions.c.expires <= one.created, sessions.c.seen <= one.created - SESSION_IDLE)
    conn.execute(sa.delete(sessions).where(old))
    if _known(conn, one.user_id).disabled:
        raise BadInput("this account is disabled: an admin can let it in again")
    values = {column.name: getattr(one, column.name) for column in _SESSION}
    conn.execute(sa.insert(sessions), values | {"token": token})


def session(conn: sa.Connection, token: str, now: datetime) -> tuple[Session, User] | None:
    """See `Peopling.session`."""
    wanted = sa.select(sessions).where(sessions.c.token == token, *_open(now))
    row = conn.execute(wanted).one_or_none()
    return None if row is None else _owned(conn, _session(row))


def saw_session(conn: sa.Connection, session_id: str, now: datetime) -> None:
    """See `Peopling.saw_session`."""
    conn.execute(sa.update(sessions).where(sessions.c.id == session_id).values(seen=now))


def sessions_of(conn: sa.Connection, user_id: str, now: datetime) -> list[Session]:
    """See `Peopling.sessions`."""
    wanted = sa.select(sessions).where(sessions.c.user_id == user_id, *_open(now))
    return [_session(row) for row in conn.execute(wanted.order_by(sessions.c.seen.desc(), sessions.c.id))]


def end_sessions(conn: sa.Connection, user_id: str, only: str = "", keep: str = "") -> int:
    """See `Peopling.end_sessions`."""
    which = [sessions.c.user_id == user_id]
    which += [sessions.c.id == only] if only else []
    which += [sessions.c.id != keep] if keep else []
    return conn.execute(sa.delete(sessions).where(*which)).rowcount


def _open(now: datetime) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return sessions.c.expires > now, sessions.c.seen > now - SESSION_IDLE


def _session(row: AnyRow) -> Session:
    return Session(*(row._mapping[column.name] for column in _SESSION))


# --- keys -----------------------------------------------------------------------------------
def add_key(conn: sa.Connection, token: str, one: ApiKey) -> None:
    """See `Peopling.add_key`."""
    owner = _known(conn, one.user_id)
    if one.role > owner.role:
        raise BadInput(f"{owner.name!r} has the role {owner.role.word}: a key may have that one or a lower one")
    if not one.name.strip():
        raise BadInput("a key needs a name that says what it is for")
    values = {column.name: getattr(one, column.name) for column in _KEY}
    conn.execute(sa.insert(api_keys), values | {"token": token, "role": one.role.value})


def key(conn: sa.Connection, token: str) -> tuple[ApiKey, User] | None:
    """See `Peopling.key`."""
    wanted = sa.select(api_keys).where(api_keys.c.token == token, api_keys.c.revoked.is_(None))
    row = conn.execute(wanted).one_or_none()
    return None if row is None else _owned(conn, _key(row))


def used_key(conn: sa.Connection, key_id: str, now: datetime) -> None:
    """See `Peopling.used_key`."""
    conn.execute(sa.update(api_keys).where(api_keys.c.id == key_id).values(used=now))


def keys(conn: sa.Connection, user_id: str) -> list[ApiKey]:
    """See `Peopling.keys`."""
    wanted = sa.select(api_keys).order_by(api_keys.c.created, api_keys.c.id)
    if user_id:
        wanted = wanted.where(api_keys.c.user_id == user_id)
    return [_key(row) for row in conn.execute(wanted)]


def revoke_key(conn: sa.Connection, key_id: str, now: datetime) -> ApiKey:
    """See `Peopling.revoke_key`. Revoked twice, the first time counts."""
    one = api_keys.c.id == key_id
    conn.execute(sa.update(api_keys).where(one, api_keys.c.revoked.is_(None)).values(revoked=now))
    row = conn.execute(sa.select(api_keys).where(one)).one_or_none()
    if row is None:
        raise BadInput(f"there is no key {key_id!r}")
    return _key(row)


def _key(row: AnyRow) -> ApiKey:
    values = {column.name: row._mapping[column.name] for column in _KEY}
    return ApiKey(**{**values, "role": Role(row.role)})


def _owned(conn: sa.Connection, one: Known) -> tuple[Known, User] | None:
    owner = _known(conn, one.user_id)
    return None if owner.disabled else (one, owner)
