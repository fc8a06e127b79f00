"""What may follow `field:` where the field is not text: names, keys, codes, times, numbers and saved queries."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches

from pipeline.errors import BadQuery
from pipeline.types import Grade
from search.analysis import base_language, key, sites, terms, url_key
from search.ast import (
    CODE_FIELDS,
    COUNT_FIELDS,
    FIELDS,
    NAME_FIELDS,
    SAVED,
    TIME_FIELDS,
    Ago,
    Count,
    Is,
    Moment,
    Node,
    Range,
    Saved,
    before,
)

LONGEST_PREFIX = 200  # characters
LONGEST_SAVED = 200  # characters of the name of a saved query
_MEANT = {
    **dict.fromkeys(("text", "content", "story", "article"), "body"),
    **dict.fromkeys(("headline", "intitle"), "title"),
    **dict.fromkeys(("source", "publisher", "paper", "from"), "outlet"),
    **dict.fromkeys(("by", "byline"), "author"),
    **dict.fromkeys(("language", "tongue"), "lang"),
    **dict.fromkeys(("agency", "credit"), "wire"),
    **dict.fromkeys(("tag", "tags", "label"), "topic"),
    **dict.fromkeys(("org", "person", "company", "name"), "entity"),
    **dict.fromkeys(("host", "domain"), "site"),
    **dict.fromkeys(("link", "inurl"), "url"),
    **dict.fromkeys(("published", "when", "time", "after", "before", "since", "until"), "date"),
    **dict.fromkeys(("first_seen", "fetched", "age"), "seen"),
    **dict.fromkeys(("place", "location", "city"), "dateline"),
    **dict.fromkeys(("updated", "edited", "modified", "corrected"), "changed"),
    **dict.fromkeys(("copy", "carriers"), "copies"),
    **dict.fromkeys(("saved", "query", "subscription"), SAVED),
}
_CALENDAR = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?")
_COMPARED = re.compile(r"([<>]=?|=)(.*)", re.DOTALL)
_NUMBER = re.compile("[0-9]{1,9}")
_MICROSECOND = timedelta(microseconds=1)
_YEARS = range(1700, 2250)  # what every back end can hold in microseconds


def shown(text: str) -> str:
    """A text as an error message repeats it: its beginning."""
    return text if len(text) <= 60 else text[:59] + "…"


def unknown_field(name: str, following: str) -> tuple[str, str]:
    """What is wrong with a field name that is none, and what would be right."""
    if following == "//":
        return f"unknown field {shown(name)!r}", f"to search for an address write url:{shown(name)}://…"
    near = get_close_matches(name.lower(), FIELDS, n=1, cutoff=0.6)
    meant = _MEANT.get(name.lower()) or (near[0] if near else "")
    if meant:
        return f"unknown field {shown(name)!r}", f"did you mean {meant!r}?"
    return (
        f"unknown field {shown(name)!r}",
        f"put it into quotes to search for the words, or use one of {', '.join(FIELDS)}",
    )


def value_node(field: str, text: str, *, prefix: bool, column: int, now: datetime | None) -> Node:
    """The leaf for `field:text`. Raises BadQuery, at `column`, for a value the field cannot have."""
    if field in TIME_FIELDS:
        if prefix:
            raise BadQuery(f"a * in {field}: at {column}: write {field}:2026 or {field}:2026-03", column=column)
        return _range(field, text, column, now)
    if field in COUNT_FIELDS:
        if prefix:
            raise BadQuery(f"a * in {field}: at {column}: write {field}:>=10", column=column)
        return _count(field, text, column)
    if field == SAVED:
        if prefix:
            raise BadQuery(f"a * in {field}: at {column}: it takes the whole name of a saved query", column=column)
        if not text.strip() or len(text) > LONGEST_SAVED:
            right = f"the name of a saved query follows, of at most {LONGEST_SAVED} characters"
            raise BadQuery(f"{field}:{shown(text)} at {column}: {right}", column=column)
        return Saved(text, column)
    if prefix and field in CODE_FIELDS:
        raise BadQuery(f"a * in {field}: at {column}: it takes whole values only", column=column)
    wrong = _wrong(field, text, prefix=prefix)
    if wrong:
        raise BadQuery(f"{field}:{shown(text)} at {column}: {wrong}", column=column)
    return Is(field, text, prefix)


def stored_form(field: str, value: str) -> str:
    """The one term that a key or code field holds for this value; names are searched word by word instead."""
    match field:
        case "url":
            return url_key(value).rstrip("/")
        case "site":
            return (sites(f"//{value}") or [""])[0]
        case "lang":
            return base_language(value)
        case _:
            return key(value)


def _wrong(field: str, text: str, *, prefix: bool) -> str:
    """What would be right instead, or ""."""
    if field in NAME_FIELDS:
        return "" if terms(text) else "a name has a letter or a digit"
    value = stored_form(field, text)
    match field:
        case "country" if not re.fullmatch("[a-z]{2,3}", value):
            return "a country is a two-letter code such as SG, or INT"
        case "lang" if not re.fullmatch("[a-z]{2,3}", value):
            return "a language is a two-letter code such as en"
        case "grade" if value not in list(Grade):
            return f"a grade is one of {', '.join(Grade)}"
        case "site" if not re.fullmatch(r"[\w-]+(\.[\w-]+)*", value) or not re.fullmatch(r"[\w.-]+", text):
            return "a site is a host name such as example.com"
    if not value:
        return "the value has a letter or a digit"
    if prefix and len(value) > LONGEST_PREFIX:
        return f"a prefix has at most {LONGEST_PREFIX} characters"
    if prefix and len(value) < 2 and value.isascii():
        return "at least two letters stand before the *"
    return ""


def _range(field: str, text: str, column: int, now: datetime | None) -> Range:
    """`2026`, `2026-03`, `2026-03-01`, `P1D`, `a..b` of these and of instants, either end open; `>=a` and the like."""
    first, dots, last = text.partition("..")
    since: Moment | None
    until: Moment | None
    compared = _COMPARED.fullmatch(text)
    try:
        if compared:
            since, until = _sides(compared[1], compared[2], now)
        elif not dots:
            if _INSTANT.fullmatch(text):
                raise ValueError(f"a time of day needs a range, as in {field}:{text}..")
            since, until = _start(first, now), None if first.startswith("P") else _end(first, now)
        else:
            since, until = _start(first, now) if first else None, _end(last, now) if last else None
            if since is None and until is None:
                raise ValueError("a range needs at least one end, as in 2026-01-01..")
    except (ValueError, OverflowError) as error:
        raise BadQuery(f"{field}:{shown(text)} at {column}: {error}", column=column) from None
    if isinstance(since, datetime) and isinstance(until, datetime) and since >= until:
        raise BadQuery(f"{field}:{shown(text)} at {column}: the range ends before it begins", column=column)
    return Range(field, since, until)


def _sides(sign: str, text: str, now: datetime | None) -> tuple[Moment | None, Moment | None]:
    """What `>=2026-01` and the like leave: later than a month is from its end on.

    A duration before now is compared to the instant only: `>P1D` and `>=P1D` are from a day ago on.
    """
    if sign == "=":
        raise ValueError(f"write {shown(text)} without the =, or a range such as 2026-01-01..2026-01-31")
    at_end = sign in (">", "<=")
    moment = _end(text, now) if at_end else _start(text, now)
    if at_end and isinstance(moment, datetime) and _INSTANT.fullmatch(text):
        moment = _checked(moment + _MICROSECOND)
    return (moment, None) if sign[0] == ">" else (None, moment)


def _count(field: str, text: str, column: int) -> Count:
    """`5`, `=5`, `>5`, `>=5`, `<5`, `<=5`, `2..5`, `2..`, `..5`."""
    compared = _COMPARED.fullmatch(text)
    sign, rest = (compared[1], compared[2]) if compared else ("", text)
    first, dots, last = rest.partition("..")
    ends = [end for end in (first, last) if end] if dots else [first]
    if (sign and dots) or not ends or not all(map(_NUMBER.fullmatch, ends)):
        right = f"write {field}:5, {field}:>5, {field}:<=5 or {field}:2..5"
        raise BadQuery(f"{field}:{shown(text)} at {column}: {right}", column=column)
    least = int(first) if first else None
    most = int(last) if last else None
    if not dots:
        number = int(first)
        least = {">": number + 1, "<": None, "<=": None}.get(sign, number)
        most = {"<": number - 1, ">": None, ">=": None}.get(sign, number)
    if most is not None and most < 1:
        raise BadQuery(f"{field}:{shown(text)} at {column}: there is always one at least", column=column)
    if least is not None and most is not None and least > most:
        raise BadQuery(f"{field}:{shown(text)} at {column}: the range ends before it begins", column=column)
    return Count(field, max(1, least) if least is not None else None, most)


def _start(text: str, now: datetime | None) -> Moment:
    """The first instant of a date, or a duration."""
    if text.startswith("P"):
        resolved = _checked(before(now or datetime(2026, 1, 1, tzinfo=UTC), text))
        return resolved if now else Ago(text)
    if _INSTANT.fullmatch(text):
        instant = datetime.fromisoformat(text)
        return _checked(instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC))
    found = _CALENDAR.fullmatch(text)
    if not found:
        raise ValueError(f"{shown(text)!r} is no date: write 2026, 2026-03, 2026-03-01, or P1D for the last day")
    try:
        return _checked(datetime(int(found[1]), int(found[2] or 1), int(found[3] or 1), tzinfo=UTC))
    except ValueError as error:
        raise ValueError(f"there is no {text} ({error})") from None


def _end(text: str, now: datetime | None) -> Moment:
    """The first instant after a date; an instant and a duration end where they are."""
    start = _start(text, now)
    found = _CALENDAR.fullmatch(text)
    if not found or not isinstance(start, datetime):
        return start
    if found[3]:
        return start + timedelta(days=1)
    return (start + timedelta(days=31 if found[2] else 366)).replace(day=1)


def _checked(moment: datetime) -> datetime:
    if moment.year not in _YEARS:
        raise ValueError(f"the year {moment.year} is out of range ({_YEARS[0]} to {_YEARS[-1]})")
    return moment
