"""An inverted index of 32-bit keys to document numbers that stays small: eight bytes a posting.

Recent postings are in a dict; every `FLUSH` documents it becomes a sorted array, and arrays of like size are merged, as
a log-structured store does. A query is a binary search in a handful of arrays. Documents are numbered in order of
arrival, so forgetting the oldest drops whole arrays.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint32]
_Run = npt.NDArray[np.uint64]  # key << 32 | document, sorted

FLUSH = 512  # documents
RUN_LIMIT = 1 << 21  # postings: longer arrays are not merged further
PER_KEY = 8  # postings of one key read from one array, the earliest: a common phrase says nothing
_SHIFT = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


class Postings:
    """Keys to document numbers. Document numbers must not decrease from one `add` to the next."""

    def __init__(self) -> None:
        self._recent: dict[int, list[int]] = {}
        self._recent_documents = 0
        self._runs: list[_Run] = []  # oldest first, none empty
        self._newest: list[int] = []  # the newest document of each run
        self._first = 0

    def add(self, document: int, keys: Keys) -> None:
        """Post a document (a number below 2**32) under each of its keys."""
        recent = self._recent
        for key in keys.tolist():
            recent.setdefault(key, []).append(document)
        self._recent_documents += 1
        if self._recent_documents >= FLUSH:
            self._flush()

    def count(self, keys: Keys) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Documents under any of the keys, ascending, and under how many of the (distinct) keys each was seen.

        Counts are a lower bound where a key is common: of it only the earliest documents in each array are read.
        """
        found: list[_Run] = []
        low = keys.astype(np.uint64) << _SHIFT
        for run in self._runs:
            begin = run.searchsorted(low)
            some = np.flatnonzero(run[np.minimum(begin, len(run) - 1)] >> _SHIFT == keys)
            if not len(some):
                continue
            start = begin[some]
            length = np.minimum(run.searchsorted(low[some] | _LOW, side="right") - start, PER_KEY)
            offsets = np.arange(int(length.sum())) - np.repeat(np.cumsum(length) - length, length)
            found.append(run[np.repeat(start, length) + offsets] & _LOW)
        recent = [number for key in keys.tolist() for number in self._recent.get(key, ())[:PER_KEY]]
        found.append(np.array(recent, dtype=np.uint64))
        documents, counts = np.unique(np.concatenate(found).astype(np.int64), return_counts=True)
        alive = documents >= self._first
        return documents[alive], counts[alive]

    def forget(self, before: int) -> None:
        """Forget documents with a number below `before`."""
        self._first = max(self._first, before)
        while self._newest and self._newest[0] < self._first:
            del self._runs[0], self._newest[0]

    def _flush(self) -> None:
        """Turn the recent postings into an array and merge arrays of like size, dropping what is forgotten."""
        pairs = [key << 32 | number for key, numbers in self._recent.items() for number in numbers]
        self._recent, self._recent_documents = {}, 0
        if not pairs:
            return
        run = np.sort(np.array(pairs, dtype=np.uint64))
        newest = int((run & _LOW).max())
        while self._runs and len(self._runs[-1]) < 2 * len(run) <= RUN_LIMIT:
            merged = np.concatenate([self._runs.pop(), run])
            self._newest.pop()
            run = np.sort(merged[(merged & _LOW) >= self._first], kind="stable")
        if len(run):
            self._runs.append(run)
            self._newest.append(newest)
