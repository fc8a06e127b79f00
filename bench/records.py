"""`./run bench records`: the records on PostgreSQL beside SQLite, and beside bare psycopg that writes the same rows.

Pages of 60 KB (compressible like HTML), articles of 4.3 KB and fingerprints of as much, in batches. Each round lists,
takes, spools and files all of them in a new archive; the rounds of the three take turns, and the median is printed,
with the CPU of this process (the server's is its own). PostgreSQL is a real one, told to write through (fsync on), on
the same disk as the SQLite file. `bare` is executemany, transaction by transaction, of the rows that Wirewatch wrote:
nothing is looked up, made from values or compressed. `tried` is a small write that need not be durable.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg

from pipeline.types import Fetched, Filed, Fingerprint
from records import open_records
from tests.contract.records_kit import LEASE, NOW, SOURCES, article, entry, fetched, filed, poll
from tests.services.fixtures import database
from tests.services.postgres import SETTINGS, postgres

WRITE_THROUGH = {**SETTINGS, "fsync": "on", "full_page_writes": "on", "shared_buffers": "128MB"}
STEPS = ("list", "take", "spool", "commit", "tried")
Rows = list[tuple[Any, ...]]


@dataclass
class Spent:
    """Seconds of each step of each round: by the clock and of CPU, for so many things."""

    wall: dict[str, list[float]] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """What happens inside is one round of that step."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.wall.setdefault(name, []).append(time.perf_counter() - wall)
        self.cpu.setdefault(name, []).append(time.process_time() - cpu)


def main() -> None:
    """Parse options, take turns, print a table."""
    parser = argparse.ArgumentParser(prog="bench records", description=__doc__)
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--batch", type=int, default=25)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    pages, batch = made(options.articles), filings(options.articles)
    spent = {name: Spent() for name in ("sqlite", "postgresql", "bare psycopg")}
    with postgres(WRITE_THROUGH) as server:
        for number in range(options.rounds + 1):
            into = spent if number else {name: Spent() for name in spent}  # the first one warms up
            with tempfile.TemporaryDirectory(prefix="wirewatch-bench-") as folder:
                ours(Path(folder) / "archive.db", pages, batch, options.batch, into["sqlite"])
            with database(server=server.url) as url, database(server=server.url) as other:
                spooled = ours(url, pages, batch, options.batch, into["postgresql"])
                bare(url, other, spooled, options.batch, into["bare psycopg"])
    told(spent, options.articles, options.batch)


def made(count: int) -> list[Fetched]:
    """Pages of 60 KB that compress to about a fifth."""
    chance = random.Random(1)
    words = [chance.randbytes(chance.randint(2, 5)).hex() for _ in range(4000)]
    one = [entry("alba", f"n{k}") for k in range(count)]
    return [
        fetched(told, body=" ".join(chance.choices(words[:400], k=5000)).encode()[:60_000], content_hash=told.id)
        for told in one
    ]


def filings(count: int) -> list[Filed]:
    """Their articles, each a story of its own."""
    chance = random.Random(2)
    words = [chance.randbytes(3).hex() for _ in range(4000)]
    batch = []
    for k in range(count):
        one = filed(article(entry("alba", f"n{k}"), " ".join(chance.choices(words, k=610))))
        batch.append(
            replace(one, read=replace(one.read, fingerprint=Fingerprint(f"e{k}", f"t{k}", chance.randbytes(4300))))
        )
    return batch


