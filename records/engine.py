"""One database: its connections, its transactions, and foreign errors made ours."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from pipeline.errors import Busy, Corrupt, DiskFull, Trouble, WirewatchError
from records import dialect


class Database:
    """Readers come from a pool; writers take turns behind a lock. Both from any thread.

    `name` is what messages call it: the path, or the address without its password.
    """

    def __init__(self, url: sa.URL, name: str, busy_timeout: timedelta, *, read_only: bool = False) -> None:
        self.name, self._read_only = name, read_only
        dumps = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))
        self._engine = sa.create_engine(url, json_serializer=dumps, pool_use_lifo=True, pool_size=5, max_overflow=20)
        if self._engine.dialect.name == "sqlite":
            dialect.listen(self._engine, busy_timeout)
        self._writer = self._engine.execution_options(writes=True)
        self._durable = self._engine.execution_options(writes=True, durable=True)
        self._lock = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """One transaction that sees one moment of the database and cannot write. Raise Trouble, Busy."""
        with self._errors(), self._engine.begin() as conn:
            yield conn

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[sa.Connection]:
        """One transaction, whole or not at all; `durable` = on the disk when it returns. Raise Trouble, Busy."""
        if self._read_only:
            raise Trouble(f"the archive at {self.name} was opened for reading only")
        with self._errors(), self._lock, (self._durable if durable else self._writer).begin() as conn:
            yield conn

    def tune(self) -> None:
        """Settings that the file itself keeps. Raise Trouble, Busy."""
        if self._engine.dialect.name == "sqlite":
            with self._errors():
                dialect.use_log(self._engine)

    def close(self) -> None:
        """Close all connections; the last one of a SQLite file folds its log back into it."""
        self._engine.dispose()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except WirewatchError:
            raise
        except sa.exc.SQLAlchemyError as error:
            raise self._ours(getattr(error, "orig", None) or error) from error
        except Exception as error:
            if dialect.meaning(error):
                raise self._ours(error) from error
            raise

    def _ours(self, error: BaseException) -> WirewatchError:
        name, words = self.name, str(error)
        match dialect.meaning(error):
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
        return Trouble(f"the archive at {name} refused: {words}")
