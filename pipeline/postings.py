"""An inverted index of 32-bit keys to document numbers that stays small and quick: nine bytes a posting.

Recent postings are in a dict; every `FLUSH` documents they become a sorted array, and arrays of like size are merged,
as a log-structured store does. Keys are hashes, so a table of their leading bits says where in an array a key lies,
give or take four postings: a query costs the same in a long array as in a short one, and many are answered together.
Documents are numbered in order of arrival, so forgetting the oldest drops whole arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint32]
Numbers = npt.NDArray[np.int64]
_Pairs = npt.NDArray[np.uint64]  # key << 32 | document, sorted

FLUSH = 512  # documents
RUN_LIMIT = 1 << 23  # postings: longer arrays are not merged further
PER_KEY = 8  # postings of one key kept in one array, the earliest: a common phrase says nothing
_SHIFT = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class _Run:
    """A sorted array of postings. Those whose key begins with the bits `top` are at `starts[top] : starts[top + 1]`."""

    pairs: _Pairs
    starts: npt.NDArray[np.uint32]
    shift: np.uint32  # 32 less the leading bits that are looked up
    newest: int

    @classmethod
    def of(cls, pairs: _Pairs) -> _Run:
        bits = max(1, len(pairs).bit_length() - 3)
        starts = np.full((1 << bits) + 1, len(pairs), dtype=np.uint32)
        starts[:-1] = pairs.searchsorted(np.arange(1 << bits, dtype=np.uint64) << np.uint64(64 - bits))
        return cls(pairs, starts, np.uint32(32 - bits), int(_halves(pairs)[1].max()))

    def find(self, keys: Keys, queries: _Pairs) -> _Pairs:
        """Postings of these keys, each as its key's query << 32 | document."""
        tops = keys >> self.shift
        start = self.starts[tops].astype(np.int64)
        length = self.starts[tops + np.uint32(1)] - start
        ends = length.cumsum()
        if not ends[-1]:
            return np.empty(0, dtype=np.uint64)
        of = np.repeat(np.arange(len(keys)), length)
        pairs = self.pairs[np.arange(ends[-1]) + (start - ends + length)[of]]
        same = np.flatnonzero(pairs >> _SHIFT == keys[of])
        found: _Pairs = (pairs[same] & _LOW) | queries[of[same]]
        return found


class Postings:
    """Keys to document numbers. Document numbers must not decrease from one `add` to the next."""

    def __init__(self) -> None:
        self._recent: dict[int, list[int]] = {}
        self._unsorted: list[_Pairs] = []  # the recent ones again, document by document
        self._runs: list[_Run] = []  # oldest first
        self._first = 0
        self._gone: set[int] = set()

    @property
    def room(self) -> int:
        """Documents, at least 1, that can still be added while answers of `look_up` hold but for `recent`."""
        return FLUSH - len(self._unsorted)

    def add(self, document: int, keys: Keys) -> None:
        """Post a document (a number below 2**32) under each of its distinct keys."""
        recent = self._recent
        for key in keys.tolist():
            if key in recent:
                recent[key].append(document)
            else:
                recent[key] = [document]
        self._unsorted.append(keys.astype(np.uint64) << _SHIFT | np.uint64(document))
        if len(self._unsorted) >= FLUSH:
            self._flush()

    def look_up(self, queries: Sequence[Keys]) -> list[Numbers]:
        """Of each query (distinct keys) the documents in the arrays, ascending, once for every key they are under.

        Of a common key only the earliest documents in each array are known. The newest documents are in `recent`.
        """
        keys = np.concatenate([*queries, np.empty(0, dtype=np.uint32)])
        of = np.repeat(np.arange(len(queries), dtype=np.uint64), [len(query) for query in queries]) << _SHIFT
        if not len(keys) or not self._runs:
            return [np.empty(0, dtype=np.int64)] * len(queries)
        found = np.concatenate([run.find(keys, of) for run in self._runs])
        found = found[found & _LOW >= np.uint64(self._first)]
        found.sort()
        bounds = found.searchsorted(np.arange(len(queries) + 1, dtype=np.uint64) << _SHIFT).tolist()
        documents = (found & _LOW).astype(np.int64)
        return [documents[begin:end] for begin, end in pairwise(bounds)]

    def recent(self, keys: Keys) -> list[int]:
        """The same of the newest documents, in no order."""
        found = map(self._recent.get, keys.tolist())
        gone = self._gone
        alive = ([number for number in numbers if number not in gone][:PER_KEY] for numbers in found if numbers)
        return [number for numbers in alive for number in numbers]

    def remove(self, document: int) -> None:
        """A document is gone: its postings stay where they are, and make room for later ones when arrays are merged.

        Of an article that is told anew every hour, the versions of yesterday must not stand before that of today.
        """
        self._gone.add(document)

    def forget(self, before: int) -> None:
        """Forget documents with a number below `before`."""
        self._first = max(self._first, before)
        while self._runs and self._runs[0].newest < self._first:
            del self._runs[0]

    def _flush(self) -> None:
        """Turn the recent postings into an array and merge arrays of like size, dropping what is forgotten."""
        pairs = self._shortened(np.concatenate(self._unsorted))
        self._recent, self._unsorted = {}, []
        self._gone = {number for number in self._gone if number >= self._first}
        while self._runs and len(self._runs[-1].pairs) < 2 * len(pairs) <= RUN_LIMIT:
            pairs = self._shortened(np.concatenate([self._runs.pop().pairs, pairs]))
        if len(pairs):
            self._runs.append(_Run.of(pairs))

    def _shortened(self, pairs: _Pairs) -> _Pairs:
        """Sorted, without forgotten documents and all but the earliest of each key."""
        if self._first:
            pairs = pairs[_halves(pairs)[1] >= self._first]
        if self._gone and len(pairs):
            documents = _halves(pairs)[1]
            base = int(documents.min())
            alive = np.ones(int(documents.max()) - base + 1, dtype=np.bool_)
            alive[[number - base for number in self._gone if 0 <= number - base < len(alive)]] = False
            pairs = pairs[alive[documents - np.uint32(base)]]
        pairs.sort(kind="stable")  # a merge: two sorted arrays take linear time
        keep = np.ones(len(pairs), dtype=np.bool_)
        keys, _ = _halves(pairs)
        keep[PER_KEY:] = keys[PER_KEY:] != keys[:-PER_KEY]
        return pairs[keep]


def _halves(pairs: _Pairs) -> tuple[Keys, Keys]:
    """Keys and documents of postings, without a copy: arrays may be large."""
    halves = pairs.astype("<u8", copy=False).view("<u4")
    return halves[1::2], halves[::2]
