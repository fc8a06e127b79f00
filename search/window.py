"""What stretch of time a query is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from search.ast import Ago, And, Node, Or, Range
from search.base import Asked
from search.like import Like


@dataclass(frozen=True, slots=True)
class Window:
    """`since` <= time < `until` of "seen" or "date"; None leaves that side open."""

    field: str = "seen"
    since: datetime | None = None
    until: datetime | None = None

    def within(self, other: Window) -> Window:
        """What both have in common."""
        since = max((one for one in (self.since, other.since) if one), default=None)
        return Window(self.field, since, min((one for one in (self.until, other.until) if one), default=None))

    def around(self, other: Window) -> Window:
        """The stretch that holds both."""
        since = min(self.since, other.since) if self.since and other.since else None
        return Window(self.field, since, max(self.until, other.until) if self.until and other.until else None)


def window(asked: Asked) -> Window:
    """Outside of it nothing can match: by when articles were first seen or, if it leaves that open, by their dates.

    Relative times are resolved beforehand, ValueError otherwise.
    """
    node = asked.within if isinstance(asked, Like) else asked
    seen, date = bounds(node, "seen"), bounds(node, "date")
    return date if (seen.since or seen.until) is None and (date.since or date.until) else seen


def bounds(node: Node, field: str) -> Window:
    """The bounds that a query sets to that field."""
    match node:
        case Range(name, since, until) if name == field:
            if isinstance(since, Ago) or isinstance(until, Ago):
                raise ValueError("a relative time: resolve() the query first")
            return Window(field, since, until)
        case And(parts):
            found = Window(field)
            for part in parts:
                found = found.within(bounds(part, field))
            return found
        case Or(parts):
            found = bounds(parts[0], field)
            for part in parts[1:]:
                found = found.around(bounds(part, field))
            return found
        case _:
            return Window(field)
