"""What all imports share: the result, its notes, leaves, and how tokens become a tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.errors import BadQuery
from search.analysis import steps
from search.ast import Everything, Is, Near, Node, Not, Phrase, Word, all_of, any_of
from search.format import format_query
from search.limits import MAX_BETWEEN, MAX_CLAUSES, MAX_DEPTH, MAX_LENGTH, MAX_TEXT, TOO_DEEP, TOO_LONG, TOO_MANY, check
from search.parse import parse
from search.scan import is_word
from search.values import shown, value_node


@dataclass(frozen=True, slots=True)
class Imported:
    """A query, and what is not quite as it was, in sentences; no notes: it means the same."""

    query: Node
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Notes:
    """Notes in the order in which they came up, each once."""

    said: dict[str, None] = field(default_factory=dict)

    def add(self, note: str) -> None:
        """Say it, unless it was said."""
        self.said[note] = None


class Sign(StrEnum):
    """What a token is for."""

    OPEN = "("
    CLOSE = ")"
    OR = "OR"
    AND = "AND"
    NOT = "NOT"
    NEAR = "NEAR"
    LEAF = "leaf"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a foreign query. A leaf is `name:text`, `name` "" for plain words; of NEAR `text` is the number."""

    sign: Sign
    column: int
    text: str = ""
    name: str = ""
    quote: str = ""  # how it was quoted: "", ', ", /; or "+" as Google has it, or "/i"


def bad(what: str, column: int, right: str) -> BadQuery:
    """What is wrong in the foreign query, where, and what would be right."""
    return BadQuery(f"{what} at {column}: {right}", column=column)


def short_enough(text: str) -> None:
    """Raise BadQuery for a text that is longer than a query may be."""
    if len(text) > MAX_LENGTH:
        raise bad("too long", MAX_LENGTH + 1, f"{MAX_LENGTH} characters are the most")


def fitting(text: str, column: int) -> None:
    """Raise BadQuery for a text that is longer than a word, phrase or value may be."""
    if len(text) > MAX_TEXT:
        raise bad(TOO_LONG[0], column, TOO_LONG[1])


def finished(node: Node | None, notes: Notes) -> Imported:
    """The result, within the bounds of every query."""
    whole = node or Everything()
    check(whole)
    if parse(format_query(whole)) != whole:
        raise bad("this", 1, f"our language has nothing that means it; the nearest is {shown(format_query(whole))}")
    return Imported(whole, tuple(notes.said))


def words(text: str, column: int, *, name: str = "", quoted: bool = False, exact: bool = False) -> Word | Phrase:
    """A word or phrase of title and body; `name` is the field."""
    fitting(text, column)
    if not steps(text):
        raise bad(f"nothing to search for in {shown(text)!r}", column, "a word has a letter or a digit")
    loose = not name and not exact and (text in ("AND", "OR", "NOT") or re.match(r"[A-Za-z_]+:", text))
    if quoted or loose or not is_word(text):
        return Phrase(text, name, exact)
    return Word(text, name, exact)


def value(field: str, text: str, column: int) -> Node:
    """What follows `field:` in our language, where it has the same form."""
    fitting(text, column)
    return value_node(field, text, prefix=False, column=column, now=None)


def address(text: str, column: int, notes: Notes) -> Is:
    """The nearest there is to "the address contains": a site, or how addresses begin."""
    bare = text.strip()
    if re.fullmatch(r"(?:https?://)?[\w-]+(?:\.[\w-]+)+/?", bare) and "_" not in bare:
        host = re.sub(r"^https?://|/$", "", bare)
        host = host.removeprefix("www.")
        notes.add(f"{shown(text)}: looked for as the site {host} and those below it, not anywhere in the address")
        return Is("site", host)
    if re.fullmatch(r"(?:https?://)?[\w-]+(?:\.[\w-]+)+/[^\s*\"()]+", bare):
        notes.add(f"{shown(text)}: looked for as how addresses begin, not anywhere in them")
        return Is("url", bare, prefix=True)
    raise bad(
        f"{shown(text)!r} inside an address", column, "only a site, or how an address begins, can be searched for"
    )


