"""What changed between two versions of one article at one address, in an editor's terms.

Sentences are paired by the words they share (`pipeline.align`); of a pair that differs, figures, names and other words
are told apart. A version that differs in house style, in typing errors or in an outlet's furniture only is trivial:
nobody need be told of it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from pipeline.attribute import HEAD
from pipeline.dateline import read_dateline
from pipeline.edits import Comparison, compare_words
from pipeline.facts import figures, misspellings, names
from pipeline.fingerprint import plain, title_key
from pipeline.folding import is_small, spelling
from pipeline.notices import is_notice
from pipeline.sentences import sentences
from pipeline.words import read_pair

MISSPELT = 4  # letters from which on a word with one letter changed is the same word
PAIRED = 0.4  # share of the words of one sentence, found in the other, that makes the two a pair


@dataclass(frozen=True, slots=True)
class Changed:
    """A figure or name, old and new, in its sentences. Either is "" when the other came or went alone."""

    old: str
    new: str
    old_sentence: str
    new_sentence: str


@dataclass(frozen=True, slots=True)
class Revised:
    """What a new version changed. All empty when it changed nothing that is compared."""

    headline: tuple[str, str] | None = None  # old and new, when they differ in more than style
    figures: tuple[Changed, ...] = ()
    names: tuple[Changed, ...] = ()
    added: tuple[str, ...] = ()  # sentences
    removed: tuple[str, ...] = ()
    reworded: tuple[tuple[str, str], ...] = ()  # sentences, old and new, that differ in other words
    notices: tuple[str, ...] = ()  # corrections and updates that the new version owns up to
    typos: tuple[tuple[str, str], ...] = ()  # words, old and new
    share: float = 1.0  # of the old text's words that are in the new one

    @property
    def is_trivial(self) -> bool:
        """Whether nothing but style and typing errors changed."""
        told = (self.headline, self.figures, self.names, self.added, self.removed, self.reworded, self.notices)
        return not any(told)

    def summary(self) -> str:
        """What changed, in a few words."""
        counts = (
            (len(self.figures), "figure", "figures"),
            (len(self.names), "name", "names"),
            (len(self.added), "sentence added", "sentences added"),
            (len(self.removed), "sentence removed", "sentences removed"),
            (len(self.reworded), "sentence reworded", "sentences reworded"),
            (len(self.notices), "correction notice", "correction notices"),
        )
        told = ["headline"] if self.headline else []
        told += [f"{count} {one if count == 1 else many}" for count, one, many in counts if count]
        if told:
            return ", ".join(told)
        return "typing errors only" if self.typos else "nothing but style"


def revised(old_title: str, old: str, new_title: str, new: str, language: str = "") -> Revised:
    """What the second version of headline and text changed of the first. Linear in the length of the texts."""
    before = set(_notices(old))
    notices = tuple(sentence for sentence in _notices(new) if sentence not in before)
    old, new = _without_notices(old), _without_notices(new)
    words = read_pair(old, new)
    found = compare_words(old, new, *words)
    pairs, added, removed = _paired(old, new, found, [one.starts for one in words])
    sort = _Sorted(language, _places(old) | _places(new))
    for one, other in pairs:
        sort.take(one, other)
    headline = (old_title, new_title) if title_key(old_title) != title_key(new_title) else None
    return Revised(
        headline,
        tuple(sort.figures),
        tuple(sort.names),
        tuple(added),
        tuple(removed),
        tuple(sort.reworded),
        notices,
        tuple(sort.typos),
        found.alignment.a_in_b if len(words[0]) else 1.0,
    )


class _Sorted:
    """Differences of paired sentences, by kind."""

    def __init__(self, language: str, places: frozenset[str]) -> None:
        self.language = language
        self.places = places  # words of datelines
        self.figures: list[Changed] = []
        self.names: list[Changed] = []
        self.reworded: list[tuple[str, str]] = []
        self.typos: list[tuple[str, str]] = []

    def take(self, old: str, new: str) -> None:
        """Two sentences that tell of the same."""
        if old == new:
            return
        numbers = _exchanged(_values(old), _values(new))
        self.figures += [Changed(one, other, old, new) for one, other in numbers]
        bodies = _exchanged(self._bodies(old), self._bodies(new))
        self.names += [Changed(one, other, old, new) for one, other in bodies]
        gone, come = _telling(old) - _telling(new), _telling(new) - _telling(old)
        for printed in (word for pair in (*numbers, *bodies) for word in pair):
            for word in _telling(printed):
                del gone[word], come[word]
        for word in self.places:
            del gone[word], come[word]
        typos, gone, come = _typing_errors(gone, come)
        if gone or come:
            self.reworded.append((old, new))
        else:
            self.typos += typos

    def _bodies(self, sentence: str) -> dict[object, str]:
        found = names(f"x {sentence}", self.language)
        return {one.words: one.text for one in found if not self.places.issuperset(map(spelling, one.words))}


def _places(text: str) -> frozenset[str]:
    """The words of the places in a text's dateline: that an outlet leaves it out changes no name."""
    lines = [line for paragraph in text.split("\n\n", HEAD)[:HEAD] if (line := read_dateline(paragraph, None))]
    return frozenset(spelling(word) for line in lines for place in line.places for word in plain(place).split())


