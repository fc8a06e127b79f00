"""The store: the Records Protocol over one database. Every method is one transaction around a plain function."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from pipeline.errors import Corrupt, WirewatchError
from pipeline.furniture import Paragraph
from pipeline.labels import Label
from pipeline.types import Document, FeedState, Fetched, FetchTask, Filed, Fingerprint, Source
from records import (
    desk,
    frontier,
    furniture,
    health,
    labels,
    quarantine,
    reading,
    retag,
    roles,
    sources,
    tally,
    trail,
)
from records.alerting import Alerting
from records.dialect import upsert
from records.engine import Database
from records.growth import log_end
from records.people_store import PeopleStore
from records.tables import robots
from records.values import (
    AnswerCount,
    ArticleView,
    Backlog,
    Change,
    PageFailure,
    Poll,
    PollResult,
    Quarantined,
    Retag,
    Retagged,
    Revision,
    Said,
    Sizes,
    SourceHealth,
    Spooled,
    StoryView,
    Totals,
    Trail,
    Waiting,
    Watched,
)
from records.watch_store import WatchStore

_DAILY = 8  # answers of `daily` that are kept


class Store(WatchStore, PeopleStore):
    """See `records.base.Records` for what each method promises."""

    def __init__(self, database: Database, alerting: Alerting | None = None) -> None:
        super().__init__(database)
        self._alerting = alerting
        self._daily: dict[tuple[datetime, int, str, int], dict[str, tuple[int, ...]]] = {}
        self._served = ""  # the source that the last page task was of: where the round goes on

    @contextmanager
    def _changing(self, now: datetime | None = None) -> Iterator[tuple[sa.Connection, dict[str, Sequence[str]]]]:
        """A durable transaction that may write to the change log, which alerts subscribers of what it wrote."""
        with self._database.write(durable=True) as conn:
            if self._alerting is None:
                yield conn, {}
            else:
                with self._alerting.over(conn, now) as notices:
                    yield conn, notices

    # --- sources and their polled addresses -------------------------------------------------
    def sync_sources(self, given: Sequence[Source]) -> None:
        """Make the stored sources those given."""
        with self._changing() as (conn, _):
            sources.sync(conn, given)

    def take_feeds(self, now: datetime, limit: int, lease: timedelta) -> list[FeedState]:
        """Due addresses, leased."""
        with self._database.write() as conn:
            return sources.take(conn, now, limit, lease)

    def feed_states(self) -> list[FeedState]:
        """All polled addresses of current sources."""
        with self._database.read() as conn:
            return sources.states(conn)

    def record_polls(self, polls: Sequence[Poll], now: datetime) -> list[PollResult]:
        """Save states and entries."""
        with self._database.write() as conn:
            return sources.record(conn, polls, now)

    # --- pages ------------------------------------------------------------------------------
    def take_pages(self, now: datetime, limit: int, lease: timedelta) -> list[FetchTask]:
        """Pages to fetch, leased."""
        with self._database.write() as conn:
            tasks, served = frontier.take(conn, now, limit, lease, self._served)
        self._served = served
        return tasks

    def release_leases(self) -> None:
        """Forget all leases."""
        with self._database.write() as conn:
            sources.release(conn)
            frontier.release(conn)

    def spool(self, pages: Sequence[Fetched]) -> list[Spooled]:
        """Keep fetched pages."""
        with self._database.write(durable=True) as conn:
            return frontier.put(conn, pages)

    def spooled(self, limit: int) -> list[Spooled]:
        """Kept pages, oldest first."""
        with self._database.read() as conn:
            return frontier.spooled(conn, limit)

    def spooled_page(self, spool_id: int) -> Spooled | None:
        """One kept page."""
        with self._database.read() as conn:
            return frontier.spooled_page(conn, spool_id)

    def stale(self, before: datetime, limit: int) -> list[int]:
        """Pages kept for long."""
        with self._database.read() as conn:
            return frontier.stale(conn, before, limit)

    def tried(self, spool_id: int) -> int:
        """Count a try."""
        with self._database.write() as conn:
            return frontier.tried(conn, spool_id)

    def pages_failed(self, failures: Sequence[PageFailure], now: datetime) -> None:
        """Note failures."""
        with self._database.write() as conn:
            frontier.failed(conn, failures, now)

    def waiting(self, seen_before: datetime, limit: int) -> list[Waiting]:
        """Entries without an article."""
        with self._database.read() as conn:
            return frontier.waiting(conn, seen_before, limit)

    # --- the desk ---------------------------------------------------------------------------
    def commit(
        self, filed: Sequence[Filed], spool_ids: Sequence[int], now: datetime, learned: Sequence[Paragraph] = ()
    ) -> None:
        """Write a batch of the desk."""
        with self._changing(now) as (conn, notices):
            notices.update(desk.commit(conn, filed, spool_ids, now, learned))

    def headlines(self, ids: Sequence[str]) -> set[str]:
        """Those known by headline only."""
        with self._database.read() as conn:
            return desk.headlines(conn, ids)

    def texts(self, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Their current texts."""
        with self._database.read() as conn:
            return desk.texts(conn, ids)

    def fingerprints(self, since: datetime) -> Iterator[tuple[str, str, datetime, Fingerprint, str]]:
        """What the desk remembers by."""
        return desk.fingerprints_since(self._database, since)

    def events(self, since: datetime) -> Iterator[tuple[str, str, float, bytes]]:
        """What events are found by."""
        return desk.events_since(self._database, since)

    def furniture(self, source_id: str = "") -> list[Paragraph]:
        """What recurs at outlets."""
        with self._database.read() as conn:
            return furniture.listed(conn, source_id)

    def keep_paragraph(self, source_id: str, key: int, now: datetime) -> bool:
        """What a person says is text."""
        with self._database.write(durable=True) as conn:
            return furniture.keep(conn, source_id, key, now)

    def reject(self, spool_id: int, error: WirewatchError, now: datetime) -> None:
        """Drop a page without an article."""
        with self._database.write() as conn:
            frontier.reject(conn, spool_id, error, now)

    # --- what persons say -------------------------------------------------------------------
    def say(self, a: str, b: str, same: bool, by: str, note: str, now: datetime) -> Label:
        """Keep a label and carry it out."""
        with self._changing(now) as (conn, _):
            return labels.say(conn, a, b, same, by, note, now)

    def take_back(self, number: int, now: datetime) -> Label:
        """Undo one."""
        with self._changing(now) as (conn, _):
            return labels.take_back(conn, number, now)

    def labels(self) -> list[Label]:
        """All of them."""
        with self._database.read() as conn:
            return labels.listed(conn)

    def said(self, after: int) -> Said | None:
        """What is news to the desk."""
        with self._database.read() as conn:
            return labels.said(conn, after)

    # --- quarantine -------------------------------------------------------------------------
    def quarantine(
        self,
        stage: str,
        error: WirewatchError,
        now: datetime,
        *,
        spool_id: int | None = None,
        body: bytes = b"",
    ) -> None:
        """Keep aside."""
        with self._database.write() as conn:
            quarantine.keep(conn, stage, error, now, spool_id, body)

    def quarantined(self, limit: int = 1000, before: tuple[datetime, int] | None = None) -> list[Quarantined]:
        """What is kept aside."""
        with self._database.read() as conn:
            return quarantine.listed(conn, limit, before)

    def kept(self, quarantine_id: int, most: int) -> tuple[Quarantined, bytes] | None:
        """One of them, with its bytes."""
        with self._database.read() as conn:
            return quarantine.kept(conn, quarantine_id, most)

    def replay(self, ids: Sequence[int] | None = None) -> int:
        """Put it back."""
        with self._database.write() as conn:
            return quarantine.replay(conn, ids)

    # --- tagging anew -----------------------------------------------------------------------
    def retag_state(self, digest: str) -> Retag:
        """How far that has come."""
        with self._database.read() as conn:
            return retag.state(conn, digest)

    def retag(self, state: Retag, tagged: Sequence[Retagged]) -> tuple[Retag, list[str]]:
        """Write a batch of new tags."""
        with self._changing() as (conn, _):
            return retag.write(conn, state, tagged)

    # --- the change log and reading ---------------------------------------------------------
    def changes(self, after: int, limit: int) -> list[Change]:
        """The log after that position."""
        with self._database.read() as conn:
            return reading.log(conn, after, limit)

    def documents(self, article_ids: Sequence[str]) -> list[Document]:
        """What the index holds."""
        with self._database.read() as conn:
            return reading.documents(conn, article_ids)

    def article(self, id_or_url: str) -> ArticleView | None:
        """One article."""
        with self._database.read() as conn:
            return reading.article(conn, id_or_url)

    def trail(self, id_or_url: str) -> Trail | None:
        """All that is known of an address."""
        with self._database.read() as conn:
            return trail.follow(conn, id_or_url)

    def stories(self, story_ids: Sequence[str]) -> list[StoryView]:
        """Stories with their copies."""
        with self._database.read() as conn:
            return reading.stories(conn, story_ids)

    def copies(self, story_id: str) -> list[ArticleView]:
        """The articles of a story."""
        with self._database.read() as conn:
            return reading.copies(conn, story_id)

    def revisions(self, article_id: str) -> list[Revision]:
        """The versions of an article."""
        with self._database.read() as conn:
            return reading.revisions(conn, article_id)

    def event(self, event_id: str) -> list[StoryView]:
        """Stories of one event."""
        with self._database.read() as conn:
            return reading.event(conn, event_id)

    def articles(self, after: str, limit: int) -> list[ArticleView]:
        """All articles, by id."""
        with self._database.read() as conn:
            return reading.page(conn, after, limit)

    def health(self, now: datetime) -> list[SourceHealth]:
        """Every current source."""
        with self._database.read() as conn:
            return health.health(conn, now)

    def watched_ids(self) -> list[str]:
        """Current sources that are collected."""
        with self._database.read() as conn:
            return health.watched_ids(conn)

    def watched(self, now: datetime, among: Collection[str] | None = None) -> list[Watched]:
        """The same, or some, with how they are."""
        with self._database.read() as conn:
            return health.watched(conn, now, among)

    def answers(self, since: date, source_id: str = "") -> list[AnswerCount]:
        """How sources answered, by day."""
        with self._database.read() as conn:
            return tally.counted(conn, since, source_id)

    def daily(self, end: datetime, days: int, source_id: str = "") -> dict[str, tuple[int, ...]]:
        """Articles by source and day."""
        with self._database.read() as conn:
            key = end, days, source_id, log_end(conn)  # while nothing is written, asked again it is the same
            found = self._daily.get(key)
            if found is None:
                found = tally.daily(conn, end, days, source_id)
                self._daily = dict([*self._daily.items(), (key, found)][-_DAILY:])
            return found

    def latest(self, source_id: str, limit: int) -> list[ArticleView]:
        """The newest articles of a source."""
        with self._database.read() as conn:
            return reading.latest(conn, source_id, limit)

    def backlog(self, now: datetime) -> Backlog:
        """What waits."""
        with self._database.read() as conn:
            return health.backlog(conn, now)

    def filed(self, since: datetime) -> dict[str, int]:
        """Articles first seen since then, by grade."""
        with self._database.read() as conn:
            return health.filed(conn, since)

    def totals(self) -> Totals:
        """Everything counted."""
        with self._database.read() as conn:
            return health.totals(conn)

    def last_change(self) -> int:
        """The newest line of the change log."""
        with self._database.read() as conn:
            return log_end(conn)

    def sizes(self) -> Sizes:
        """What is cheap to count."""
        with self._database.read() as conn:
            return health.sizes(conn)

    # --- robots.txt -------------------------------------------------------------------------
    def robots(self, origin: str) -> tuple[int, bytes, datetime] | None:
        """A kept robots.txt."""
        wanted = sa.select(robots.c.status, robots.c.body, robots.c.fetched).where(robots.c.origin == origin)
        with self._database.read() as conn:
            row = conn.execute(wanted).one_or_none()
        return None if row is None else (row.status, row.body, row.fetched)

    def put_robots(self, origin: str, status: int, body: bytes, fetched: datetime) -> None:
        """Keep one."""
        row = {"origin": origin, "status": status, "body": body, "fetched": fetched}
        with self._database.write() as conn:
            conn.execute(upsert(conn, robots), row)

    # --- roles and the database itself ------------------------------------------------------
    def hold(
        self, role: str, *, timeout: timedelta | None = None, stop: Callable[[], bool] | None = None
    ) -> AbstractContextManager[Callable[[], None]]:
        """Be the only process in a role."""
        return roles.hold(self._database, role, timeout, stop)

    def roles_held(self, names: Sequence[str]) -> dict[str, bool]:
        """Which roles some process has."""
        return roles.held(self._database, names)

    def check(self) -> list[str]:
        """What is wrong, in words."""
        try:
            return health.check(self._database)
        except Corrupt as error:
            return [str(error)]

    def close(self) -> None:
        """Release connections."""
        self._database.close()
