"""What a query means: frozen nodes, made by `search.parse`, read by every back end and by the highlighter.

    Node = Everything | Word | Phrase | Near | Prefix | Is | Range | Count | Saved | And | Or | Not

Leaves carry their own field, so that a reader of the tree needs no context. Texts are kept as typed; folding,
stemming and the making of bigrams is the business of `search.analysis`. Relative times (`Ago`) stay relative
until `resolve` fixes them, so that a saved query means the same tomorrow; the names of saved queries stay names until
`search.saved.expand` puts the queries in their place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

TEXT_FIELDS = ("title", "body")  # searched word by word; "" searches both
NAME_FIELDS = ("outlet", "author", "dateline")  # any run of words of a name
KEY_FIELDS = ("wire", "topic", "entity", "url")  # the whole value, or a prefix of it
CODE_FIELDS = ("country", "lang", "site", "grade")  # the whole value, no prefix
TIME_FIELDS = ("date", "seen", "changed")  # published, first seen, and when the text last became another
COUNT_FIELDS = ("copies",)  # whole numbers
SAVED = "search"  # the field that names a saved query
FIELDS = (*TEXT_FIELDS, *NAME_FIELDS, *KEY_FIELDS, *CODE_FIELDS, *TIME_FIELDS, *COUNT_FIELDS, SAVED)


@dataclass(frozen=True, slots=True)
class Everything:
    """Every article: the empty query, or `*`."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of title or body; in English any form of it, unless `exact`. "F-35" is a word of two terms."""

    text: str
    field: str = ""
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words one after another, in title or in body; with `slop` up to so many other words in all between them.

    The words of a loose phrase are what white space parts: "F-35" stays together, as does a run of Chinese.
    """

    text: str
    field: str = ""
    exact: bool = False
    slop: int = 0


@dataclass(frozen=True, slots=True)
class Near:
    """Two words or phrases of one text, in either order, apart, with at most `within` other words between them.

    Both are of the same field and both exact or neither; neither phrase is loose.
    """

    left: Word | Phrase
    right: Word | Phrase
    within: int


@dataclass(frozen=True, slots=True)
class Prefix:
    """Words that begin so, as written (no stemming)."""

    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Is:
    """A name, key or code field has this value, or with `prefix` one that begins so."""

    field: str
    value: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Ago:
    """An ISO-8601 duration before now: "P1D", "PT6H", "P3M"."""

    duration: str


Moment = datetime | Ago


@dataclass(frozen=True, slots=True)
class Range:
    """`since` <= time < `until`; None leaves that side open. An article without that time does not match."""

    field: str
    since: Moment | None
    until: Moment | None


@dataclass(frozen=True, slots=True)
class Count:
    """`least` <= number <= `most`; None leaves that side open."""

    field: str
    least: int | None
    most: int | None


@dataclass(frozen=True, slots=True)
class Saved:
    """What the saved query of this name finds. `column` is where it was typed, 0 if unknown."""

    name: str
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class And:
    """All parts; two or more, none of them an And (see `all_of`)."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any part; two or more, none of them an Or (see `any_of`)."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Every article but those of the part."""

    part: Node


Leaf = Everything | Word | Phrase | Near | Prefix | Is | Range | Count | Saved
Node = Leaf | And | Or | Not


def all_of(parts: Sequence[Node]) -> Node:
    """The And of one or more parts, flattened: `(a b) c` and `a b c` are one tree."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,))]
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def any_of(parts: Sequence[Node]) -> Node:
    """The Or of one or more parts, flattened."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,))]
    return flat[0] if len(flat) == 1 else Or(tuple(flat))


def leaves(node: Node, *, negated: bool = True) -> Iterator[Leaf]:
    """All leaves, left to right; without those below a Not when `negated` is False."""
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from leaves(part, negated=negated)
    elif isinstance(node, Not):
        if negated:
            yield from leaves(node.part)
    else:
        yield node


def names_used(node: Node) -> tuple[str, ...]:
    """The saved queries that a query names itself, each once, in order."""
    return tuple(dict.fromkeys(leaf.name for leaf in leaves(node) if isinstance(leaf, Saved)))


def resolve(node: Node, now: datetime) -> Node:
    """The same query with every `Ago` counted back from `now` (aware UTC).

    Raises OverflowError or ValueError when a duration reaches beyond the calendar; `parse` has refused those.
    """
    match node:
        case And(parts):
            return And(tuple(resolve(part, now) for part in parts))
        case Or(parts):
            return Or(tuple(resolve(part, now) for part in parts))
        case Not(part):
            return Not(resolve(part, now))
        case Range(_, since, until):
            return replace(node, since=_fixed(since, now), until=_fixed(until, now))
        case _:
            return node


def _fixed(moment: Moment | None, now: datetime) -> datetime | None:
    return before(now, moment.duration) if isinstance(moment, Ago) else moment


_DURATION = re.compile(
    r"P(?=\d|T\d)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?"
    r"(?:T(?=\d)(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?"
)


def before(now: datetime, duration: str) -> datetime:
    """`now` less an ISO-8601 duration. A month back from the 31st is the last day of the month before.

    Raises ValueError when `duration` is none, OverflowError or ValueError beyond the calendar.
    """
    found = _DURATION.fullmatch(duration)
    if not found:
        raise ValueError(f"{duration[:60]!r} is no ISO-8601 duration such as P1D, PT6H or P3M")
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    month = now.year * 12 + now.month - 1 - years * 12 - months
    start = now.replace(year=month // 12, month=month % 12 + 1, day=1)
    last = ((start + timedelta(days=31)).replace(day=1) - timedelta(days=1)).day
    return start.replace(day=min(now.day, last)) - timedelta(
        weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds
    )
