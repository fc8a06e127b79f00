"""Reading an Elasticsearch index: walked with `search_after`, folded into stories.

A page never asks the server for an offset: it walks down in chunks until enough stories are found, so that what it
costs grows with what is looked past, and no depth is refused. Scores come from the statistics of all shards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import Any

from elasticsearch import ApiError, Elasticsearch, TransportError

from search.base import Asked, Hit, Order, Place, Span, Survey
from search.elastic_query import Body, narrowed, ranked, unranked
from search.facets import ALL, COLUMN, Facet, highest
from search.folding import Found, in_spans
from search.weights import EPOCH

CHUNK = 5_000  # hits of one request, at most; servers refuse more than 10,000
_STORY: list[Body] = [{"field": "story"}]
STORIES = 1_000  # whose copies are asked for at once
SHARD_VALUES = 4_000  # of a facet, from each shard, at first


class Moment:
    """The index as it is now or, with `keep`, one state of it, whatever is written or replaced meanwhile.

    A context manager. What is kept costs two requests more, and the server room; a page makes do without: it is one
    request, and one more for the copies of the stories that it shows.
    """

    def __init__(self, client: Elasticsearch, target: str, *, keep: str = "") -> None:
        self._client = client
        self._keep = keep
        self._of: Body = {"index": target, "ignore_unavailable": True, "preference": "wirewatch"}
        self.empty = False  # whether there is known to be no index at all

    def __enter__(self) -> Moment:
        if self._keep:
            opened = self._client.open_point_in_time(**self._of, keep_alive=self._keep)
            self._of = {"pit": {"id": opened["id"], "keep_alive": self._keep}}
            self.empty = opened["_shards"]["total"] == 0
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._keep:
            with suppress(ApiError, TransportError):  # it ends by itself
                self._client.close_point_in_time(id=self._of["pit"]["id"])

    def _search(self, wanted: str, **body: Any) -> Any:
        answer = self._client.search(
            **self._of, **body, allow_partial_search_results=False, filter_path=f"pit_id,{wanted}"
        )
        if self._keep:
            self._of["pit"]["id"] = answer.get("pit_id", self._of["pit"]["id"])
        return answer

    def ask(self, query: Body, sort: list[Body], columns: list[Body], size: int, after: Any = None) -> tuple[Any, int]:
        """(hits, how many match in all) of one chunk."""
        if self.empty:
            return [], 0
        answer = self._search(
            "hits.total.value,hits.hits.sort,hits.hits.fields",
            query=query,
            sort=sort,
            size=size,
            search_after=after,
            docvalue_fields=columns,
            stored_fields="_none_",
            track_total_hits=after is None,
            search_type="dfs_query_then_fetch",
        )
        hits = answer.get("hits", {})
        return hits.get("hits", []), hits.get("total", {}).get("value", 0)

    def chunks(
        self, query: Body, sort: list[Body], columns: list[Body], first: int = CHUNK, after: Any = None
    ) -> Iterator[tuple[Any, int]]:
        """Chunks of hits and, with each, how many match in all (0 when `after` says where to begin); the first
        holds `first` hits, later ones more."""
        size = min(first, CHUNK)
        hits, total = self.ask(query, sort, columns, size, after)
        yield hits, total
        while len(hits) == size:
            size = min(4 * size, CHUNK)
            hits, _ = self.ask(query, sort, columns, size, hits[-1]["sort"])
            yield hits, total

    def summed(self, query: Body, aggregations: Body) -> Any:
        """The aggregations over all that match, by name; {} while there is no index."""
        answer = self._search("aggregations", query=query, size=0, track_total_hits=False, aggregations=aggregations)
        return answer.get("aggregations", {})


class Search:
    """One query at one moment, as `search.folding.Ranked`."""

    def __init__(
        self, moment: Moment, asked: Asked, order: Order, *, folded: bool, matching: int | None = None
    ) -> None:
        self.moment = moment
        self.folded = folded
        self.newest = order is Order.NEWEST
        self.query = unranked(asked) if self.newest else ranked(asked)
        self.sort: list[Body] = [{"seen": "desc"} if self.newest else {"_score": "desc"}, {"id": "asc"}]
        self.total = 0
        self.of: int | None = None
        self._few = matching + 1 if folded and matching is not None and matching < CHUNK else 0
        self._all: list[Hit] = []  # every match, when one chunk held them

    def found(self, first: int, after: Place | None = None) -> Iterator[Found]:
        """See `search.folding.Ranked`."""
        behind = [self.rank_now(after), after.article_id] if after else None
        for hits, total in self.moment.chunks(self.query, self.sort, _STORY, max(first, self._few), behind):
            chunk = [self.ranked(one) for one in hits]
            if after is None:
                self.total = total
                if len(chunk) == total:
                    self._all = [one.hit for one in chunk]
                    self.of = len({hit.story_id for hit in self._all}) if self.folded else None
            yield from chunk

    def copies(self, stories: Sequence[str]) -> dict[str, list[Hit]]:
        """See `search.folding.Ranked`."""
        copies: dict[str, list[Hit]] = {story: [] for story in stories}
        if self._all:
            hits = self._all
        else:
            asked = [stories[at : at + STORIES] for at in range(0, len(stories), STORIES)]
            hits = [
                self.ranked(one).hit
                for some in asked
                for chunk, _ in self.moment.chunks(narrowed(self.query, "story", some), self.sort, _STORY)
                for one in chunk
            ]
        for hit in hits:
            if hit.story_id in copies:
                copies[hit.story_id].append(hit)
        return copies

    def rank_now(self, place: Place) -> float:
        """Scores drift as the index grows: the score that the place's article has now, if it still matches."""
        if self.newest:
            return place.rank
        hits, _ = self.moment.ask(narrowed(self.query, "_id", [place.article_id]), self.sort, [], 1)
        return float(hits[0]["sort"][0]) if hits else place.rank

    def ranked(self, one: Any) -> Found:
        """An article: its order and id are what it was sorted by."""
        rank, article_id = one["sort"][:2]
        return Found(Hit(article_id, one["fields"]["story"][0], 0.0 if self.newest else float(rank)), rank)


