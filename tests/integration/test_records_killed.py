"""A collector killed without warning, and several processes over one archive, on every back end."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, nullcontext
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.errors import Busy
from records import open_records
from tests.contract.records_kit import BACKENDS, LEASE, NOW, SOURCES, article, entry, filed, poll, put, source
from tests.services.fixtures import database

ROOT = Path(__file__).parents[2]
HEAD = """
import sys
import time
from records import open_records
from tests.contract.records_kit import *
records = open_records(sys.argv[1])
"""


@pytest.fixture(params=BACKENDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where an archive may be."""
    with BACKENDS[request.param](tmp_path) as found:
        yield str(found)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def begun(program: str, *arguments: str) -> subprocess.Popen[str]:
    """Another process over the archive named first."""
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", HEAD + program, *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def ended(*processes: subprocess.Popen[str]) -> list[str]:
    """What they printed; that they failed is an error."""
    told = [process.communicate(timeout=60) for process in processes]
    assert [errors for _, errors in told] == [""] * len(processes)
    return [output for output, _ in told]


def test_a_killed_writer_loses_nothing_and_tears_nothing(place: str) -> None:
    seed = random.randrange(1_000_000)
    done = run("-m", "tests.integration.records_writer", place, str(seed))
    assert done.returncode == 0, done.stderr
    rounds = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rounds) >= 10
    for found in rounds:
        assert (found["problems"], found["torn"], found["lost"]) == ([], [], []), f"seed {seed}"
    assert sum(found["commits"] for found in rounds) >= len(rounds), "it did write"


def test_a_writer_killed_within_a_transaction_leaves_nothing_of_it(place: str) -> None:
    """The worst moment: all is written, and not committed. The next writer need not wait for anything."""
    open_records(place).close()
    writer = """
records.sync_sources(SOURCES)
put(records, entry("alba", "before"))
with records._database.write(durable=True) as conn:
    conn.exec_driver_sql("UPDATE articles SET title = 'half'")
    conn.exec_driver_sql("DELETE FROM changes")
    print("now", flush=True)
    sys.stdin.read()
"""
    other = begun(writer, place)
    assert other.stdout is not None
    assert other.stdout.readline() == "now\n"
    other.send_signal(signal.SIGKILL)
    other.communicate()
    with closing(open_records(place, busy_timeout=timedelta(seconds=5))) as records:
        put(records, entry("bern", "after"))
        assert [change.seq for change in records.changes(0, 9)] == [1, 2]
        assert "half" not in {view.article.title for view in records.articles("", 9)}
        assert records.check() == []


def test_another_process_reads_while_this_one_writes(place: str) -> None:
    with closing(open_records(place)) as records:
        records.sync_sources(SOURCES)
        put(records, entry("alba", "one"))
        reader = (
            "import sys; from records import open_records; records = open_records(sys.argv[1], read_only=True); "
            "print(records.totals().articles, len(records.articles('', 9)))"
        )
        database = records._database  # type: ignore[attr-defined]
        with database.write() as conn:  # a transaction under way
            conn.exec_driver_sql("UPDATE articles SET title = 'not committed'")
            done = run("-c", reader, place)
        assert (done.stdout, done.stderr) == ("1 1\n", "")


def test_two_processes_write(place: str) -> None:
    """As when `quarantine replay` or `sources add` is typed while the collector runs."""
    open_records(place).close()
    writer = """
records.sync_sources(SOURCES)
for k in range(40):
    records.record_polls([poll("alba", entry("alba", f"{sys.argv[2]}-{k}"))], NOW)
"""
    ended(begun(writer, place, "x"), begun(writer, place, "y"))
    with closing(open_records(place)) as records:
        assert records.totals().entries == 80
        assert records.record_polls([poll("alba", entry("alba", "x-0"))], NOW)[0].new == 0
        assert records.check() == []


def test_no_address_is_handed_out_twice(place: str) -> None:
    """Three schedulers at once, which there should not be: each address and page still goes to one of them."""
    with closing(open_records(place)) as records:
        sources = [source(f"s{k:03}") for k in range(150)]
        records.sync_sources(sources)
        records.record_polls(
            [poll(one.id, *(entry(one.id, f"{one.id}-{k}") for k in range(4))) for one in sources], NOW
        )
        records.release_leases()
    taker = """
taken = []
print("ready", flush=True)
sys.stdin.readline()
while True:
    some = [state.url for state in records.take_feeds(NOW + 60 * MINUTE, 7, LEASE)]
    some += [task.url for task in records.take_pages(NOW, 11, LEASE)]
    if not some:
        break
    taken += some
    time.sleep(0.01)  # the others get their turn
print("\\n".join(taken))
"""
    others = [begun(taker, place) for _ in range(3)]
    for other in others:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
    for other in others:
        assert other.stdin is not None
        other.stdin.write("go\n")
        other.stdin.flush()
    taken = [told.split() for told in ended(*others)]
    every = [address for some in taken for address in some]
    assert len(every) == len(set(every)) == 150 + 600
    assert sum(map(bool, taken)) > 1, "more than one was at work"


def test_a_follower_misses_no_change_of_several_writers(place: str) -> None:
    """The index asks for what came after the last number it saw, so none may become visible after a higher one."""
    with closing(open_records(place)) as records:
        records.sync_sources(SOURCES)
        writer = """
for k in range(40):
    batch = [filed(article(entry("alba", f"{sys.argv[2]}-{k}-{n}"))) for n in range(3)]
    records.commit(batch, [], NOW)
"""
        others = [begun(writer, place, name) for name in ("x", "y")]
        followed: list[str] = []
        position, until = 0, time.monotonic() + 60
        while len(followed) < 240 and time.monotonic() < until:
            for change in records.changes(position, 50):
                followed.append(change.article_id)
                position = change.seq
        ended(*others)
        assert followed == [change.article_id for change in records.changes(0, 1000)]
        assert len(set(followed)) == 240


@pytest.mark.parametrize("backend", BACKENDS)
def test_six_services_open_a_new_archive_at_once(backend: str, tmp_path: Path) -> None:
    with database(migrated=False) if backend == "postgresql" else nullcontext(tmp_path / "new.db") as place:
        opener = "print(records.totals().articles, records.check())"
        assert ended(*(begun(opener, str(place)) for _ in range(6))) == ["0 []\n"] * 6


def test_the_role_of_a_killed_process_is_free(place: str) -> None:
    with closing(open_records(place)) as records:
        holder = begun('with records.hold("desk"):\n    print("held", flush=True)\n    sys.stdin.read()', place)
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Busy, match="another process is the desk"), records.hold("desk", timeout=timedelta(0)):
            pytest.fail("two desks")
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
        with records.hold("desk", timeout=timedelta(seconds=5)) as still:
            still()
            records.commit([filed(article(entry("alba", "one")))], [], NOW)
            assert records.take_pages(NOW, 9, LEASE) == []


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