def topic(text: str, column: int, notes: Notes) -> Is:
    """A tag that the feed gave."""
    fitting(text, column)
    if not steps(text):
        raise bad(f"no tag in {shown(text)!r}", column, "a tag has a letter or a digit")
    notes.add(f"#{shown(text)}: the tags of feeds are not kept; looked for as a topic of the taxonomy")
    return Is("topic", text)


def tree(tokens: Sequence[Token], leaf: Callable[[Token], Node | None], *, or_first: bool = False) -> Node | None:
    """The tree of the tokens; None of none. With `or_first` OR binds tighter than AND. A leaf may come to nothing."""
    if not tokens:
        return None
    reader = _Tree(tokens, leaf, or_first)
    node = reader.whole()
    if reader.at < len(tokens):
        raise bad("unopened parenthesis", tokens[reader.at].column, "no ( stands before it")
    return node


class _Tree:
    def __init__(self, tokens: Sequence[Token], leaf: Callable[[Token], Node | None], or_first: bool) -> None:
        self.tokens = tokens
        self.leaf = leaf
        self.or_first = or_first
        self.at = 0
        self.depth = 0
        self.leaves = 0

    def sign(self) -> Sign | None:
        """The sign of the next token; None at the end."""
        return self.tokens[self.at].sign if self.at < len(self.tokens) else None

    def whole(self) -> Node | None:
        """Until the end or a closing parenthesis."""
        if self.or_first:
            return self.joined(lambda: self.joined(self.one, either=True), either=False)
        return self.joined(lambda: self.joined(self.one, either=False), either=True)

    def joined(self, part: Callable[[], Node | None], *, either: bool) -> Node | None:
        """Parts with OR between them, or with AND or nothing."""
        parts = [part()]
        while (either and self.sign() is Sign.OR) or (not either and self.sign() not in (None, Sign.CLOSE, Sign.OR)):
            if self.sign() in (Sign.OR, Sign.AND):
                self.at += 1
            parts.append(part())
        some = [one for one in parts if one is not None]
        return (any_of if either else all_of)(some) if some else None

    def one(self) -> Node | None:
        """A leaf, a negation or a group."""
        if self.sign() in (None, Sign.CLOSE, Sign.OR, Sign.AND, Sign.NEAR):
            end = self.tokens[min(self.at, len(self.tokens) - 1)]
            raise bad(f"{end.text or end.sign} has nothing beside it", end.column, "a word is missing")
        token = self.tokens[self.at]
        self.at += 1
        if token.sign is Sign.LEAF:
            self.leaves += 1
            if self.leaves > MAX_CLAUSES:
                raise bad(TOO_MANY[0], token.column, TOO_MANY[1])
            node = self.leaf(token)
            return self.near(node) if self.sign() is Sign.NEAR else node
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise bad(TOO_DEEP[0], token.column, TOO_DEEP[1])
        if token.sign is Sign.NOT:
            inner = self.one()
            node = Not(inner) if inner is not None else None
        else:
            node = self.whole()
            if self.sign() is not Sign.CLOSE:
                raise bad("unclosed parenthesis", token.column, "a ) is missing")
            self.at += 1
        self.depth -= 1
        return node

    def near(self, left: Node | None) -> Node:
        """Two leaves that stand near each other."""
        token = self.tokens[self.at]
        self.at += 1
        right = self.leaf(self.tokens[self.at]) if self.sign() is Sign.LEAF else None
        self.at += 1
        sides = [one for one in (left, right) if isinstance(one, Word | Phrase) and not getattr(one, "slop", 0)]
        if len(sides) != 2 or sides[0].field != sides[1].field or sides[0].exact != sides[1].exact:
            raise bad("NEAR", token.column, "a word or phrase stands at each side of it")
        if int(token.text) > MAX_BETWEEN:
            raise bad(f"{token.text} words", token.column, f"at most {MAX_BETWEEN} words may stand in between")
        return Near(sides[0], sides[1], int(token.text))
