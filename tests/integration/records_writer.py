"""Writers of one archive are killed at random points; run as `python -m tests.integration.records_writer ARCHIVE SEED`.

Each round forks a writer, kills it without warning, opens the archive and prints one line of what it found: problems
of `check()`, batches that are neither whole nor absent, and whether anything told to be committed is gone.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections import Counter

from records import open_records
from tests.contract.records_kit import LEASE, NOW, SOURCES, article, entry, fetched, filed, poll

ROUNDS = 12
BATCH = 7


def write(place: str, told: int, round_: int) -> None:
    """Batches for ever; the number of each is told as soon as its commit has returned."""
    records = open_records(place)
    records.sync_sources(SOURCES)
    for number in range(10_000):
        name = f"{round_}-{number}"
        batch = [entry("alba", f"{name}-{k}", title=name, language=name) for k in range(BATCH)]
        records.record_polls([poll("alba", *batch)], NOW)
        records.take_pages(NOW, BATCH, LEASE)
        rows = records.spool([fetched(one) for one in batch])
        os.write(told, f"spool {name}\n".encode())
        records.commit([filed(article(one)) for one in batch], [row.id for row in rows], NOW)
        os.write(told, f"commit {name}\n".encode())


def killed_round(place: str, round_: int, heed: int, delay: float) -> dict[str, object]:
    """Fork, kill `delay` seconds after the writer has told of its `heed`th step, look."""
    heard, told = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(heard)
        try:
            write(place, told, round_)
        finally:
            os._exit(1)
    os.close(told)
    first = b""
    while first.count(b"\n") < heed:
        heard_now = os.read(heard, 100)
        if not heard_now:
            raise SystemExit("the writer died by itself")
        first += heard_now
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(heard, "rb") as rest:
        lines = (first + rest.read()).decode().splitlines()
    records = open_records(place)
    problems = records.check()
    views = records.articles("", 1_000_000)
    filed_by = Counter(view.article.title for view in views)
    spooled_by = Counter(row.entry.title for row in records.spooled(1_000_000) if row.entry)
    records.close()
    promised = Counter(line.split()[0] for line in lines)
    lost = [
        line for line in lines
        if filed_by[line.split()[1]] + (line.startswith("spool") and spooled_by[line.split()[1]]) < BATCH
    ]  # fmt: skip
    torn = [name for name, count in (filed_by + Counter()).items() if count != BATCH]
    torn += [name for name, count in spooled_by.items() if count != BATCH]
    return {"problems": problems, "torn": torn, "lost": lost, "commits": promised["commit"]}


def main() -> None:
    """All rounds over one archive."""
    place, chance = sys.argv[1], random.Random(int(sys.argv[2]))
    for round_ in range(ROUNDS):
        print(json.dumps(killed_round(place, round_, chance.randint(1, 12), chance.uniform(0.0, 0.015))), flush=True)


if __name__ == "__main__":
    main()