# --- facets and counts ----------------------------------------------------------------------
def survey(moment: Moment, asked: Asked, names: Sequence[str], top: int, by: str, width: timedelta) -> Survey:
    """See `search.base.Index`. A shard sends its first so many values; while that is not surely enough, more."""
    query, over = unranked(asked), {"field": by, "interval": width // timedelta(microseconds=1), "min_doc_count": 1}
    once: Body = {"all": {"value_count": {"field": "seen"}}} | ({"over": {"histogram": over}} if by else {})
    told = moment.summed(query, once | _terms(names, top, SHARD_VALUES))
    counts = told.get("over", {}).get("buckets", [])
    total = int(told.get("all", {}).get("value", 0))
    found: dict[str, Facet] = {}
    wanted, size = list(names), SHARD_VALUES
    while wanted:
        for name in wanted[:]:
            has = told.get(COLUMN.format(name), {})
            if not has.get("doc_count_error_upper_bound") or size > ALL:
                found[name] = highest({one["key"]: one["doc_count"] for one in has.get("buckets", [])}, top)
                wanted.remove(name)
        if wanted:
            size *= 16
            told = moment.summed(query, _terms(wanted, top, size))
    return Survey(
        {name: found[name] for name in names},
        {EPOCH + timedelta(microseconds=int(one["key"])): one["doc_count"] for one in counts},
        total,
    )


def _terms(names: Sequence[str], top: int, size: int) -> Body:
    columns = [COLUMN.format(name) for name in names]
    return {column: {"terms": {"field": column, "size": top, "shard_size": max(size, top)}} for column in columns}


def stories(moment: Moment, asked: Asked, spans: Sequence[Span]) -> list[int]:
    """See `search.base.Index`."""
    sort: list[Body] = [{"seen": "desc"}, {"id": "asc"}]
    chunks = moment.chunks(unranked(asked), sort, _STORY)
    return in_spans(((int(one["sort"][0]), one["fields"]["story"][0]) for hits, _ in chunks for one in hits), spans)


def largest(moment: Moment, asked: Asked, top: int) -> list[tuple[str, int]]:
    """See `search.base.Index`; so many of each shard that the sums are those of all."""
    terms: Body = {"terms": {"field": "story", "size": top, "shard_size": SHARD_VALUES * 4}}
    buckets = moment.summed(unranked(asked), {"largest": terms}).get("largest", {}).get("buckets", [])
    return [(one["key"], one["doc_count"]) for one in buckets]


def frequencies(moment: Moment, terms: Sequence[str], field: str) -> dict[str, int]:
    """See `search.base.Index`."""
    told = moment.summed(
        {"match_all": {}}, {"have": {"filters": {"filters": {term: {"term": {field: term}} for term in terms}}}}
    )
    have = told.get("have", {}).get("buckets", {})
    return {term: have.get(term, {}).get("doc_count", 0) for term in terms}
