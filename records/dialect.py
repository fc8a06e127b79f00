"""What the two databases say differently in the same statements: numbers that count up, partial indexes, upserts.

How they are opened, begin a transaction and report errors is in `sqlite.py` and `postgres.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

# SQLite counts up by itself only in a column that is exactly INTEGER (it holds 64 bits all the same).
Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def partial_index(name: str, *columns: sa.Column[Any], where: str, unique: bool = False) -> sa.Index:
    """An index over the rows for which `where` holds: small, and cheap for all the others."""
    return sa.Index(name, *columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _insert(conn: sa.Connection, table: sa.Table) -> Any:
    return postgresql.insert(table) if conn.dialect.name == "postgresql" else sqlite.insert(table)


def insert_new(conn: sa.Connection, table: sa.Table) -> Any:
    """An INSERT that leaves rows alone whose key exists."""
    return _insert(conn, table).on_conflict_do_nothing()


def upsert(
    conn: sa.Connection,
    table: sa.Table,
    columns: Iterable[str] | None = None,
    where: sa.ColumnElement[bool] | None = None,
) -> Any:
    """An INSERT that overwrites `columns` (default: all but the key) of rows whose primary key exists.

    Those for which `where` does not hold are left alone.
    """
    keys = [column.name for column in table.primary_key]
    statement = _insert(conn, table)
    names = columns if columns is not None else [column.name for column in table.c if column.name not in keys]
    return statement.on_conflict_do_update(
        index_elements=keys, set_={name: getattr(statement.excluded, name) for name in names}, where=where
    )


def add_to(conn: sa.Connection, table: sa.Table, counter: sa.Column[int]) -> Any:
    """An INSERT that adds to `counter` of rows whose primary key exists."""
    statement = _insert(conn, table)
    return statement.on_conflict_do_update(
        index_elements=[column.name for column in table.primary_key],
        set_={counter.name: counter + statement.excluded[counter.name]},
    )
