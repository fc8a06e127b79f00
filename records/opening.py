"""Opens the archive: from a path or a database URL to a store whose tables fit this release."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from pipeline.errors import BadInput, Trouble
from records.engine import Database
from records.migrate import prepare
from records.store import Store


def open_store(url_or_path: str | Path, *, read_only: bool, busy_timeout: timedelta) -> Store:
    """See `records.open_records`."""
    url = _url(url_or_path)
    if url.get_backend_name() == "sqlite":
        _place(Path(url.database or ""), read_only)
    name = url.render_as_string() if url.host else str(url.database)
    database = Database(url, name, busy_timeout, read_only=read_only)
    try:
        prepare(database, read_only=read_only)
    except BaseException:
        database.close()
        raise
    return Store(database)


def _url(url_or_path: str | Path) -> sa.URL:
    if isinstance(url_or_path, str) and "://" in url_or_path:
        try:
            url = sa.make_url(url_or_path)
        except sa.exc.ArgumentError as error:
            raise BadInput(f"{url_or_path!r} is no database URL: use sqlite:///path, or a path") from error
        if url.get_backend_name() != "sqlite":
            raise BadInput(f"{url.get_backend_name()} is no database this release knows: use sqlite:///path, or a path")
        return url
    return sa.URL.create("sqlite", database=str(url_or_path))


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
