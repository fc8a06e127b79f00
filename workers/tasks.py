"""The Celery tasks: thin shells around the stages. They run in the processes of `wirewatch serve worker`.

A task that raises Retry is tried again, later and later. Any other outcome of a page goes to the desk, which files it,
rejects it or puts it in quarantine. A page that took its process down three times is quarantined without being read.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from celery import Celery, Task
from celery.signals import worker_process_init

from pipeline.errors import DiskFull, Retry, StageFailed, Trouble, WirewatchError
from pipeline.types import Read, Source
from records.base import Records
from records.values import Spooled
from workers import stages
from workers.furniture import Furniture
from workers.messages import HeadlineOrder, ReadOrder, file_order, unpack
from workers.patience import pauses
from workers.queues import Queues
from workers.reading import Done, unlisted

MOST_DEATHS = 3
log = logging.getLogger("wirewatch.worker")


@dataclass(frozen=True, slots=True)
class Kit:
    """What a process of the worker needs beside the stages."""

    records: Records
    queues: Queues
    sources: Mapping[str, Source]
    furniture: Furniture


class _Kit:
    """The kit of this process, made after the fork: connections do not survive one."""

    made: Kit | None = None


def register(app: Celery, make: Callable[[], Kit]) -> None:
    """Give the application its tasks. `make` is called once in each process of the pool."""

    def begin(**_: object) -> None:
        stages.leave_with_parent()
        _Kit.made = make()

    worker_process_init.connect(begin, weak=False)

    def read(task: Task, **message: Any) -> None:
        _shell(task, lambda: read_spooled(_kit(), unpack(ReadOrder, message), _redelivered(task)))

    def headline(task: Task, **message: Any) -> None:
        _shell(task, lambda: make_headline(_kit(), unpack(HeadlineOrder, message)))

    for name, task in (("read", read), ("headline", headline)):
        app.task(name=f"wirewatch.{name}", bind=True, max_retries=None)(task)


def read_spooled(kit: Kit, order: ReadOrder, redelivered: bool) -> None:
    """One page through the stages and on to the desk; nothing when it has left the spool meanwhile."""
    spooled = kit.records.spooled_page(order.spool_id)
    if spooled is None:
        return
    task = spooled.page.task
    result = _result(kit, spooled, again=redelivered or order.again)
    kit.queues.file(file_order(Done(result, spooled.id, task.entry_id)))
    told = type(result).__name__.lower() if isinstance(result, WirewatchError) else str(result.article.grade)
    log.info("read %s: %s", task.url, told, extra={"trace": task.entry_id, "stage": "read", "outcome": told})


def _result(kit: Kit, spooled: Spooled, *, again: bool) -> Read | WirewatchError:
    task = spooled.page.task
    source = kit.sources.get(task.source_id)
    if source is None:
        return unlisted(spooled)
    if again and (deaths := kit.records.tried(spooled.id)) >= MOST_DEATHS:
        words = f"the process that read this page died {deaths} times"
        return StageFailed(words, source_id=source.id, url=spooled.page.url)
    return stages.page(spooled.page, spooled.entry, source, kit.furniture.fresh(source.id))


def make_headline(kit: Kit, order: HeadlineOrder) -> None:
    """A headline-grade article from an entry alone, on to the desk."""
    source = kit.sources.get(order.source_id)
    if source is None:
        return
    result = stages.headline(order.entry, source, order.seen, order.reason)
    kit.queues.file(file_order(Done(result, None, order.entry.id)))
    trace = {"trace": order.entry.id, "stage": "headline", "outcome": "headline"}
    log.info("headline of %s: %s", order.entry.url, order.reason, extra=trace)


def _shell(task: Task, work: Callable[[], None]) -> None:
    """The one place where a task decides what happens next. It returns nothing and raises nothing.

    What a task returns or raises goes through a pipe to the worker's main process, which loses its place in that pipe
    when the broker goes away while it reads a long message (Celery 5.7): a traceback is one.
    """
    try:
        work()
    except (Retry, DiskFull) as error:
        pause = next(islice(pauses(random.random, first=1.0), min(task.request.retries, 8), None))
        log.warning("again in %.0f s: %s", pause, error)
        _again(task, pause)
    except Trouble as error:  # not an order of ours: what it was for is asked again when it is found undone
        log.error("%s", error)


def _again(task: Task, pause: float) -> None:
    """Order the same once more. Where that cannot be sent either, the scheduler finds the page on the spool."""
    try:
        task.retry(countdown=pause, throw=False)
    except Exception as error:  # whatever the broker's client raises
        log.warning("not even that could be ordered: %s", error)


def _redelivered(task: Task) -> bool:
    return bool((task.request.delivery_info or {}).get("redelivered"))


def _kit() -> Kit:
    if _Kit.made is None:
        raise RuntimeError("the process was not started by register()")
    return _Kit.made
