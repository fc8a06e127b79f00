"""What an article must have to match a query: a cheap test that may say yes too often, and never no wrongly.

`required` reads a query as clauses; an article that matches has a key of each. The words of a text are known by
their English stems, whatever its language and field: a word stands in a text only if its stem stands among the stems
of that text, and the terms of a stemmed field are stems of the plain one's. What keys cannot tell (Not, times,
numbers) requires nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from search.analysis import Step, stem, steps, url_key
from search.ast import CODE_FIELDS, NAME_FIELDS, And, Is, Near, Node, Or, Phrase, Prefix, Word
from search.sought import scope, sought
from search.values import stored_form

Key = str  # a stem, or field, NUL and term; with another NUL behind it: any that begins so
Clause = tuple[Key, ...]  # alternatives

TEXT = "text"  # the field of words as they stand in title or body, for prefixes
MOST = 6  # clauses that are kept: the rarest; more of them tell little
_COMMON = {**dict.fromkeys(CODE_FIELDS, 1.0), "wire": 0.3}  # shares of articles, as guesses
_RARER = 0.6  # by every letter, again as a guess


def required(node: Node) -> tuple[Clause, ...]:
    """Clauses that an article fulfils if it matches, the rarest first; () = any article may match."""
    clauses = sorted(dict.fromkeys(_clauses(node)), key=_share)
    return tuple(clauses[:MOST])


def is_prefix(key: Key) -> bool:
    """Whether any key that begins like it fulfils it."""
    return key.endswith("\0")


def _clauses(node: Node) -> Iterator[Clause]:
    match node:
        case And(parts):
            for part in parts:
                yield from _clauses(part)
        case Or(parts):
            rarest = [min(_clauses(part), key=_share, default=()) for part in parts]
            if all(rarest):
                yield tuple(dict.fromkeys(one for clause in rarest for one in clause))
        case Word() | Phrase() | Prefix() | Near():
            exact = scope(node)[1]
            yield from (_word(step, exact) for segment in sought(node).segments for step in segment)
        case Is(field, value, prefix) if field in NAME_FIELDS:
            whole = (_value("source", value, prefix),) if field == "outlet" else ()
            for step in steps(value, prefix=prefix):
                yield (_key(field, step.term, step.prefix), *whole)
        case Is(field, value, prefix):
            yield (_value(field, value, prefix),)
        case _:
            return


def _word(step: Step, exact: bool) -> Clause:
    """Of a word of a query. What begins so is looked for as written and, unless `exact`, among the stems."""
    if not step.prefix:
        return (stem(step.term),)
    return (_key(TEXT, step.term, True), *(() if exact else (f"{step.term}\0",)))


def _value(field: str, value: str, prefix: bool) -> Key:
    return _key(field, url_key(value) if prefix and field == "url" else stored_form(field, value), prefix)


def _key(field: str, term: str, prefix: bool) -> Key:
    return f"{field}\0{term}\0" if prefix else f"{field}\0{term}"


def _share(clause: Clause) -> float:
    """A guess at the share of articles that fulfil it."""
    return sum(map(_share_of, clause))


def _share_of(key: Key) -> float:
    field, _, term = key.removesuffix("\0").rpartition("\0")
    return _COMMON.get(field) or _RARER ** len(term)
