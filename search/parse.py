"""The query language, read by hand: recursive descent over the characters, so that an error knows its column.

    query   = [ either ]
    either  = both { "OR" both }
    both    = unary { [ "AND" ] unary }
    unary   = ( "NOT" | "-" ) unary | primary
    primary = "(" either ")" | field ":" value | leaf | "*"
    value   = "(" either ")" | leaf                 (without fields inside)
    leaf    = [ "=" ] word | [ "=" ] phrase | prefix "*"

Operators are upper case; "and" and "or" are words. What cannot be understood is refused, never guessed at.
"""

from __future__ import annotations

import re
from datetime import datetime

from pipeline.errors import BadQuery
from search.analysis import steps
from search.ast import FIELDS, TEXT_FIELDS, Everything, Node, Not, Phrase, Prefix, Word, all_of, any_of
from search.values import shown, unknown_field, value_node

MAX_LENGTH = 10_000  # characters
MAX_DEPTH = 50  # parentheses and negations within each other
MAX_CLAUSES = 500  # words, phrases and values
MAX_PREFIXES = 50
MAX_STEPS = 100  # terms of one phrase

OPERATORS = ("AND", "OR", "NOT")
QUOTES = '"“”„'
_SPACE = re.compile(r"\s*")
_TEXT = re.compile(rf"[^\s(){QUOTES}]+")
_FIELD = re.compile(r"([A-Za-z_]+):")
_NEAR = re.compile(r"NEAR/\d*")


def parse(text: str, *, now: datetime | None = None) -> Node:
    """Read a query. With `now` (aware) durations are counted back from it, otherwise they stay relative (`resolve`).

    Raises BadQuery with the column (from 1) and what would be right. Bounded: a hostile text is refused at once.
    """
    if len(text) > MAX_LENGTH:
        raise BadQuery(f"the query has {len(text)} characters; {MAX_LENGTH} is the most", column=MAX_LENGTH + 1)
    return _Reader(text, now).query()


def is_plain(text: str) -> bool:
    """Whether a word or value can be written without quotes and be read as the same."""
    return bool(_TEXT.fullmatch(text)) and text[0] not in "-=" and "*" not in text and not _NEAR.fullmatch(text)


