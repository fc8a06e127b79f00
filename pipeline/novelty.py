"""What a copy tells that no text before it told: sentences, figures, named bodies.

This drives "again when a copy brings new information", so it would rather miss than cry wolf: a sentence is new when
most of its telling words stand in no pair of words told before (`pipeline.fingerprint` folds house style away), a
figure when its value was not told, a name when one of its words was never printed. Nothing is new of a copy with
nothing before it: there is no one to tell it again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from pipeline.boilerplate import is_boilerplate
from pipeline.credits import sign
from pipeline.facts import DATES, Figure, Name, figures, is_told, misspellings, names
from pipeline.fingerprint import CHARACTERS, SHINGLE, Hashes, look_up, ngrams, plain
from pipeline.notices import is_notice
from pipeline.sentences import sentences
from pipeline.types import Article, Tagging
from pipeline.words import Words, read_words

KNOWN = 0.5  # share of a sentence's telling words that stand in pairs told before: from here on it is known
MISSPELT = 5  # letters of a word from which on one letter may be wrong
MISSPELT_SHARE, MISSPELT_WORDS = 0.1, 0.75  # of a misspelt sentence's long words: misspelt, and known with those
MISSPELT_TEXT = 0.03  # of a text's long words, from which on it is a misspelt one
_LETTERS = re.compile(r"[^\W\d_]+")
LEAST = 5  # telling words of a sentence; a shorter one ("He declined to comment.") is never new
LEAST_CHARACTERS = 16  # the same where words are not spaced
# What each find adds to the score, as if each alone made a reader look with this chance.
SENTENCE, FIGURE, NAME = 0.2, 0.3, 0.3


@dataclass(frozen=True, slots=True)
class New:
    """A find: as printed, at `start` to `end` of the text; for a figure or a name, the sentence that has it."""

    text: str
    start: int
    end: int
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Novelty:
    """What a copy brings. `score` is 0 when nothing is new, and nears 1 with every find."""

    score: float
    sentences: tuple[New, ...] = ()
    figures: tuple[New, ...] = ()
    names: tuple[New, ...] = ()
    entities: tuple[str, ...] = ()  # of the taxonomy, by name, not found in a copy before

    def __bool__(self) -> bool:
        return self.score > 0


NOTHING_NEW = Novelty(0.0)


class Told:
    """All that the texts of a story have told so far. Add its copies in the order in which they came out."""

    def __init__(self) -> None:
        self._pairs: Hashes = np.empty(0, dtype=np.uint64)
        self._words: Hashes = np.empty(0, dtype=np.uint64)
        self._values: frozenset[Decimal] = frozenset()
        self._initials: frozenset[str] = frozenset()
        self._spelt: set[str] = set()  # long words as printed …
        self._nearly = set().union(*map(misspellings, DATES))  # … and see `pipeline.facts.misspellings`
        self._entities: frozenset[str] = frozenset()
        self._texts = 0

    def add(self, article: Article, tagging: Tagging | None = None) -> None:
        """What this copy told is known from now on, its headline and summary with it."""
        whole = "\n\n".join((article.title, article.summary, article.text))
        words = read_words(whole)
        self._pairs = np.union1d(self._pairs, _runs(words))
        self._words = np.union1d(self._words, words.hashes)
        self._values |= {one.value for one in figures(whole)}
        bodies = names(whole, article.language)
        self._initials |= {"".join(word[0] for word in one.words) for one in bodies}
        for word in {word for word in _LETTERS.findall(plain(whole)) if len(word) >= MISSPELT} - self._spelt:
            self._spelt.add(word)
            self._nearly |= misspellings(word)
        if tagging is not None:
            self._entities |= {one.id for one in tagging.entities}
        self._texts += bool(article.text or article.summary)

    def look(self, article: Article, tagging: Tagging | None = None) -> Novelty:
        """What this copy tells that is not known yet. It is not added."""
        text = article.text or article.summary
        if not self._texts or not text:
            return NOTHING_NEW
        whole = read_words(text)
        spans = [(start, end) for start, end in sentences(text) if not _aside(text[start:end])]
        found = tuple(
            New(text[start:end], start, end)
            for start, end in spans
            if not (self._knows(whole, start, end) or self._is_misspelt(text[start:end]))
        )
        numbers = [one for one in figures(text) if not is_told(one, self._values)]
        places = frozenset(word for place in article.dateline_places for word in plain(place).split())
        bodies = [one for one in names(text, article.language) if self._is_new(one, places)]
        if self._misspelt(text)[0] > MISSPELT_TEXT:  # a name unknown in a sentence that is known is one misspelt
            bodies = [one for one in bodies if any(new.start <= one.start < new.end for new in found)]
        entities = [] if tagging is None else [one.name for one in tagging.entities if one.id not in self._entities]
        new_figures, new_names = _once(text, spans, numbers), _once(text, spans, bodies)
        doubt = (1 - SENTENCE) ** len(found) * (1 - FIGURE) ** len(new_figures)
        doubt *= (1 - NAME) ** max(len(new_names), len(entities))
        return Novelty(round(1 - doubt, 4), found, new_figures, new_names, tuple(entities))

    def _knows(self, words: Words, start: int, end: int) -> bool:
        """Whether most of a sentence's telling words stand in runs told before, or it has too few to tell anything."""
        first, last = (int(np.searchsorted(words.starts, place)) for place in (start, end))
        hashes = words.hashes[first:last][words.content[first:last]]
        size = CHARACTERS if words.unspaced else SHINGLE
        if len(hashes) < (LEAST_CHARACTERS if words.unspaced else LEAST):
            return True
        known = _among(ngrams(hashes, size), self._pairs)
        covered = np.zeros(len(hashes), dtype=np.bool_)
        for at in range(size):
            covered[at : at + len(known)] |= known
        return float(covered.mean()) >= KNOWN

    def _is_misspelt(self, sentence: str) -> bool:
        """Whether nearly all long words of a sentence were printed before, but many of them in another spelling."""
        misspelt, known = self._misspelt(sentence)
        return misspelt > MISSPELT_SHARE and known >= MISSPELT_WORDS

    def _misspelt(self, text: str) -> tuple[float, float]:
        """Shares of the long words of a text: those that differ from one printed before in a letter, and all known."""
        words = [word for word in _LETTERS.findall(plain(text)) if len(word) >= MISSPELT]
        other = [word for word in words if word not in self._spelt]
        near = sum(not misspellings(word).isdisjoint(self._nearly) for word in other)
        return near / max(1, len(words)), (len(words) - len(other) + near) / max(1, len(words))

    def _is_new(self, name: Name, places: frozenset[str]) -> bool:
        """Whether a word of a name was never printed: as it is, with one letter changed, as initials, in a dateline."""
        words = [word for word in name.words if word not in places]
        if not words or (len(words) == 1 and words[0] in self._initials):
            return False
        new = [word for word, known in zip(words, _among(look_up(words), self._words), strict=True) if not known]
        return any(len(word) < MISSPELT or misspellings(word).isdisjoint(self._nearly) for word in new)


