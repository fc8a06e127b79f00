"""A collector killed without warning, and other processes beside it."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

from records import open_records
from tests.contract.records_kit import NOW, SOURCES, entry, poll, put

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def test_a_killed_writer_loses_nothing_and_tears_nothing(tmp_path: Path) -> None:
    seed = random.randrange(1_000_000)
    done = run("-m", "tests.integration.records_writer", str(tmp_path), str(seed))
    assert done.returncode == 0, done.stderr
    rounds = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rounds) >= 10
    for found in rounds:
        assert (found["problems"], found["torn"], found["lost"]) == ([], [], []), f"seed {seed}"
    assert sum(found["commits"] for found in rounds) >= len(rounds), "it did write"


def test_another_process_reads_while_this_one_writes(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    records = open_records(path)
    records.sync_sources(SOURCES)
    put(records, entry("alba", "one"))
    reader = (
        "import sys; from records import open_records; records = open_records(sys.argv[1], read_only=True); "
        "print(records.totals().articles, len(records.articles('', 9)))"
    )
    database = records._database  # type: ignore[attr-defined]
    with database.write() as conn:  # a transaction under way
        conn.exec_driver_sql("UPDATE articles SET title = 'not committed'")
        done = run("-c", reader, str(path))
    assert (done.stdout, done.stderr) == ("1 1\n", "")
    records.close()


def test_two_processes_write(tmp_path: Path) -> None:
    """As when `quarantine replay` or `sources add` is typed while the collector runs."""
    path = tmp_path / "archive.db"
    open_records(path).close()
    writer = (
        "import sys\n"
        "from records import open_records\n"
        "from tests.contract.records_kit import *\n"
        "records = open_records(sys.argv[1])\n"
        "records.sync_sources(SOURCES)\n"
        "for k in range(40): records.record_polls([poll('alba', entry('alba', f'{sys.argv[2]}-{k}'))], NOW)\n"
    )
    others = [
        subprocess.Popen([sys.executable, "-c", writer, str(path), name], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for name in ("x", "y")
    ]
    assert [other.communicate(timeout=60)[1] for other in others] == ["", ""]
    records = open_records(path)
    assert records.totals().entries == 80
    assert records.record_polls([poll("alba", entry("alba", "x-0"))], NOW)[0].new == 0
    records.close()


def test_what_must_outlive_a_power_cut_is_written_through(tmp_path: Path) -> None:
    records = open_records(tmp_path / "archive.db")
    database = records._database  # type: ignore[attr-defined]
    pragma, normal, full = "PRAGMA synchronous", 1, 2
    seen: list[tuple[bool, int]] = []
    for durable in (True, False, True):
        with database.write(durable=durable) as conn:
            seen.append((durable, conn.exec_driver_sql(pragma).scalar()))
    assert seen == [(True, full), (False, normal), (True, full)]
    with database.read() as conn:
        assert conn.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert conn.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    records.close()
