"""CPU and memory of each service of a running house, by the processes that make it up."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

from bench.tree import anonymous


@dataclass(slots=True)
class Sample:
    """One look: seconds since the beginning, and what each series was."""

    at: float
    values: dict[str, float]


@dataclass(slots=True)
class Watch:
    """CPU seconds by service since the beginning, its largest memory (bytes), and samples over time."""

    cpu: dict[str, float] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)


@contextmanager
def watching(
    roots: Mapping[str, int], extra: Callable[[], Mapping[str, float]] = dict, every: float = 2.0
) -> Iterator[Watch]:
    """Watch the process trees of `roots` (service -> pid); `extra` adds numbers of its own to each sample."""
    watch, ended, begin = Watch(), threading.Event(), time.monotonic()
    seen: dict[str, dict[int, float]] = {name: {} for name in roots}

    def look(memory: bool = True) -> None:
        now: dict[str, float] = {}
        for name, pid in roots.items():
            size = 0
            for process in tree(pid):
                with contextlib.suppress(psutil.Error):
                    times = process.cpu_times()
                    seen[name][process.pid] = times.user + times.system
                    size += anonymous(process) if memory else 0
            now[f"memory {name}"] = size
            watch.memory[name] = max(watch.memory.get(name, 0), size)
        if memory:
            with contextlib.suppress(Exception):
                now.update(extra())
            watch.samples.append(Sample(time.monotonic() - begin, now))

    def loop() -> None:
        while not ended.wait(every):
            look()

    look(memory=False)
    before = {name: sum(seen[name].values()) for name in roots}
    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        ended.set()
        thread.join()
        look()
        watch.cpu = {name: sum(seen[name].values()) - before[name] for name in roots}


def tree(pid: int) -> list[psutil.Process]:
    """A process and all below it; empty when it is gone."""
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    return []
