"""The story desk of production: the one consumer of the queue "file", in batches, one transaction each.

A message is acknowledged when its article is committed. One that comes twice changes nothing: ids derive from content.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Any

from kombu.entity import Queue
from kombu.message import Message
from kombu.messaging import Consumer

from pipeline.errors import StageFailed, Trouble, WirewatchError
from pipeline.types import Filed, Read
from workers.desk import BATCH, LINGER, set_aside
from workers.messages import FileOrder, done_of, unpack
from workers.patience import Stopped
from workers.queues import FILE, reaching_redis
from workers.reading import Done
from workers.remember import Memory, compared
from workers.services.house import Service

log = logging.getLogger("wirewatch.desk")


class DeskService:
    """Consumes, files, acknowledges."""

    def __init__(self, service: Service) -> None:
        self._in = service
        self._memory = Memory(service.pace.window)

    def run(self) -> None:
        """Hold the role and work. Raise Stopped, or Away when the role or the queue is lost: start again then."""
        one = self._in
        with one.records.hold("desk", stop=one.stopping) as held:
            one.surely(self._remember)
            with reaching_redis(), one.queues.connection() as connection:
                inbox = _Inbox(connection)
                while not one.stop.is_set():
                    held()
                    one.pulse.beat()
                    batch = inbox.batch()
                    if batch:
                        self._file_all([done for _, done in batch])
                        for message, _ in batch:
                            message.ack()

    def _remember(self) -> None:
        begin = time.monotonic()
        self._memory.restore(self._in.records, self._in.clock(), self._in.stopping)
        log.info("remembered %d articles in %.1f s", len(self._memory), time.monotonic() - begin)

    def _file_all(self, batch: Sequence[Done]) -> None:
        """A batch; when a bug of ours breaks it, each of it alone, so that the culprit ends in quarantine."""
        try:
            self._file(batch)
        except (WirewatchError, Stopped):
            raise
        except Exception:
            log.exception("a batch could not be filed: each of it alone")
            self._in.surely(self._remember)
            for done in batch:
                self._file_one(done)

    def _file_one(self, done: Done) -> None:
        try:
            self._file([done])
        except (WirewatchError, Stopped):
            raise
        except Exception as error:
            article = done.result.article if isinstance(done.result, Read) else None
            words = f"the desk failed: {type(error).__name__}: {error}"
            source_id, url = (article.source_id, article.url) if article else ("", "")
            self._aside(done, StageFailed(words, source_id=source_id, url=url))
            self._in.surely(self._remember)

    def _file(self, batch: Sequence[Done]) -> None:
        """Assign and commit one batch; what could not be read is rejected or quarantined. Raise Stopped."""
        one, now = self._in, self._in.clock()
        for done in batch:
            if isinstance(done.result, WirewatchError):
                self._aside(done, done.result)
        made = one.surely(lambda: self._memory.file(one.records, batch, now))
        if made.filed:
            made = one.surely(lambda: compared(one.records, made))
            one.surely(lambda: one.records.commit(made.filed, made.spool_ids, now, made.learned))
        for each in made.filed:
            self._tell(each)

    def _aside(self, done: Done, error: WirewatchError) -> None:
        one, now = self._in, self._in.clock()
        one.progress.failed(error.source_id, error)
        told = type(error).__name__.lower()
        one.progress.outcomes["file", told] += 1
        log.info("set aside %s: %s", error.url, error, extra={"trace": done.entry_id, "stage": "file", "outcome": told})
        if done.spool_id is not None:
            spool_id = done.spool_id
            one.surely(lambda: set_aside(one.records, spool_id, error, now))

    def _tell(self, filed: Filed) -> None:
        article, assignment = filed.read.article, filed.assignment
        progress = self._in.progress
        for stage, seconds in filed.read.spent.items():
            progress.spend(stage, seconds)
        progress.outcomes["read", str(article.grade)] += 1
        progress.outcomes["file", assignment.method] += 1
        told = {"trace": article.id, "stage": "file", "outcome": assignment.method, "story": assignment.story_id}
        log.info("filed %s", article.url, extra=told)


class _Inbox:
    """Messages off the queue in batches, held until they are acknowledged."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._held: list[tuple[Message, Done]] = []
        channel = connection.channel()
        self._consumer = Consumer(
            channel, [Queue(FILE)], on_message=self._take, accept=["json"], prefetch_count=2 * BATCH
        )
        self._consumer.consume()

    def _take(self, message: Message) -> None:
        try:
            _, order, _ = message.payload
            self._held.append((message, done_of(unpack(FileOrder, order))))
        except (Trouble, ValueError, TypeError) as error:
            log.error("a message was dropped, its page will be read again: %s", error)
            message.ack()

    def batch(self, wait: float = 1.0) -> list[tuple[Message, Done]]:
        """Up to BATCH messages: whatever comes within LINGER of the first, which is waited for `wait` seconds."""
        until = time.monotonic() + (LINGER if self._held else wait)
        while len(self._held) < BATCH and (left := until - time.monotonic()) > 0:
            before = len(self._held)
            try:
                self._connection.drain_events(timeout=left)
            except TimeoutError:
                break
            if not before and self._held:
                until = time.monotonic() + LINGER
        batch, self._held = self._held[:BATCH], self._held[BATCH:]
        return batch
