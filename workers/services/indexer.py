"""The indexer: follows the records' change log into the index. An index that is away, full or new costs time only."""

from __future__ import annotations

import logging

from search.base import Index
from workers.indexer import catch_up
from workers.services.house import Service

log = logging.getLogger("wirewatch.indexer")


class Indexer:
    """One turn after the other until stopped."""

    def __init__(self, service: Service, index: Index) -> None:
        self._in, self._index = service, index

    def run(self) -> None:
        """Hold the role and work. Raise Stopped, or Away when the role is lost: start again then."""
        one = self._in
        with one.records.hold("indexer", stop=one.stop.is_set) as held:
            while not one.stop.is_set():
                held()
                applied = one.surely(self.turn)
                one.rest(0.2 if applied else None)

    def turn(self) -> int:
        """Apply what is new; returns the changes applied. Raise Retry, Trouble."""
        one = self._in
        applied = catch_up(one.records, self._index, one.progress.spend, self._told)
        one.progress.outcomes["index", "applied"] += applied
        return applied

    def _told(self, position: int) -> None:
        self._in.pulse.beat()
        log.info("indexed up to change %d", position, extra={"stage": "index", "outcome": "applied"})

    def lag(self) -> int:
        """Changes that the index does not hold yet. Raise Retry, Trouble."""
        return self._in.records.sizes().last_change - self._index.position()
