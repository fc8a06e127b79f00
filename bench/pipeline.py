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
from dataclasses import replace

from bench.house import House, house, quick, told
from bench.tree import Usage, measured, on_cores, replaying
from pipeline.types import Source, Storage
from tests.shared import ROOT, shared_root
from workers.progress import Progress

FIRST, BOTH = (0,), (0, 1)
MIRRORS = 4  # so that what a run takes to begin and to end weighs little beside 218 pages


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
    with replaying(*world, core=1) as (port, server):
        sources = served(port)
        one, pages, progress = ours(port, server, sources, FIRST, 1)
        bare = json.loads(
            subprocess.run(
                [sys.executable, "-m", "bench.bare", str(port)], cwd=ROOT, check=True, capture_output=True, text=True
            ).stdout
        )
    with replaying(*world) as (port, server):
        two, _, _ = ours(port, server, sources, BOTH, 2)
    ratio = (one.cpu / pages) / (bare["seconds"] / bare["pages"])
    told(
        [
            ("articles filed", f"{pages}"),
            ("one core", f"{one.wall:.1f} s, {pages / one.wall:.1f} stories/s, {1000 * one.wall / pages:.1f} ms each"),
            (
                "two cores",
                f"{two.wall:.1f} s, {pages / two.wall:.1f} stories/s, {one.wall / two.wall:.2f} times faster",
            ),
            ("bare trafilatura", f"{bare['seconds']:.1f} s over {bare['pages']} pages, {bare['each']:.1f} ms each"),
            ("  with its metadata", f"{bare['with_metadata']:.1f} ms each"),
            ("ours / bare, one core", f"{ratio:.2f} CPU for CPU (goal 1.3)"),
            ("CPU in all, one core", f"{one.cpu:.1f} s, {1000 * one.cpu / pages:.1f} ms each"),
            ("memory, largest", f"{one.peak / 1e6:.0f} MB one core, {two.peak / 1e6:.0f} MB two (goal 400)"),
            ("memory by quarter", ", ".join(f"{mb:.0f}" for mb in quarters(two))),
        ]
    )
    print("  CPU ms a story by stage:")
    told(
        [
            (f"  {stage}", f"{1000 * seconds / pages:.2f}")
            for stage, seconds in sorted(progress.spent.items(), key=lambda row: -row[1])
        ]
    )


def ours(
    port: int, server: int, sources: dict[str, Source], cores: tuple[int, ...], workers: int
) -> tuple[Usage, int, Progress]:
    """One whole round on these cores; returns what it took and how many articles it filed."""
    with on_cores(cores), house(port, sources, workers) as place, measured([server]) as usage:
        progress = place.run()
        pages = place.archive.records.totals().articles
    check(place, progress, pages)
    return usage, pages, progress


def check(place: House, progress: Progress, pages: int) -> None:
    """A bench of a pipeline that lost something would be worth nothing."""
    if progress.counts["entries"] > pages + sum(progress.errors.values()):
        print(f"  NOTE: {progress.counts['entries']} entries, {pages} articles, errors {dict(progress.errors)}")


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
