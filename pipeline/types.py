"""What flows, frozen and named after its stage. This module imports nothing of ours but the errors.

    Source --scheduler--> FetchTask --crawler--> Fetched | NotModified | FetchFailed
    Fetched(feed, sitemap, section) --read--> Listing(Entry*) --seen before?--> FetchTask(page) --> Fetched(page)
    Fetched(page) + Entry --extract--> Article --attribute--> Article --fingerprint--> Fingerprint
      --assign--> Assignment --tag--> Tagging --> Filed (committed) --> Document (indexed)

All times are timezone-aware UTC. All ids are short ASCII strings made by `pipeline.ids`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from pipeline.errors import WirewatchError

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Kind(StrEnum):
    """What an address is expected to hold. A `FEED` may turn out RSS, Atom or JSON Feed."""

    FEED = "feed"
    SITEMAP = "sitemap"  # plain or index, gzip or not
    NEWS_SITEMAP = "news-sitemap"
    SECTION = "section"  # an HTML page whose links are stories
    PAGE = "page"


class Storage(StrEnum):
    """How much of a story a source lets us keep."""

    FULL = "full"
    SUMMARY = "summary"
    HEADLINE = "headline"


class Grade(StrEnum):
    """How much of a story was read."""

    HEADLINE = "headline"
    PARTIAL = "partial"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Rules:
    """Selectors for an outlet that the general reader does not do justice to; see `pipeline.rules`. Empty = none."""

    body: str = ""  # the element, or elements, that hold the story
    remove: tuple[str, ...] = ()  # what is cut out before anything is read
    title: str = ""
    authors: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """One outlet, as its TOML file tells it."""

    id: str
    name: str
    country: str  # ISO 3166-1 alpha-2, upper case; "INT" for alliances and international bodies
    language: str  # ISO 639-1
    homepage: str
    kind: str = "newspaper"
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    news_sitemaps: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()  # regular expressions over story addresses; empty = all
    deny: tuple[str, ...] = ()
    carries: tuple[str, ...] = ()  # agencies whose copy it republishes
    poll_min: timedelta = timedelta(minutes=5)
    poll_max: timedelta = timedelta(hours=12)
    storage: Storage = Storage.FULL
    rules: Rules = Rules()
    terms: str = ""
    blocked: str = ""  # why it is listed but not collected ("no feed; pages blocked"), or ""
    confirmed: date | None = None  # when its addresses were last seen to work; None = not confirmed
    confirmed_how: str = "not confirmed"


@dataclass(frozen=True, slots=True)
class FetchTask:
    """One address to fetch. `etag`, `last_modified` and `content_hash` are of the last good answer."""

    url: str
    source_id: str
    kind: Kind
    entry_id: str = ""  # for pages: the entry that asked for it
    etag: str = ""
    last_modified: str = ""
    content_hash: str = ""
    attempt: int = 0
    verify_only: bool = False


@dataclass(frozen=True, slots=True)
class Fetched:
    """A good answer. `url` is where it was found after redirects, `body` is decompressed."""

    task: FetchTask
    url: str
    status: int
    headers: Mapping[str, str]  # lower-case names; only those that a stage reads
    body: bytes
    fetched: datetime
    content_hash: str = ""
    redirected_for_good: str = ""  # the address of a 301/308, or ""


@dataclass(frozen=True, slots=True)
class NotModified:
    """304, or 200 with the bytes of last time (`same_bytes`). Costs no parse."""

    task: FetchTask
    fetched: datetime
    headers: Mapping[str, str] = field(default_factory=lambda: NO_HEADERS)
    same_bytes: bool = False


@dataclass(frozen=True, slots=True)
class FetchFailed:
    """No good answer; the error says what happens next."""

    task: FetchTask
    error: WirewatchError
    fetched: datetime
    status: int = 0


Outcome = Fetched | NotModified | FetchFailed


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a feed, sitemap or section page. `url` is absolute, as given; `id` of its canonical form."""

    id: str
    url: str
    canonical_url: str
    title: str = ""
    summary: str = ""  # plain text
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    published_how: str = ""  # "feed:published", "feed:updated", "sitemap:news", "sitemap:lastmod", ""
    language: str = ""
    tags: tuple[str, ...] = ()
    revision: str = ""  # changes when the outlet edits the entry


@dataclass(frozen=True, slots=True)
class Listing:
    """What a feed, sitemap or section page says. Empty and valid is no error."""

    entries: tuple[Entry, ...]
    format: str  # "rss 2.0", "atom 1.0", "json feed 1.1", "sitemap", "sitemap index", "section", …
    reader: str  # "fast" or "feedparser" for feeds; "json", "lxml" otherwise
    title: str = ""
    language: str = ""
    home: str = ""
    ttl: timedelta | None = None
    skip_hours: frozenset[int] = frozenset()  # UTC hours
    skip_days: frozenset[int] = frozenset()  # Monday = 0
    more: tuple[str, ...] = ()  # sitemaps of an index, newest first
    warning: str = ""  # what was odd, in words


@dataclass(frozen=True, slots=True)
class FeedState:
    """All that is remembered of one polled address. Intervals and times decide the next poll."""

    source_id: str
    url: str
    kind: Kind
    etag: str = ""
    last_modified: str = ""
    content_hash: str = ""
    interval: timedelta = timedelta(minutes=30)
    next_due: datetime | None = None  # None = at once
    last_try: datetime | None = None
    last_success: datetime | None = None  # a 200 that was read; a 304 only if the last answer was good
    last_new: datetime | None = None  # when it last brought an entry not seen before
    per_day: float = 0.0  # new entries a day, exponentially weighted
    failures: int = 0  # in a row
    error: str = ""  # last error in words; "" when healthy
    error_kind: str = ""  # its class name


