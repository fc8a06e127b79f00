"""Roles that one process holds at a time: a file lock beside a SQLite archive, an advisory lock in PostgreSQL."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.errors import Away, Busy, WirewatchError
from records.engine import Database

LOOK = 0.5  # seconds between two tries of a role that is taken
_ROLE = re.compile(r"[a-z][a-z-]*")


def hold(
    database: Database, role: str, timeout: timedelta | None, stop: Callable[[], bool] | None
) -> AbstractContextManager[Callable[[], None]]:
    """See `Records.hold`."""
    if not _ROLE.fullmatch(role):
        raise ValueError(f"{role!r} is no name for a role: lower-case letters and hyphens")
    if database.engine.dialect.name == "sqlite":
        return _by_file(database, role, timeout, stop)
    return _by_session(database, role, timeout, stop)


def held(database: Database, names: Sequence[str]) -> dict[str, bool]:
    """See `Records.roles_held`."""
    if database.engine.dialect.name == "sqlite":
        return {}
    from records.postgres import taken

    with database.read() as conn:
        return {name: taken(conn, name) for name in names}


@contextmanager
def _by_file(
    database: Database, role: str, timeout: timedelta | None, stop: Callable[[], bool] | None
) -> Iterator[Callable[[], None]]:
    """`archive.db.desk.lock` beside `archive.db`. The system drops the lock of a process that dies."""
    path = Path(f"{database.name}.{role}.lock")
    lock = FileLock(path, thread_local=False)

    def taken() -> bool:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return False
        return True

    def still() -> None:
        if not lock.is_locked:
            raise Away(f"{path} is no longer locked: this process is not the {role} any more")

    wait_for(taken, f"another process is the {role} of the archive at {database.name}", timeout, stop)
    try:
        yield still
    finally:
        lock.release()


@contextmanager
def _by_session(
    database: Database, role: str, timeout: timedelta | None, stop: Callable[[], bool] | None
) -> Iterator[Callable[[], None]]:
    """A lock that lives as long as a connection of its own."""
    from records.postgres import Role

    def taken() -> bool:
        with database.errors():
            return lock.take()

    def still() -> None:
        try:
            with database.errors():
                lock.still()
        except WirewatchError as error:
            raise Away(f"this process may not be the {role} any more: {error}") from error

    with database.errors():
        lock = Role(database.engine, role)
    try:
        wait_for(taken, f"another process is the {role} of the archive at {database.name}", timeout, stop)
        yield still
    finally:
        lock.leave()


def wait_for(taken: Callable[[], bool], words: str, timeout: timedelta | None, stop: Callable[[], bool] | None) -> None:
    """Try until `taken`; raise Busy with these words after `timeout` or when `stop` says so."""
    began = time.monotonic()
    while not taken():
        if stop is not None and stop():
            raise Busy(f"{words}, and this one was told to stop waiting")
        waited = time.monotonic() - began
        left = LOOK if timeout is None else timeout.total_seconds() - waited
        if left <= 0:
            raise Busy(f"{words}: end it, or wait and try again")
        time.sleep(min(LOOK, left))
