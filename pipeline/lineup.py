"""The copies of a story laid against one of them, so that any two can be compared without aligning all pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.align import SEED, align_words
from pipeline.fingerprint import CHARACTERS, Hashes, ngrams
from pipeline.words import Words, read_words

RARE = 0.34  # edits that more than this share of the copies made tell nothing of any two of them
FEW = 2  # … but two may always share one
ENOUGH = 4  # copies from which on what one has alone is its own; of fewer, the others may have cut it
MOST_RUNS = 4096  # kept of what a copy has beside the reference: the lowest hashes, alike in all copies
MARGIN = 3  # words by which the ends of a cut made alike may differ
SAMPLE = 70  # characters shown of what two copies did alike


@dataclass(frozen=True, slots=True)
class Alike:
    """An edit that two copies share: how many words, and what they are."""

    words: int = 0
    sample: str = ""


class Lineup:
    """See `line_up`. Copies are known by their place in the sequence given."""

    def __init__(self, texts: Sequence[str], words: Sequence[Words], reference: int | None, whole: bool) -> None:
        self.words = words
        self._whole = whole
        self.reference = reference  # the copy that has most of what the others have; None when no copy has a text
        self._texts = texts
        size = len(words[reference]) if reference is not None else 0
        self._kept = np.zeros((len(words), size), dtype=np.bool_)  # which words of the reference each copy has
        self._added: list[Hashes] = []  # runs of words that each copy has beside it
        self._added_at: list[dict[int, int]] = []
        for at, one in enumerate(words):
            self._lay(at, one)
        self._support = self._kept.sum(axis=0)
        told = np.unique(np.concatenate([*self._added, np.empty(0, np.uint64)]), return_counts=True)
        self._runs, self._counts = told
        self._overlap = self._kept.astype(np.float32) @ self._kept.astype(np.float32).T
        self._most = _most(words)

    def _lay(self, at: int, one: Words) -> None:
        runs = np.empty(0, dtype=np.uint64)
        places: dict[int, int] = {}
        if self.reference is not None and len(one):
            base = self.words[self.reference]
            free = np.ones(len(one), dtype=np.bool_)
            for span in align_words(base, one).spans:
                first, last = np.searchsorted(base.starts, (span.a, span.a_end))
                self._kept[at, first:last] = True
                first, last = np.searchsorted(one.starts, (span.b, span.b_end))
                free[first:last] = False
            seed = CHARACTERS if one.unspaced else SEED
            grams = ngrams(one.hashes, seed)
            if len(grams):
                whole = np.convolve(free, np.ones(seed, dtype=np.int64), "valid") == seed
                (starts,) = np.nonzero(whole)
                runs = np.unique(grams[starts])[:MOST_RUNS]
                places = dict(zip(grams[starts].tolist(), starts.tolist(), strict=True))
        self._added.append(runs)
        self._added_at.append(places)

    def has_text(self, at: int) -> bool:
        """Whether anything of a copy can be compared."""
        return len(self.words[at]) > 0

    def kept(self, at: int) -> float:
        """Share of the reference that a copy has, without the words that the reference has alone."""
        common = self._common()
        return float(self._kept[at, common].mean()) if common.any() else 0.0

    def is_own(self, start: int, end: int) -> bool:
        """Whether most words of a passage of the reference are in no other copy."""
        assert self.reference is not None
        first, last = np.searchsorted(self.words[self.reference].starts, (start, end))
        return not self._common()[first:last].mean() > 0.5

    def _common(self) -> npt.NDArray[np.bool_]:
        """Which words of the reference are not its own."""
        shared: npt.NDArray[np.bool_] = self._support > 1
        return shared if not self._whole and sum(len(one) > 0 for one in self.words) >= ENOUGH else np.ones_like(shared)

    def share(self, at: int, other: int) -> float:
        """About how much of a copy is found in another, 0..1: by the reference, and by runs beside it."""
        size = len(self.words[at])
        if not size:
            return 0.0
        beside = len(np.intersect1d(self._added[at], self._added[other], assume_unique=True))
        return min(1.0, (float(self._overlap[at, other]) + beside) / size)

    def added_alike(self, at: int, other: int) -> Alike:
        """What both put in and few others did."""
        both = np.intersect1d(self._added[at], self._added[other], assume_unique=True)
        rare = both[self._counts[np.searchsorted(self._runs, both)] <= self._most]
        if not len(rare):
            return Alike()
        words = self.words[at]
        seed = CHARACTERS if words.unspaced else SEED
        starts = sorted(self._added_at[at][run] for run in rare.tolist())
        covered = np.zeros(len(words), dtype=np.bool_)
        for start in starts:
            covered[start : start + seed] = True
        first = int(words.starts[starts[0]])
        return Alike(int(covered.sum()), _shown(self._texts[at], first))

    def cut_alike(self, at: int, other: int) -> Alike:
        """The longest passage that both left out before their ends, within the same words, where few others did."""
        best = Alike()
        theirs = self._gaps(other)
        for start, end in self._gaps(at):
            if not any(abs(start - a) <= MARGIN and abs(end - b) <= MARGIN for a, b in theirs):
                continue
            missing = (~self._kept[:, start:end]).mean(axis=1) > 0.9
            if int(missing.sum()) <= self._most and end - start > best.words:
                assert self.reference is not None
                first = int(self.words[self.reference].starts[start])
                best = Alike(end - start, _shown(self._texts[self.reference], first))
        return best

    def _gaps(self, at: int) -> list[tuple[int, int]]:
        """The stretches of the reference that a copy left out, with something kept on both sides."""
        (kept,) = np.nonzero(self._kept[at])
        (wide,) = np.nonzero(np.diff(kept) > 1)
        return [(int(kept[k]) + 1, int(kept[k + 1])) for k in wide.tolist()]


def _most(words: Sequence[Words]) -> int:
    """How many copies may make an edit that still tells something."""
    return max(FEW, int(RARE * sum(len(one) > 0 for one in words)))


def line_up(texts: Sequence[str], source: int | None = None) -> Lineup:
    """The texts laid against the source, if that is one of them and has a text.

    Else against the one that has most of what the others have; of equals, the first.
    """
    words = [read_words(text) for text in texts]
    unspaced = any(one.unspaced for one in words)
    if unspaced and not all(one.unspaced for one in words):
        words = [read_words(text, unspaced=True) for text in texts]
    runs = [np.unique(ngrams(one.hashes, CHARACTERS if one.unspaced else SEED)) for one in words]
    known, counts = np.unique(np.concatenate([*runs, np.empty(0, np.uint64)]), return_counts=True)
    common = known[counts > min(_most(words), len(words) // 2)]  # what an outlet adds, those that copy it have too
    scores = [len(np.intersect1d(one, common, assume_unique=True)) for one in runs]
    with_text = [at for at, one in enumerate(words) if len(one)]
    reference = max(with_text, key=lambda at: (scores[at], -at)) if with_text else None
    if source in with_text:
        reference = source
    return Lineup(texts, words, reference, whole=source is not None and source == reference)


def _shown(text: str, start: int) -> str:
    piece = " ".join(text[start : start + SAMPLE].split())
    return piece if start + SAMPLE >= len(text) else piece.rsplit(" ", 1)[0] + " …"
