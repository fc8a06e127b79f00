"""What was done to one text to make another of it: kept, moved, cut and added passages, and small edits within them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from pipeline.align import GAP, UNSPACED, Alignment, Span, align_words
from pipeline.slide import slid
from pipeline.words import Places, Words, read_pair

_TOKEN = re.compile(r"\w+")
_NAMES = "january february march april june july august september october november december sept"
_MONTHS = frozenset(_NAMES.split())
PASSAGE = 4  # words; what is left between two spans is often a verb of saying or a date, and no passage


class Act(StrEnum):
    """What became of a passage."""

    KEPT = "kept"
    MOVED = "moved"  # kept, but not in the order of the first text
    CUT = "cut"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage: characters `a` to `a_end` of the first text and `b` to `b_end` of the second.

    What was cut is an empty stretch of the second text, at the place where it is missing; what was added likewise.
    """

    act: Act
    a: int
    a_end: int
    b: int
    b_end: int
    words: int
    edits: tuple[Span, ...] = ()  # within what was kept: words exchanged, left out or put in


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two texts piece by piece, in the order of the second; what was cut stands where it would have been."""

    pieces: tuple[Piece, ...]
    alignment: Alignment

    def passages(self, act: Act, least: int = PASSAGE) -> tuple[Piece, ...]:
        """The pieces of one kind that have at least so many words."""
        return tuple(piece for piece in self.pieces if piece.act == act and piece.words >= least)

    def count(self, act: Act) -> int:
        """Words of all pieces of one kind."""
        return sum(piece.words for piece in self.pieces if piece.act == act)


def compare(a: str, b: str) -> Comparison:
    """How `b` was made of `a`. Time and memory as for `pipeline.align.align`."""
    words_a, words_b = read_pair(a, b)
    return compare_words(a, b, words_a, words_b)


def compare_words(a: str, b: str, words_a: Words, words_b: Words) -> Comparison:
    """The same for texts already read, both by words or both by characters."""
    found = align_words(words_a, words_b)
    slides = slid(a, b, words_a, words_b, found.spans)
    spans = sorted(slides, key=lambda span: span.b)
    straight = _in_order(spans)
    sides = _Side(a, words_a), _Side(b, words_b)
    wide_a = sides[0].with_signs([(span.a, span.a_end) for span in slides])
    wide_b = sides[1].with_signs([(span.b, span.b_end) for span in slides])
    cuts = list(sides[0].outside(wide_a.values()))
    pieces: list[Piece] = []
    cut_at = b_at = 0
    for span in [*spans, None]:
        moved = span is not None and span not in straight
        start = len(b) if span is None else wide_b[span.b][0]
        while not moved and cut_at < len(cuts) and (span is None or cuts[cut_at][0] < span.a):
            left, right, words = cuts[cut_at]
            pieces.append(Piece(Act.CUT, left, right, b_at, b_at, words))
            cut_at += 1
        a_at = pieces[-1].a_end if pieces else 0
        for left, right, words in sides[1].between(b_at, start):
            pieces.append(Piece(Act.ADDED, a_at, a_at, left, right, words))
        if span is not None:
            act = Act.MOVED if moved else Act.KEPT
            edits = tuple(one for one in _edits(words_a, words_b, span) if not _is_style(a, b, one))
            words = sides[1].count(span.b, span.b_end)
            pieces.append(Piece(act, *wide_a[span.a], *wide_b[span.b], words, edits))
            b_at = wide_b[span.b][1]
    return Comparison(tuple(pieces), found)


@dataclass(frozen=True, slots=True)
class _Side:
    text: str
    words: Words

    def count(self, start: int, end: int) -> int:
        """Words that begin between two places."""
        return int(np.searchsorted(self.words.starts, end) - np.searchsorted(self.words.starts, start))

    def with_signs(self, places: Iterable[tuple[int, int]]) -> dict[int, tuple[int, int]]:
        """By where each place begins: the place with the quotes and stops that cling to it."""
        wide: dict[int, tuple[int, int]] = {}
        ordered = sorted(places)
        before = 0
        limits = [*(start for start, _ in ordered[1:]), len(self.text)]
        for (start, end), limit in zip(ordered, limits, strict=False):
            left, right = start, end
            while left > before and _is_sign(self.text[left - 1]):
                left -= 1
            while right < limit and _is_sign(self.text[right]):
                right += 1
            wide[start] = (left, right)
            before = right
        return wide

    def outside(self, taken: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
        """The stretches that have words and lie in none of `taken`."""
        at = 0
        for start, end in [*sorted(taken), (len(self.text), len(self.text))]:
            yield from self.between(at, start)
            at = end

    def between(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """The words between two places with the signs that cling to them: (start, end, words), nothing if none."""
        first = int(np.searchsorted(self.words.starts, start))
        last = int(np.searchsorted(self.words.starts, end)) - 1
        if last < first:
            return
        left, right = int(self.words.starts[first]), int(self.words.ends[last])
        while left > start and not self.text[left - 1].isspace():
            left -= 1
        while right < end and not self.text[right].isspace():
            right += 1
        yield left, right, last - first + 1


def _is_sign(character: str) -> bool:
    return not character.isspace() and not character.isalnum()


def _is_style(a: str, b: str, edit: Span) -> bool:
    """Whether an edit only writes a day otherwise: "Feb 24", "24 February"."""
    days = [
        sorted(map(_month, _TOKEN.findall(text.lower()))) for text in (a[edit.a : edit.a_end], b[edit.b : edit.b_end])
    ]
    return days[0] == days[1]


def _month(word: str) -> str:
    return word[:3] if word in _MONTHS else word


def _in_order(spans: list[Span]) -> set[Span]:
    """Of spans in the order of the second text, those that are in order in the first too: the heaviest such choice."""
    ends: list[int] = []  # places in the first text, ascending, each with the best weight of a chain ending there …
    best: list[tuple[int, int]] = []  # … and the index of its last span
    before: list[int] = []
    for index, span in enumerate(spans):
        at = bisect_left(ends, span.a)
        weight, previous = best[at - 1] if at else (0, -1)
        before.append(previous)
        weight += span.a_end - span.a
        stop = at
        while stop < len(ends) and best[stop][0] <= weight:
            stop += 1
        ends[at:stop], best[at:stop] = [span.a], [(weight, index)]
    chosen: set[Span] = set()
    index = best[-1][1] if best else -1
    while index >= 0:
        chosen.add(spans[index])
        index = before[index]
    return chosen


def _edits(a: Words, b: Words, span: Span) -> Iterator[Span]:
    """The words of a span that differ: each time the nearest place where both texts agree again."""
    first_a, first_b = int(np.searchsorted(a.starts, span.a)), int(np.searchsorted(b.starts, span.b))
    last_a, last_b = int(np.searchsorted(a.starts, span.a_end)), int(np.searchsorted(b.starts, span.b_end))
    words_a, words_b = a.hashes[first_a:last_a].tolist(), b.hashes[first_b:last_b].tolist()
    gap = GAP * (UNSPACED if a.unspaced else 1)
    i = j = 0
    while i < len(words_a) or j < len(words_b):
        if i < len(words_a) and j < len(words_b) and words_a[i] == words_b[j]:
            i, j = i + 1, j + 1
            continue
        i_to, j_to = _agree_again(words_a, words_b, i, j, gap)
        yield Span(*_place(a.starts, a.ends, first_a, i, i_to), *_place(b.starts, b.ends, first_b, j, j_to))
        i, j = i_to, j_to


def _agree_again(words_a: list[int], words_b: list[int], i: int, j: int, gap: int) -> tuple[int, int]:
    for away in range(1, 2 * gap + 1):
        for left in range(max(0, away - gap), min(gap, away) + 1):
            i_to, j_to = i + left, j + away - left
            if (i_to, j_to) == (len(words_a), len(words_b)):
                return i_to, j_to
            run = 1 if left == away - left else 2  # one word for another: a single word says enough
            if words_a[i_to : i_to + run] == words_b[j_to : j_to + run] != []:
                return i_to, j_to
    return min(i + 1, len(words_a)), min(j + 1, len(words_b))


def _place(starts: Places, ends: Places, first: int, left: int, right: int) -> tuple[int, int]:
    """Words `left` to `right` of a span in characters; an empty stretch stands behind the word before."""
    if left == right:
        at = int(ends[first + left - 1]) if first + left else 0
        return at, at
    return int(starts[first + left]), int(ends[first + right - 1])
