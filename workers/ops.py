"""What every service tells about itself over HTTP: /healthz, /readyz and /metrics (Prometheus).

/healthz is 200 while the service's loop turns, whatever state its dependencies are in: restarting it would not help
them. /readyz is 200 when every dependency answers, 503 otherwise; both say in JSON what is wrong, in words.
"""

from __future__ import annotations

import json
import logging
import os
import socketserver
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from pipeline.errors import WirewatchError
from workers.progress import Progress

STUCK_AFTER = 120.0  # seconds without a turn of its loop after which a service is not well
GIVEN_UP_AFTER = 300.0  # and after which it ends itself, to be started again by whoever started it
log = logging.getLogger("wirewatch.ops")
Check = Callable[[], object]  # raises one of our errors when its part does not answer


class Pulse:
    """Beaten by a service's loop at every turn."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._last = clock, clock()

    def beat(self) -> None:
        """The loop turned."""
        self._last = self._clock()

    def age(self) -> float:
        """Seconds since the last beat."""
        return self._clock() - self._last


def watch_over(pulse: Pulse, service: str, leave: Callable[[int], object] = os._exit) -> None:
    """In a thread: end a process whose loop hangs. Nothing is lost by that; it would hang for ever."""

    def look() -> None:
        while pulse.age() < GIVEN_UP_AFTER:
            time.sleep(5)
        log.critical("%s has not turned for %.0f s: it ends, to be started again", service, pulse.age())
        leave(70)  # EX_SOFTWARE

    threading.Thread(target=look, name="watch", daemon=True).start()


class Gauges:
    """Progress and the numbers of `read` (by metric and label) as Prometheus metrics, made when they are asked for."""

    def __init__(self, progress: Progress, read: Callable[[], Mapping[tuple[str, str, str], float]]) -> None:
        self._progress, self._read = progress, read

    def collect(self) -> Iterator[Metric]:
        """The metrics of a service; see deploy/README.md for what they mean."""
        progress = self._progress
        outcomes = CounterMetricFamily("wirewatch_outcomes", "What came of what, by stage", labels=["stage", "outcome"])
        for (stage, outcome), count in sorted(progress.outcomes.items()):
            outcomes.add_metric([stage, outcome], count)
        errors = CounterMetricFamily("wirewatch_errors", "Errors by class", labels=["kind"])
        for kind, count in sorted(progress.errors.items()):
            errors.add_metric([kind], count)
        spent = CounterMetricFamily("wirewatch_stage_seconds", "CPU seconds by stage", labels=["stage"])
        for stage, seconds in sorted(progress.spent.items()):
            spent.add_metric([stage], seconds)
        yield from (outcomes, errors, spent)
        gauges: dict[str, GaugeMetricFamily] = {}
        for (name, label, value), number in self._read().items():
            labels = [label] if label else []
            family = gauges.setdefault(name, GaugeMetricFamily(name, name.replace("_", " "), labels=labels))
            family.add_metric([value] if label else [], number)
        yield from gauges.values()


class Ops:
    """The WSGI application."""

    def __init__(self, service: str, pulse: Pulse, checks: Mapping[str, Check], gauges: Gauges) -> None:
        self._service, self._pulse, self._checks = service, pulse, checks
        self._registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)
        self._registry.register(gauges)

    def __call__(self, environ: Mapping[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
        """One answer."""
        match environ["PATH_INFO"]:
            case "/healthz":
                status, body = self._health()
            case "/readyz":
                status, body = self._ready()
            case "/metrics":
                start("200 OK", [("content-type", "text/plain; version=0.0.4; charset=utf-8")])
                return [generate_latest(self._registry)]
            case _:
                status, body = "404 Not Found", {"error": "there are /healthz, /readyz and /metrics"}
        start(status, [("content-type", "application/json; charset=utf-8"), ("cache-control", "no-store")])
        return [json.dumps(body, ensure_ascii=False).encode() + b"\n"]

    def _health(self) -> tuple[str, dict[str, Any]]:
        age = self._pulse.age()
        well = age < STUCK_AFTER
        words = "well" if well else f"its loop has not turned for {age:.0f} s"
        return _status(well), {"service": self._service, "healthy": well, "words": words}

    def _ready(self) -> tuple[str, dict[str, Any]]:
        parts = {}
        for name, check in self._checks.items():
            try:
                told = check()
                parts[name] = {"up": True, "words": str(told) if told else "answers"}
            except WirewatchError as error:
                parts[name] = {"up": False, "words": str(error)}
        ready = all(part["up"] for part in parts.values())
        return _status(ready), {"service": self._service, "ready": ready, "parts": parts}


def _status(good: bool) -> str:
    return "200 OK" if good else "503 Service Unavailable"


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """A line for each look of a health check would bury the rest."""


@contextmanager
def serving_ops(app: Ops, host: str, port: int) -> Iterator[int]:
    """Answer in a thread; yields the port."""
    server = make_server(host, port, app, server_class=_Server, handler_class=_Silent)
    thread = threading.Thread(target=server.serve_forever, name="ops", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
