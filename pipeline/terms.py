"""What event grouping compares of an article: the stems, names and numbers of its headline, address and first words.

Newsrooms tell one happening in different words, but name the same people, places and figures, mostly in the first two
or three sentences. The words of an address often hold another headline than the printed one. So terms are taken from
the headline, the most wordy part of the address, and the first `WORDS` words of the text (or summary); a term is a
32-bit hash with a small whole weight, and counts once for the headline and once for the text, however often it comes:

    NAME    a capitalised word inside a sentence of the text
    NUMBER  a figure of the text; a headline's figures ("6 ways to …") are plain words
    plain   any other word but the small ones of `pipeline.folding`

Chinese, Japanese and Thai are read in pairs of characters. Where nearly every word is capitalised, case says nothing.
"""

from __future__ import annotations

import re
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from pipeline.folding import is_small, spelling
from pipeline.types import Article

WORDS = 100  # of the text
NAME, NUMBER = 3, 5  # how much more than a plain word; see docs/measurements.md
SLUG_WORDS = 3  # an address with fewer words than this is a section or a number
MAX_CHARACTERS = 1_500  # enough for WORDS words of any language

_UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"\d+(?:[.,]\d+)*|[{_UNSPACED}]+|[^\W\d_{_UNSPACED}]+(?:['’][^\W\d_{_UNSPACED}]+)*")
_FIRST_UNSPACED = "\u0e00"  # all such characters are above it
_STARTS = frozenset(".!?:;\"“”„«»‘'([\n•–—-")
_PATH = re.compile(r"^[a-z]+://[^/]+/([^?#\\]*)")
_SUFFIX = re.compile(r"\.[a-z]{2,5}$")
_SLUG_WORD = re.compile(r"[^\W\d_]+|(?<!\d)\d{1,3}(?!\d)")
_CAPITALS = 0.6  # share of capitalised words from which case says nothing
# Months and weekdays are small to folding, which must not mind restyled dates; here they tell happenings apart.
_DATE_WORDS = """
january february march april may june july august september october november december
monday tuesday wednesday thursday friday saturday sunday first second one two
"""
_DATES = frozenset(_DATE_WORDS.split())
_ENDINGS = ("ingly", "edly", "ing", "ed", "ly")
_LATE_ENDINGS = ("ations", "ation", "ment", "ness", "er", "or", "e")

TERM_BYTES = 5
_KEY = 0x80  # set in the weight of a term by which events are looked up
_NOTHING = -1
_MEMO_LIMIT = 200_000
_memo: dict[str, int] = {}  # token as printed -> hash of its stem, or _NOTHING

Terms = npt.NDArray[np.uint32]
Weights = npt.NDArray[np.int32]


def terms(article: Article) -> bytes:
    """The packed terms of an article, `TERM_BYTES` each, b"" if it has none; read them with `unpack_terms`."""
    head, body, names, numbers = set[int](), set[int](), set[int](), set[int]()
    for token in _tokens(article.title):
        head.add(_look_up(token))
    for token in _slug(article.url):
        head.add(_look_up(token))
    _read_body((article.text or article.summary)[:MAX_CHARACTERS], body, names, numbers)
    found: list[tuple[int, int]] = []
    for term in (head | body) - {_NOTHING}:
        weight = (term in head) + (term in body)
        if term in numbers:
            weight = weight * NUMBER | _KEY
        elif term in names:
            weight = weight * NAME | _KEY
        elif term in head:
            weight |= _KEY
        found.append((term, weight))
    found.sort()
    hashes = np.array([term for term, _ in found], dtype="<u4")
    return hashes.tobytes() + bytes(weight for _, weight in found)


def unpack_terms(packed: bytes) -> tuple[Terms, Weights, npt.NDArray[np.bool_]]:
    """Hashes (ascending, distinct), weights (1 or more) and which of them events are looked up by."""
    count = len(packed) // TERM_BYTES
    hashes = np.frombuffer(packed, dtype="<u4", count=count)
    marked = np.frombuffer(packed, dtype=np.uint8, offset=4 * count)
    return hashes, (marked & (_KEY - 1)).astype(np.int32), marked >= _KEY


def _read_body(text: str, body: set[int], names: set[int], numbers: set[int]) -> None:
    """The terms of the first words, and which are names or numbers."""
    capitals = words = 0
    found = set[int]()
    for match in _TOKEN.finditer(text):
        token = match.group()
        words += 1
        if words > WORDS:
            break
        first = token[0]
        if first >= _FIRST_UNSPACED:
            pairs = [_look_up(pair) for pair in _pairs(token)]
            body.update(pairs)
            words += len(pairs) // 2
            continue
        term = _look_up(token)
        body.add(term)
        if first.isdigit():
            numbers.add(term)
        elif first.isupper():
            capitals += 1
            start = match.start()
            before = text[max(0, start - 2) : start]
            if before and not (before[-1] in _STARTS or before[0] in _STARTS):
                found.add(term)
    if capitals <= _CAPITALS * words:
        names |= found


def _tokens(text: str) -> list[str]:
    """The words of a line; pairs of characters where words are not spaced."""
    tokens = _TOKEN.findall(text)
    if text.isascii():
        return tokens
    return [part for token in tokens for part in (_pairs(token) if token[0] >= _FIRST_UNSPACED else (token,))]


def _pairs(run: str) -> list[str]:
    if not re.match(f"[{_UNSPACED}]", run):
        return [run]
    return [run[i : i + 2] for i in range(len(run) - 1)] or [run]


def _slug(url: str) -> list[str]:
    """The words of the part of an address that has most of them; short numbers stay, article numbers go."""
    path = _PATH.match(url)
    best: list[str] = []
    most = SLUG_WORDS - 1
    for part in path[1].split("/") if path else ():
        words = _SLUG_WORD.findall(_SUFFIX.sub("", part))
        letters = sum(not word[0].isdigit() for word in words)
        if letters > most:
            best, most = words, letters
    return best


def _look_up(token: str) -> int:
    known = _memo.get(token)
    return _learn(token) if known is None else known


def _learn(token: str) -> int:
    """Hash of a token not met before."""
    if len(_memo) >= _MEMO_LIMIT:
        _memo.clear()
    stem = token.replace(",", "") if token[0].isdigit() else _stem(token)
    if not token[0].isdigit() and is_small(stem) and stem not in _DATES:
        _memo[token] = _NOTHING
        return _NOTHING
    digest = blake2b(stem.encode("utf-8", "surrogatepass"), digest_size=4).digest()
    hashed = _memo[token] = int.from_bytes(digest, "little")
    return hashed


def _stem(token: str) -> str:
    """A word without its common English endings; consistency counts, not that the result is a word."""
    word = spelling(token.lower().replace("’", "'"))
    if len(word) <= 3 or not word.isascii() or is_small(word):
        return word
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("sses"):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    word = _cut(word, _ENDINGS, 3)
    word = _cut(word, _LATE_ENDINGS, 4)
    return word[:-1] + "i" if word.endswith("y") and len(word) > 3 else word


def _cut(word: str, endings: tuple[str, ...], least: int) -> str:
    """The word without the first ending that leaves `least` letters, and without a letter doubled before it."""
    for ending in endings:
        short = word[: -len(ending)]
        if word.endswith(ending) and len(short) >= least and any(c in "aeiouy" for c in short):
            return short[:-1] if len(short) > 3 and short[-1] == short[-2] and short[-1] not in "lsz" else short
    return word
