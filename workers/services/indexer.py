"""The indexer: follows the records' change log into the index. An index that is away, full or new costs time only."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from search.base import Index
from workers.indexer import catch_up
from workers.services.house import Service

EXPIRE_EVERY = timedelta(hours=1)
log = logging.getLogger("wirewatch.indexer")


class Indexer:
    """One turn after the other until stopped."""

    def __init__(self, service: Service, index: Index) -> None:
        self._in, self._index = service, index
        self._expired: datetime | None = None

    def run(self) -> None:
        """Hold the role and work. Raise Stopped, or Away when the role is lost: start again then."""
        one = self._in
        with one.records.hold("indexer", stop=one.stopping) as held:
            while not one.stop.is_set():
                held()
                applied = one.surely(self.turn)
                one.rest(0.2 if applied else None)

    def turn(self) -> int:
        """Apply what is new; returns the changes applied. Raise Retry, Trouble."""
        one = self._in
        applied = catch_up(one.records, self._index, one.progress.spend, self._told)
        self._expire()
        one.progress.outcomes["index", "applied"] += applied
        return applied

    def _expire(self) -> None:
        """Drop what is older than the retention allows, at the start and once an hour."""
        now = self._in.clock()
        if self._expired is None or now - self._expired > EXPIRE_EVERY:
            for month in self._index.expire(now):
                log.warning("%s is older than what is kept: dropped from the index", month)
            self._expired = now

    def _told(self, position: int) -> None:
        self._in.pulse.beat()
        log.info("indexed up to change %d", position, extra={"stage": "index", "outcome": "applied"})

    def lag(self) -> int:
        """Changes that the index does not hold yet. Raise Retry, Trouble."""
        return self._in.records.last_change() - self._index.position()