@dataclass(frozen=True, slots=True)
class Known:
    """How a field of an article is known: the method that won, and a confidence from 0 to 1."""

    how: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Article:
    """A story as one outlet tells it. `text` is paragraphs separated by a blank line."""

    id: str
    url: str  # where it was read
    canonical_url: str
    source_id: str
    title: str
    text: str = ""
    summary: str = ""
    grade: Grade = Grade.HEADLINE
    authors: tuple[str, ...] = ()
    contributors: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # by role: "photo", "editing", "translation"
    published: datetime | None = None
    published_how: str = ""  # "json-ld", "meta", "time element", "feed:published", "text", "url", …
    published_confidence: float = 0.0  # 0..1
    published_offset: int | None = None  # the page's own clock, minutes east of UTC; None = it names no zone
    modified: datetime | None = None
    modified_offset: int | None = None
    fetched: datetime | None = None
    first_seen: datetime | None = None  # set once, by the records
    language: str = ""
    section: str = ""
    keywords: tuple[str, ...] = ()
    image: str = ""
    wire: str = ""  # agency the text comes from, or ""
    wire_how: str = ""  # "dateline", "byline", "credit", "json-ld", …
    credit: str = ""  # the credit line as printed
    dateline_places: tuple[str, ...] = ()
    dateline_date: date | None = None
    dateline_agency: str = ""
    notices: tuple[str, ...] = ()  # embargo and correction lines, as printed
    paywalled: bool | None = None  # None = the page does not say
    known: Mapping[str, Known] = field(default_factory=dict)  # by field name ("title", "text", "wire", …)
    storage: Storage = Storage.FULL  # what the source, noarchive and TDM reservations leave us
    storage_why: str = ""
    version: str = ""  # id of title and text; see pipeline.ids.version_id


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What folding compares: a hash of the normalised text, and sorted 64-bit shingle hashes, packed."""

    exact: str  # "" when there is too little text
    title_key: str  # normalised headline
    shingles: bytes  # numpy uint64, little-endian, sorted, unique; b"" for a headline alone
    paragraphs: bytes = b""  # keys of the text's paragraphs (`pipeline.paragraphs`), by which furniture is learned
    terms: bytes = b""  # what event grouping compares


@dataclass(frozen=True, slots=True)
class Assignment:
    """Which story an article belongs to, and why."""

    article_id: str
    story_id: str
    method: str  # "first", "exact", "near", "headline", "kept"
    score: float = 1.0  # share of the shorter text found in the other, 0..1
    like: str = ""  # the article it was matched with
    merged: tuple[str, ...] = ()  # stories that this article showed to be this one: their ids redirect
    kind: str = ""  # "first", "copy", "cut", "brief", "padded", "update", "headline": beside the story's first text


@dataclass(frozen=True, slots=True)
class EventAssignment:
    """Which event a story belongs to, and why."""

    event_id: str
    score: float = 1.0  # similarity to the event, faded by time, 0..1; 1 for the story that founded it
    like: str = ""  # the story of the event it is most like; "" for the one that founded it
    shared: int = 0  # terms it shares with the event


class Span(NamedTuple):
    """Where a mention stands: characters from `start` to before `end` of headline or text (else summary)."""

    start: int
    end: int
    in_title: bool = False


@dataclass(frozen=True, slots=True)
class Tag:
    """A topic or entity found in a text. Equal to another by what is said, wherever it stands."""

    id: str  # "topic:autonomous-weapons", "org:anthropic"; "name:jane-roe" for one outside the taxonomy
    name: str
    count: int = 1
    in_title: bool = False
    spans: tuple[Span, ...] = field(default=(), compare=False)  # the first few; () = tagged before they were kept
    kind: str = ""  # of a name outside the taxonomy: "person", "org", "place" or "name"


@dataclass(frozen=True, slots=True)
class Tagging:
    """Topics, entities and relevance to what the archive watches."""

    topics: tuple[Tag, ...] = ()
    entities: tuple[Tag, ...] = ()
    relevance: float = 0.0  # 0..1
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """What the stages made of one page (or of one entry alone), ready for the story desk."""

    article: Article
    fingerprint: Fingerprint
    tagging: Tagging
    spent: Mapping[str, float] = field(default_factory=dict)  # CPU seconds by stage


@dataclass(frozen=True, slots=True)
class Filed:
    """A read article with its story: what one transaction of the records writes."""

    read: Read
    assignment: Assignment
    like_version: str = ""  # what the article that it is like said then
    spans: bytes | None = None  # where the two agree; None = not compared
    event: EventAssignment | None = None  # of the story, told with the article that founded it


@dataclass(frozen=True, slots=True)
class Document:
    """What the index holds of an article; made by the records, consumed by search."""

    article_id: str
    story_id: str
    title: str
    text: str
    summary: str
    url: str
    source_id: str
    outlet: str
    country: str
    language: str
    authors: tuple[str, ...]
    wire: str
    topics: tuple[str, ...]  # ids without their "topic:" prefix
    entities: tuple[str, ...]  # ids and names
    published: datetime | None
    first_seen: datetime
    relevance: float
    grade: Grade
    dateline: tuple[str, ...] = ()  # places
    copies: int = 1  # of its story, itself included
    changed: datetime | None = None  # when its text last became another; None = never since it was read


@dataclass(frozen=True, slots=True)
class Copy:
    """One outlet's copy, as lists show it."""

    article_id: str
    story_id: str
    title: str
    url: str
    source_id: str
    outlet: str
    country: str
    published: datetime | None
    first_seen: datetime
    grade: Grade
    wire: str
    method: str
    score: float
