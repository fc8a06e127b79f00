"""Passages in common that begin and end where paragraphs do.

Two passages that follow each other in one text may share the words between them with both sides of what was cut or
put in: of "… on Tuesday. | The ferry … | The harbour …" without its second paragraph, the first "The" fits as well as
the second. Growing takes what it meets first, so a cut seems to be "ferry … The". Here such words go to the passage in
whose paragraph they stand, as tools that tidy up line diffs do ("sliding", M. Haggerty's diff-slider-tools).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from pipeline.align import Span
from pipeline.words import Words

MOST = 8  # words that are moved from one passage to its neighbour
_BREAK = re.compile(r"\n\s*\n")


def slid(a: str, b: str, words_a: Words, words_b: Words, spans: Sequence[Span]) -> list[Span]:
    """The passages of two texts with their ends moved; none is empty, and as many words are shared as before."""
    found = _slid(_Text(b, words_b), _Text(a, words_a), [_turned(span) for span in spans])
    return _slid(_Text(a, words_a), _Text(b, words_b), [_turned(span) for span in found])


def _turned(span: Span) -> Span:
    return Span(span.b, span.b_end, span.a, span.a_end)


class _Text:
    def __init__(self, text: str, words: Words) -> None:
        self.words = words
        self.hashes: list[int] = words.hashes.tolist()
        breaks = np.array([found.start() for found in _BREAK.finditer(text)], dtype=np.int64)
        self.first = {int(np.searchsorted(words.starts, place)) for place in breaks}  # words that begin a paragraph

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Characters as numbers of words."""
        return int(np.searchsorted(self.words.starts, start)), int(np.searchsorted(self.words.starts, end))

    def characters(self, start: int, end: int) -> tuple[int, int]:
        return int(self.words.starts[start]), int(self.words.ends[end - 1])


def _slid(one: _Text, other: _Text, spans: Sequence[Span]) -> list[Span]:
    """Between passages that follow each other in `one`, where words of `other` are free."""
    made = [Span(*one.place(span.a, span.a_end), *other.place(span.b, span.b_end)) for span in spans]
    made.sort()
    free = bytearray(b"\1") * (len(other.hashes) + 1)
    for span in made:
        free[span.b : span.b_end] = bytes(span.b_end - span.b)
    for at in range(len(made) - 1):
        left, right = made[at], made[at + 1]
        if left.a_end != right.a:
            continue
        if size := _tail(one, other, left, right, free):
            free[left.b_end - size : left.b_end] = b"\1" * size
            free[right.b - size : right.b] = bytes(size)
            left = Span(left.a, left.a_end - size, left.b, left.b_end - size)
            right = Span(right.a - size, right.a_end, right.b - size, right.b_end)
        elif size := _head(one, other, left, right, free):
            free[right.b : right.b + size] = b"\1" * size
            free[left.b_end : left.b_end + size] = bytes(size)
            left = Span(left.a, left.a_end + size, left.b, left.b_end + size)
            right = Span(right.a + size, right.a_end, right.b + size, right.b_end)
        made[at], made[at + 1] = left, right
    return sorted(Span(*one.characters(span.a, span.a_end), *other.characters(span.b, span.b_end)) for span in made)


def _tail(one: _Text, other: _Text, left: Span, right: Span, free: bytearray) -> int:
    """How many words at the end of the left passage stand in the paragraph of the right one."""
    size = next((size for size in range(1, MOST + 1) if left.a_end - size in one.first), 0)
    if not size or size >= min(left.a_end - left.a, left.b_end - left.b) or right.b < size:
        return 0
    wanted = one.hashes[left.a_end - size : left.a_end]
    here, there = other.hashes[left.b_end - size : left.b_end], other.hashes[right.b - size : right.b]
    return size if wanted == here == there and all(free[right.b - size : right.b]) else 0


def _head(one: _Text, other: _Text, left: Span, right: Span, free: bytearray) -> int:
    """How many words at the beginning of the right passage stand in the paragraph of the left one."""
    size = next((size for size in range(1, MOST + 1) if right.a + size in one.first), 0)
    if not size or size >= min(right.a_end - right.a, right.b_end - right.b):
        return 0
    wanted = one.hashes[right.a : right.a + size]
    here, there = other.hashes[right.b : right.b + size], other.hashes[left.b_end : left.b_end + size]
    return size if wanted == here == there and all(free[left.b_end : left.b_end + size]) else 0
