"""The figures and the names in a text, in one form each, so that house style makes no new fact.

Figures: "12,000", "12 000" and "12000" are one value, "1.5 million" and "$1.5m" are, "three" and "3" are, "five per
cent" and "5%" are. Days, years, hours and the figures of names ("F-35") are no figures.
Names: runs of capitalised words inside sentences, and capitals of three letters or more; a text or headline that is
all in capitals says nothing about names. Languages that write every noun with a capital (German) or know no capitals
give no names: there only the taxonomy's entities count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from pipeline.agencies import agencies
from pipeline.fingerprint import plain
from pipeline.folding import is_small

_SCALES = {
    "hundred": 100, "thousand": 10**3, "k": 10**3, "million": 10**6, "millions": 10**6, "mn": 10**6, "mln": 10**6,
    "m": 10**6, "billion": 10**9, "billions": 10**9, "bn": 10**9, "bln": 10**9, "b": 10**9, "trillion": 10**12,
    "tn": 10**12, "trn": 10**12, "lakh": 10**5, "crore": 10**7,
}  # fmt: skip
_UP_TO_NINETEEN = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen
"""
_FROM_TWENTY = "twenty thirty forty fifty sixty seventy eighty ninety"
_UNITS = _UP_TO_NINETEEN.split()
_TENS = {word: 10 * at for at, word in enumerate(_FROM_TWENTY.split(), 2)}
_WORDS = {word: at for at, word in enumerate(_UNITS)} | _TENS
_WORDS |= {f"{ten}-{unit}": value + at for ten, value in _TENS.items() for at, unit in enumerate(_UNITS[:10]) if at}
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DATES = re.compile(
    rf"\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?:,? (?:19|20)\d\d)?\b|\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}"
    r"(?:,? (?:19|20)\d\d)?|\b(?:19|20)\d\d(?:-\d\d-\d\d|[-/]\d\d)?s?\b(?![.,]\d|\s*(?:million|billion|%|per))|"
    r"\b\d{1,2}[:.]\d\d(?: ?[ap]\.?m\b\.?| gmt| et\b)|\b\d{1,2} ?[ap]\.?m\b\.?|\b\d{1,2}:\d\d\b|"
    r"\b\d{1,2}[./]\d{1,2}[./](?:19|20)?\d\d\b|\d{1,4}年(?:\d{1,2}月)?(?:\d{1,2}日)?|\d{1,2}月\d{1,2}日|\d{1,2}日",
    re.I,
)
_NUMBER = re.compile(
    r"(?<![\w-])(?P<currency>[$€£¥]\s?)?(?:(?P<digits>\d{1,3}(?:[,\u00a0\u202f ]\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?)"
    r"(?:(?P<suffix>k|m|mn|bn|b|tn)\b)?|(?P<word>"
    + "|".join(sorted(_WORDS, key=len, reverse=True))
    + r")\b)(?P<after>\s?%|[\s-](?:per ?cent|percent|pct)\b|(?:[\s-](?:hundred|thousand|million|billion|trillion|lakh|"
    r"crore|mn|mln|bn|bln|tn|trn)\b){0,2})",
    re.I,
)
_LOOSE = re.compile(
    r"\b(?:about|around|nearly|almost|roughly|over|under|some|approximately|more than|at least)\s+$", re.I
)
LOOSELY = Decimal("0.05")  # a rounded figure ("about 12,000") restates another that is so near

