"""Miniflux's filtering rules (internal/reader/filter/filter.go of 2.2 and later): lines of `Field=regular expression`.

An entry is kept, or blocked, when one line matches. The older form is one regular expression without a field.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from search.ast import Ago, Node, Not, Range, any_of
from search.importing.common import Imported, Notes, bad, finished, short_enough
from search.importing.regex import from_regex
from search.values import shown

_FIELDS = {
    "EntryTitle": "title",
    "EntryContent": "body",
    "EntryAuthor": "author",
    "EntryURL": "url",
    "EntryTag": "topic",
}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_GO_DURATION = re.compile(r"(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?")
_MICROSECOND = timedelta(microseconds=1)


def from_miniflux(text: str, *, block: bool = False) -> Imported:
    """Rules as our query: of what is kept, or with `block` of all that is not blocked.

    Raises BadQuery, with its column in the text, for what has no counterpart.
    """
    short_enough(text)
    notes = Notes()
    parts: list[Node] = []
    start = 0
    for line in text.splitlines(keepends=True):
        rule, column = line.strip(), start + len(line) - len(line.lstrip()) + 1
        start += len(line)
        if rule:
            parts.append(_rule(rule, column, notes))
    if not parts:
        return finished(None, notes)
    return finished(Not(any_of(parts)) if block else any_of(parts), notes)


def _rule(rule: str, column: int, notes: Notes) -> Node:
    name, sign, value = rule.partition("=")
    behind = column + len(name) + 1
    if name == "EntryDate" and sign:
        return _date(value, behind)
    if name in _FIELDS and sign:
        if name == "EntryContent":
            notes.add("EntryContent: the text as it is read is searched, without HTML")
        return from_regex(value, (_FIELDS[name],), behind, notes)
    if sign and re.fullmatch("[A-Z][A-Za-z]+", name):
        right = f"a rule begins with {'=, '.join(_FIELDS)}= or EntryDate="
        raise bad(f"{shown(name)}=", column, f"it has no counterpart; {right}")
    notes.add("a rule without a field: looked for in titles and authors, not in addresses and the tags of feeds")
    return from_regex(rule, ("title", "author"), column, notes)


def _date(text: str, column: int) -> Range:
    """`future`, `before:`, `after:`, `between:` (days, UTC, the ends outside), `max-age:` (older than)."""
    kind, _, value = text.partition(":")
    days = [_day(part, column) for part in value.split(",")] if kind in ("before", "after", "between") else []
    match kind, days:
        case "future", _ if text == "future":
            return Range("date", Ago("PT0S"), None)
        case "before", [day]:
            return Range("date", None, day)
        case "after", [day]:
            return Range("date", day + _MICROSECOND, None)
        case "between", [first, last] if first + _MICROSECOND < last:
            return Range("date", first + _MICROSECOND, last)
        case "max-age", _ if value:
            return Range("date", None, Ago(_duration(value, column)))
    right = "write future, before:2026-01-31, after:2026-01-31, between:2026-01-01,2026-01-31 or max-age:30d"
    raise bad(f"{shown(text)!r} is no rule for dates", column, right)


def _day(text: str, column: int) -> datetime:
    try:
        if _DAY.fullmatch(text):
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        pass
    raise bad(f"{shown(text)!r} is no day", column, "write 2026-01-31")


def _duration(text: str, column: int) -> str:
    """Days ("30d"), or what Go reads ("1h30m"), as ISO 8601."""
    if re.fullmatch(r"\d{1,5}d", text):
        return f"P{text[:-1]}D"
    found = _GO_DURATION.fullmatch(text)
    if not found:
        raise bad(f"{shown(text)!r} is no duration", column, "write 30d, 12h or 1h30m")
    return "PT" + "".join(f"{part}{unit}" for part, unit in zip(found.groups(), "HMS", strict=True) if part)
