"""Opens the archive: from a path or a database URL to a store whose tables fit this release."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from pipeline.errors import BadInput, Trouble
from records.alerting import Alerting
from records.engine import Database
from records.migrate import prepare
from records.store import Store
from records.watching import Matcher

RIGHT = "use postgresql://user:password@host/database, sqlite:///path, or a path"


def open_store(
    url_or_path: str | Path,
    *,
    read_only: bool,
    busy_timeout: timedelta,
    matcher: Matcher | None = None,
    clock: Callable[[], datetime] | None = None,
) -> Store:
    """See `records.open_records`."""
    url = _url(url_or_path)
    if url.get_backend_name() == "sqlite":
        _place(Path(url.database or ""), read_only)
        name = str(url.database)
    else:
        name = sa.URL.create("postgresql", host=url.host, port=url.port, database=url.database).render_as_string()
    database = Database(url, name, busy_timeout, read_only=read_only)
    try:
        prepare(database, read_only=read_only)
    except BaseException:
        database.close()
        raise
    return Store(database, Alerting(matcher, clock or _now) if matcher is not None else None)


def _now() -> datetime:
    return datetime.now(UTC)


def _url(url_or_path: str | Path) -> sa.URL:
    if not (isinstance(url_or_path, str) and "://" in url_or_path):
        return sa.URL.create("sqlite", database=str(url_or_path))
    shown = re.sub(r"//[^/]*@", "//", url_or_path)  # without the password
    try:
        url = sa.make_url(url_or_path)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise BadInput(f"{shown!r} is no database URL: {RIGHT}") from error
    kind = url.get_backend_name()
    if kind not in ("sqlite", "postgresql", "postgres"):
        raise BadInput(f"{kind} is no database this release knows: {RIGHT}")
    if kind != "sqlite" and not url.database:
        raise BadInput(f"{shown!r} names no database: {RIGHT}")
    return url if kind == "sqlite" else url.set(drivername="postgresql+psycopg")


def _place(path: Path, read_only: bool) -> None:
    """See that a file can be there, and say what is wrong in words better than SQLite's."""
    if read_only:
        if not path.is_file():
            raise Trouble(f"there is no archive at {path}: collect first with `wirewatch run`")
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Trouble(f"the folder {path.parent} for the archive cannot be made: {error.strerror}") from error
    if path.is_dir():
        raise Trouble(f"{path} is a folder: name a file for the archive")
