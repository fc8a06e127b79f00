"""What each key of a source file may hold, and what would be right where it holds something else."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from crawlers.codes import COUNTRIES, KINDS, LANGUAGES
from pipeline.controls import without_controls
from pipeline.rules import selector
from pipeline.types import Rules, Storage

ADDRESS_KEYS = ("feeds", "sitemaps", "news_sitemaps", "sections")
REQUIRED = ("id", "name", "country", "language", "homepage")

_POLL_MAX_MINUTES = 7 * 24 * 60  # a source asked less than weekly is not watched
_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?")


class Wrong(ValueError):
    """What is wrong with a value and what would be right; `part` is the piece of it to look for in the file."""

    def __init__(self, message: str, part: str = "") -> None:
        super().__init__(message)
        self.part = part


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Wrong(f"must be text in quotes, not {_shown(value)}")
    return value


def _some_text(value: object) -> str:
    if not _text(value).strip():
        raise Wrong("must not be empty")
    return _text(value)


def _name(value: object) -> str:
    return without_controls(_some_text(value))  # it may have been taken from the title of a page


def _one_of(choices: Iterable[str], what: str) -> Callable[[object], str]:
    known = tuple(choices)

    def check(value: object) -> str:
        if _text(value) not in known:
            near = difflib.get_close_matches(str(value).lower(), [choice.lower() for choice in known], n=1)
            hint = next((choice for choice in known if near and choice.lower() == near[0]), "")
            right = f"did you mean {hint!r}?" if hint else what
            raise Wrong(f"{value!r} is not known; {right}", str(value))
        return str(value)

    return check


def _an_id(value: object) -> str:
    if not _ID.fullmatch(_text(value)):
        raise Wrong(f"{value!r} must be 1 to 62 lower-case letters, digits and hyphens", str(value))
    return str(value)


def address(value: object) -> str:
    """`value` if it is an http(s) address we could ask, else ValueError saying what is wrong with it."""
    text = _text(value)
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError as error:
        raise Wrong(f"{text!r} is not an address: {error}", text) from None
    if parts.scheme not in ("http", "https") or not host:
        raise Wrong(f"{text!r} must be an address that starts with https:// or http://", text)
    if re.search(r"[\s<>\"\x00-\x1f]", text) or ("." not in host.strip(".") and host != "localhost"):
        raise Wrong(f"{text!r} is not a whole address", text)
    if parts.username or parts.password:
        raise Wrong(f"{host!r} must come without a user name and password", text)
    if parts.fragment:
        raise Wrong(f"{text!r} must come without the part after '#'", text)
    return text


def is_address(url: str) -> bool:
    """Whether `address` takes it."""
    try:
        address(url)
    except ValueError:
        return False
    return True


def _pattern(value: object) -> str:
    try:
        re.compile(_text(value))
    except re.error as error:
        raise Wrong(f"{value!r} is not a regular expression: {error}", str(value)) from None
    return str(value)


def _list_of(check: Callable[[object], str]) -> Callable[[object], tuple[str, ...]]:
    def check_all(value: object) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise Wrong(f'must be a list such as ["…", "…"], not {_shown(value)}')
        return tuple(check(item) for item in value)

    return check_all


def _poll(value: object) -> tuple[timedelta, timedelta]:
    right = "must be two numbers of minutes, shortest first, such as [5, 720]"
    if not isinstance(value, list) or len(value) != 2:
        raise Wrong(f"{right}, not {_shown(value)}")
    low, high = value
    if any(isinstance(item, bool) or not isinstance(item, (int, float)) for item in value):
        raise Wrong(f"{right}, not {_shown(value)}")
    if not 0 < low <= high:
        raise Wrong(f"{right}; {low} comes before {high}" if low > high else f"{right}; {low} is not above 0")
    if high > _POLL_MAX_MINUTES:
        raise Wrong(f"{high} is longer than a week ({_POLL_MAX_MINUTES} minutes)")
    return timedelta(minutes=low), timedelta(minutes=high)


def _selector(value: object) -> str:
    try:
        selector(_some_text(value))
    except Wrong:
        raise
    except ValueError as error:
        raise Wrong(f"{value!r} {error}", str(value)) from None
    return str(value)


def _rules(value: object) -> Rules:
    if not isinstance(value, dict):
        raise Wrong(f'must be a table such as [read] with body = "…" under it, not {_shown(value)}')
    good: dict[str, Any] = {}
    for key, part in value.items():
        if key not in RULES:
            near = difflib.get_close_matches(key, RULES, n=1)
            right = f"did you mean {near[0]!r}?" if near else "the keys are " + ", ".join(RULES)
            raise Wrong(f"unknown key {key!r}; {right}", key)
        try:
            good[key] = RULES[key](part)
        except Wrong as error:
            raise Wrong(f"{key}: {error}", error.part or key) from None
    return Rules(**good)


def _day(value: object) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise Wrong(f"must be a day without quotes, such as 2026-10-02, not {_shown(value)}")
    return value


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


RULES: Mapping[str, Callable[[object], object]] = {
    "body": _selector,
    "remove": _list_of(_selector),
    "title": _selector,
    "authors": _selector,
}
CHECKS: Mapping[str, Callable[[object], object]] = {
    "id": _an_id,
    "name": _name,
    "country": _one_of(
        sorted(COUNTRIES), "two capital letters of ISO 3166-1 such as 'SG', 'INT' for alliances, 'ZZ' for not known"
    ),
    "language": _one_of(sorted(LANGUAGES), "two small letters of ISO 639-1 such as 'en', 'und' for not known"),
    "homepage": address,
    "kind": _one_of(KINDS, "one of " + ", ".join(KINDS)),
    "feeds": _list_of(address),
    "sitemaps": _list_of(address),
    "news_sitemaps": _list_of(address),
    "sections": _list_of(address),
    "allow": _list_of(_pattern),
    "deny": _list_of(_pattern),
    "carries": _list_of(_some_text),
    "poll_minutes": _poll,
    "storage": _one_of([storage.value for storage in Storage], "one of full, summary, headline"),
    "terms": _text,
    "blocked": _text,
    "confirmed": _day,
    "confirmed_how": _some_text,
    "read": _rules,  # last, for a table takes all that follows it in the file
}
KEYS = tuple(CHECKS)  # every key a source file may hold
