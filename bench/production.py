"""`./run bench production`: from fetched page to searchable story over PostgreSQL, Redis, Celery and Elasticsearch.

All services share two cores with each other. The pages lie on the spool when the clock starts; it stops when the last
of them can be found. Bare trafilatura reads the same bytes in the same run, on one core, with everything else idle.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg

from bench.house import told
from bench.sampling import Watch, watching
from tests.integration.stack import Stack, made_outlets, stack, until
from tests.services.elasticsearch import ask, elasticsearch
from tests.services.fixtures import database
from tests.services.postgres import SETTINGS, postgres
from tests.services.redis import redis
from tests.shared import ROOT
from wirewatch import bootstrap
from workers.messages import ReadOrder
from workers.queues import Queues, make_app

DURABLE = SETTINGS | {"fsync": "on", "full_page_writes": "on", "shared_buffers": "256MB"}
FAR = bootstrap.now() + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class House:
    """The services of others that a run uses: addresses, and the processes to be watched."""

    database_url: str
    redis_url: str
    elasticsearch_url: str
    pids: dict[str, int]


@dataclass(frozen=True, slots=True)
class Round:
    """One run with so many worker processes."""

    workers: int
    pages: int
    seconds: float
    watch: Watch
    stages: dict[str, float]  # CPU seconds
    stored: dict[str, float]  # bytes by store, all of the archive
    rebuilt: float  # seconds that making the index anew took


def main() -> None:
    """Parse options, run, print."""
    parser = argparse.ArgumentParser(prog="bench production", description=__doc__)
    parser.add_argument("--pages", type=int, default=2000)
    options = parser.parse_args()
    with made_outlets(options.pages) as port:
        with house() as there:
            rounds = [run(there, port, options.pages, workers) for workers in (1, 2)]
        bare = json.loads(
            subprocess.run(
                [sys.executable, "-m", "bench.bare", str(port)], cwd=ROOT, check=True, capture_output=True, text=True
            ).stdout
        )
    report(rounds, 1000 * bare["seconds"] / bare["pages"])


@contextlib.contextmanager
def house() -> Iterator[House]:
    """PostgreSQL (durable), Redis and Elasticsearch of this run's own."""
    with (
        tempfile.TemporaryDirectory(prefix="wirewatch-bench-") as folder,
        postgres(DURABLE) as pg,
        redis() as broker,
        elasticsearch(Path(folder), quick=False) as index,
    ):
        node = index.nodes[0].process
        assert node is not None
        pids = {"postgres": pg.pid, "redis": broker.pid, "elasticsearch": node.pid}
        yield House(pg.url, broker.url, index.url, pids)


@contextlib.contextmanager
def running(there: House, port: int, workers: int, bound: int) -> Iterator[Stack]:
    """An empty archive in this house, no service of ours started yet."""
    with (
        tempfile.TemporaryDirectory(prefix="wirewatch-bench-") as folder,
        database(server=there.database_url) as database_url,
    ):
        prefix = f"bench-{workers}-{time.time_ns() % 10**9}"
        with stack(Path(folder), port, database_url, there.redis_url, there.elasticsearch_url, prefix) as one:
            one.more = {"WIREWATCH_QUEUE_BOUND": str(bound), "WIREWATCH_WORKERS": str(workers)}
            yield one


def run(there: House, port: int, pages: int, workers: int) -> Round:
    """Fetch everything, then time what is left to do."""
    with running(there, port, workers, 10 * pages) as one:
        queues = Queues(make_app(there.redis_url), there.redis_url)
        one.start("scheduler", "crawler")
        with contextlib.closing(bootstrap.open_the_records(one.settings)) as records:
            until(lambda: "" if (n := records.sizes().spooled) >= pages else f"{n} fetched", 600, one.told)
            one.stop()
            queues.clear()
            services = one.start("worker", "desk", "indexer")
            for service in services:
                until(lambda service=service: _not_ready(service), 120, one.told)  # type: ignore[misc]
            ids = records.stale(FAR, 10 * pages)
            pids = there.pids | {service.name: service.popen.pid for service in services}
            with watching(pids) as watch:
                begin = time.monotonic()
                queues.read([ReadOrder(id) for id in ids])
                one.wait(len(ids), 1200)
                seconds = time.monotonic() - begin
        stages, stored = _stages(one), _stored(one)
        one.stop()
        begin = time.monotonic()
        one.wirewatch("index", "rebuild")
        return Round(workers, len(ids), seconds, watch, stages, stored, time.monotonic() - begin)


def _not_ready(service: object) -> str:
    try:
        status, body = service.asked("/readyz")  # type: ignore[attr-defined]
    except OSError as error:
        return str(error)
    return "" if status == 200 else str(body)


def _stages(one: Stack) -> dict[str, float]:
    """CPU seconds by stage, as the desk and the indexer tell them."""
    found: dict[str, float] = {}
    for name in ("desk", "indexer"):
        for line in str(one.the(name).asked("/metrics")[1]).splitlines():
            if line.startswith("wirewatch_stage_seconds_total{"):
                stage, value = line.split('stage="')[1].split('"} ')
                found[stage] = found.get(stage, 0.0) + float(value)
    return found


def _stored(one: Stack) -> dict[str, float]:
    """Bytes that the archive takes in each store; without the spool, whose space is used again and again."""
    kept = (
        "SELECT sum(pg_total_relation_size(c.oid))::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
    )
    with psycopg.connect(one.database_url) as conn:
        where = "WHERE relkind = 'r' AND nspname = 'public' AND relname <> 'spool'"
        [records] = conn.execute(f"{kept} {where}").fetchone() or (0,)
    told = ask(f"{one.elasticsearch_url}/{one.prefix}*/_stats/store?expand_wildcards=all")
    return {"PostgreSQL": records, "Elasticsearch": told["_all"]["primaries"]["store"]["size_in_bytes"]}


def report(rounds: list[Round], bare: float) -> None:
    """Print each round beside bare trafilatura (ms a page)."""
    print(f"bare trafilatura: {bare:.1f} ms a page")
    for one in rounds:
        wall, cpu = 1000 * one.seconds / one.pages, 1000 * sum(one.watch.cpu.values()) / one.pages
        print(f"\n{one.pages} fetched pages, a worker of {one.workers} processes, all services on the same cores")
        told(
            [
                ("from fetched to searchable", f"{one.pages / one.seconds:.1f} stories/s, {wall:.1f} ms each"),
                ("  / bare trafilatura", f"{wall / bare:.2f} (goal 1.6)"),
                ("CPU of all services", f"{cpu:.1f} ms a story, {cpu / bare:.2f} times bare trafilatura"),
                ("stored", ", ".join(f"{name} {size / one.pages / 1e3:.1f} KB" for name, size in one.stored.items())),
                ("index made anew", f"{one.pages / one.rebuilt:.0f} articles/s"),
                *(
                    (f"  {name}", f"{1000 * seconds / one.pages:.2f} ms, {one.watch.memory[name] / 1e6:.0f} MB")
                    for name, seconds in sorted(one.watch.cpu.items(), key=lambda row: -row[1])
                ),
            ]
        )
        print("  CPU ms a story by stage:")
        told([(f"  {stage}", f"{1000 * s / one.pages:.2f}") for stage, s in sorted(one.stages.items())])
