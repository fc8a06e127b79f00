"""The worker: Celery's own, with its pool of processes, over our tasks."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable

from celery.signals import heartbeat_sent

from pipeline.errors import WirewatchError
from pipeline.tag import TagRules
from workers import stages
from workers.ops import Pulse
from workers.queues import WORKER_QUEUES, Queues
from workers.tasks import Kit, register

PING = 10.0  # seconds between looks whether Redis is away


def run_worker(
    queues: Queues, make_kit: Callable[[], Kit], rules: TagRules, processes: int, pulse: Pulse, level: int
) -> int:
    """Work until stopped by a signal: the tasks under way are finished first. Returns the exit code.

    What the stages need is loaded before the processes are born, so that they share it.
    """
    import workers.preload  # noqa: F401  # reads one page; here, for it takes a second and 130 MB

    stages.prepare(rules)
    register(queues.app, make_kit)
    heartbeat_sent.connect(lambda **_: pulse.beat(), weak=False)
    threading.Thread(target=_excuse, args=(queues, pulse), daemon=True).start()
    worker = queues.app.Worker(
        hostname=f"worker-{os.getpid()}@{socket.gethostname()}",
        queues=list(WORKER_QUEUES),
        concurrency=processes,
        pool="prefork",
        loglevel=level,
        without_gossip=True,
        without_mingle=True,
        quiet=True,
    )
    worker.start()
    return int(worker.exitcode or 0)


def _excuse(queues: Queues, pulse: Pulse) -> None:
    """A worker without Redis sends no heartbeat and is well all the same: starting it again would not help."""
    while True:
        threading.Event().wait(PING)
        try:
            queues.ping()
        except WirewatchError:
            pulse.beat()
