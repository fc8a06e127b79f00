"""`./run bench polling`: 2,000 feeds of 20 items, records written: all new, unchanged, one in ten changed.

Prints feeds/s and CPU ms a feed, ours beside lemon24/reader (SQLite) and bare Scrapy with feedparser that stores
nothing, all against the same kind of replay server in the same run. The server keeps to the second core; CPU is that
of the pollers alone, all their processes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable

from bench.house import house
from bench.pipeline import served
from bench.tree import Usage, measured, replaying
from tests.shared import ROOT

ROUNDS = (("all new", None), ("unchanged", 0.0), ("one in ten changed", 0.1))
GOALS = {"all new": 8.0, "unchanged": 4.5, "one in ten changed": 5.0}
REST = 1.5  # seconds between rounds, so that every feed is due again


def main() -> None:
    """Parse options, run each poller, print a table."""
    parser = argparse.ArgumentParser(prog="bench polling", description=__doc__)
    parser.add_argument("--feeds", type=int, default=2000)
    parser.add_argument("--no-peers", action="store_true")
    options = parser.parse_args()
    pollers: list[tuple[str, Callable[[int], list[Usage]]]] = [("wirewatch", ours)]
    if not options.no_peers:
        pollers += [("reader (SQLite)", peer("reader")), ("bare Scrapy + feedparser", peer("scrapy"))]
    print(f"{options.feeds} feeds of 20 items: feeds/s, CPU ms a feed")
    print(f"  {'':<26}" + "".join(f"{name:>22}" for name, _ in ROUNDS))
    for name, poll in pollers:
        with replaying("--feeds", str(options.feeds), core=1) as port:
            rounds = poll(port)
        cells = (f"{options.feeds / one.wall:>10.0f}/s {1000 * one.cpu / options.feeds:>6.2f} ms" for one in rounds)
        print(f"  {name:<26}" + "".join(f"{cell:>22}" for cell in cells), flush=True)
    print(f"  {'goal':<26}" + "".join(f"{GOALS[name]:>19.1f} ms" for name, _ in ROUNDS))


def advance(port: int, share: float | None) -> None:
    """Give that share of the feeds new items."""
    if share:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/__replay__/advance?share={share}", timeout=60).close()


def ours(port: int) -> list[Usage]:
    """Three rounds of our poller over one archive."""
    rounds = []
    sources = served(port)
    with house(port, sources, workers=2) as place:
        for _, share in ROUNDS:
            advance(port, share)
            time.sleep(REST)
            with measured() as usage:
                place.run(pages=False)
            rounds.append(usage)
        totals = place.archive.records.totals()
    expected = len(sources) * 20
    if totals.entries < expected:
        print(f"  NOTE: {totals.entries} entries in the records, at least {expected} expected")
    return rounds


def peer(name: str) -> Callable[[int], list[Usage]]:
    """A poller that runs in a process of its own and prints its usage as JSON lines."""

    def poll(port: int) -> list[Usage]:
        command = [sys.executable, "-W", "ignore", "-m", f"bench.peer_{name}", str(port)]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        return [Usage(wall=row["wall"], cpu=row["cpu"]) for row in rows]

    return poll
