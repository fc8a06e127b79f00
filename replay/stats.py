"""What was asked of the replay server: counts per host, path and status, and how politely it was asked."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from replay.answers import Request

MOST_PATHS = 50_000
"""Different paths counted; those beyond are counted together under "*", so that memory stays bounded."""
MOST_AGENTS = 5


@dataclass(slots=True)
class Seen:
    """One request under way; the server sets the status once it knows it. 0 = it never got that far."""

    status: int = 0


@dataclass(slots=True)
class _Host:
    requests: int = 0
    conditional: int = 0
    under_way: int = 0
    most_at_once: int = 0
    last: float | None = None
    least_gap: float | None = None
    agents: set[str] = field(default_factory=set)
    paths: dict[str, Counter[int]] = field(default_factory=dict)


class Stats:
    """Counts requests. `clock` is in seconds and only ever grows."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._hosts: dict[str, _Host] = {}
        self._paths = 0

    @contextmanager
    def watch(self, request: Request) -> Iterator[Seen]:
        """Count one request from its arrival to the end of its answer."""
        host = self._hosts.setdefault(request.host, _Host())
        now = self._clock()
        if host.last is not None:
            gap = now - host.last
            host.least_gap = gap if host.least_gap is None else min(gap, host.least_gap)
        host.last = now
        host.requests += 1
        host.under_way += 1
        host.most_at_once = max(host.most_at_once, host.under_way)
        headers = request.headers
        host.conditional += "if-none-match" in headers or "if-modified-since" in headers
        if len(host.agents) < MOST_AGENTS:
            host.agents.add(headers.get("user-agent", ""))
        seen = Seen()
        try:
            yield seen
        finally:
            host.under_way -= 1
            self._count(host, request.target, seen.status)

    def _count(self, host: _Host, path: str, status: int) -> None:
        statuses = host.paths.get(path)
        if statuses is None:
            if self._paths >= MOST_PATHS:
                path = "*"
            statuses = host.paths.setdefault(path, Counter())
            self._paths += 1
        statuses[status] += 1

    def told(self, only: str | None = None) -> dict[str, object]:
        """Everything counted, ready for JSON; of one host when `only` names it. Gaps are in seconds."""
        hosts = {only: self._hosts[only]} if only in self._hosts else {} if only else self._hosts
        return {
            "requests": sum(host.requests for host in hosts.values()),
            "hosts": {name: _told(host) for name, host in sorted(hosts.items())},
        }


def _told(host: _Host) -> dict[str, object]:
    return {
        "requests": host.requests,
        "conditional": host.conditional,
        "most_at_once": host.most_at_once,
        "least_gap": host.least_gap,
        "agents": sorted(host.agents),
        "paths": {path: {str(status): n for status, n in counts.items()} for path, counts in host.paths.items()},
    }
