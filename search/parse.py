"""The query language, read by hand: recursive descent over the characters, so that an error knows its column.

    query   = [ either ]
    either  = both { "OR" both }
    both    = unary { [ "AND" ] unary }
    unary   = ( "NOT" | "-" ) unary | near
    near    = primary [ "NEAR/" number primary ]    (words, phrases, or alternatives of them)
    primary = "(" either ")" | field ":" value | leaf | "*"
    value   = "(" either ")" | leaf                 (without fields inside)
    leaf    = [ "=" ] word | [ "=" ] phrase [ "~" number ] | prefix "*"

Operators are upper case; "and" and "or" are words. What cannot be understood is refused, never guessed at.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from pipeline.errors import BadQuery
from search.analysis import steps
from search.ast import (
    COUNT_FIELDS,
    FIELDS,
    TEXT_FIELDS,
    Everything,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Word,
    all_of,
    any_of,
)
from search.limits import (
    MAX_ARRANGEMENTS,
    MAX_BETWEEN,
    MAX_CLAUSES,
    MAX_DEPTH,
    MAX_LENGTH,
    MAX_NEAR_STEPS,
    MAX_PREFIXES,
    MAX_STEPS,
    MAX_TEXT,
    TOO_DEEP,
    TOO_LONG,
    TOO_MANY,
    TOO_MANY_PREFIXES,
    TOO_SPREAD,
)
from search.scan import NEAR, QUOTES, WORD, Scanner, foreign, is_word
from search.sought import sought
from search.values import shown, unknown_field, value_node

_FIELD = re.compile(r"([A-Za-z_]+):")
_LOOSE = re.compile(r"~([^\s()]*)")


def parse(text: str, *, now: datetime | None = None) -> Node:
    """Read a query. With `now` (aware) durations are counted back from it, otherwise they stay relative (`resolve`).

    Raises BadQuery with the column (from 1) and what would be right. Bounded: a hostile text is refused at once.
    """
    if len(text) > MAX_LENGTH:
        raise BadQuery(f"the query has {len(text)} characters; {MAX_LENGTH} is the most", column=MAX_LENGTH + 1)
    return _Reader(text, now).query()


class _Reader(Scanner):
    """One method for each rule of the grammar; `field` is the one that the parentheses around stand in."""

    def __init__(self, text: str, now: datetime | None) -> None:
        super().__init__(text)
        self.now = now
        self.depth = 0
        self.clauses = 0
        self.prefixes = 0
        self.arrangements = 0

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
            return self.near(field)
        self.enter(start)
        part = self.unary(field)
        self.depth -= 1
        return Not(part)

    def near(self, field: str) -> Node:
        """A part, or two that stand near each other."""
        left = self.primary(field)
        if not self.operator().startswith("NEAR/"):
            return left
        start = self.at
        within = self.number(self.operator()[5:], "NEAR/", start)
        self.take(self.operator())
        if self.peek() == "-":
            raise self.bad("a - behind NEAR", "exclude in so many words, as in drone -(drone NEAR/5 toy)")
        right = self.primary(field)
        if self.operator().startswith("NEAR/"):
            raise self.bad("a second NEAR", "it joins two; write (a NEAR/5 b) AND (b NEAR/5 c)")
        lefts, rights = self.operands(left, start), self.operands(right, start)
        self.count(2 * len(lefts) * len(rights) - len(lefts) - len(rights), start)
        return any_of([self.pair(one, other, within, start) for one in lefts for other in rights])

    def operands(self, node: Node, start: int) -> list[Word | Phrase]:
        """The words and phrases that stand at one side of a NEAR."""
        parts = node.parts if isinstance(node, Or) else (node,)
        words = [part for part in parts if isinstance(part, Word) or (isinstance(part, Phrase) and not part.slop)]
        if len(words) < len(parts):
            raise self.bad("NEAR", 'a word, a "phrase", or alternatives (a OR b) stand at each side of it', start)
        return words

    def pair(self, left: Word | Phrase, right: Word | Phrase, within: int, start: int) -> Near:
        """Two that are compared alike, in one field."""
        if left.field != right.field:
            raise self.bad("NEAR over two fields", "write title:(a NEAR/5 b)", start)
        if left.exact != right.exact:
            raise self.bad("NEAR with one =", "put the = before both sides or before none", start)
        near = Near(left, right, within)
        self.spread(near, start)
        return near

    def spread(self, leaf: Near | Phrase, start: int) -> None:
        """Count the ways in which the words may stand."""
        asked = sought(leaf)
        terms = sum(map(len, asked.segments))
        if terms > MAX_NEAR_STEPS:
            what = f"{terms} words with {'NEAR' if asked.either else '~'}"
            raise self.bad(what, f"{MAX_NEAR_STEPS} is the most", start)
        self.arrangements += asked.cost
        if self.arrangements > MAX_ARRANGEMENTS:
            raise self.bad(*TOO_SPREAD, start)

    def number(self, digits: str, sign: str, start: int) -> int:
        """How many other words may stand in between."""
        if not re.fullmatch("[0-9]{1,6}", digits):
            raise self.bad(
                f"no number after {sign}", f"write how many words may stand in between, as in {sign}5", start
            )
        if int(digits) > MAX_BETWEEN:
            raise self.bad(f"{sign}{digits}", f"at most {MAX_BETWEEN} words may stand in between", start)
        return int(digits)

    def count(self, clauses: int, start: int) -> None:
        """Count words, phrases and values."""
        self.clauses += clauses
        if self.clauses > MAX_CLAUSES:
            raise self.bad(*TOO_MANY, start)

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
        self.count(1, start)
        exact = self.peek() == "="
        if exact and field and field not in TEXT_FIELDS + COUNT_FIELDS:
            raise self.bad(f"= with {field}:", "the exact form = is for words of title and body")
        self.at += exact
        if self.peek() and self.peek() in QUOTES:
            node = self.loose(self.made(self.quoted(), field, start, quoted=True, exact=exact), start)
        else:
            found = WORD.match(self.text, self.at)
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
        if not quoted and NEAR.fullmatch(text):
            raise self.bad(f"{shown(text)} has nothing before it", 'to search for the word write "NEAR/"', start)
        if len(text) > MAX_TEXT:
            raise self.bad(*TOO_LONG, start)
        prefix = not quoted and "*" in text
        if prefix and text == "*" and not field and not exact:
            return Everything()
        if prefix:
            text = self.before_star(text, start, exact=exact)
        if field and field not in TEXT_FIELDS:
            return value_node(field, text, prefix=prefix, column=start + 1, now=self.now)
        strange = None if quoted else foreign(text)
        if strange:
            raise self.bad(*strange, start)
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
        return Phrase(text, field, exact) if quoted or not is_word(text) else Word(text, field, exact)

    def before_star(self, text: str, start: int, *, exact: bool) -> str:
        """The word before its *; there may be no other."""
        star = text.index("*")
        if star != len(text) - 1:
            raise self.bad("a * inside a word", "it may only stand at the end", start + exact + star)
        if exact:
            raise self.bad("= together with *", "= asks for the exact form, * for all that begin so", start)
        self.prefixes += 1
        if self.prefixes > MAX_PREFIXES:
            raise self.bad(*TOO_MANY_PREFIXES, start)
        if star < 2 and text.isascii():
            raise self.bad("prefix too short", "at least two letters stand before the *", start)
        return text[:-1]

    def loose(self, node: Node, start: int) -> Node:
        """The phrase with its `~number`, where one follows."""
        found = _LOOSE.match(self.text, self.at)
        if not found:
            return node
        if not isinstance(node, Phrase):
            raise self.bad("~", 'it stands behind a "phrase" of title or body')
        sign, self.at = self.at, found.end()
        slop = self.number(found[1], "~", sign)
        if not self.ended() and self.peek() != ")" and not self.text[self.at].isspace():
            raise self.bad(f"{self.peek()} right behind ~{slop}", "put a space between them")
        made = replace(node, slop=slop)
        if slop and len(sought(made).segments) < 2:
            raise self.bad("~", "a phrase has two words or more between which others may stand", sign)
        self.spread(made, start)
        return made

    def enter(self, start: int) -> None:
        """One level deeper."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.bad(*TOO_DEEP, start)
