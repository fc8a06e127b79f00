"""Which passages two texts have in common, whatever newsrooms did between them.

Seed and extend: runs of `SEED` words that occur once in both texts are matched, wherever they stand; each match grows
over equal words to both sides; what is left is matched again by the first occurrence of each run (a text printed
twice, a phrase used twice). Matches that follow each other in both texts with at most `GAP` words between them are one
span: a date restyled, a verb of saying exchanged, a figure updated. So a span may hold small edits, a trimmed or added
sentence ends it, and a moved paragraph is a span of its own. The seeds are those of patience diff, unique lines
(B. Cohen), here runs of words; growing and joining are those of BLAST (Altschul et al. 1990).

Words are compared as `pipeline.words` folds them; texts without spaces by characters. Time and memory are linear in
the words, whatever the texts: a word is claimed once. About 1 ms for two texts of 500 words, reading them included.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.fingerprint import CHARACTERS, ngrams
from pipeline.words import Words, read_words

SEED = 3  # words of a seed; one more and a misspelt text loses half of its seeds
GAP = 6  # words that may differ, in either text, between two matches of one span
LEAST = 6  # equal words of a span: fewer are a name or a turn of phrase
LEAST_CONTENT = 3  # of them, words that say something
UNSPACED = 2  # characters that stand for a word where words are not spaced


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A passage in common: characters `a` to `a_end` of the first text, `b` to `b_end` of the second."""

    a: int
    a_end: int
    b: int
    b_end: int


@dataclass(frozen=True, slots=True)
class Alignment:
    """What two texts share. Spans are in the order of the first text and overlap in neither."""

    spans: tuple[Span, ...]
    a_in_b: float  # share of the first text's words that stand in spans, 0..1; 0 for a text without words
    b_in_a: float


NOTHING = Alignment((), 0.0, 0.0)
_Block = tuple[int, int, int, int, int, int]  # words: a, a_end, b, b_end, equal, equal with content


def align(a: str, b: str) -> Alignment:
    """The passages in common of two texts. Longer texts are compared by their first 200,000 characters."""
    words_a, words_b = read_words(a), read_words(b)
    if words_a.unspaced != words_b.unspaced:
        words_a, words_b = read_words(a, unspaced=True), read_words(b, unspaced=True)
    return align_words(words_a, words_b)


def align_words(a: Words, b: Words) -> Alignment:
    """The same for texts already read, both by words or both by characters: for one text against many."""
    unit = UNSPACED if a.unspaced else 1
    seed = CHARACTERS if a.unspaced else SEED
    if min(len(a), len(b)) < seed:
        return NOTHING
    kept = _blocks(a, b, seed)
    for _ in range(2):  # a stray match may stand between two neighbours: it goes after the first round
        joined = _joined(kept, GAP * unit)
        kept = [one for one in joined if one[4] >= LEAST * unit and one[5] >= LEAST_CONTENT * unit]
    kept.sort()
    if not kept:
        return NOTHING
    spans = tuple(
        Span(int(a.starts[i]), int(a.ends[i_end - 1]), int(b.starts[j]), int(b.ends[j_end - 1]))
        for i, i_end, j, j_end, _, _ in kept
    )
    return Alignment(
        spans,
        sum(one[1] - one[0] for one in kept) / len(a),
        sum(one[3] - one[2] for one in kept) / len(b),
    )


def pack(spans: Iterable[Span]) -> bytes:
    """Spans as a few bytes each, to be kept in a database: variable-length whole numbers, each less the one before."""
    packed = bytearray()
    a_end = b_end = 0
    for span in spans:
        for number in (span.a - a_end, span.a_end - span.a, span.b - b_end, span.b_end - span.b):
            number = number << 1 if number >= 0 else (-number << 1) - 1
            while number > 0x7F:
                packed.append(number & 0x7F | 0x80)
                number >>= 7
            packed.append(number)
        a_end, b_end = span.a_end, span.b_end
    return bytes(packed)


