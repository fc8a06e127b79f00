"""The index Protocol: what every search back end promises."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from pipeline.types import Document
from search.ast import Near, Node, Phrase, Prefix, Word, leaves
from search.facets import Facet
from search.like import Like

Asked = Node | Like


class Order(StrEnum):
    """How hits are ordered. Ties are broken by article id, so that paging is stable."""

    RELEVANCE = "relevance"
    NEWEST = "newest"  # by first_seen, latest first


class Hit(NamedTuple):
    """One matching article."""

    article_id: str
    story_id: str
    score: float


Span = tuple[datetime, datetime]  # from the first until just before the second
Story = tuple[str, tuple[Hit, ...]]  # its id, and its matching articles, best first


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: behind this article, the best of the last story shown (or the last one itself)."""

    rank: float  # its score, or its first_seen in microseconds since 1970
    article_id: str
    passed: int = 0  # articles that rank above `rank`, as far as the back end wants to know
    total: int = 0  # matching articles when the first page was made


@dataclass(frozen=True, slots=True)
class Page:
    """Matching stories, best first. Unfolded, each is one article and a story may come again."""

    stories: tuple[Story, ...]
    total: int  # matching articles in all
    next: Place | None = None  # where the next page begins; None = that was all
    of: int | None = None  # stories that match in all, where the page came to know


class Survey(NamedTuple):
    """What all matching articles have in common."""

    facets: Mapping[str, Facet]
    counts: Mapping[datetime, int]
    total: int  # how many those are


_HELD = [field.name for field in fields(Document) if field.name != "relevance"]  # which no index holds


def content_hash(document: Document) -> str:
    """What tells whether an index holds this very state of an article: 32 hexadecimal digits."""
    values = (getattr(document, name) for name in _HELD)
    held = "\0".join(value if isinstance(value, str) else repr(value) for value in values)
    return hashlib.blake2b(held.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def ranking(query: Asked, order: Order) -> Order:
    """The order asked for; a query that has no words to rank by is answered newest first."""
    if isinstance(query, Like):
        return order
    scored = any(isinstance(leaf, Word | Phrase | Near | Prefix) for leaf in leaves(query, negated=False))
    return order if scored else Order.NEWEST


@dataclass(frozen=True, slots=True)
class Differences:
    """In what an index differs from the records, as article ids.

    What it has not been told yet is no difference: `behind` counts it.
    """

    missing: tuple[str, ...] = ()  # in the records, not in the index
    stale: tuple[str, ...] = ()  # another state of the article is in the index
    extra: tuple[str, ...] = ()  # in the index, not in the records
    doubled: tuple[str, ...] = ()  # more than once in the index
    behind: int = 0

    def ids(self) -> set[str]:
        """All articles that differ."""
        return {*self.missing, *self.stale, *self.extra, *self.doubled}


class Index(Protocol):
    """A derived, rebuildable index over articles. One writer, many readers, any thread or process.

    `apply` is durable and idempotent: documents replace those of the same article id, and `position` (the last
    change of the records' log that it holds) is remembered together with them. A crash may lose the last
    `apply`, never part of it that `position` covers. What was applied may show a moment later (`refresh`).

    Every method raises Away when the index is a service that does not answer; it may be called again.
    """

    def apply(self, upserts: Sequence[Document], deletes: Sequence[str], position: int) -> None:
        """Raise DiskFull, Corrupt, or AlreadyRunning while another process writes."""

    def refresh(self) -> None:
        """Show everything that was applied to every search from now on."""

    def position(self) -> int:
        """The last applied change; 0 for a new index."""

    def count(self) -> int:
        """Articles in the index."""

    def search(
        self,
        query: Asked,
        *,
        limit: int = 20,
        offset: int = 0,
        order: Order = Order.RELEVANCE,
        after: Place | None = None,
        folded: bool = True,
        matching: int | None = None,
    ) -> Page:
        """Up to `limit` stories with an article that matches, each with all its matching articles.

        Relative times are resolved beforehand (`search.ast.resolve`) and saved queries expanded
        (`search.saved.expand`), ValueError otherwise. A query that has no words to rank by is answered newest first.
        Without `folded` each article comes by itself.

        `after` is where another page of the same query ended (its `next`): what a page costs does not grow with how
        deep it is. While the index does not change, no story comes twice and none is missed. While it does, what
        ranks behind the place now is given. Newest first, a story comes once, unless a new article lifts it above
        the place, where all that is new stands. By relevance, a story whose score crosses the place may come twice
        or be missed.
        `offset` passes over stories first, at the cost of showing them.
        `matching` is how many articles match, if somebody counted them: a few may then be read all at once.
        """

    def walk(
        self, query: Asked, *, order: Order = Order.NEWEST, batch: int = 100, folded: bool = True
    ) -> Iterator[Story]:
        """All stories with an article that matches, however many, as they were when the first one was asked for.

        What is written meanwhile changes nothing. The same stories in the same order as `search` gives.
        """

    def facets(self, query: Asked, names: Sequence[str], *, top: int = 10) -> Mapping[str, Facet]:
        """For each of `search.facets.FACETS` asked for, the values that most matching articles have.

        The counts are exact, and alike on all back ends. Raises ValueError for a name that is none.
        """

    def counts(self, query: Asked, field: str, *, hourly: bool = False) -> Mapping[datetime, int]:
        """Matching articles by the day or hour (UTC) of "seen" or "date", in order; those with none are left out.

        Asked for so much that the answer has more than 65,000 hours, a back end may raise.
        """

    def survey(
        self, query: Asked, names: Sequence[str] = (), *, top: int = 10, by: str = "", hourly: bool = False
    ) -> Survey:
        """`facets` of these names, with `by` `counts` by that field, and how many match, for the price of one."""

    def stories(self, query: Asked, spans: Sequence[Span] = ()) -> list[int]:
        """How many stories have a matching article; with `spans`, how many have one first seen in each of them.

        The spans are in order and do not overlap. Exact, and alike on all back ends; it reads every matching article.
        """

    def largest(self, query: Asked, top: int) -> list[tuple[str, int]]:
        """Ids of the stories with the most matching articles, and how many, most first.

        Which of those with equally many come at the end is left to the back end.
        """

    def frequencies(self, terms: Sequence[str], *, english: bool = False) -> Mapping[str, int]:
        """How many articles have each term (see `search.analysis`; with `english` a stem) in their text."""

    def contents(self, article_ids: Sequence[str] | None = None) -> Iterator[tuple[str, str]]:
        """(article id, `content_hash`) of all articles, or of these, by id. One that is there twice comes twice."""

    def keeps(self, document: Document) -> bool:
        """False when the index leaves this article out by design, being older than what is retained."""

    def expire(self, now: datetime) -> list[str]:
        """Drop what is older than the retention allows, for good; returns the months dropped ("2026-01")."""

    @property
    def outdated(self) -> bool:
        """Whether it was made by another version of the schema, so that it wants to be made anew."""

    def anew(self) -> AbstractContextManager[Index]:
        """An empty index to be filled, which takes this one's place when the context ends without an error.

        A back end that can goes on serving this one until then, and swaps them at one instant.
        """

    def clear(self) -> None:
        """Empty it, to be rebuilt from position 0."""

    def close(self) -> None:
        """Release the writer."""
