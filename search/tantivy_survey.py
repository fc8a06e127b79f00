"""What all matching articles of one commit of a tantivy index have in common: facets, and counts over time.

An aggregation over text decompresses the dictionary of each segment, however few articles match. So the facets that
have many values (`WIDE`) stand in a column of numbers, 64 bits of a hash of each value, and what a number stands for
is looked up for those that are shown: in the terms of the field VALUE, each a number in hexadecimal and its value.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from tantivy import Query, Searcher

from search.base import Survey
from search.facets import ALL, COLUMN, Facet, highest
from search.weights import EPOCH

WIDE = frozenset({"entity", "author"})
VALUE = "value"
_FEW, _MANY = 10, 1000  # values more than wanted, asked for at first: texts are dear, numbers are not
_REMEMBERED = 200_000  # values of wide facets


def number_of(text: str) -> int:
    """What stands for a text in a column of numbers: 64 bits of its hash."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def value_term(number: int, value: str = "") -> str:
    """The term by which the value of a number is found; without the value, how it begins."""
    return f"{number:016x}{value}"


class Values:
    """What numbers of wide facets stand for: always the same, so it is remembered whatever becomes of the index."""

    def __init__(self) -> None:
        self._known: dict[int, str] = {}

    def of(self, searcher: Searcher, numbers: Iterable[int]) -> dict[int, str]:
        """The values of numbers that the index holds."""
        found: dict[int, str] = {}
        for number in numbers:
            value = self._known.get(number)
            if value is None:
                prefix = value_term(number)
                value = searcher.terms_with_prefix(VALUE, prefix, limit=1)[0][0].removeprefix(prefix)
                if len(self._known) >= _REMEMBERED:
                    self._known.clear()
                self._known[number] = value
            found[number] = value
        return found


def survey(
    searcher: Searcher, query: Query, values: Values, names: Sequence[str], top: int, by: str, width: timedelta
) -> Survey:
    """See `search.base.Index`. Asked again while the last value of a facet ties with some that were cut off."""
    wanted: dict[str, int] = {name: top + (_MANY if name in WIDE else _FEW) for name in names}
    found: dict[str, Facet] = {}
    counts: Any = []
    over = {"field": by, "interval": float(width // timedelta(microseconds=1)), "min_doc_count": 1}
    while wanted or by:
        asked: dict[str, Any] = {
            COLUMN.format(name): {"terms": {"field": COLUMN.format(name), "size": size, "segment_size": ALL}}
            for name, size in wanted.items()
        }
        if by:
            asked["over"] = {"histogram": over}
        told = searcher.aggregate(query, asked)
        if by:
            counts, by = told["over"]["buckets"], ""
        for name in list(wanted):
            has = told[COLUMN.format(name)]
            buckets = {one["key"]: int(one["doc_count"]) for one in has["buckets"]}
            least = _least(buckets, top)
            if not has.get("sum_other_doc_count") or min(buckets.values()) < least:
                shown = {value: count for value, count in buckets.items() if count >= least}
                if name in WIDE:
                    texts = values.of(searcher, shown)
                    shown = {texts[number]: count for number, count in shown.items()}
                found[name] = highest(shown, top)
                del wanted[name]
            else:
                wanted[name] *= 8
    return Survey(
        {name: found[name] for name in names},
        {EPOCH + timedelta(microseconds=int(one["key"])): int(one["doc_count"]) for one in counts},
    )


def _least(buckets: Mapping[Any, int], top: int) -> int:
    """How many have the last value that is shown."""
    ordered = sorted(buckets.values(), reverse=True)
    return ordered[min(top, len(ordered)) - 1] if ordered else 0
