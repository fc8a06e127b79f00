"""The records Protocol: the truth, in one store over SQLite or PostgreSQL.

Every method is one transaction: it happens whole or not at all, and may be repeated without harm. Methods may be
called from any thread; writers are serialised inside. All times are timezone-aware UTC. Foreign database errors
come out as `Busy`, `Away`, `DiskFull`, `Corrupt` or another `Trouble`, whose message says how to recover.

The life of an address:  entry "pending" -> (page fetched) spooled -> stages -> `commit` -> entry "done".
A page that cannot be had leaves its entry "blocked", "gone" or "failed"; its headline is filed from the entry alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Protocol

from pipeline.errors import WirewatchError
from pipeline.furniture import Paragraph
from pipeline.labels import Label
from pipeline.types import (
    Document,
    FeedState,
    Fetched,
    FetchTask,
    Filed,
    Fingerprint,
    Source,
)
from records.peopling import Peopling
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
from records.watching import Watching


class Records(Watching, Peopling, Protocol):
    """The one store; subscriptions and alerts are in `Watching`, accounts in `Peopling`."""

    # --- sources and their polled addresses -------------------------------------------------
    def sync_sources(self, sources: Sequence[Source]) -> None:
        """Make the stored sources and polled addresses those given: new ones are due at once, vanished ones rest."""

    def take_feeds(self, now: datetime, limit: int, lease: timedelta) -> list[FeedState]:
        """Polled addresses that are due, most overdue first; each is not due again until `lease` has passed."""

    def feed_states(self) -> list[FeedState]:
        """All polled addresses of current sources."""

    def record_polls(self, polls: Sequence[Poll], now: datetime) -> list[PollResult]:
        """Save states; add entries not seen before as "pending"; an edited one (new revision) is pending again."""

    # --- pages ------------------------------------------------------------------------------
    def take_pages(self, now: datetime, limit: int, lease: timedelta) -> list[FetchTask]:
        """Pending entries as page tasks, interleaved over sources, newest first; leased like feeds."""

    def release_leases(self) -> None:
        """At start: what a killed process had taken is due again; pages it left on the spool count one more try."""

    def spool(self, pages: Sequence[Fetched]) -> list[Spooled]:
        """Keep fetched pages (compressed) until their article is committed; their entries are "fetched"."""

    def spooled(self, limit: int) -> list[Spooled]:
        """Oldest first: what a killed process left behind."""

    def spooled_page(self, spool_id: int) -> Spooled | None:
        """One page of the spool; None when it is settled, or a newer answer took its place."""

    def stale(self, before: datetime, limit: int) -> list[int]:
        """Spool ids of the pages that were fetched before then; oldest first."""

    def tried(self, spool_id: int) -> int:
        """Count one more try of a spooled page, and return how many that makes; 0 when it is no longer there."""

    def pages_failed(self, failures: Sequence[PageFailure], now: datetime) -> None:
        """Note failures; final ones are counted by reason."""

    def waiting(self, seen_before: datetime, limit: int) -> list[Waiting]:
        """Entries that have no article: those whose page cannot be had, and those first seen before `seen_before`."""

    # --- the desk ---------------------------------------------------------------------------
    def commit(
        self, filed: Sequence[Filed], spool_ids: Sequence[int], now: datetime, learned: Sequence[Paragraph] = ()
    ) -> None:
        """Write articles, versions, stories, fingerprints, tags and change log; drop the spooled pages; entries done.

        An article is an upsert: first_seen is kept, a lower grade never overwrites a higher one, a new version
        adds a row to the versions, an unchanged one adds nothing and logs no change. A story that was merged, or whose
        last article left it, redirects to where its articles went. No article of which a person said something moves.
        `learned` is what these articles taught about their outlets; what is confirmed, and what a person said, stays.
        """

    def headlines(self, ids: Sequence[str]) -> set[str]:
        """Which of the articles are known by their headline only."""

    def texts(self, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Version and text of articles, as far as their outlets let us keep a text."""

    def fingerprints(self, since: datetime) -> Iterator[tuple[str, str, datetime, Fingerprint, str]]:
        """(article id, story id, first seen, fingerprint, source id) since then, in order of first_seen then id."""

    def events(self, since: datetime) -> Iterator[tuple[str, str, float, bytes]]:
        """(story id, event id, seen, terms) of stories with articles first seen since then, in order of that.

        `seen` (seconds since 1970) and terms are of the founder or, where that has left, of the first article.
        """

    def furniture(self, source_id: str = "") -> list[Paragraph]:
        """What recurs at that outlet or at any, confirmed or not yet; in order of source, then first seen."""

    def keep_paragraph(self, source_id: str, key: int, now: datetime) -> bool:
        """A person says that this paragraph is text, for good; False when it is not in the list."""

    def reject(self, spool_id: int, error: WirewatchError, now: datetime) -> None:
        """A spooled page that holds no article: count it by reason, drop it; its headline is filed from the entry."""

    # --- what persons say -------------------------------------------------------------------
    def say(self, a: str, b: str, same: bool, by: str, note: str, now: datetime) -> Label:
        """Two articles are, or are not, the same reporting; their stories are merged or parted at once.

        Said twice it is one label. Raise BadInput for an unknown article, or when other labels say otherwise.
        """

    def take_back(self, number: int, now: datetime) -> Label:
        """Undo a label: the articles that it moved go back, if they are where it put them.

        A second time changes nothing. Raise BadInput for an unknown number, or when other labels need it.
        """

    def labels(self) -> list[Label]:
        """All of them, those taken back too, in the order in which they were made."""

    def said(self, after: int) -> Said | None:
        """What persons said, for a desk that knows it up to a step (0 = nothing); None when that is all."""

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
        """Keep a spooled page or the body of an unreadable listing aside, with the error."""

    def quarantined(self, limit: int = 1000, before: tuple[datetime, int] | None = None) -> list[Quarantined]:
        """Newest first; `before` = only what was put there before that time (and id)."""

    def replay(self, ids: Sequence[int] | None = None) -> int:
        """Put pages back on the spool and listings back to due; None = all. Returns how many."""

    # --- tagging anew -----------------------------------------------------------------------
    def retag_state(self, digest: str) -> Retag:
        """How far that has come; nothing of what was done under another digest counts."""

    def retag(self, state: Retag, tagged: Sequence[Retagged]) -> tuple[Retag, list[str]]:
        """Write new tags and, with them, how far that brings us (`changed` is counted here).

        Articles whose tags are others than before go to the change log; where only places differ, those are written.
        Returns the state as kept, and the ids of articles that meanwhile say something else: they were left alone.
        """

    # --- the change log ---------------------------------------------------------------------
    def changes(self, after: int, limit: int) -> list[Change]:
        """The log after that position, oldest first."""

    def documents(self, article_ids: Sequence[str]) -> list[Document]:
        """What the index holds of these articles; those that are no more are absent."""

    # --- reading ----------------------------------------------------------------------------
    def article(self, id_or_url: str) -> ArticleView | None:
        """By article id, address, or canonical address."""

    def trail(self, id_or_url: str) -> Trail | None:
        """All that is known of an entry or article, by id or any spelling of its address; None = never heard of."""

    def stories(self, story_ids: Sequence[str]) -> list[StoryView]:
        """In the order asked for, each once; ids of merged stories give the story they lead to, unknown ones none."""

    def event(self, event_id: str) -> list[StoryView]:
        """The stories that report on an event, in order of their first article."""

    def copies(self, story_id: str) -> list[ArticleView]:
        """The articles of a story with their texts, in the order of `stories`; empty for an unknown story.

        The id of a merged story gives the copies of the one that it leads to.
        """

    def revisions(self, article_id: str) -> list[Revision]:
        """All versions of an article, oldest first; empty for an unknown article."""

    def articles(self, after: str, limit: int) -> list[ArticleView]:
        """All articles in order of id, for export and comparison."""

    def health(self, now: datetime) -> list[SourceHealth]:
        """Every current source."""

    def watched_ids(self) -> list[str]:
        """Ids of the current sources that are collected, in order."""

    def watched(self, now: datetime, among: Collection[str] | None = None) -> list[Watched]:
        """Every one of them, or those among these, by id; cheap to tell, however large the archive is."""

    def answers(self, since: date, source_id: str = "") -> list[AnswerCount]:
        """How often each source (or that one) answered, and how, by day since then; those of 90 days are kept.

        Counted in the transactions that record polls, pages and failures. A call that is repeated is not counted
        again, but for the sitemaps of an index, and for a page that was settled before the call was repeated.
        """

    def daily(self, end: datetime, days: int, source_id: str = "") -> dict[str, tuple[int, ...]]:
        """Articles first seen in each of the last `days` periods of 24 hours before `end`, the oldest first.

        Of every source (or that one) that has any there. It costs what it counts, however large the archive is.
        """

    def latest(self, source_id: str, limit: int) -> list[ArticleView]:
        """The articles of a source, the newest by `first_seen` first."""

    def kept(self, quarantine_id: int, most: int) -> tuple[Quarantined, bytes] | None:
        """What is in quarantine under that number, with the first `most` bytes of it; None when it is not there."""

    def backlog(self, now: datetime) -> Backlog:
        """What waits, and since when; cheap to tell, however large the archive is."""

    def filed(self, since: datetime) -> dict[str, int]:
        """How many articles were first seen since then, by grade."""

    def totals(self) -> Totals:
        """Everything counted: seconds, in a large archive."""

    def last_change(self) -> int:
        """The newest line of the change log, which an index that is level has for its position."""

    def sizes(self) -> Sizes:
        """What is cheap to count."""

    # --- robots.txt -------------------------------------------------------------------------
    def robots(self, origin: str) -> tuple[int, bytes, datetime] | None:
        """(status, body, fetched) of the robots.txt of scheme://host[:port], if kept."""

    def put_robots(self, origin: str, status: int, body: bytes, fetched: datetime) -> None:
        """Keep it."""

    # --- roles ------------------------------------------------------------------------------
    def hold(
        self, role: str, *, timeout: timedelta | None = None, stop: Callable[[], bool] | None = None
    ) -> AbstractContextManager[Callable[[], None]]:
        """Be the only process in a role ("scheduler", "desk", "indexer", "alerts") while the context lasts.

        Waits until the role is free; gives up with Busy after `timeout` (None = never) or as soon as `stop()` is true,
        looked at twice a second. A process that dies sets its role free. Raises Away when the database does not
        answer. The function it gives raises Away once the role may have been lost: call it before each step that only
        its holder may take. Between a call and the step lies a moment that no lock can close; what a step writes must
        stay right if another holder has begun (all writes of this Protocol do).
        """

    def roles_held(self, names: Sequence[str]) -> dict[str, bool]:
        """Which of these roles some process holds now. Empty on SQLite, where one process does everything."""

    def check(self) -> list[str]:
        """What is wrong with the database, in words; empty when all is well."""

    def close(self) -> None:
        """Release connections."""
