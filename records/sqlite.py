"""SQLite's side of the records: its settings, how a transaction begins, what its errors mean."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from pipeline.errors import Busy, Corrupt, DiskFull, Trouble, WirewatchError

CACHE_KIB = 4096  # of each connection; the default of 2 MiB makes random primary keys read the disk again and again
READING: dict[str, Any] = {}  # all is told when a transaction begins
WRITING: dict[str, Any] = {}
WAL_LIMIT = 64 * 2**20  # bytes the log file shrinks back to after a large transaction


def engine(url: sa.URL, busy_timeout: timedelta, **settings: Any) -> sa.Engine:
    """Readers from a pool of connections; opening a file costs nothing, so that many may come at once."""
    made = sa.create_engine(url, pool_use_lifo=True, pool_size=5, max_overflow=20, **settings)
    _listen(made, busy_timeout)
    return made


def _listen(engine: sa.Engine, busy_timeout: timedelta) -> None:
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
        writes = bool(options.get("writes"))
        if conn.info.get("writes") is not writes:  # of the connection, which the pool keeps
            conn.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
            conn.info["writes"] = writes
        if writes:
            conn.exec_driver_sql(f"PRAGMA synchronous = {'FULL' if options.get('durable') else 'NORMAL'}")
        conn.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def usable(conn: sa.Connection, name: str) -> None:
    """Any SQLite that Python brings along will do."""


def tune(made: sa.Engine) -> None:
    """Make the file keep a write-ahead log; not when connecting, for the file may not be an archive of ours."""
    connection = made.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode = WAL").close()
    finally:
        connection.close()


def meaning(error: BaseException) -> str:
    """What the driver's error means: "busy", "full", "corrupt", "unopenable", or "" for anything else."""
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


def ours(error: BaseException, name: str) -> WirewatchError | None:
    """The driver's error as ours, which says how to recover; None when it is not the driver's."""
    words = str(error)
    match meaning(error):
        case "busy":
            return Busy(f"another process holds the archive at {name}: close it, or wait and try again")
        case "full":
            return DiskFull(
                f"no room left for the archive at {name}: free space and start again; nothing collected is lost"
            )
        case "corrupt":
            return Corrupt(
                f"the archive at {name} is damaged ({words}): run `wirewatch doctor`, then restore a backup, or "
                f"rescue what can be read with `sqlite3 {Path(name).name} .recover | sqlite3 rescued.db`"
            )
        case "unopenable":
            return Trouble(
                f"the archive at {name} cannot be opened or written ({words}): see that its folder exists, that "
                "you may write there, and that the disk works"
            )
    return None


def integrity(conn: sa.Connection) -> Sequence[str]:
    """What the database itself finds wrong with its file; empty when all is well."""
    found = [str(row[0]) for row in conn.exec_driver_sql("PRAGMA integrity_check(20)") if row[0] != "ok"]
    for table, _, parent, _ in conn.exec_driver_sql("PRAGMA foreign_key_check").all()[:20]:
        found.append(f"a row of {table} refers to a row of {parent} that is not there")
    return found
