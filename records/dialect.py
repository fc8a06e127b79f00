"""All that differs between databases: upserts, pragmas, how a transaction begins, what an error means.

PostgreSQL's part of it is the upserts (same words, another import) and the portable types; the rest comes with it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite

# SQLite counts up by itself only in a column that is exactly INTEGER (it holds 64 bits all the same).
Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

CACHE_KIB = 8192  # of each connection; the default of 2 MiB makes random primary keys read the disk again and again
WAL_LIMIT = 64 * 2**20  # bytes the log file shrinks back to after a large transaction


def partial_index(name: str, *columns: sa.Column[Any], where: str) -> sa.Index:
    """An index over the rows for which `where` holds: small, and cheap for all the others."""
    return sa.Index(name, *columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _insert(conn: sa.Connection, table: sa.Table) -> Any:
    return postgresql.insert(table) if conn.dialect.name == "postgresql" else sqlite.insert(table)


def insert_new(conn: sa.Connection, table: sa.Table) -> Any:
    """An INSERT that leaves rows alone whose key exists."""
    return _insert(conn, table).on_conflict_do_nothing()


def upsert(conn: sa.Connection, table: sa.Table, columns: Iterable[str] | None = None) -> Any:
    """An INSERT that overwrites `columns` (default: all but the key) of rows whose primary key exists."""
    keys = [column.name for column in table.primary_key]
    statement = _insert(conn, table)
    names = columns if columns is not None else [column.name for column in table.c if column.name not in keys]
    return statement.on_conflict_do_update(
        index_elements=keys, set_={name: getattr(statement.excluded, name) for name in names}
    )


def add_to(conn: sa.Connection, table: sa.Table, counter: sa.Column[int]) -> Any:
    """An INSERT that adds to `counter` of rows whose primary key exists."""
    statement = _insert(conn, table)
    return statement.on_conflict_do_update(
        index_elements=[column.name for column in table.primary_key],
        set_={counter.name: counter + statement.excluded[counter.name]},
    )


def listen(engine: sa.Engine, busy_timeout: timedelta) -> None:
    """Prepare SQLite connections, and begin transactions ourselves: the driver would begin too late for DDL and reads.

    A writer begins IMMEDIATE, so that it waits for the lock at the start and never fails half way; WAL lets readers
    go on meanwhile. A durable transaction is on the disk when it ends (synchronous=FULL); others survive the death
    of the process at once, and a power cut after the next durable one or checkpoint.
    """
    pragmas = (
        f"PRAGMA busy_timeout = {busy_timeout // timedelta(milliseconds=1)}",
        "PRAGMA foreign_keys = ON",
        f"PRAGMA cache_size = -{CACHE_KIB}",
        f"PRAGMA journal_size_limit = {WAL_LIMIT}",
        "PRAGMA temp_store = MEMORY",
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, record: object) -> None:
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(pragma).close()

    @event.listens_for(engine, "begin")
    def _begun(conn: sa.Connection) -> None:
        options = conn.get_execution_options()
        if options.get("writes"):
            conn.exec_driver_sql(f"PRAGMA synchronous = {'FULL' if options.get('durable') else 'NORMAL'}")
            conn.exec_driver_sql("PRAGMA query_only = OFF")
            conn.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            conn.exec_driver_sql("PRAGMA query_only = ON")
            conn.exec_driver_sql("BEGIN")


def use_log(engine: sa.Engine) -> None:
    """Make a SQLite file keep a write-ahead log; not when connecting, for the file may not be an archive of ours."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode = WAL").close()
    finally:
        connection.close()


def meaning(error: BaseException) -> str:
    """What a driver's error means: "busy", "full", "corrupt", "unopenable", or "" for anything else."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return ""
    return {
        sqlite3.SQLITE_BUSY: "busy",
        sqlite3.SQLITE_LOCKED: "busy",
        sqlite3.SQLITE_FULL: "full",
        sqlite3.SQLITE_CORRUPT: "corrupt",
        sqlite3.SQLITE_NOTADB: "corrupt",
        sqlite3.SQLITE_IOERR: "unopenable",
        sqlite3.SQLITE_CANTOPEN: "unopenable",
        sqlite3.SQLITE_READONLY: "unopenable",
        sqlite3.SQLITE_PERM: "unopenable",
    }.get(code & 0xFF, "")


def integrity(conn: sa.Connection) -> Sequence[str]:
    """What the database itself finds wrong with its file; empty when all is well."""
    if conn.dialect.name != "sqlite":
        return ()
    found = [str(row[0]) for row in conn.exec_driver_sql("PRAGMA integrity_check(20)") if row[0] != "ok"]
    for table, _, parent, _ in conn.exec_driver_sql("PRAGMA foreign_key_check").all()[:20]:
        found.append(f"a row of {table} refers to a row of {parent} that is not there")
    return found
