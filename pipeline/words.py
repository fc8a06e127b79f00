"""The words of a text with their places, folded as `pipeline.fingerprint` folds them.

A word is a run of letters or a number; where words are not spaced (Chinese, Japanese, Korean, Thai) it is a character.
An outlet's furniture lines are left out. About 0.25 ms for 500 words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.fingerprint import MAX_CHARACTERS, NUMBER, WORD, Hashes, is_unspaced, look_up, plain
from pipeline.folding import is_furniture

Places = npt.NDArray[np.int64]

FURNITURE_LINE = 200  # characters; a longer line is no furniture

# As in `pipeline.fingerprint`, but on the text as it is: accents may be set apart, apostrophes be of any kind.
_TOKEN = re.compile(
    "\\d+(?:[.,]\\d+)*|[^\\W\\d_]+(?:['\u2018\u2019\u02bc\u00b4\u00ad\u200b\u0300-\u036f]+[^\\W\\d_]+)*"
)
_LINE = re.compile(r"[^\n]+")
_KIND = np.uint64(3)

# A word as printed and its hash: a text is mostly words met before.
_MEMO_LIMIT = 100_000
_memo: dict[str, int] = {}


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The words of a text, in order: where each begins and ends (characters), and its hash with its kind."""

    starts: Places
    ends: Places
    hashes: Hashes
    unspaced: bool

    def __len__(self) -> int:
        return len(self.hashes)

    @property
    def content(self) -> npt.NDArray[np.bool_]:
        """Which words tell texts apart: no function words, no verbs of saying, no dates, no figures.

        A character alone says too little to be told apart: where words are not spaced, all count.
        """
        told: npt.NDArray[np.bool_] = (self.hashes & _KIND) == WORD
        if self.unspaced:
            told[:] = True
        return told

    @property
    def numbers(self) -> npt.NDArray[np.bool_]:
        """Which words are figures."""
        told: npt.NDArray[np.bool_] = (self.hashes & _KIND) == NUMBER
        return told


def read_words(text: str, *, unspaced: bool | None = None) -> Words:
    """The words of the first `MAX_CHARACTERS` of a text; `unspaced` is told by the text unless given."""
    text = text[:MAX_CHARACTERS]
    if unspaced is None:
        unspaced = is_unspaced(text)
    tokens: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _lines(text):
        if unspaced:
            places = [at for at in range(start, end) if text[at].isalnum()]
            tokens += [text[at] for at in places]
            starts += places
            ends += [at + 1 for at in places]
        else:
            for match in _TOKEN.finditer(text, start, end):
                tokens.append(match[0])
                starts.append(match.start())
                ends.append(match.end())
    return Words(np.array(starts, dtype=np.int64), np.array(ends, dtype=np.int64), _hashes(tokens), unspaced)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """The stretches of a text between its furniture lines."""
    begin = 0
    for line in _LINE.finditer(text):
        start, end = line.span()
        if end - start < FURNITURE_LINE and is_furniture(plain(line[0])):
            yield begin, start
            begin = end
    yield begin, len(text)


def _hashes(tokens: list[str]) -> Hashes:
    found = list(map(_memo.get, tokens))
    if None in found:
        if len(_memo) >= _MEMO_LIMIT:
            _memo.clear()
        new = list({token for token, known in zip(tokens, found, strict=True) if known is None})
        # A ligature or a lone mark may fold to nothing or to several words: it is its own word then.
        _memo.update(zip(new, look_up([plain(token) or token for token in new]).tolist(), strict=True))
        found = [_memo[token] if known is None else known for token, known in zip(tokens, found, strict=True)]
    return np.array(found, dtype=np.uint64)