def novelty(
    article: Article,
    before: Iterable[Article],
    tagging: Tagging | None = None,
    taggings_before: Iterable[Tagging] = (),
) -> Novelty:
    """What `article` tells that none of `before` told."""
    told = Told()
    for one in before:
        told.add(one)
    known = [tag for one in taggings_before for tag in one.entities]
    told.add(Article("", "", "", "", ""), Tagging(entities=tuple(known)))
    return told.look(article, tagging)


def _runs(words: Words) -> Hashes:
    """The runs of telling words in a text, as a sentence is looked at."""
    if words.unspaced:
        return np.unique(ngrams(words.hashes, CHARACTERS))
    return np.unique(ngrams(words.hashes[words.content], SHINGLE))


def _among(these: Hashes, those: Hashes) -> npt.NDArray[np.bool_]:
    """Which of `these` are in the sorted `those`."""
    if not len(those):
        return np.zeros(len(these), dtype=np.bool_)
    at = np.minimum(np.searchsorted(those, these), len(those) - 1)
    found: npt.NDArray[np.bool_] = those[at] == these
    return found


def _aside(sentence: str) -> bool:
    """Whether a sentence is an outlet's or an editor's, and no part of the story."""
    return is_notice(sentence) or is_boilerplate(sentence) or bool(sign(sentence))


def _once(text: str, spans: list[tuple[int, int]], found: Iterable[Figure | Name]) -> tuple[New, ...]:
    """Each value or name once, with its sentence; those outside of the story's sentences are left out."""
    new: dict[object, New] = {}
    at = 0
    for one in found:
        while at < len(spans) and spans[at][1] <= one.start:
            at += 1
        if at < len(spans) and spans[at][0] <= one.start:
            key = one.value if isinstance(one, Figure) else one.words
            new.setdefault(key, New(one.text, one.start, one.end, text[spans[at][0] : spans[at][1]]))
    return tuple(new.values())
