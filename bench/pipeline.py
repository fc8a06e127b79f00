"""`./run bench pipeline`: from fetched page to searchable story, against bare trafilatura over the same pages.

Over the real pages of ../shared/data and over made ones. The replay server keeps to the second core while the
pipeline is measured on the first, and shares both with it when the pipeline has two. Time is that of the whole run:
polling the outlets' feeds, fetching, reading, folding, filing, indexing. Bare trafilatura reads the same bytes in one
process on one core, as `extract(html)`; with its own metadata (which the pipeline reads too) it is printed beside.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bench.house import quick, told
from bench.tree import Usage, replaying
from pipeline.types import Source, Storage
from tests.shared import ROOT, shared_root

MIRRORS = 4  # so that what a run takes to begin and to end weighs little beside 218 pages


@dataclass(frozen=True, slots=True)
class Round:
    """What a round took, how many articles it filed, and CPU seconds by stage."""

    usage: Usage
    articles: int
    spent: dict[str, float]


def main() -> None:
    """Parse options, run, print."""
    parser = argparse.ArgumentParser(prog="bench pipeline", description=__doc__)
    parser.add_argument("--made", type=int, default=20_000, help="made pages (0 to leave them out)")
    parser.add_argument("--no-real", action="store_true")
    options = parser.parse_args()
    shared = shared_root()
    if shared is None and not options.no_real:
        sys.exit("the real pages are absent: ../shared/data")
    if not options.no_real:
        world = ["--folder", str(shared / "data"), "--mirrors", str(MIRRORS)] if shared else []
        compare(f"real pages, each under {MIRRORS + 1} hosts", world)
    if options.made:
        compare(f"{options.made:,} made pages", ["--made", str(options.made), "--hosts", "40"])


def compare(title: str, world: list[str]) -> None:
    """One and two cores of ours, one of bare trafilatura, over what `world` serves."""
    print(f"\n{title}", flush=True)
    with replaying(*world, core=1) as port:
        one = ours(port, "0", 1)
        bare = json.loads(
            subprocess.run(
                [sys.executable, "-m", "bench.bare", str(port)], cwd=ROOT, check=True, capture_output=True, text=True
            ).stdout
        )
    with replaying(*world) as port:
        two = ours(port, "0,1", 2)
    report(one, two, bare)


def report(one: Round, two: Round, bare: dict[str, float]) -> None:
    """Print the rounds beside bare trafilatura."""
    pages, each = one.articles, 1000 * bare["seconds"] / bare["pages"]
    wall, cpu = 1000 * one.usage.wall / pages, 1000 * one.usage.cpu / pages
    told(
        [
            ("articles filed", f"{pages}"),
            ("one core", f"{one.usage.wall:.1f} s, {1000 / wall:.1f} stories/s, {wall:.1f} ms each, {cpu:.1f} of CPU"),
            ("two cores", f"{two.usage.wall:.1f} s, {pages / two.usage.wall:.1f} stories/s"),
            ("  times faster", f"{one.usage.wall / two.usage.wall:.2f} (goal 1.7)"),
            ("bare trafilatura", f"{bare['seconds']:.1f} s over {bare['pages']} pages, {each:.1f} ms each"),
            ("  with its metadata", f"{bare['with_metadata']:.1f} ms each"),
            ("ours / bare, one core", f"{wall / each:.2f}, CPU for CPU {cpu / each:.2f} (goal 1.3)"),
            (
                "memory, largest",
                f"{one.usage.peak / 1e6:.0f} MB one core, {two.usage.peak / 1e6:.0f} MB two (goal 400)",
            ),
            (
                "memory by quarter",
                "; ".join(", ".join(f"{mb:.0f}" for mb in quarters(part.usage)) for part in (one, two)),
            ),
        ]
    )
    print("  CPU ms a story by stage:")
    spent = sorted(one.spent.items(), key=lambda row: -row[1])
    told([(f"  {stage}", f"{1000 * seconds / pages:.2f}") for stage, seconds in spent])


def ours(port: int, cores: str, workers: int) -> Round:
    """One whole round on these cores; what it took and how many articles it filed."""
    command = ["taskset", "--cpu-list", cores, sys.executable, "-m", "bench.round", str(port), str(workers)]
    done = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    if done["entries"] > done["articles"] + sum(
        done["errors"].values()
    ):  # a bench of what lost something is worth nothing
        print(f"  NOTE: {done['entries']} entries, {done['articles']} articles, errors {done['errors']}")
    return Round(Usage(**done["usage"]), done["articles"], done["spent"])


def served(port: int) -> dict[str, Source]:
    """The served outlets as sources, everything kept."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/__replay__/sources", timeout=60) as answer:
        tables = json.load(answer)
    return {table["id"]: quick(_source(table)) for table in tables}


def _source(table: dict[str, object]) -> Source:
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    return replace(Source(**values), storage=Storage.FULL)  # type: ignore[arg-type]


def quarters(usage: Usage) -> Iterator[float]:
    """The largest memory (MB) of each quarter of the run: flat, or growing?"""
    samples = [size for _, size in usage.samples]
    for n in range(4):
        part = samples[len(samples) * n // 4 : max(1, len(samples) * (n + 1) // 4)]
        yield max(part, default=0) / 1e6
