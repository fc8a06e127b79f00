"""Reading one commit of a tantivy index: ranked articles, stories.

tantivy gives the best so many of a query, from any offset, at about the same cost wherever that is. It knows no
"behind this score", so a place remembers how many rank above it, and that is checked against what stands there.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import tantivy
from tantivy import FieldType, Occur, Query, Searcher

from search.base import Hit, Order, Place, Span
from search.folding import Found, in_spans

_Entry = tuple[float, tantivy.DocAddress]  # what it is ordered by (a score, or when it was seen), and where it is
_ROWS = 10_000  # remembered
_MORE = 4  # a further chunk is so many times as large
_MANY = 10_000  # hits of which all are asked for at once
_TIED = 4  # more than are wanted, for the last ones, if they tie, wait for the next chunk


class Search:
    """One query over one commit."""

    def __init__(
        self,
        searcher: Searcher,
        schema: tantivy.Schema,
        query: Query,
        order: Order,
        *,
        folded: bool,
        matching: int | None = None,
    ) -> None:
        self.searcher = searcher
        self.schema = schema
        self.query = query
        self.newest = order is Order.NEWEST
        self.folded = folded
        self.total = 0
        self.of: int | None = None
        self._few = matching if folded and matching is not None and matching <= _MANY else 0
        self._all_met = False  # whether the first look held every match
        self._known: set[float | None] = set()  # stories given already, by their fold key
        self._folds: dict[str, float | None] = {}  # of those stories
        self._met: dict[float | None, list[_Entry]] = defaultdict(list)  # what was found of each story, by fold key
        self._read: dict[tuple[int, int], Hit] = {}  # rows are dear

    # --- as `search.folding.Ranked` ---------------------------------------------------------
    def found(self, first: int, after: Place | None = None) -> Iterator[Found]:
        """See `search.folding.Ranked`."""
        query, offset = self.query, 0
        if after and self.newest:
            until = Query.range_query(self.schema, "seen", FieldType.Integer, None, int(after.rank))
            query = self.narrowed(until)
        elif after:
            after, offset = self.begin(after, first)
        take = max(1, first, 0 if after else self._few) + _TIED
        while True:
            entries, total = self.best(query, take, offset)
            if offset == 0:
                self.total = total
            complete = offset + len(entries) >= total
            self._all_met = complete and not after and not offset
            if not complete:  # those that tie with the last one are put in order with the rest
                entries = [entry for entry in entries if entry[0] != entries[-1][0]]
            for one in self.in_order(entries, offset):
                if not after or _is_behind(one, after):
                    yield one
            if complete:
                return
            offset += len(entries)
            take *= _MORE

    def copies(self, stories: Sequence[str]) -> dict[str, list[Hit]]:
        """See `search.folding.Ranked`."""
        found: dict[str, list[Hit]] = {story: [] for story in stories}
        if not found:
            return found
        met = {story: self._met.get(self._folds.get(story), []) for story in found}
        more = [story for story in found if self.is_more(story, len(met[story]))]
        entries = [entry for story in met.keys() - more for entry in met[story]] + self.of_stories(more)
        for _, hit in sorted([(-entry[0], self.hit(entry)) for entry in entries]):
            if hit.story_id in found:
                found[hit.story_id].append(hit)
        return found

    # --- how it is done ---------------------------------------------------------------------
    def is_more(self, story: str, met: int) -> bool:
        """Whether more of its articles may match than were met."""
        return not self._all_met and self.searcher.doc_freq("story", story) != met

    def of_stories(self, stories: Sequence[str]) -> list[_Entry]:
        """The articles of these that match."""
        if not stories:
            return []
        # A union of terms is several times as fast as a set of terms, which walks each segment's dictionary.
        terms = [(Occur.Should, Query.term_query(self.schema, "story", story, "basic")) for story in stories]
        query = self.narrowed(Query.boolean_query(terms))
        entries, total = self.best(query, 10 * len(stories) + 100)
        if len(entries) < total:
            entries, total = self.best(query, total)
        return entries

    def best(self, query: Query, take: int, offset: int = 0) -> tuple[list[_Entry], int]:
        """The best articles and how many match in all; ties in no order yet."""
        if self.newest:
            result = self.searcher.search(query, take, offset=offset, order_by_field="seen")
        else:
            result = self.searcher.search(query, take, offset=offset, weight_by_field="recency")
        return result.hits, count_of(result)

    def narrowed(self, to: Query) -> Query:
        """The query within another, which weighs nothing."""
        return Query.boolean_query([(Occur.Must, self.query), (Occur.Must, Query.const_score_query(to, 0.0))])

    def begin(self, after: Place, first: int) -> tuple[Place, int]:
        """The place with the score that it has now, and an offset before which everything ranks above it."""
        offset = max(0, after.passed)
        around, _ = self.best(self.query, first + 1, max(0, offset - 1))
        same = any(
            score == after.rank and self.hit((score, address)).article_id == after.article_id
            for score, address in around
            if score == after.rank
        )
        if same and (offset == 0 or around[0][0] > after.rank):
            return after, offset
        own, _ = self.best(self.narrowed(Query.term_query(self.schema, "id", after.article_id, "basic")), 1)
        rank = own[0][0] if own else after.rank
        step = first
        while offset > 0:
            above, _ = self.best(self.query, 1, offset - 1)
            if above and above[0][0] > rank:
                break
            offset, step = max(0, offset - step), step * _MORE
        return Place(rank, after.article_id, offset, after.total), offset

    def in_order(self, entries: Sequence[_Entry], offset: int) -> Iterator[Found]:
        """These articles, ties by id; when folded, without those of stories that were given."""
        folds: Sequence[float | None] = [None] * len(entries)
        known = self._known
        if self.folded:
            folds = self.searcher.fast_field_values("fold", [address for _, address in entries])
            for entry, fold in zip(entries, folds, strict=True):
                self._met[fold].append(entry)
            self.of = len(self._met) if self._all_met else None
        begin, end = 0, len(entries)
        while begin < end:
            rank, behind = entries[begin][0], begin + 1
            while behind < end and entries[behind][0] == rank:
                behind += 1
            fresh = [(self.hit(entries[at]), folds[at]) for at in range(begin, behind) if folds[at] not in known]
            for hit, fold in sorted(fresh) if len(fresh) > 1 else fresh:
                if fold not in known:
                    if self.folded:
                        known.add(fold)
                        self._folds[hit.story_id] = fold
                    yield Found(hit, rank, offset + begin)
            begin = behind

    def hit(self, entry: _Entry) -> Hit:
        """The ids of a found article, read from its row."""
        rank, address = entry
        where = address.segment_ord, address.doc
        hit = self._read.get(where)
        if hit is None:
            if len(self._read) >= _ROWS:
                self._read.clear()
            row = self.searcher.doc(address)
            ids = str(row.get_first("id")), str(row.get_first("story"))
            hit = self._read[where] = Hit(*ids, 0.0 if self.newest else rank)
        return hit


def _is_behind(one: Found, place: Place) -> bool:
    return (-one.rank, one.hit.article_id) > (-place.rank, place.article_id)


def count_of(result: tantivy.SearchResult) -> int:
    """How many matched."""
    return int(result.count)  # type: ignore[attr-defined]  # missing from tantivy's own stubs


# --- stories --------------------------------------------------------------------------------
def stories(searcher: Searcher, query: Query, spans: Sequence[Span]) -> list[int]:
    """See `search.base.Index`."""
    hits = _every(searcher, query)
    folds = searcher.fast_field_values("fold", [address for _, address in hits])
    return in_spans(((int(seen), fold) for (seen, _), fold in zip(hits, folds, strict=True)), spans)


def largest(searcher: Searcher, query: Query, top: int) -> list[tuple[str, int]]:
    """See `search.base.Index`."""
    hits = _every(searcher, query)
    folds = searcher.fast_field_values("fold", [address for _, address in hits])
    most = Counter(folds).most_common(top)
    first = dict(zip(reversed(folds), (address for _, address in reversed(hits)), strict=True))
    return [(str(searcher.doc(first[fold]).get_first("story")), count) for fold, count in most]


def _every(searcher: Searcher, query: Query) -> Sequence[Any]:
    found = searcher.search(query, _MANY, order_by_field="seen")
    if (total := count_of(found)) > _MANY:
        found = searcher.search(query, total, order_by_field="seen")
    return found.hits
