"""What the records take and give besides the types that flow: frozen values, named after what they tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from pipeline.answered import Answered
from pipeline.errors import WirewatchError
from pipeline.types import Article, Copy, Entry, EventAssignment, FeedState, Fetched, Tagging


@dataclass(frozen=True, slots=True)
class Poll:
    """What one poll brought: the entries it listed (seen before or not), and how it settles the address's state.

    `settle` is called once, inside the transaction, with how many of the entries were not seen before.
    """

    source_id: str
    url: str
    settle: Callable[[int], FeedState]
    entries: tuple[Entry, ...] = ()
    answered: Answered | None = None  # counted for the source and the day; None = nothing was asked
    part: bool = False  # a sitemap of an index: the state is the index's


@dataclass(frozen=True, slots=True)
class PollResult:
    """How many of a poll's entries were not seen before, and how many were edited since (new revision)."""

    url: str
    new: int
    edited: int


@dataclass(frozen=True, slots=True)
class Spooled:
    """A fetched page waiting for the stages, with the entry that led to it (None for `add URL`)."""

    id: int
    page: Fetched
    entry: Entry | None
    tries: int = 0


@dataclass(frozen=True, slots=True)
class PageFailure:
    """A page that could not be fetched. `state` is the entry's next state; `next_try` None = never again."""

    entry_id: str
    state: str  # "pending" (try again), "blocked", "gone", "failed"
    error: WirewatchError
    next_try: datetime | None
    answered: Answered | None = None  # counted for the source and the day; None = nothing was asked


@dataclass(frozen=True, slots=True)
class AnswerCount:
    """How often a source answered so on a day (UTC)."""

    source_id: str
    day: date
    outcome: Answered
    count: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry without an article yet: source, entry, and what keeps its page ("" = not fetched yet)."""

    source_id: str
    entry: Entry
    first_seen: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the change log. The article is to be (re)indexed, or deleted when it is no more."""

    seq: int
    article_id: str


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Something kept for a person to look at and replay."""

    id: int
    stage: str
    source_id: str
    url: str
    error_kind: str
    error: str
    since: datetime
    size: int  # bytes kept


@dataclass(frozen=True, slots=True)
class StoryView:
    """A story with its copies, root first (the earliest published or, failing that, first seen)."""

    id: str
    copies: tuple[Copy, ...]
    event: EventAssignment | None = None  # None = filed before there were events

    @property
    def sources(self) -> tuple[str, ...]:
        """Ids of the sources that carry it, each once, in order of their copies."""
        return tuple(dict.fromkeys(copy.source_id for copy in self.copies))

    @property
    def outlets(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(dict.fromkeys(copy.outlet for copy in self.copies))

    @property
    def wires(self) -> tuple[str, ...]:
        """The agencies that copies credit."""
        return tuple(dict.fromkeys(copy.wire for copy in self.copies if copy.wire))


@dataclass(frozen=True, slots=True)
class ArticleView:
    """One article as stored, with its story and tags."""

    article: Article
    tagging: Tagging
    story_id: str
    outlet: str
    country: str
    method: str
    score: float
    versions: int
    like: str = ""  # the article it was matched with
    like_version: str = ""  # what that said then
    spans: bytes | None = None  # where the two agree; None = not compared


@dataclass(frozen=True, slots=True)
class Said:
    """What persons said of copies, up to a step. `moved` is of the steps that were news, the rest is all there is."""

    step: int
    moved: Mapping[str, str]  # article -> the story it is in now
    settled: frozenset[str]  # articles that no machine moves
    apart: tuple[tuple[str, str], ...]  # stories that are never to be one


@dataclass(frozen=True, slots=True)
class Revision:
    """One version of an article at its address. An article may return to an older one: `current` is not always last."""

    version: str
    title: str
    text: str  # "" when it is headline grade, or may no longer be kept
    seen: datetime  # when this version was first seen
    current: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry as the records keep it: what a listing told, and where its page stands."""

    entry: Entry
    source_id: str
    listed_by: str  # the polled address that brought it
    first_seen: datetime
    revised: datetime  # when this revision was first seen
    state: str  # "pending", "fetched", "done", "blocked", "gone", "failed", "quarantined"
    error_kind: str
    error: str  # what keeps its page, or why that was rejected; "" when nothing did
    tries: int
    due: datetime | None  # when its page is fetched, or its lease ends; None = not at all
    article_id: str | None  # the article that it led to


@dataclass(frozen=True, slots=True)
class OnSpool:
    """A page that waits for the stages, without its body."""

    id: int
    url: str  # where it was found
    fetched: datetime
    tries: int
    size: int  # bytes of the body


@dataclass(frozen=True, slots=True)
class Trail:
    """All that the records know of one address. What is None or 0 has left no trace."""

    url: str  # as asked for
    listed: Listed | None
    spooled: OnSpool | None
    quarantined: Quarantined | None
    article: ArticleView | None
    last_change: int  # the newest line of the change log about its article


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """State of one source, from all its feeds."""

    source_id: str
    name: str
    country: str
    feeds: int
    state: str  # "new", "healthy", "failing", "blocked", "quiet"
    last_success: datetime | None
    last_error: str  # in words; "" when healthy
    per_day: float  # new entries a day
    articles: int
    pending: int


@dataclass(frozen=True, slots=True)
class Watched:
    """A current source that is collected, and how that goes."""

    source_id: str
    name: str
    state: str  # as in SourceHealth; "blocked" = the outlet shuts all its feeds to us
    last_success: datetime | None
    last_error: str


@dataclass(frozen=True, slots=True)
class Sizes:
    """What a watch over the house looks at every few seconds: cheap to tell, however large the archive is."""

    spooled: int
    quarantined: int
    last_change: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits between the outlets and the archive. Times are those of the one that waits longest."""

    polls: int  # polled addresses that are due
    polls_since: datetime | None
    pages: int  # entries whose page is due; not those whose next try is still to come
    pages_since: datetime | None  # when it was listed, or told anew
    later: int  # entries whose page is tried again later
    spooled: int  # pages fetched and not yet filed
    spooled_since: datetime | None
    bare: int  # entries without an article yet: their headline is filed from the listing
    bare_since: datetime | None
    quarantined: int
    last_change: int


@dataclass(frozen=True, slots=True)
class Outgoing:
    """How sending stands. `pending` and `oldest` (when its alert was made) are of webhooks and notifications alone, for
    what waits for a digest is not late.
    """

    pending: int
    dead: int
    oldest: datetime | None
    failing: int  # outputs


@dataclass(frozen=True, slots=True)
class Retag:
    """How far the archive was tagged anew by the rules of that digest. Articles are taken in order of id."""

    digest: str
    after: str = ""  # the id of the last article
    seen: int = 0
    changed: int = 0  # those whose tags turned out other
    kept: int = 0  # those whose text we may not keep: their tags stay
    done: bool = False


@dataclass(frozen=True, slots=True)
class Retagged:
    """New tags of an article, made of that version and summary of it."""

    article_id: str
    version: str
    summary: str
    tagging: Tagging


@dataclass(frozen=True, slots=True)
class Totals:
    """Sizes of the archive and its queues."""

    articles: int
    stories: int
    entries: int
    pending: int
    spooled: int
    quarantined: int
    last_change: int
    rejected: tuple[tuple[str, int], ...] = ()  # reason (error class), count
