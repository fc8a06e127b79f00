"""`tests/compose/run`: bring the whole stack up for real, check it, tear everything down, write docs/compose.md."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from tests.compose import checks, engine, images, pages
from tests.compose.shell import CACHE, ROOT, Failed, Report, needs_root, sh
from tests.compose.stack import V2, Stack, build_v2

PAGE = ROOT / "docs" / "compose.md"
V2_TITLE = f"Docker Compose {V2.rpartition('@')[2]}: `tests/compose/run --v2`"
V1_TITLE = "docker-compose 1.29.2: `tests/compose/run`"
INTRODUCTION = """# The compose stack, run for real

`tests/compose/run` brings `docker-compose.yml` up with a Docker daemon of its own and checks what `deploy/README.md`
promises. No image can be pulled where it runs, so Python, Redis, PostgreSQL and Prometheus are Debian's, and
Elasticsearch is started from its published jars, without login: a green run proves our files, not the upstream images.
Grafana is not run, only its dashboard's queries are. Outlets and stories are the demo's. What is slow to make (the
stand-ins, the jars, Compose 2) is kept for the next run, outside the tree: those steps take 0 s then. The numbers are
written by the runs themselves.
"""


def main() -> int:
    """Run all steps; what was started is ended whatever happens. 1 when a step failed, after its words."""
    parser = argparse.ArgumentParser(prog="tests/compose/run", description=__doc__)
    parser.add_argument("--v2", action="store_true", help="with Docker Compose 2 instead of Debian's 1.29.2")
    parser.add_argument("--keep", action="store_true", help="leave stack and daemon running at the end")
    given = parser.parse_args()
    needs_root()
    CACHE.mkdir(parents=True, exist_ok=True)
    report, began = Report(), time.monotonic()
    try:
        prove(report, v2=given.v2, keep=given.keep)
    except Failed as error:
        print(f"failed: {error}", file=sys.stderr)
        return 1
    finally:
        if not given.keep:
            engine.stop()
    write(report, time.monotonic() - began, given.v2)
    return 0


def prove(report: Report, *, v2: bool, keep: bool) -> None:
    """All steps in their order. Raise Failed."""
    with report.step("Debian's packages"):
        engine.install()
    with report.step("a Docker daemon of our own"):
        engine.start()
    with report.step("stand-in for Python's image"):
        images.python_base()
    for service in ("redis", "postgres", "prometheus"):
        with report.step(f"stand-in for {service}"):
            images.simple(service)
    with report.step("stand-in for Elasticsearch"):
        images.elasticsearch()
    if v2:
        with report.step("Docker Compose 2 from source"):
            build_v2()
    stack = Stack(v2)
    try:
        stack.down(volumes=True)  # what a run that was killed left
        _running(stack, report)
    finally:
        if not keep:
            stack.down(volumes=True)


def _running(stack: Stack, report: Report) -> None:
    with report.step("our images"):
        stack.compose("build", "scheduler", "flower")
    with report.step("up until all services are healthy"):
        stack.up(*checks.ALL)
    steps: list[tuple[str, Callable[[Stack, Report], None]]] = [
        ("containers are locked down", checks.hardened),
        ("the demo's outlets are collected", checks.collected),
        ("its pages", pages.read),
        ("monitoring", checks.watched),
        ("three workers", checks.scaled),
        ("a worker of another machine", checks.helped),
        ("none fell over", checks.steady),
    ]
    for name, check in steps:
        with report.step(name):
            check(stack, report)
    with report.step("down and up"):
        checks.kept(stack, report)
    for service in ("elasticsearch", "postgres", "redis", "worker", "desk", "alerts", "web"):
        with report.step(f"kill -9 of {service}"):
            checks.survived(stack, report, service)
    with report.step("backup and restore"):
        checks.restored(stack, report)


def write(report: Report, took: float, v2: bool) -> None:
    """docs/compose.md: what was measured, when, with which command; the other tool's section stays as it is."""
    commit = sh("git", "rev-parse", "--short", "HEAD").strip()
    when = f"{datetime.now(UTC):%Y-%m-%d %H:%M}"
    lines = [
        f"## {V2_TITLE if v2 else V1_TITLE}",
        "",
        f"Last run: {when} UTC, commit {commit}, {os.cpu_count()} cores; {took:.0f} s in all.",
        "",
        "| step | seconds |",
        "|---|---|",
        *(f"| {name} | {seconds:.1f} |" for name, seconds in report.steps),
        "",
        "What was seen:",
        *(f"- {fact}" for fact in report.facts),
        "",
        "Memory by container (`docker stats`) under the demo's load, with three workers of two processes each and a",
        "heap of 512 MB for Elasticsearch:",
        "",
        "| container | memory / limit |",
        "|---|---|",
        *(f"| {name} | {used} |" for name, used in report.memory.items()),
        "",
    ]
    before = PAGE.read_text(encoding="utf8") if PAGE.exists() else ""
    sections = {part.splitlines()[0]: part for part in before.split("\n## ")[1:]}
    sections[lines[0].removeprefix("## ")] = "\n".join(lines).removeprefix("## ")
    parts = [sections[title].rstrip() + "\n" for title in (V2_TITLE, V1_TITLE) if title in sections]
    PAGE.write_text("\n## ".join([INTRODUCTION, *parts]), encoding="utf8")
    print(f"written: {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
