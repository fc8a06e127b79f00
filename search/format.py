"""A query as text again: `parse(format_query(node)) == node` for every node that `parse` can make."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import TypeGuard

from search.ast import (
    SAVED,
    Ago,
    And,
    Count,
    Everything,
    Is,
    Moment,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Range,
    Saved,
    Word,
)
from search.scan import OPERATORS, QUOTES, is_plain, is_word

_LIKE_FIELD = re.compile(r"[A-Za-z_]+:")


def format_query(node: Node) -> str:
    """The query in its own language. A node that no query makes comes out as one that means the same."""
    match node:
        case Everything():
            return "*"
        case And(parts):
            return " ".join(map(_part, parts))
        case Or(parts):
            return " OR ".join(format_query(part) for part in parts)
        case Not(part):
            return "-" + _inside(part, And, Or, Near)
        case Word(text, field, exact):
            loose = text in OPERATORS or _LIKE_FIELD.match(text) is not None
            plain = is_word(text) and (bool(field) or exact or not loose)
            return _scope(field) + "=" * exact + (text if plain else _quoted(text))
        case Phrase(text, field, exact, slop):
            return _scope(field) + "=" * exact + _quoted(text) + (f"~{slop}" if slop else "")
        case Near(left, right, within):
            joined = f" NEAR/{within} ".join(format_query(replace(one, field="")) for one in (left, right))
            return f"{left.field}:({joined})" if left.field else joined
        case Prefix(text, field):
            return f"{_scope(field)}{text}*"
        case Is(field, value, prefix):
            return f"{field}:" + (f"{value}*" if prefix else value if is_plain(value) else _quoted(value))
        case Range(field, since, until):
            return f"{field}:{_range(since, until)}"
        case Count(field, least, most):
            return f"{field}:{_count(least, most)}"
        case Saved(name):
            return f"{SAVED}:{name if is_plain(name) else _quoted(name)}"


@lru_cache(maxsize=5000)
def _part(node: Node) -> str:
    """Within a conjunction. A page writes a hundred queries, each a part more than the one that it shows."""
    return _inside(node, Or)


def _inside(node: Node, *wrapped: type[Node]) -> str:
    text = format_query(node)
    return f"({text})" if isinstance(node, wrapped) else text


def _scope(field: str) -> str:
    return f"{field}:" if field else ""


def _quoted(text: str) -> str:
    return '"' + re.sub(rf"([\\{QUOTES}])", r"\\\1", text) + '"'


def _count(least: int | None, most: int | None) -> str:
    if most is None:
        return f">{least - 1}" if least else ">=0"
    if least is None:
        return f"<={most}"
    return str(least) if least == most else f"{least}..{most}"


def _range(since: Moment | None, until: Moment | None) -> str:
    """Whole days as days; `until` is exclusive, the day written is the last one inside."""
    if isinstance(since, Ago) and until is None:
        return since.duration
    first = _moment(since) if since else ""
    if until is None:
        return f"{first}.."
    if not _is_midnight(until):
        return f"{first}..{_moment(until)}"
    last = _moment(until - timedelta(days=1))
    return first if first == last else f"{first}..{last}"


def _moment(moment: Moment) -> str:
    if isinstance(moment, Ago):
        return moment.duration
    return moment.date().isoformat() if _is_midnight(moment) else moment.isoformat().replace("+00:00", "Z")


def _is_midnight(moment: Moment) -> TypeGuard[datetime]:
    return isinstance(moment, datetime) and moment.timetz() == time(0, tzinfo=UTC)
