"""An article as words: folded for the automaton, each with its place in headline and text.

Everything that looks at each character is one pass of NumPy or of str's own methods: this runs on every article.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt

MAX_CHARACTERS = 200_000
BREAK = "\0"  # stands between headline and paragraphs: no name runs across it
GAP = "  "  # between two words; phrases carry one space on either side, so that neighbours do not share a space

_WORD = re.compile(r"[^\W_]+")
_DROPPED = 1  # code of characters that are no part of the word they stand in: accents by themselves, soft hyphens
_SPACE = 32
_FOLDED_TO = 0x3000  # scripts with letters that have accents or cases lie below
_KNOWN_TO = 0x20000


class Tokens:
    """Headline and text. Words are numbered through both, the headline first; a paragraph's break counts as a word."""

    __slots__ = ("_ends", "_starts", "body", "joined", "shouted_text", "shouted_title", "text", "title_words")

    def __init__(self, title: str, body: str) -> None:
        title, body = title[:MAX_CHARACTERS], body[:MAX_CHARACTERS]
        self.body = len(title) + 2  # where the body begins in `text`
        self.text = f"{title.replace(BREAK, ' ')}\n\n{body.replace(BREAK, ' ')}"
        self.shouted_title, self.shouted_text = is_shouted(title), is_shouted(body)
        # A break takes as many characters as it stands for, so that places stay.
        marked = self.text[: len(title)].replace("\n", " ") + self.text[len(title) :].replace("\n\n", f" {BREAK}")
        folded = _folded(marked)
        spoken = folded != _SPACE
        before = np.concatenate((np.array([True]), ~spoken[:-1] | (folded[:-1] == 0)))
        starts = spoken & (before | (folded == 0))
        after = np.concatenate((~spoken[1:] | (folded[1:] == 0), np.array([True])))
        ends = spoken & (after | (folded == 0))
        self._starts: list[int] = np.flatnonzero(starts).tolist()
        self._ends: list[int] = (np.flatnonzero(ends) + 1).tolist()
        self.title_words = int(starts[: len(title)].sum())
        plain = folded.tobytes().decode("utf-32-le", "replace").replace(BREAK, f" {BREAK} ").replace(chr(_DROPPED), "")
        self.joined = f" {GAP.join(plain.split())} "

    def __len__(self) -> int:
        return len(self._starts)

    @property
    def sentence_like_title(self) -> bool:
        """Whether the headline is written as a sentence is, so that a capital in it says something."""
        long = [word for word in self.text[: self.body].split() if len(word) > 3 and word[0].isalpha()]
        return not self.shouted_title and sum(word[0].isupper() for word in long) * 2 < len(long)

    def printed(self, first: int, after: int) -> str:
        """The words from `first` to before `after`, as printed."""
        return self.text[self._starts[first] : self._ends[after - 1]]

    def initial(self, at: int) -> str:
        """The first character of a word, as printed."""
        return self.text[self._starts[at]]

    def place(self, first: int, after: int) -> tuple[int, int]:
        """Where those words begin and end in `text`."""
        return self._starts[first], self._ends[after - 1]

    def apart(self, start: int, end: int) -> tuple[int, int, bool]:
        """A place in `text` as one in the headline (True) or in the body (False)."""
        if start < self.body:
            return start, end, True
        return start - self.body, end - self.body, False

    def shouted(self, at: int) -> bool:
        """Whether case says nothing of that word, since all around it is in capitals."""
        return self.shouted_title if at < self.title_words else self.shouted_text


def split(phrase: str) -> tuple[str, ...]:
    """The words of a phrase, folded as those of an article are."""
    if phrase.isascii():
        return tuple(_WORD.findall(phrase.lower()))
    return tuple(Tokens(phrase, "").joined.replace(BREAK, "").split())


def printed_words(phrase: str) -> tuple[str, ...]:
    """The same as printed, without accents."""
    return tuple(_WORD.findall(unaccented(phrase)))


def is_shouted(text: str) -> bool:
    """Wholly in capitals, and more than a name: case says nothing."""
    return text.isupper() and len(text.split()) > 1


def unaccented(text: str) -> str:
    """Without accents; letters stay as they are otherwise."""
    if text.isascii():
        return text
    parts = unicodedata.normalize("NFKD", text)
    return "".join(one for one in parts if not "\u0300" <= one <= "\u036f" and one != "\u00ad")


def _folded(text: str) -> npt.NDArray[np.uint32]:
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)
    folded: npt.NDArray[np.uint32] = _table()[np.minimum(codes, _KNOWN_TO)]
    for at in np.flatnonzero(folded == _DROPPED).tolist():  # seldom any; alone it is no word
        if not at or folded[at - 1] in (_SPACE, 0):
            folded[at] = _SPACE
    return folded


@cache
def _table() -> npt.NDArray[np.uint32]:
    """What each character is folded to: its letter in lower case without accent, or a space."""
    table = np.full(_KNOWN_TO + 1, _SPACE, np.uint32)
    for code in range(_KNOWN_TO):
        if chr(code).isalnum():
            table[code] = _letter(chr(code)) if code < _FOLDED_TO else code
    table[0x300:0x370] = table[0xAD] = _DROPPED
    table[0] = 0
    return table


def _letter(character: str) -> int:
    parts = unicodedata.normalize("NFKD", character.lower())
    bare = "".join(one for one in parts if not "\u0300" <= one <= "\u036f")
    return ord(bare) if len(bare) == 1 and bare.isalnum() else ord(character)