def _values(sentence: str) -> dict[object, str]:
    return {one.value: one.text for one in figures(sentence)}


def _exchanged(old: dict[object, str], new: dict[object, str]) -> list[tuple[str, str]]:
    """What went and what came, in order, as pairs; "" where there is nothing to set against."""
    gone = [text for key, text in old.items() if key not in new]
    come = [text for key, text in new.items() if key not in old]
    size = max(len(gone), len(come))
    return list(zip(gone + [""] * (size - len(gone)), come + [""] * (size - len(come)), strict=True))


def _telling(text: str) -> Counter[str]:
    """The words of a sentence that say something, folded; figures are told apart from them."""
    words = "".join(sign if sign.isalnum() or sign == "'" else " " for sign in plain(text)).split()
    return Counter(folded for word in words if not is_small(folded := spelling(word.strip("'"))) and not word.isdigit())


def _typing_errors(gone: Counter[str], come: Counter[str]) -> tuple[list[tuple[str, str]], Counter[str], Counter[str]]:
    """Words that differ in one letter, and what is left."""
    by_spelling: dict[str, str] = {}
    for word in come:
        if len(word) >= MISSPELT:
            by_spelling.update(dict.fromkeys(misspellings(word), word))
    typos: list[tuple[str, str]] = []
    left_gone, left_come = Counter(gone), Counter(come)
    for word in gone:
        near = next((by_spelling[one] for one in sorted(misspellings(word)) if one in by_spelling), "")
        if len(word) >= MISSPELT and near and left_come[near]:
            typos.append((word, near))
            del left_gone[word], left_come[near]
    return typos, +left_gone, +left_come


def _paired(
    old: str, new: str, found: Comparison, starts: list[np.ndarray[tuple[int, ...], np.dtype[np.int64]]]
) -> tuple[list[tuple[str, str]], list[str], list[str]]:
    """Sentences that share most of their words, as (old, new) pairs in the order of the new; then added and removed.

    A sentence whose words are all kept in place is in no pair: it did not change.
    """
    olds, news = sentences(old), sentences(new)
    shared: Counter[tuple[int, int]] = Counter()
    of_old, of_new = _numbered(olds, starts[0]), _numbered(news, starts[1])
    for span in found.alignment.spans:
        i, i_end = np.searchsorted(starts[0], (span.a, span.a_end))
        j, j_end = np.searchsorted(starts[1], (span.b, span.b_end))
        for at in range(max(int(i_end - i), int(j_end - j))):  # words side by side, about: edits shift them a little
            one, other = of_old[min(int(i) + at, int(i_end) - 1)], of_new[min(int(j) + at, int(j_end) - 1)]
            shared[one, other] += 1
    best = {other: one for (one, other), _ in sorted(shared.items(), key=lambda item: (item[1], item[0]))}
    sizes_old, sizes_new = Counter(of_old), Counter(of_new)
    paired = {
        other: one
        for other, one in best.items()
        if shared[one, other] >= PAIRED * min(sizes_old[one], sizes_new[other])
    }
    pairs = [(_at(old, olds[one]), _at(new, news[other])) for other, one in sorted(paired.items()) if one >= 0 <= other]
    kept = set(paired.values()) | {one for (one, _), count in shared.items() if count >= PAIRED * sizes_old[one]}
    added = [_at(new, place) for at, place in enumerate(news) if at not in paired and sizes_new[at]]
    removed = [_at(old, place) for at, place in enumerate(olds) if at not in kept and sizes_old[at]]
    return pairs, added, removed


def _numbered(places: list[tuple[int, int]], starts: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> list[int]:
    """For each word the number of its sentence."""
    ends = np.array([end for _, end in places], dtype=np.int64)
    numbers: list[int] = np.searchsorted(ends, starts, side="right").tolist()
    return numbers


def _at(text: str, place: tuple[int, int]) -> str:
    return text[place[0] : place[1]]


def _notices(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if is_notice(line)]


def _without_notices(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not is_notice(line))