def ours(place: str | Path, pages: Sequence[Fetched], batch: Sequence[Filed], size: int, spent: Spent) -> Rows:
    """All steps by `Records`; the rows of the spool when it is full, if the place is a server."""
    with closing(open_records(place)) as records:
        records.sync_sources(SOURCES)
        entries = [entry("alba", f"n{k}") for k in range(len(pages))]
        with spent.step("list"):
            for start in range(0, len(pages), size):
                records.record_polls([poll("alba", *entries[start : start + size])], NOW)
        with spent.step("take"):
            taken = sum(len(records.take_pages(NOW, size, LEASE)) for _ in range(0, len(pages), size))
        assert taken == len(pages)
        ids: list[int] = []
        with spent.step("spool"):
            for start in range(0, len(pages), size):
                ids += [row.id for row in records.spool(pages[start : start + size])]
        with spent.step("tried"):
            for spool_id in ids[:200]:
                records.tried(spool_id)
        kept = select(str(place), "spool") if isinstance(place, str) else []
        with spent.step("commit"):
            for start in range(0, len(pages), size):
                records.commit(batch[start : start + size], ids[start : start + size], NOW)
        assert records.totals().articles == len(pages)
        return kept


def select(url: str, table: str) -> Rows:
    """All rows of a table as psycopg gives them; JSON as text, to be written as it is."""
    with psycopg.connect(url) as conn:
        names = "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = %s::regclass"
        columns = conn.execute(names + " AND attnum > 0 ORDER BY attnum", [table]).fetchall()
        listed = ", ".join(f'"{name}"::text' if kind == "json" else f'"{name}"' for name, kind in columns)
        return conn.execute(f"SELECT {listed} FROM {table} ORDER BY 1").fetchall()  # type: ignore[call-overload, no-any-return]


def bare(source: str, target: str, spooled: Rows, size: int, spent: Spent) -> None:
    """The same rows by executemany, one transaction a batch, each on the disk when it ends."""
    tables = {name: select(source, name) for name in ("entries", "stories", "articles", "versions", "fingerprints")}
    logged = select(source, "changes")
    with psycopg.connect(target) as conn:
        steps: list[tuple[str, Callable[[int], None]]] = [
            ("list", lambda start: insert(conn, "entries", tables["entries"][start : start + size])),
            ("spool", lambda start: insert(conn, "spool", spooled[start : start + size])),
            ("commit", lambda start: commit(conn, tables, logged, spooled, start, size)),
        ]
        for name, work in steps:
            with spent.step(name):
                for start in range(0, len(spooled), size):
                    work(start)
                    conn.commit()


def insert(conn: psycopg.Connection, table: str, rows: Rows) -> None:
    """One executemany."""
    if rows:
        values = ", ".join(["%s"] * len(rows[0]))
        with conn.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {table} VALUES ({values})", rows)  # type: ignore[arg-type]


def commit(
    conn: psycopg.Connection, tables: dict[str, Rows], logged: Rows, spooled: Rows, start: int, size: int
) -> None:
    """What a commit of the desk writes, without reading first."""
    for name in ("stories", "articles", "versions", "fingerprints"):
        insert(conn, name, tables[name][start : start + size])
    insert(conn, "changes", logged[start : start + size])
    with conn.cursor() as cursor:
        done = [(row[0],) for row in tables["entries"][start : start + size]]
        cursor.executemany("UPDATE entries SET state = 'done', article_id = id WHERE id = %s", done)
        cursor.executemany("DELETE FROM spool WHERE id = %s", [(row[0],) for row in spooled[start : start + size]])


def told(spent: dict[str, Spent], count: int, size: int) -> None:
    """Medians."""
    print(f"{count} articles in batches of {size}; median of the rounds: things a second (CPU ms a thing)")
    print(f"  {'':<14}" + "".join(f"{name:>22}" for name in STEPS))
    for name, one in spent.items():
        cells = []
        for step in STEPS:
            things = 200 if step == "tried" else count
            if step not in one.wall:
                cells.append("-")
                continue
            rate = things / statistics.median(one.wall[step])
            cells.append(f"{rate:,.0f}/s ({1000 * statistics.median(one.cpu[step]) / things:.2f})")
        print(f"  {name:<14}" + "".join(f"{cell:>22}" for cell in cells))


if __name__ == "__main__":
    main()
