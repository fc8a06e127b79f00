"""Reading one state of an Elasticsearch index: a point in time, walked with `search_after`, folded into stories.

A page never asks the server for an offset: it walks down in chunks until enough stories are found, so that what it
costs grows with what is looked past, and no depth is refused. Scores come from the statistics of all shards.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType
from typing import Any

from elasticsearch import ApiError, Elasticsearch, TransportError

from search.ast import Node
from search.base import Hit, Order, Page, Story
from search.elastic_query import Body, narrowed, ranked, unranked

CHUNK = 5_000  # hits of one request, at most; servers refuse more than 10,000
_STORY: list[Body] = [{"field": "story"}]
STORIES = 1_000  # whose copies are asked for at once


class Moment:
    """One state of the index, whatever is written or replaced meanwhile. A context manager."""

    def __init__(self, client: Elasticsearch, target: str, *, keep: str = "1m") -> None:
        self._client = client
        self._target = target
        self._keep = keep
        self._pit = ""
        self.empty = True  # whether there is no index at all

    def __enter__(self) -> Moment:
        opened = self._client.open_point_in_time(
            index=self._target, keep_alive=self._keep, ignore_unavailable=True, preference="wirewatch"
        )
        self._pit = opened["id"]
        self.empty = opened["_shards"]["total"] == 0
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(ApiError, TransportError):  # it ends by itself
            self._client.close_point_in_time(id=self._pit)

    def ask(self, query: Body, sort: list[Body], columns: list[Body], size: int, after: Any = None) -> tuple[Any, int]:
        """(hits, how many match in all) of one chunk."""
        if self.empty:
            return [], 0
        answer = self._client.search(
            pit={"id": self._pit, "keep_alive": self._keep},
            query=query,
            sort=sort,
            size=size,
            search_after=after,
            docvalue_fields=columns,
            stored_fields="_none_",
            track_total_hits=after is None,
            search_type="dfs_query_then_fetch",
            allow_partial_search_results=False,
            filter_path="pit_id,hits.total.value,hits.hits.sort,hits.hits.fields",
        )
        self._pit = answer.get("pit_id", self._pit)
        hits = answer.get("hits", {})
        return hits.get("hits", []), hits.get("total", {}).get("value", 0)

    def chunks(
        self, query: Body, sort: list[Body], columns: list[Body], first: int = CHUNK
    ) -> Iterator[tuple[Any, int]]:
        """Chunks of hits and, with each, how many match in all; the first holds `first` hits, later ones more."""
        size = min(first, CHUNK)
        hits, total = self.ask(query, sort, columns, size)
        seen = len(hits)
        yield hits, total
        while hits and seen < total:
            size = min(4 * size, CHUNK)
            hits, _ = self.ask(query, sort, columns, size, hits[-1]["sort"])
            seen += len(hits)
            yield hits, total


class Search:
    """One query at one moment, folded."""

    def __init__(self, moment: Moment, node: Node, order: Order) -> None:
        self.moment = moment
        self.newest = order is Order.NEWEST
        self.query = unranked(node) if self.newest else ranked(node)
        self.sort: list[Body] = [{"seen": "desc"} if self.newest else {"_score": "desc"}, {"id": "asc"}]

    def page(self, limit: int, offset: int) -> Page:
        """Walk down until enough stories are found; then every matching copy of those shown."""
        wanted = offset + limit
        hits: list[Hit] = []
        stories: dict[str, None] = {}
        total = 0
        for chunk, matching in self.found(2 * wanted + 20):
            total = matching
            hits += chunk
            stories.update((hit.story_id, None) for hit in chunk)
            if len(stories) >= wanted:
                break
        shown = list(stories)[offset:wanted]
        return Page(_folded(shown, hits) if len(hits) >= total else self.with_copies(shown), total)

    def walk(self, batch: int) -> Iterator[Story]:
        """All stories, `batch` at a time."""
        seen: set[str] = set()
        waiting: list[str] = []
        for chunk, _ in self.found(2 * batch):
            for hit in chunk:
                if hit.story_id not in seen:
                    seen.add(hit.story_id)
                    waiting.append(hit.story_id)
            while len(waiting) >= batch:
                yield from self.with_copies(waiting[:batch])
                del waiting[:batch]
        yield from self.with_copies(waiting)

    def found(self, first: int) -> Iterator[tuple[list[Hit], int]]:
        """Matching articles, best first, in chunks, and how many there are in all."""
        for chunk, total in self.moment.chunks(self.query, self.sort, _STORY, first):
            yield [self.hit(one) for one in chunk], total

    def with_copies(self, stories: list[str]) -> tuple[Story, ...]:
        """These stories, each with all its matching articles, best first."""
        made: tuple[Story, ...] = ()
        for at in range(0, len(stories), STORIES):
            some = stories[at : at + STORIES]
            chunks = self.moment.chunks(narrowed(self.query, some), self.sort, _STORY)
            made += _folded(some, [self.hit(one) for chunk, _ in chunks for one in chunk])
        return made

    def hit(self, one: Any) -> Hit:
        """A found article: its order and id are what it was sorted by."""
        rank, article_id = one["sort"][:2]
        return Hit(article_id, one["fields"]["story"][0], 0.0 if self.newest else float(rank))


def _folded(stories: list[str], hits: list[Hit]) -> tuple[Story, ...]:
    copies: dict[str, list[Hit]] = {story: [] for story in stories}
    for hit in hits:
        if hit.story_id in copies:
            copies[hit.story_id].append(hit)
    return tuple((story, tuple(some)) for story, some in copies.items())
