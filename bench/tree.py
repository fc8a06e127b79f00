"""CPU seconds and memory of this process and its children, and the servers that benches talk to."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.shared import ROOT


@dataclass(slots=True)
class Usage:
    """What a stretch of work took: wall and CPU seconds, and the largest memory seen (bytes, see `_memory`)."""

    wall: float = 0.0
    cpu: float = 0.0
    peak: int = 0
    samples: list[tuple[float, int]] = field(default_factory=list)


def _family(leave_out: frozenset[int]) -> list[psutil.Process]:
    me = psutil.Process()
    return [me, *(child for child in me.children(recursive=True) if child.pid not in leave_out)]


def _memory(process: psutil.Process) -> int:
    """Anonymous memory, pages shared by forked processes counted once in all (proportional set size).

    Mapped files (libraries, the index) are not counted: the system takes their pages back when it needs them.
    """
    try:
        lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return int(process.memory_info().rss)
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss_Anon:"))


@contextlib.contextmanager
def measured(leave_out: Sequence[int] = (), every: float = 1.0) -> Iterator[Usage]:
    """Measure the block; processes in `leave_out` (the server's) do not count. A child that ends counts until then."""
    usage, left_out, ended = Usage(), frozenset(leave_out), threading.Event()
    seen: dict[int, float] = {}

    def cpu() -> None:
        for process in _family(left_out):
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                seen[process.pid] = times.user + times.system

    def watch() -> None:
        while not ended.wait(every):
            cpu()
            total = 0
            for process in _family(left_out):
                with contextlib.suppress(psutil.Error):
                    total += _memory(process)
            usage.samples.append((time.monotonic() - begin, total))
            usage.peak = max(usage.peak, total)

    cpu()
    before = sum(seen.values())
    begin = time.monotonic()
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield usage
    finally:
        usage.wall = time.monotonic() - begin
        ended.set()
        watcher.join()
        cpu()
        usage.cpu = sum(seen.values()) - before


@contextlib.contextmanager
def replaying(*arguments: str, core: int | None = None) -> Iterator[tuple[int, int]]:
    """Run the replay server, on one core if asked; yields (port, process id)."""
    command = [sys.executable, "-m", "replay", *arguments, "--until-eof"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdin is not None and process.stdout is not None
    try:
        if core is not None:
            psutil.Process(process.pid).cpu_affinity([core])
        yield int(json.loads(process.stdout.readline())["port"]), process.pid
    finally:
        process.stdin.close()
        process.wait(timeout=20)
        process.stdout.close()


@contextlib.contextmanager
def on_cores(cores: Sequence[int]) -> Iterator[None]:
    """Keep this process, and the children it starts meanwhile, on these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
