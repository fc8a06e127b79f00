"""One database: its connections, its transactions, and foreign errors made ours."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any, Protocol

import sqlalchemy as sa

from pipeline.errors import Trouble, WirewatchError
from records import sqlite


class Kind(Protocol):
    """What the modules `sqlite` and `postgres` do, each in its own way."""

    READING: dict[str, Any]
    WRITING: dict[str, Any]

    def engine(self, url: sa.URL, busy_timeout: timedelta, **settings: Any) -> sa.Engine:
        """Connections, prepared."""

    def usable(self, conn: sa.Connection, name: str) -> None:
        """Raise Trouble if no archive can be kept there."""

    def tune(self, made: sa.Engine) -> None:
        """Settings that the database itself keeps."""

    def ours(self, error: BaseException, name: str) -> WirewatchError | None:
        """The driver's error as ours."""

    def integrity(self, conn: sa.Connection) -> Sequence[str]:
        """What the database itself finds wrong, in words."""


def _kind(url: sa.URL) -> Kind:
    if url.get_backend_name() == "sqlite":
        return sqlite
    try:
        from records import postgres  # here, for its driver is not there where nobody asked for it
    except ImportError as error:
        raise Trouble(
            f"PostgreSQL needs a driver that is not installed ({error}): pip install 'wirewatch[services]'"
        ) from error
    return postgres


class Database:
    """Readers come from a pool; writers take turns behind a lock. Both from any thread.

    `name` is what messages call it: the path, or the address without user and password.
    """

    def __init__(self, url: sa.URL, name: str, busy_timeout: timedelta, *, read_only: bool = False) -> None:
        self.name, self._read_only = name, read_only
        self._kind = _kind(url)
        dumps = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))
        self._engine = self._kind.engine(url, busy_timeout, json_serializer=dumps)
        self._reader = self._engine.execution_options(**self._kind.READING)
        self._writer = self._engine.execution_options(writes=True, **self._kind.WRITING)
        self._lock = threading.Lock()

    @contextmanager
    def read(self, *, patient: bool = False) -> Iterator[sa.Connection]:
        """One transaction that sees one moment of the database and cannot write; `patient` = however long it takes.

        Raise Trouble, Busy, Away.
        """
        with self.errors(), self._reader.execution_options(patient=patient).begin() as conn:
            yield conn

    @contextmanager
    def write(self, *, durable: bool = False, patient: bool = False) -> Iterator[sa.Connection]:
        """One transaction, whole or not at all; `durable` = on the disk when it returns. Raise Trouble, Busy, Away."""
        if self._read_only:
            raise Trouble(f"the archive at {self.name} was opened for reading only")
        options = {"durable": durable, "patient": patient}
        with self.errors(), self._lock, self._writer.execution_options(**options).begin() as conn:
            yield conn

    @property
    def kind(self) -> Kind:
        """What is particular to this database."""
        return self._kind

    @property
    def engine(self) -> sa.Engine:
        """Its connections, for what is no transaction."""
        return self._engine

    def tune(self) -> None:
        """Settings that the database itself keeps. Raise Trouble, Busy."""
        with self.errors():
            self._kind.tune(self._engine)

    def close(self) -> None:
        """Close all connections; the last one of a SQLite file folds its log back into it."""
        self._engine.dispose()

    @contextmanager
    def errors(self) -> Iterator[None]:
        """The driver's errors as ours."""
        try:
            yield
        except WirewatchError:
            raise
        except sa.exc.SQLAlchemyError as error:
            found = getattr(error, "orig", None) or error
            raise self._kind.ours(found, self.name) or Trouble(
                f"the archive at {self.name} refused: {found}"
            ) from error
        except Exception as error:
            found_here = self._kind.ours(error, self.name)
            if found_here is not None:
                raise found_here from error
            raise
