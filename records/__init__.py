"""The records: sources, entries, pages waiting, articles, stories and the change log, in one database."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from records.base import Records
    from records.watching import Matcher

BUSY_TIMEOUT = timedelta(seconds=10)  # longer than any transaction of ours by far


def open_records(
    url_or_path: str | Path,
    *,
    read_only: bool = False,
    busy_timeout: timedelta = BUSY_TIMEOUT,
    matcher: Matcher | None = None,
) -> Records:
    """Open the archive at a path (SQLite) or a database URL; make or migrate it unless `read_only`.

    `busy_timeout` is how long a write waits for another process. Without a `matcher` what is written alerts nobody:
    right for reading, and where nobody subscribes.
    Raise Trouble (no archive there, no permission, of a newer or older release), Busy, DiskFull or Corrupt.
    """
    from records.opening import open_store  # here, for SQLAlchemy costs a fifth of a second that `--help` need not pay

    return open_store(url_or_path, read_only=read_only, busy_timeout=busy_timeout, matcher=matcher)
