"""The scheduler: sends what is due to the crawlers, and what was lost to the workers once more.

It keeps nothing that matters in memory. An address is leased in the records in the transaction that takes it, so a
scheduler that dies, restarts or runs twice never starts a sweep twice; what it took and did not send is due again when
the lease ends.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from crawlers.schedule import poll_task
from records.values import Waiting
from workers.messages import FetchOrder, HeadlineOrder, ReadOrder
from workers.queues import pages_of
from workers.services.house import Service

HEADLINES = 200  # entries without a page whose headlines are ordered at a time
HEADLINE_LOOK = timedelta(seconds=1)  # between two looks for such entries
RESENT = 200  # lost pages sent again in one turn
LOST_LOOK = timedelta(seconds=10)  # between looks for lost pages
log = logging.getLogger("wirewatch.scheduler")


class Scheduler:
    """One turn after the other until stopped."""

    def __init__(self, service: Service) -> None:
        self._in = service
        self._asked: dict[str, datetime] = {}  # entries whose headline is being made: id -> when it was asked for
        self._looked = self._headlined = datetime.min.replace(tzinfo=service.clock().tzinfo)

    def run(self) -> None:
        """Hold the role and work. Raise Stopped, or Away when the role is lost: start again then."""
        one = self._in
        with one.records.hold("scheduler", stop=one.stopping) as held:
            one.surely(lambda: one.records.sync_sources(list(one.sources.values())))
            while not one.stop.is_set():
                held()
                busy = one.surely(self.turn)
                one.rest(0.05 if busy else None)

    def turn(self) -> bool:
        """Send what is due, as far as the crawlers have room; whether there was anything. Raise Retry."""
        if (sources := self._in.fresh()) is not None:
            self._in.records.sync_sources(sources)
        depths = self._in.queues.depths()
        waiting = sum(count for name, count in depths.items() if name.startswith("fetch"))
        full = pages_of(depths) >= self._in.pace.bound
        sent = 0 if full else self._fetch(self._in.pace.ahead - waiting)
        if not full:
            self._headlines(depths)
        self._lost()
        return sent > 0

    def _fetch(self, room: int) -> int:
        """Polled addresses first, then pages."""
        if room <= 0:
            return 0
        one, now = self._in, self._in.clock()
        polls = [FetchOrder(poll_task(state), state) for state in one.records.take_feeds(now, room, one.pace.lease)]
        pages = []
        if len(polls) < room:
            pages = [FetchOrder(task) for task in one.records.take_pages(now, room - len(polls), one.pace.lease)]
        one.queues.fetch([*polls, *pages])
        one.progress.outcomes["schedule", "poll"] += len(polls)
        one.progress.outcomes["schedule", "page"] += len(pages)
        for order in pages:
            told = {"trace": order.task.entry_id, "stage": "schedule", "outcome": "page"}
            log.info("page %s", order.task.url, extra=told)
        return len(polls) + len(pages)

    def _headlines(self, depths: dict[str, int]) -> None:
        """One load of HEADLINES at a time: workers turn to them when no page waits, and a backlog may be long."""
        one, now = self._in, self._in.clock()
        if depths["headlines"] or now - self._headlined < HEADLINE_LOOK:
            return
        self._headlined = now
        waiting = one.records.waiting(now - one.pace.headline_after, HEADLINES + len(self._asked))
        recent = {id: when for id, when in self._asked.items() if now - when < one.pace.resend}
        fresh = [row for row in waiting if row.entry.id not in recent and row.source_id in one.sources]
        one.queues.headlines([_order(row) for row in fresh])
        still = {row.entry.id for row in waiting}
        self._asked = {id: when for id, when in recent.items() if id in still} | {row.entry.id: now for row in fresh}
        one.progress.outcomes["schedule", "headline"] += len(fresh)

    def _lost(self) -> None:
        """More pages on the spool than messages on their way: Redis lost some, or could not be told.

        The oldest are sent again, once they have waited for longer than any message does.
        """
        one, now = self._in, self._in.clock()
        if now - self._looked < LOST_LOOK:
            return
        self._looked = now
        missing = one.records.sizes().spooled - one.queues.pages()
        ids = one.records.stale(now - one.pace.resend, min(missing, RESENT)) if missing > 0 else []
        if ids:
            log.warning("%d pages on the spool had no message any more: sent again", len(ids))
            one.queues.read([ReadOrder(id, again=True) for id in ids])
            one.progress.outcomes["schedule", "sent again"] += len(ids)


def _order(row: Waiting) -> HeadlineOrder:
    return HeadlineOrder(row.entry, row.source_id, row.first_seen, row.reason)