class _Reader:
    """Walks over the text; `at` is the index of the next character not yet read."""

    def __init__(self, text: str, now: datetime | None) -> None:
        self.text = text
        self.now = now
        self.at = 0
        self.depth = 0
        self.clauses = 0
        self.prefixes = 0

    def query(self) -> Node:
        """The whole text as one query."""
        self.skip()
        if self.ended():
            return Everything()
        node = self.either("")
        if not self.ended():
            raise self.bad("unopened parenthesis", "no ( stands before it")
        return node

    def either(self, field: str) -> Node:
        """Alternatives."""
        parts = [self.both(field)]
        while self.take("OR"):
            parts.append(self.both(field))
        return any_of(parts)

    def both(self, field: str) -> Node:
        """Parts that must all match."""
        parts = [self.unary(field)]
        while not self.ended() and self.peek() != ")" and self.operator() != "OR":
            self.take("AND")
            parts.append(self.unary(field))
        return all_of(parts)

    def unary(self, field: str) -> Node:
        """A part, or the negation of one."""
        start = self.at
        if self.peek() == "-":
            self.at += 1
            if self.ended() or self.text[self.at].isspace() or self.peek() == ")":
                raise self.bad("a lone -", "to exclude a word write it right behind, as in -drone", start)
        elif not self.take("NOT"):
            return self.primary(field)
        self.enter(start)
        part = self.unary(field)
        self.depth -= 1
        return Not(part)

    def primary(self, field: str) -> Node:
        """Parentheses, a field with its value, or a leaf."""
        if self.ended() or self.peek() == ")" or self.operator():
            raise self.missing()
        if self.peek() == "(":
            return self.group(field)
        named = _FIELD.match(self.text, self.at)
        if named and (not field or named[1].lower() in FIELDS):
            return self.fielded(named, field)
        return self.leaf(field)

    def group(self, field: str) -> Node:
        """What stands in parentheses, each leaf in `field`."""
        start = self.at
        self.enter(start)
        self.at += 1
        self.skip()
        if self.peek() == ")":
            raise self.bad("empty parentheses", "put a word into them or leave them out", start)
        node = self.either(field)
        if self.peek() != ")":
            raise self.bad("unclosed parenthesis", "a ) is missing", start)
        self.at += 1
        self.skip()
        self.depth -= 1
        return node

    def fielded(self, named: re.Match[str], outer: str) -> Node:
        """`field:value`; the name is understood in any case."""
        name, start = named[1].lower(), self.at
        if outer:
            raise self.bad(f"{name}: inside {outer}:( )", "close that parenthesis first")
        if name not in FIELDS:
            raise self.bad(*unknown_field(named[1], self.text[named.end() : named.end() + 2]))
        self.at = named.end()
        if self.ended() or self.text[self.at].isspace() or self.peek() == ")":
            raise self.bad(f"nothing after {name}:", "the value follows without a space", start)
        if self.peek() == "-":
            raise self.bad("a - inside a field", f"put it before the field, as in -{name}:value")
        return self.group(name) if self.peek() == "(" else self.leaf(name)

    def leaf(self, field: str) -> Node:
        """A word, prefix, phrase or value, and the white space behind it."""
        start = self.at
        self.clauses += 1
        if self.clauses > MAX_CLAUSES:
            raise self.bad("too many words", f"a query has at most {MAX_CLAUSES} words, phrases and values", start)
        exact = self.peek() == "="
        if exact and field and field not in TEXT_FIELDS:
            raise self.bad(f"= with {field}:", "the exact form = is for words of title and body")
        self.at += exact
        if self.peek() and self.peek() in QUOTES:
            node = self.made(self.quoted(), field, start, quoted=True, exact=exact)
        else:
            found = _TEXT.match(self.text, self.at)
            if not found:
                raise self.bad("nothing after =", 'write =word or ="some words"', start)
            self.at = found.end()
            if self.peek() and self.peek() in "(" + QUOTES:
                raise self.bad(f"{self.peek()} right behind a word", "put a space between them")
            node = self.made(found[0], field, start, quoted=False, exact=exact)
        self.skip()
        return node

    def made(self, text: str, field: str, start: int, *, quoted: bool, exact: bool) -> Node:
        """The leaf that `text` means in `field`."""
        prefix = not quoted and "*" in text
        if prefix and text == "*" and not field and not exact:
            return Everything()
        if prefix:
            text = self.before_star(text, start, exact=exact)
        if not quoted and _NEAR.fullmatch(text):
            raise self.bad("NEAR", 'it is not part of the language yet; use AND, or a "phrase"', start)
        if field and field not in TEXT_FIELDS:
            return value_node(field, text, prefix=prefix, column=start + 1, now=self.now)
        asked = steps(text, prefix=prefix)
        if not asked:
            raise self.bad(f"nothing to search for in {shown(text)!r}", "a word has a letter or a digit", start)
        if len(asked) > MAX_STEPS:
            raise self.bad(f"{len(asked)} words in a row", f"{MAX_STEPS} is the most", start)
        if prefix:
            if len(asked[-1].term) < 2 and asked[-1].term.isascii():
                raise self.bad("prefix too short", "at least two letters stand before the *", start)
            return Prefix(text, field)
        # what only quotes can write is a phrase however it was written, so that its formatted form reads the same
        return Phrase(text, field, exact) if quoted or not is_plain(text) else Word(text, field, exact)

    def before_star(self, text: str, start: int, *, exact: bool) -> str:
        """The word before its *; there may be no other."""
        star = text.index("*")
        if star != len(text) - 1:
            raise self.bad("a * inside a word", "it may only stand at the end", start + exact + star)
        if exact:
            raise self.bad("= together with *", "= asks for the exact form, * for all that begin so", start)
        self.prefixes += 1
        if self.prefixes > MAX_PREFIXES:
            raise self.bad("too many prefixes", f"a query has at most {MAX_PREFIXES}", start)
        if star < 2 and text.isascii():
            raise self.bad("prefix too short", "at least two letters stand before the *", start)
        return text[:-1]

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
        if self.peek() == "~":
            raise self.bad("~", 'it is not part of the language yet; use AND, or a "phrase"')
        if not self.ended() and self.peek() != ")" and not self.text[self.at].isspace():
            raise self.bad(f"{self.peek()} right behind a quote", "put a space between them")
        return "".join(kept)

    # --- small steps ------------------------------------------------------------------------
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
        """The operator that stands here, or ""."""
        found = _TEXT.match(self.text, self.at)
        return found[0] if found and found[0] in OPERATORS else ""

    def take(self, operator: str) -> bool:
        """Step over this operator if it stands here."""
        if self.operator() != operator:
            return False
        self.at += len(operator)
        self.skip()
        return True

    def enter(self, start: int) -> None:
        """One level deeper."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.bad("too deep", f"at most {MAX_DEPTH} parentheses and negations within each other", start)

    def missing(self) -> BadQuery:
        """A word should stand here: blame the operator before or at this place."""
        read = self.text[: self.at].rstrip()
        before = next((word for word in OPERATORS if read.endswith(word)), "")
        if before:
            return self.bad(
                f"{before} has nothing after it", f'to search for the word write "{before}"', len(read) - len(before)
            )
        if self.operator():
            return self.bad(
                f"{self.operator()} has nothing before it", f'to search for the word write "{self.operator()}"'
            )
        return self.bad("unopened parenthesis", "no ( stands before it")

    def bad(self, what: str, right: str, at: int | None = None) -> BadQuery:
        """What is wrong, where, and what would be right; `at` counts from 0, the column from 1."""
        column = (self.at if at is None else at) + 1
        return BadQuery(f"{what} at {column}: {right}", column=column)
