"""The one analysis: how text becomes terms, for the index, for queries and for highlighting.

Back ends get text that is terms already, joined by spaces, and split it at whitespace and nowhere else; so they
cannot disagree. In order:

1. A run of letters, digits and combining marks is a term. "U.S." and "A.I." lose their dots ("us", "ai"), and
   "Pentagon's" its "'s". Every other sign separates: "F-35" is the two terms "f" and "35".
2. Case, width and accents fold: "Müller" is "muller", "Ёлка" "елка", "ＡＩ" "ai".
3. Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese are written without (such) spaces: a run of n of their
   characters becomes n - 1 overlapping pairs and, last, its final character, so that each character begins
   exactly one term and a single character can be searched as a prefix.
4. English texts are indexed a second time, stemmed (Porter2). Other languages are not.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

LONGEST = 100  # characters of a term; more are cut off, alike in texts and queries
LONGEST_KEY = 1000  # characters of a key

_MARKS = "".join(
    re.escape(chr(code))
    for first, last in ((0x300, 0x3100), (0xA800, 0xAC00), (0xFE20, 0xFE30))
    for code in range(first, last)
    if unicodedata.category(chr(code)).startswith("M")
)
_JOINERS = "\u00ad\u200c\u200d"  # soft hyphen and the zero-width joiners stand inside words
_END = rf"(?![\w{_MARKS}])"  # no letter goes on here
_LETTER = rf"[^\W\d_][{_MARKS}]*"
_RUN = re.compile(rf"({_LETTER}(?:\.{_LETTER})+{_END}\.?|[^\W_](?:[^\W_]|[{_MARKS}{_JOINERS}])*)(?:['’][sS]{_END})*")
# ASCII texts need no regular expression but these two, which look only at dots and apostrophes.
# The dots of "u.s.", and its last one before an apostrophe.
_DOT = re.compile(
    r"\.(?<![a-z0-9]'s\.)(?:(?:(?<=[^a-z0-9][a-z]\.)|(?<=^[a-z]\.))(?=[a-z]\b)|"
    r"(?<![a-z0-9]'s\.[a-z]\.)(?:(?<=[^a-z0-9][a-z]\.[a-z]\.)|(?<=^[a-z]\.[a-z]\.))(?='))",
    re.ASCII,
)
_POSSESSIVE = re.compile(r"'(?<=[a-z0-9]')s\b", re.ASCII)
_TYPED = (("’", "'"), *((sign, " ") for sign in "“”‘–—…\u00a0"))  # in most news texts, and no part of any term
_OTHER_WORD = re.compile(r"((?<![!-~])[!-~]*+[^\x00-\x7f]\S*)")  # one with a sign beyond ASCII
_TO_SPACES = {code: " " for code in range(128) if not chr(code).isalnum()}

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff"
    "\u3130-\u318f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_PIECE = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")

_LETTERS = str.maketrans(
    {
        **dict(zip("øđłıħŧŋĸð", "odlihtnkd", strict=True)),
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        **dict.fromkeys(_JOINERS + "\u0640"),
    }
)
# Accents fold on Latin and Greek letters and on Cyrillic ie; й, ї and が are letters of their own.
_ACCENTS = re.compile("([a-zα-ωе])[\u0300-\u036f]+|[\u0591-\u05c7\u064b-\u065f\u0670]")

_STEMMER = TextAnalyzerBuilder(Tokenizer.whitespace()).filter(Filter.stemmer("english")).build()


@dataclass(frozen=True, slots=True)
class Step:
    """One term of a query word or phrase, and its place counted from the first."""

    offset: int
    term: str
    prefix: bool = False  # any term that begins so


class Token(NamedTuple):
    """One term of a text and the characters it stands for, `start` inclusive, `end` exclusive."""

    term: str
    start: int
    end: int


def analysed(text: str) -> str:
    """The text as terms joined by single spaces, ready for a back end's whitespace tokenizer."""
    if not text.isascii():
        for sign, plain in _TYPED:
            text = text.replace(sign, plain)
    if text.isascii():
        return _of_ascii(text)
    made: list[str] = []
    for at, piece in enumerate(_OTHER_WORD.split(text)):  # no run of letters goes across white space
        made += map(_terms, _RUN.findall(piece)) if at % 2 else [_of_ascii(piece)]
    return " ".join(filter(None, made))


def _of_ascii(text: str) -> str:
    found = _POSSESSIVE.sub("", _DOT.sub("", text.lower())).translate(_TO_SPACES).split()
    if len(text) > LONGEST and max(map(len, found), default=0) > LONGEST:
        found = [run[:LONGEST] for run in found]
    return " ".join(found)


def terms(text: str) -> list[str]:
    """The terms of a text, in order."""
    return analysed(text).split()


class _Stems(dict[str, str]):
    """Stems of the terms met so far; forgotten when there are too many, so that memory stays flat."""

    def __missing__(self, term: str) -> str:
        if len(self) >= 200_000:
            self.clear()
        made: list[str] = _STEMMER.analyze(term)
        self[term] = made[0] if made else term
        return self[term]


_stems = _Stems()


def stem(term: str) -> str:
    """The English stem of a folded term (Porter2, as tantivy has it)."""
    return _stems[term]


def stemmed(analysed_text: str) -> str:
    """Terms joined by spaces, each stemmed."""
    return " ".join(map(_stems.__getitem__, analysed_text.split()))


def is_english(language: str) -> bool:
    """Whether texts of this language (a BCP 47 tag; "" is unknown) are stemmed."""
    return base_language(language) == "en"


