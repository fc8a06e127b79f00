"""The keys of paragraphs: 64 bits of their words, by which the same paragraph is known again under other stories.

Figures and dates are folded in short paragraphs only ("Updated 3 hours ago"): a longer one with other figures is
another sentence. About 4 µs a paragraph.
"""

from __future__ import annotations

import re
from hashlib import blake2b

import numpy as np

LEAST, MOST = 15, 600  # letters: fewer are a subheading, more are a text
FOLDED = 80  # letters and figures up to which figures and dates do not tell two paragraphs apart
ENDS = 100  # paragraphs kept from the beginning and from the end of a text

_WORD = re.compile(r"[^\W\d_]+|\d+")
_SPACED = {code: " " for code in range(128) if not chr(code).isalnum()}
_TIMES_WORDS = """
january february march april may june july august september october november december jan feb mar apr jun jul
aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs
fri sat sun today yesterday second seconds sec secs minute minutes min mins hour hours hr hrs day days week weeks
month months year years am pm st nd rd th
"""
_TIMES = frozenset(_TIMES_WORDS.split())


def paragraph_key(paragraph: str) -> int:
    """The key of a paragraph; 0 when it is too short or too long to be furniture."""
    if len(paragraph) < LEAST or len(paragraph) > 3 * MOST:
        return 0
    words = _words(paragraph.casefold())
    plain = " ".join(words)
    letters = len(plain) - len(words) + 1
    if letters > MOST:
        return 0
    if letters < FOLDED:
        if sum(len(word) for word in words if not word.isdigit()) < LEAST:
            return 0
        plain = " ".join("0" if word.isdigit() or word in _TIMES else word for word in words)
    digest = blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True) or 1


def _words(text: str) -> list[str]:
    """What `_WORD` finds; most paragraphs are plain letters, where this is twice as fast."""
    if text.isascii():
        words = text.translate(_SPACED).split()
        if all(map(str.isdigit, [word for word in words if not word.isalpha()])):
            return words
    return _WORD.findall(text)


def paragraph_keys(text: str) -> bytes:
    """The keys of a text's paragraphs in order, packed; of a very long one the beginning and the end."""
    return np.array([paragraph_key(one) for one in ends(text)], dtype="<i8").tobytes()


def ends(text: str) -> list[str]:
    """The paragraphs of a text; of a very long one those at the beginning and at the end."""
    paragraphs = text.split("\n\n") if text else []
    return paragraphs if len(paragraphs) <= 2 * ENDS else paragraphs[:ENDS] + paragraphs[-ENDS:]
