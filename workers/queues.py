"""The queues between the services: Celery on Redis.

    fetch-asked.N, fetch.N   scheduler -> crawler N   addresses; what a person asked for first
    asked, read, headlines   crawler, scheduler -> workers   pages on the spool, entries without a page; in this order
    file                     workers -> the story desk, its one consumer

Orders to fetch are taken off at once: the lease in the records brings back what a dying crawler held. All others are
acknowledged when their work is done, and return after VISIBILITY when whoever held them died.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import redis
from celery import Celery
from kombu.connection import Connection
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from pipeline.errors import Away, DiskFull, Trouble
from workers.messages import FetchOrder, FileOrder, HeadlineOrder, ReadOrder, pack

ASKED, READ, HEADLINES, FILE = "asked", "read", "headlines", "file"
WORKER_QUEUES = (ASKED, READ, HEADLINES)
SOFT_LIMIT, HARD_LIMIT = 15, 20  # seconds that a task may take: an exception in it, then the end of its process
VISIBILITY = 60  # seconds: longer than a task, the one before it in the same process, and any pause before a retry
PATIENCE = 10  # seconds after which a Redis that does not answer is away


def fetch_queue(url: str, crawlers: int, *, asked: bool = False) -> str:
    """The queue of the crawler that a host belongs to: so one process keeps each host's delays."""
    host = (urlsplit(url).hostname or "").encode("utf8", "replace")
    return own_fetch_queue(zlib.crc32(host) % crawlers, asked=asked)


def own_fetch_queue(crawler: int, *, asked: bool = False) -> str:
    """The queue of one crawler."""
    return f"fetch{'-asked' * asked}.{crawler}"


def make_app(redis_url: str) -> Celery:
    """The Celery application, without tasks; see `workers.tasks.register`."""
    app = Celery("wirewatch", broker=redis_url, set_as_current=False)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_soft_time_limit=SOFT_LIMIT,
        task_time_limit=HARD_LIMIT,
        task_default_queue=READ,
        task_publish_retry=False,  # callers decide how long to try
        worker_prefetch_multiplier=1,
        worker_max_tasks_per_child=5000,  # C libraries fragment their heaps
        worker_max_memory_per_child=600_000,  # KiB; what is shared with the parent counts too
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,  # they end well without a broker
        broker_transport="workers.broker:Transport",
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": VISIBILITY,
            "queue_order_strategy": "priority",
            "socket_timeout": PATIENCE,
            "socket_connect_timeout": PATIENCE,
            "socket_keepalive": True,
            "health_check_interval": 10,
            "max_retries": 0,  # of a connection that is being made: callers decide
        },
    )
    return app


def pages_of(depths: Mapping[str, int]) -> int:
    """Of the depths, the pages between crawler and records: waiting for the stages, in them, or for the desk."""
    return depths[ASKED] + depths[READ] + depths[FILE] + depths["held"]


class Queues:
    """Sends orders and tells how many wait. Every method raises Away while Redis is, DiskFull when it is full."""

    def __init__(self, app: Celery, redis_url: str, crawlers: int = 1) -> None:
        self.app, self._crawlers = app, crawlers
        self._redis = redis.Redis.from_url(
            redis_url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, health_check_interval=10
        )

    def fetch(self, orders: Sequence[FetchOrder], *, asked: bool = False) -> None:
        """To the crawlers."""
        for order in orders:
            self._send("wirewatch.fetch", order, fetch_queue(order.task.url, self._crawlers, asked=asked))

    def read(self, orders: Sequence[ReadOrder], *, asked: bool = False) -> None:
        """To the workers."""
        for order in orders:
            self._send("wirewatch.read", order, ASKED if asked else READ)

    def headlines(self, orders: Sequence[HeadlineOrder]) -> None:
        """To the workers, when they have nothing better to do."""
        for order in orders:
            self._send("wirewatch.headline", order, HEADLINES)

    def file(self, order: FileOrder) -> None:
        """To the desk."""
        self._send("wirewatch.file", order, FILE, compression="zstd")

    def depths(self) -> dict[str, int]:
        """Messages by queue, those that wait; "held" are those taken and not acknowledged, of all queues together."""
        names = [*WORKER_QUEUES, FILE]
        names += [own_fetch_queue(n, asked=asked) for n in range(self._crawlers) for asked in (False, True)]
        with reaching_redis():
            pipe = self._redis.pipeline(transaction=False)
            for name in names:
                pipe.llen(name)
            pipe.hlen("unacked")
            return dict(zip([*names, "held"], pipe.execute(), strict=True))

    def pages(self) -> int:
        """Pages between crawler and records: waiting for the stages, in them, or waiting for the desk."""
        return pages_of(self.depths())

    def clear(self) -> None:
        """Throw all messages away: what they asked for is asked again, since the records know what is undone."""
        with reaching_redis():
            self._redis.delete(*self.depths(), "unacked", "unacked_index")

    def ping(self) -> None:
        """Raise Away when Redis is."""
        with reaching_redis():
            self._redis.ping()

    def connection(self) -> Connection:
        """A connection for a consumer of its own."""
        made: Connection = self.app.connection_for_read()
        return made

    def _send(self, task: str, order: Any, queue: str, **options: Any) -> None:
        with reaching_redis():
            self.app.send_task(task, kwargs=pack(order), queue=queue, **options)


@contextmanager
def reaching_redis() -> Iterator[None]:
    """Foreign errors of the broker become ours."""
    try:
        yield
    except (RedisError, OperationalError, OSError) as error:
        if "OOM" in str(error):
            raise DiskFull("Redis has no room left: its maxmemory is reached; let the workers catch up") from error
        if "WRONGPASS" in str(error) or "NOAUTH" in str(error):
            raise Trouble("Redis refused the password in redis_url: see what its own configuration says") from error
        raise Away(f"Redis does not answer: {error}") from error
