"""The demo: the replay server in a process of its own, and the settings that send the crawler to it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.errors import Trouble
from pipeline.types import Source
from wirewatch import bootstrap
from wirewatch.config import Settings

POLL = timedelta(seconds=2), timedelta(seconds=6)  # a newcomer should not wait for an outlet's usual minutes


@contextmanager
def serving(speed: float) -> Iterator[int]:
    """Run the invented outlets on a free loopback port; yields the port. They end with us, however we end."""
    command = [sys.executable, "-m", "replay", "--demo", "--speed", str(speed), "--until-eof"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdin is not None and process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            raise Trouble("the demo's outlets did not start; `python -m replay --demo` says why")
        yield int(json.loads(line)["port"])
    finally:
        process.stdin.close()
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()


def demo_sources() -> dict[str, Source]:
    """The invented outlets as sources, polled every few seconds."""
    from replay.demo import demo_world

    tables = demo_world(lambda: datetime.now(UTC), 1.0).sources()
    return {str(table["id"]): _source(table) for table in tables}


def _source(table: dict[str, object]) -> Source:
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    return Source(**values, poll_min=POLL[0], poll_max=POLL[1], confirmed_how="invented")  # type: ignore[arg-type]


def demo_settings(home: Settings, folder: Path, port: int) -> Settings:
    """The user's settings with the demo's archive, outlets and haste."""
    given = {
        "data": folder,
        "database_url": "",
        "elasticsearch_url": "",
        "connect_to": f"127.0.0.1:{port}",
        "delay": 0.05,
        "headline_after": 15.0,
        "only": (),
    }
    return home.model_copy(update=given)


def empty(folder: Path) -> None:
    """Remove the archive of the last demo, and nothing else."""
    for name in (bootstrap.RECORDS, f"{bootstrap.RECORDS}-wal", f"{bootstrap.RECORDS}-shm"):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / bootstrap.INDEX, ignore_errors=True)