_NAME = re.compile(
    r"(?<!\w)[^\W\d_a-z][\w’'.&-]*"
    r"(?:(?: (?:of|for|the|de|del|van|von|al|bin)){0,2} [^\W\d_a-z][\w’'&-]*)*"
)
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*")
_SENTENCE_START = re.compile(r"(?:^|[.!?:…]|\n)[\s\"“”‘’»'()\[\]—–-]*$")
_NO_NAMES = """
mr mrs ms dr president minister prime sir lord monday tuesday wednesday thursday friday saturday sunday january
february march april may june july august september october november december jan feb mar apr jun jul aug sep
sept oct nov dec i english news reuters
"""
_NO_NAME = frozenset(_NO_NAMES.split())
DATES = frozenset(word for word in _NO_NAME if word.endswith("day") or (word[:3] in _NO_NAME and len(word) > 3))
NOUNS_CAPITALISED = frozenset({"de", "lb"})


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as printed, at `start` to `end` of its text."""

    value: Decimal
    text: str
    start: int
    end: int
    loose: bool  # said to be rounded


@dataclass(frozen=True, slots=True)
class Name:
    """A name as printed; `words` are its telling words, in lower case."""

    text: str
    words: tuple[str, ...]
    start: int
    end: int


def figures(text: str) -> list[Figure]:
    """The numbers of a text in order, without dates, years and hours."""
    found: list[Figure] = []
    dates = [match.span() for match in _DATES.finditer(text)]
    at = 0
    for match in _NUMBER.finditer(text):
        while at < len(dates) and dates[at][1] <= match.start():
            at += 1
        if at < len(dates) and dates[at][0] < match.end() and match.start() < dates[at][1]:
            continue
        value = _value(match)
        if value is not None:
            loose = bool(_LOOSE.search(text[max(0, match.start() - 16) : match.start()]))
            found.append(Figure(value, match[0].strip(), match.start(), match.end(), loose))
    return found


def is_told(figure: Figure, before: frozenset[Decimal]) -> bool:
    """Whether one of the values before is this one, or one that it rounds."""
    if figure.value in before:
        return True
    return figure.loose and any(abs(figure.value - one) <= LOOSELY * abs(one) for one in before)


def misspellings(word: str) -> set[str]:
    """A word with each letter left out in turn: two words that share one of these differ in one letter at most."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def names(text: str, language: str = "") -> list[Name]:
    """The capitalised names inside the sentences of a text, in order. Agencies and dates are none."""
    if language in NOUNS_CAPITALISED:
        return []
    return [
        name for start, end in _lines(text) if not _is_capitals(text[start:end]) for name in _names(text, start, end)
    ]


def _lines(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for line in text.split("\n"):
        yield at, at + len(line)
        at += len(line) + 1


def _names(text: str, start: int, end: int) -> Iterator[Name]:
    for match in _NAME.finditer(text, start, end):
        first = match.start()
        printed = match[0].rstrip(".-'’")
        pieces = printed.split(" ")
        opens = _SENTENCE_START.search(text[max(start, first - 6) : first]) is not None or first == start
        while pieces and _may_go(pieces, opens):
            first += len(pieces[0]) + 1
            pieces = pieces[1:]
            opens = opens and bool(pieces) and pieces[0].islower()
        words = tuple(word for piece in pieces for word in _folded(piece))
        if not words or (len(words) == 1 and opens):
            continue
        name = " ".join(pieces)
        if not agencies().named(name):
            yield Name(name, words, first, first + len(name))


def _may_go(pieces: list[str], opens: bool) -> bool:
    """Whether the first piece is no part of the name: a title, a small word, a capital for its place alone."""
    word = plain(pieces[0]).strip(".")
    alone = len(pieces) < 2 or pieces[1].islower()  # "Lawyers for Velmouth": a capital for its place alone
    return word in _NO_NAME or pieces[0].islower() or (opens and (alone or is_small(word)))


def _folded(piece: str) -> list[str]:
    """The telling words of one piece of a name: "OpenAI’s" is openai, "Sugar-based" sugar and based, "M50" 50."""
    if piece.islower():
        return []
    words = _WORD.findall(plain(piece).removesuffix("'s"))
    return [word for word in words if len(word) > 1 and word not in _NO_NAME and not is_small(word)]


def _is_capitals(line: str) -> bool:
    """Whether a line is in capitals, or set like a headline in Title Case: then they say nothing."""
    words = re.findall(r"[^\W\d_]{4,}", line)
    if len(words) < 4:
        return False
    titled = not line.rstrip().endswith((".", "”", '"', "!", "?"))
    capitals: int = sum(not word[0].islower() if titled else word.isupper() for word in words)
    return capitals > 0.7 * len(words)


def _value(match: re.Match[str]) -> Decimal | None:
    digits = match["digits"]
    if digits:
        plainly = re.sub(r"[,\u00a0\u202f ](?=\d{3}(?!\d))", "", digits).replace(",", ".")
        value = Decimal(plainly[:30])
    else:
        value = Decimal(_WORDS[match["word"].lower()])
    scales = [*re.findall(r"[a-z]+", (match["after"] or "").lower()), (match["suffix"] or "").lower()]
    for scale in scales:
        value *= _SCALES.get(scale, 1)
    if not digits and len(scales) == 1 and value <= 1:
        return None  # "one of them", "zero" are hardly ever counts
    return value.normalize()
