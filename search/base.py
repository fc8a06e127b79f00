"""The index Protocol: what every search back end promises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from pipeline.types import Document
from search.ast import Node


class Order(StrEnum):
    """How hits are ordered. Ties are broken by article id, so that paging is stable."""

    RELEVANCE = "relevance"
    NEWEST = "newest"  # by first_seen, latest first


@dataclass(frozen=True, slots=True)
class Hit:
    """One matching article."""

    article_id: str
    story_id: str
    score: float


@dataclass(frozen=True, slots=True)
class Page:
    """Matching stories, best first: each a story id and its matching articles, best first."""

    stories: tuple[tuple[str, tuple[Hit, ...]], ...]
    total: int  # matching articles in all


class Index(Protocol):
    """A derived, rebuildable index over articles. One writer, many readers, any thread or process.

    `apply` is durable and idempotent: documents replace those of the same article id, and `position` (the last
    change of the records' log that it holds) is remembered together with them. A crash may lose the last
    `apply`, never part of it that `position` covers.
    """

    def apply(self, upserts: Sequence[Document], deletes: Sequence[str], position: int) -> None:
        """Raise DiskFull, Corrupt, or AlreadyRunning while another process writes."""

    def position(self) -> int:
        """The last applied change; 0 for a new index."""

    def count(self) -> int:
        """Articles in the index."""

    def search(self, query: Node, *, limit: int = 20, offset: int = 0, order: Order = Order.RELEVANCE) -> Page:
        """Stories `offset`..`offset + limit` with an article that matches, each with all its matching articles.

        Relative times are resolved beforehand (`search.ast.resolve`), ValueError otherwise. A query that has no
        words to rank by is answered newest first.
        """

    def clear(self) -> None:
        """Empty it, to be rebuilt from position 0."""

    def close(self) -> None:
        """Release the writer."""
