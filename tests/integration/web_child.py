"""A web application for the tests of `web.processes`: opened in each process anew, over one archive."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from fastapi import FastAPI

from pipeline.errors import BadInput
from records import open_records
from search.match import LiveMatcher
from search.tantivy_index import open_index
from web.app import make_app
from web.parts import Parts


@contextmanager
def opened(folder: Path) -> Iterator[FastAPI]:
    """The application, which also tells its process at /pid and takes its time at /slow."""
    with (
        closing(open_records(folder / "records.db", matcher=LiveMatcher())) as records,
        closing(open_index(folder / "index", read_only=True)) as index,
    ):
        parts = Parts(records, index, lambda: datetime.now(UTC), secrets.token_bytes, "http://127.0.0.1")
        app = make_app(parts)

        @app.get("/pid")
        def pid() -> int:
            return os.getpid()

        @app.get("/slow")
        def slow() -> int:
            until = time.monotonic() + 0.05
            while time.monotonic() < until:
                pass
            return os.getpid()

        yield app


@contextmanager
def refused(folder: Path) -> Iterator[FastAPI]:
    """What cannot be opened."""
    raise BadInput(f"there is nothing at {folder.name}")
    yield FastAPI()
