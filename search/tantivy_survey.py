"""What all matching articles of one commit of a tantivy index have in common: facets, and counts over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from tantivy import Query, Searcher

from search.base import Survey
from search.facets import ALL, COLUMN, Facet, highest
from search.tantivy_values import Values
from search.weights import EPOCH

_MORE = 100  # values more than wanted, asked for at first: the last ones may tie


def survey(
    searcher: Searcher, query: Query, values: Values, names: Sequence[str], top: int, by: str, width: timedelta
) -> Survey:
    """See `search.base.Index`. Asked again while the last value of a facet ties with some that were cut off."""
    over = {"field": by, "interval": float(width // timedelta(microseconds=1)), "min_doc_count": 1}
    once = {"all": {"value_count": {"field": "seen"}}} | ({"over": {"histogram": over}} if by else {})
    told = searcher.aggregate(query, once | _terms(names, top + _MORE))
    counts = told["over"]["buckets"] if by else ()
    total = int(told["all"]["value"])
    found: dict[str, Facet] = {}
    wanted, size = list(names), top + _MORE
    while wanted:
        for name in wanted[:]:
            has = told[COLUMN.format(name)]
            buckets = {int(one["key"]): int(one["doc_count"]) for one in has["buckets"]}
            least = _least(buckets, top)
            if not has.get("sum_other_doc_count") or min(buckets.values()) < least:
                texts = values.of(number for number, count in buckets.items() if count >= least)
                found[name] = highest({text: buckets[number] for number, text in texts.items()}, top)
                wanted.remove(name)
        if wanted:
            size *= 8
            told = searcher.aggregate(query, _terms(wanted, size))
    return Survey(
        {name: found[name] for name in names},
        {EPOCH + timedelta(microseconds=int(one["key"])): int(one["doc_count"]) for one in counts},
        total,
    )


def _terms(names: Sequence[str], size: int) -> dict[str, Any]:
    columns = [COLUMN.format(name) for name in names]
    return {column: {"terms": {"field": column, "size": size, "segment_size": ALL}} for column in columns}


def _least(buckets: Mapping[int, int], top: int) -> int:
    """How many have the last value that is shown."""
    ordered = sorted(buckets.values(), reverse=True)
    return ordered[min(top, len(ordered)) - 1] if ordered else 0