def is_unspaced(term: str) -> bool:
    """Whether the term is of a script that is searched by pairs of characters."""
    return bool(_IS_UNSPACED.match(term))


def base_language(language: str) -> str:
    """The tag without region and script: "en" of "en-GB"."""
    return language.lower().replace("_", "-").split("-")[0]


def steps(text: str, *, prefix: bool = False) -> tuple[Step, ...]:
    """What a query word or phrase asks of a text: terms at places. Empty when it holds no letter or digit.

    With `prefix` its last term may go on. A single character of an unspaced script always may: it begins a pair.
    """
    made: list[Step] = []
    place = 0
    for run in _RUN.findall(text):
        for piece in _pieces(run):
            if is_unspaced(piece):
                made += [Step(place + at, piece[at : at + 2]) for at in range(len(piece) - 1)]
                if len(piece) == 1:
                    made.append(Step(place, piece, prefix=True))
                place += len(piece)
            else:
                made.append(Step(place, piece))
                place += 1
    if prefix and made and not is_unspaced(made[-1].term):
        made[-1] = Step(made[-1].offset, made[-1].term, prefix=True)
    return tuple(made)


def tokens(text: str) -> Iterator[Token]:
    """The terms of a text with the characters of `text` that they stand for; the same terms as `terms` gives."""
    for found in _RUN.finditer(text):
        run, (start, end) = found[1], found.span(1)
        if run.isascii():  # nearly all
            yield _ascii_token(found)
            continue
        pieces = _pieces(run)
        aligned = sum(map(len, pieces)) == end - start  # folding kept the number of characters
        for piece in pieces:
            stop = start + len(piece) if aligned else end
            grams = _grams(piece)
            for at, term in enumerate(grams):
                if aligned and len(grams) > 1:
                    yield Token(term, start + at, start + at + len(term))
                else:
                    yield Token(term, start, stop)
            start = stop if aligned else start


def _ascii_token(found: re.Match[str]) -> Token:
    """Of a run that is one term, as `_pieces` gives it."""
    return Token(found[1].replace(".", "").lower()[:LONGEST], *found.span(1))


def tokens_at(text: str, places: Collection[int], counts: Sequence[int] = ()) -> dict[int, Token]:
    """Those at these places, counted from 0. Lines without any, which are most, are only counted out; `counts` says how
    many terms each line has, if that is known."""
    found: dict[int, Token] = {}
    wanted, first, start = deque(sorted(set(places))), 0, 0
    for number, line in enumerate(text.split("\n")):
        if not wanted:
            break
        count = counts[number] if counts else len(terms(line))
        if wanted[0] < first + count:
            plain = line.isascii()  # each run is a term
            there: Iterator[Any] = _RUN.finditer(line) if plain else tokens(line)
            for place, one in enumerate(there, first):
                if place == wanted[0]:
                    term, begin, end = _ascii_token(one) if plain else one
                    found[wanted.popleft()] = Token(term, start + begin, start + end)
                    if not wanted or wanted[0] >= first + count:
                        break
        first, start = first + count, start + len(line) + 1
    return found


@lru_cache(maxsize=50_000)
def key(text: str) -> str:
    """A name, id or tag as one term: "Autonomous Weapons", "autonomous_weapons" -> "autonomous-weapons"."""
    return "-".join(piece for run in _RUN.findall(text) for piece in _pieces(run))[:LONGEST_KEY]


def url_key(url: str) -> str:
    """An address as one term: lower case, without scheme and "www.". Never raises."""
    bare = re.sub(r"^(?:[a-z][a-z0-9+.-]*://)?(?:www\.)?", "", url.strip().lower())
    return re.sub(r"[\s\ud800-\udfff]+", "", bare)[:LONGEST_KEY]


def sites(url: str) -> list[str]:
    """The host of an address and every domain above it: news.example.com, example.com, com. Never raises."""
    return list(_sites(url[: url.find("/", url.find("//") + 2)] if url.count("/") > 2 else url))


@lru_cache(maxsize=10_000)  # a source's addresses have one or two hosts
def _sites(url: str) -> list[str]:
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return []
    labels = [label for label in re.sub(r"[^\w.-]", "", host).split(".") if label][-20:]
    return [".".join(labels[at:]) for at in range(len(labels))]


def _terms(run: str) -> str:
    if run.isascii():
        return run.replace(".", "")[:LONGEST].lower()
    return _folded_terms(run) if len(run) <= 40 else " ".join(_grams_of(run))


@lru_cache(maxsize=50_000)
def _folded_terms(run: str) -> str:
    return " ".join(_grams_of(run))


def _grams_of(run: str) -> list[str]:
    return [term for piece in _pieces(run) for term in _grams(piece)]


def _grams(piece: str) -> list[str]:
    if is_unspaced(piece):
        return [piece[at : at + 2] for at in range(len(piece))]
    return [piece]


def _pieces(run: str) -> list[str]:
    """A run, folded and cut where the kind of script changes."""
    if run.isascii():
        return [run.replace(".", "").lower()[:LONGEST]]
    text = unicodedata.normalize("NFKD", run).casefold().translate(_LETTERS)
    text = unicodedata.normalize("NFC", _ACCENTS.sub(r"\1", unicodedata.normalize("NFKD", text)))
    whole = (part.replace(".", "") for part in _RUN.findall(text))
    pieces = (piece for part in whole for piece in _PIECE.findall(part))
    return [piece if is_unspaced(piece) else piece[:LONGEST] for piece in pieces]