def unpack(packed: bytes) -> tuple[Span, ...]:
    """The inverse of `pack`. Raise ValueError for bytes that it never made."""
    numbers: list[int] = []
    number = shift = 0
    for byte in packed:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(number >> 1 if not number & 1 else -((number + 1) >> 1))
            number = shift = 0
        elif shift > 63:
            raise ValueError("packed spans hold a number that is too large")
    if shift or len(numbers) % 4:
        raise ValueError("packed spans are not whole")
    spans: list[Span] = []
    a_end = b_end = 0
    for at in range(0, len(numbers), 4):
        a, b = a_end + numbers[at], b_end + numbers[at + 2]
        a_end, b_end = a + numbers[at + 1], b + numbers[at + 3]
        spans.append(Span(a, a_end, b, b_end))
    return tuple(spans)


def _blocks(a: Words, b: Words, seed: int) -> list[_Block]:
    """Runs of equal words, in no order; no word is in two of them."""
    words_a, words_b = a.hashes.tolist(), b.hashes.tolist()
    content = a.content.tolist()
    free_a, free_b = bytearray(b"\1") * len(a), bytearray(b"\1") * len(b)
    grams_a, grams_b = ngrams(a.hashes, seed), ngrams(b.hashes, seed)
    blocks: list[_Block] = []
    for once in (True, False):
        for i, j in _seeds(_Side(grams_a, free_a, seed), _Side(grams_b, free_b, seed), once):
            if not (free_a[i] and free_b[j]):
                continue
            i_end, j_end = i, j
            while i_end < len(words_a) and j_end < len(words_b) and words_a[i_end] == words_b[j_end]:
                if not (free_a[i_end] and free_b[j_end]):
                    break
                i_end, j_end = i_end + 1, j_end + 1
            while i and j and words_a[i - 1] == words_b[j - 1] and free_a[i - 1] and free_b[j - 1]:
                i, j = i - 1, j - 1
            size = i_end - i
            free_a[i:i_end] = free_b[j:j_end] = bytes(size)
            if size:
                blocks.append((i, i_end, j, j_end, size, sum(content[i:i_end])))
    return blocks


@dataclass(frozen=True, slots=True)
class _Side:
    grams: npt.NDArray[np.uint64]
    free: bytearray
    seed: int

    def known(self, once: bool) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
        """The runs that no match has claimed, sorted, each with its first place; `once`: only those met once."""
        claimed = np.cumsum(np.frombuffer(self.free, dtype=np.uint8) == 0)
        before = np.concatenate([[0], claimed[: len(self.grams) - 1]])
        (places,) = np.nonzero(claimed[self.seed - 1 :] == before)
        grams, first, counts = np.unique(self.grams[places], return_index=True, return_counts=True)
        if once:
            grams, first = grams[counts == 1], first[counts == 1]
        return grams, places[first]


def _seeds(a: _Side, b: _Side, once: bool) -> Iterator[tuple[int, int]]:
    """Where one run stands in both texts, in the order of the second."""
    grams_a, places_a = a.known(once)
    grams_b, places_b = b.known(once)
    _, in_a, in_b = np.intersect1d(grams_a, grams_b, assume_unique=True, return_indices=True)
    order = np.argsort(places_b[in_b])
    return zip(places_a[in_a][order].tolist(), places_b[in_b][order].tolist(), strict=True)


def _joined(blocks: list[_Block], gap: int) -> list[_Block]:
    """Blocks that follow each other in both texts, with a small edit and no other block between them, as one."""
    after = {one[0]: before for before, one in itertools.pairwise(sorted(blocks))}  # by where it begins in the first
    joined: list[_Block] = []
    last: _Block | None = None
    for block in sorted(blocks, key=lambda one: one[2]):
        if last is not None and after.get(block[0]) is last and max(block[0] - last[1], block[2] - last[3]) <= gap:
            a, _, b, _, equal, content = joined[-1]
            joined[-1] = (a, block[1], b, block[3], equal + block[4], content + block[5])
        else:
            joined.append(block)
        last = block
    return joined
