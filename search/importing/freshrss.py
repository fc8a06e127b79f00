"""FreshRSS user queries (its docs/en/users/10_filter.md, and app/Models/Search.php for what they leave open).

White space means both, OR (in any case) one of two, ! or - excludes; `date:` is when FreshRSS found an article,
`pubdate:` when it was published.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from search.ast import Ago, Moment, Node, Range, Saved, before
from search.importing.common import (
    Imported,
    Notes,
    Sign,
    Token,
    address,
    bad,
    finished,
    short_enough,
    topic,
    tree,
    value,
    words,
)
from search.importing.regex import from_regex
from search.values import shown

_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<paren>[()])|(?P<or>OR)(?=[\s()]|$)|(?P<not>[!-])(?=[^\s])
    |(?:(?P<name>intitle|author|inurl|date|pubdate|labels?|search|f|[lL]|e|S):|(?P<tag>\#))?
     (?:/(?P<regex>(?:\\.|[^/\\])*)/(?P<flags>[im]*)|'(?P<single>[^']*)'|"(?P<double>[^"]*)"|(?P<word>(?:\\[()]|[^\s()"])+))?""",
    re.VERBOSE | re.IGNORECASE,
)
_NUMBERS = {
    "f": "name the outlet in our language, as outlet:example",
    "e": "the number of an article means nothing here; leave it out",
    "l": "labels are not kept here; leave it out",
    "label": "labels are not kept here; leave it out",
    "labels": "labels are not kept here; leave it out",
    "s": 'write search:"its name" instead',
}
_INSIDE = "FreshRSS finds letters inside words; here whole words are found, in English in any form"
_ZONE = "FreshRSS reads dates in your time zone; here they are UTC"


def from_freshrss(text: str) -> Imported:
    """A user query as ours. Raises BadQuery, with its column, for what has no counterpart."""
    short_enough(text)
    notes = Notes()
    return finished(tree(_tokens(text), lambda token: _leaf(token, notes)), notes)


def _tokens(text: str) -> list[Token]:
    made: list[Token] = []
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        column = at + 1
        if not found or found.end() == at:
            raise bad(f"{text[at]!r}", column, "it cannot be read here: is a quote open?")
        at = found.end()
        if found["space"]:
            continue
        if found["paren"]:
            made.append(Token(Sign(found["paren"]), column))
        elif found["or"]:
            made.append(Token(Sign.OR, column, found["or"]))
        elif found["not"]:
            made.append(Token(Sign.NOT, column, found["not"]))
        else:
            made.append(_held(found, column))
    return made


def _held(found: re.Match[str], column: int) -> Token:
    name = "#" if found["tag"] else (found["name"] or "").lower()
    if found["regex"] is not None:
        column = found.start("regex") + 1
        return Token(Sign.LEAF, column, found["regex"], name, "/i" if "i" in found["flags"].lower() else "/")
    for quote, group in (("'", "single"), ('"', "double")):
        if found[group] is not None:
            return Token(Sign.LEAF, column, found[group], name, quote)
    text = re.sub(r"\\([()])", r"\1", found["word"] or "")
    if not text:
        raise bad(f"nothing after {name}", column, "the value follows without a space")
    return Token(Sign.LEAF, column, text, name)


def _leaf(token: Token, notes: Notes) -> Node | None:
    name, text, column = token.name, token.text, token.column
    if name in _NUMBERS:
        raise bad(f"{name}:{shown(text)}", column, _NUMBERS[name])
    if token.quote.startswith("/"):
        fields = {
            "": ("title", "body"),
            "intitle": ("title",),
            "author": ("author",),
            "inurl": ("url",),
            "#": ("topic",),
        }
        if name not in fields:
            raise bad(f"a regular expression after {name}:", column, "it takes a value")
        return from_regex(text, fields[name], column, notes, folds=token.quote == "/i")
    match name:
        case "search":
            return Saved(text.strip(), column)
        case "date" | "pubdate":
            notes.add(_ZONE)
            return _range("seen" if name == "date" else "date", text, column)
        case "author":
            notes.add(_INSIDE)
            return value("author", text, column)
        case "inurl":
            return address(text, column, notes)
        case "#":
            return topic(text.replace("+", " "), column, notes)
    notes.add(_INSIDE)
    if text == "AND" and not name and not token.quote:
        notes.add("AND is a word to FreshRSS; both of two is what white space says")
    return words(text, column, name="title" if name == "intitle" else "", quoted=bool(token.quote))


_POINT = re.compile(r"(\d{4})(?:-?(\d\d)(?:-?(\d\d)(?:T(\d\d)(?::?(\d\d)(?::?(\d\d))?)?)?)?)?")


def _range(field: str, text: str, column: int) -> Range:
    """An interval as `parseDateInterval` of FreshRSS reads it; its seconds are inclusive, our ends are not."""
    first, slash, last = text.upper().replace("--", "/").partition("/")
    try:
        since, until = _ends(first, slash, last)
        if since is None and until is None:
            raise ValueError("it has no end")
        if isinstance(since, datetime) and isinstance(until, datetime) and since >= until:
            raise ValueError("it ends before it begins")
    except (ValueError, OverflowError) as error:
        raise bad(
            f"{shown(text)!r} is no interval", column, f"{error}; write 2026-03, 2026-01/2026-03 or P1W"
        ) from None
    return Range(field, since, until)


def _ends(first: str, slash: str, last: str) -> tuple[Moment | None, Moment | None]:
    if first.startswith("P"):
        if not last:
            before(datetime(2026, 1, 1, tzinfo=UTC), first)
            return Ago(first), None
        until = _point(last)[0]
        return before(until, first), until
    if not slash:
        return _point(first)
    since = _point(first)[0] if first else None
    if last.startswith("P"):
        if since is None:
            raise ValueError("a duration needs a beginning")
        return since, _after(since, last)
    if last and first and not re.match(r"\d{4}", last):  # 2014-02/04: the rest is as in the first
        digits, rest = re.sub("[-:]", "", first), re.sub("[-:]", "", last)
        last = digits[: -len(rest)] + rest
    return since, _point(last)[1] if last else None


def _point(text: str) -> tuple[datetime, datetime]:
    """When a year, month, day, hour, minute or second begins, and when it is over."""
    found = _POINT.fullmatch(text)
    if not found:
        raise ValueError(f"{shown(text)!r} is no date")
    year, month, day, hour, minute, second = (int(part) if part else None for part in found.groups())
    start = datetime(year or 0, month or 1, day or 1, hour or 0, minute or 0, second or 0, tzinfo=UTC)
    if day is None:
        return start, (start + timedelta(days=31 if month else 366)).replace(day=1)
    if hour is None:
        return start, start + timedelta(days=1)
    if minute is None:
        return start, start + timedelta(hours=1)
    return start, start + (timedelta(minutes=1) if second is None else timedelta(seconds=1))


def _after(start: datetime, duration: str) -> datetime:
    """A duration later. Months are counted from a day that every month has."""
    found = re.fullmatch(r"P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?P<rest>.*)", duration)
    if not found or duration == "P":
        raise ValueError(f"{shown(duration)!r} is no duration")
    months = 12 * int(found[1] or 0) + int(found[2] or 0)
    if months and start.day > 28:
        raise ValueError("months from the end of a month differ from system to system")
    rest = found["rest"]
    length = start - before(start, f"P{rest}") if rest else timedelta(0)
    month = start.year * 12 + start.month - 1 + months
    return start.replace(year=month // 12, month=month % 12 + 1) + length
