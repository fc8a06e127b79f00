"""CPU seconds and memory of this process and its children, and the servers that benches talk to."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.shared import ROOT


@dataclass(slots=True)
class Usage:
    """What a stretch of work took: wall and CPU seconds, and the largest memory seen (bytes, see `anonymous`)."""

    wall: float = 0.0
    cpu: float = 0.0
    peak: int = 0
    samples: list[tuple[float, int]] = field(default_factory=list)


def _family() -> list[psutil.Process]:
    me = psutil.Process()
    return [me, *me.children(recursive=True)]


def anonymous(process: psutil.Process) -> int:
    """Anonymous memory, pages shared by forked processes counted once in all (proportional set size).

    Mapped files (libraries, the index) are not counted: the system takes their pages back when it needs them.
    """
    try:
        lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return int(process.memory_info().rss)
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss_Anon:"))


@contextlib.contextmanager
def measured(every: float = 1.0) -> Iterator[Usage]:
    """Measure the block. A child that ends counts until then."""
    usage, ended = Usage(), threading.Event()
    seen: dict[int, float] = {}

    def cpu() -> None:
        for process in _family():
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                seen[process.pid] = times.user + times.system

    def watch() -> None:
        while not ended.wait(every):
            cpu()
            total = 0
            for process in _family():
                with contextlib.suppress(psutil.Error):
                    total += anonymous(process)
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
def replaying(*arguments: str, core: int | None = None) -> Iterator[int]:
    """Run the replay server, on one core if asked; yields its port."""
    command = [sys.executable, "-m", "replay", *arguments, "--until-eof"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdin is not None and process.stdout is not None
    try:
        if core is not None:
            psutil.Process(process.pid).cpu_affinity([core])
        yield int(json.loads(process.stdout.readline())["port"])
    finally:
        process.stdin.close()
        process.wait(timeout=20)
        process.stdout.close()
