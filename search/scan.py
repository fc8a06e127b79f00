"""A query's characters, walked over one by one: words, quotes, operators, and errors that know their column."""

from __future__ import annotations

import re
from functools import lru_cache

from pipeline.errors import BadQuery
from search.values import shown

OPERATORS = ("AND", "OR", "NOT")
QUOTES = '"“”„'
_SPACE = re.compile(r"\s*")
WORD = re.compile(rf"[^\s(){QUOTES}]+")
NEAR = re.compile(r"NEAR/\S*")
_LAST = re.compile(r"(?:AND|OR|NOT|NEAR/[0-9]+)$")


@lru_cache(maxsize=20_000)
def is_plain(text: str) -> bool:
    """Whether a word or value can be written without quotes and be read as the same."""
    return bool(WORD.fullmatch(text)) and text[0] not in "-=" and "*" not in text and not NEAR.fullmatch(text)


# What other languages mean something by, and this one does not: to take it for a word would be a guess.
_FOREIGN = (
    (re.compile("NEAR"), "NEAR has no number", "write how many words may stand in between, as in NEAR/5"),
    (re.compile(r"NEAR\W?[0-9]+|(?:ADJ|NEXT|PRE|WITHIN|W|N)/[0-9]+"), "not how nearness is written", "write NEAR/5"),
    (re.compile("&&?"), "a & between words", "write AND, or nothing"),
    (re.compile(r"\|\|?"), "a | between words", "write OR"),
    (re.compile("~[0-9.]*"), "a ~ with nothing before it", 'it follows a "phrase" without a space'),
    (re.compile("!.+"), "a ! before a word", "to exclude a word write a - before it"),
    (
        re.compile(r"\+.+"),
        "a + before a word",
        "all words must be there anyway; for the exact form write a = before it",
    ),
    (re.compile("~.+"), "a ~ before a word", "leave it out; English words are found in any form"),
    (re.compile(r".*\w~[0-9.]*"), "a ~ behind a word", 'it stands behind a "phrase" of several words'),
    (re.compile(r".*\w\^[0-9.]+"), "a ^ behind a word", "leave it out; words have no weights"),
    (re.compile(r".*\w\?\w.*"), "a ? inside a word", "letters may only be left open at the end, by a *"),
    (re.compile("/.+/i?"), "a regular expression", "write the words, with OR between them"),
)


def foreign(word: str) -> tuple[str, str] | None:
    """What is wrong with a word that means something in other query languages, and what would be right."""
    found = next(((what, right) for sign, what, right in _FOREIGN if sign.fullmatch(word)), None)
    if not found or not any(map(str.isalnum, word)):
        return found
    return found[0], f'{found[1]}; to search for it as it stands put it into "quotes"'


@lru_cache(maxsize=20_000)
def is_word(text: str) -> bool:
    """Whether a word of title or body can be written without quotes."""
    return is_plain(text) and not foreign(text)


class Scanner:
    """Walks over the text; `at` is the index of the next character not yet read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def ended(self) -> bool:
        """Whether all is read."""
        return self.at >= len(self.text)

    def peek(self) -> str:
        """The next character; "" at the end."""
        return self.text[self.at : self.at + 1]

    def skip(self) -> None:
        """Go to the next character that is no white space."""
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def operator(self) -> str:
        """The operator that stands here, or ""; "NEAR/5" with its number."""
        found = WORD.match(self.text, self.at)
        return found[0] if found and (found[0] in OPERATORS or NEAR.match(found[0])) else ""

    def take(self, operator: str) -> bool:
        """Step over this operator if it stands here."""
        if self.operator() != operator:
            return False
        self.at += len(operator)
        self.skip()
        return True

    def missing(self) -> BadQuery:
        """A word should stand here: blame the operator before or at this place."""
        read = self.text[: self.at].rstrip()
        behind = _LAST.search(read)
        before = behind[0] if behind else ""
        if before:
            return self.bad(
                f"{before} has nothing after it", f'to search for the word write "{before}"', len(read) - len(before)
            )
        here = shown(self.operator())
        if here:
            return self.bad(f"{here} has nothing before it", f'to search for the word write "{here}"')
        return self.bad("unopened parenthesis", "no ( stands before it")

    def bad(self, what: str, right: str, at: int | None = None) -> BadQuery:
        """What is wrong, where, and what would be right; `at` counts from 0, the column from 1."""
        column = (self.at if at is None else at) + 1
        return BadQuery(f"{what} at {column}: {right}", column=column)

    def quoted(self) -> str:
        """What stands in quotes; a backslash keeps a quote or a backslash."""
        start = self.at
        closing = '"' if self.peek() == '"' else QUOTES
        kept: list[str] = []
        self.at += 1
        while not self.ended() and self.text[self.at] not in closing:
            if self.text[self.at] == "\\" and self.text[self.at + 1 : self.at + 2] in ("\\", *QUOTES):
                self.at += 1
            kept.append(self.text[self.at])
            self.at += 1
        if self.ended():
            raise self.bad("unclosed quote", 'a " is missing', start)
        self.at += 1
        if not self.ended() and self.peek() not in ")~" and not self.text[self.at].isspace():
            raise self.bad(f"{self.peek()} right behind a quote", "put a space between them")
        return "".join(kept)
