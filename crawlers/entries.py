"""What every reader of listings shares: dates, plain text, languages, and the making of an `Entry`."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from pipeline.controls import all_without_controls, without_controls
from pipeline.ids import article_id
from pipeline.types import Entry
from pipeline.urls import canonical_url

MAX_ENTRIES = 2000  # of one listing; the rest is old or an attack, and is named in `Listing.warning`
MAX_SUMMARY = 1000  # characters
MAX_TITLE = 500
MAX_BODY = 64 << 20  # bytes; larger listings are refused
READ_BODY = 8 << 20  # bytes that are read of a larger feed: its newest entries
_MAX_MARKUP = 12_000  # characters of HTML looked at to make a summary

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # before the web: a date that is not one ("0001-01-01", the epoch)
AHEAD = timedelta(hours=1)  # clocks go wrong by minutes; what lies further ahead is an embargo or an error

_DATE_RFC822 = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? )?(\d{1,2}) ([A-Z][a-z]{2})[a-z]* (\d{4}) "
    r"(\d{1,2}):(\d\d)(?::(\d\d))? ([A-Z]{1,5}|[+-]\d{4})"
)
_DATE_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?")
_MONTH_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTHS = {m: n for n, m in enumerate(_MONTH_NAMES.split(), 1)}
_HOURS = {"GMT": 0, "UTC": 0, "UT": 0, "Z": 0, "EDT": -4, "EST": -5, "CDT": -5, "CST": -6, "MDT": -6, "MST": -7}
_HOURS |= {"PDT": -7, "PST": -8}
# Zones that feedparser takes for UTC. Only names with one meaning in news feeds; minutes east of Greenwich.
_MORE_ZONES = {"WET": 0, "BST": 60, "WEST": 60, "CET": 60, "CEST": 120, "EET": 120, "EEST": 180, "MSK": 180}
_MORE_ZONES |= {"SGT": 480, "HKT": 480, "PHT": 480, "AWST": 480, "JST": 540, "KST": 540, "AEST": 600, "AEDT": 660}
_MORE_ZONES |= {"NZST": 720, "NZDT": 780, "SAST": 120, "PKT": 300, "WIB": 420, "ICT": 420, "AKST": -540, "HST": -600}
_ZONE = re.compile(r":\d\d(?:\.\d+)?\s*(?:[+-]\d|[A-Z])", re.IGNORECASE)
_ZONE_NAME = re.compile(r"\d ([A-Za-z]{3,5})$")
_COMMA = re.compile(r"\s*,\s*")
_LIKE_ISO = re.compile(r"-|\d{2}-?\d|\d{3}")
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?"
_DAY = r"(?:\d{4}(?:-\d\d)?|\d{4}-0?\d\d-\d\d|\d{8}|\d{4}-?\d{3}|\d\d-\d\d-\d\d|\d{6})"
_OTHER_ISO = re.compile(rf"{_DAY}(?:[T ]{_CLOCK} ?(?:Z|[A-Z]{{2,4}}|[+-]\d\d(?::?\d\d)?)?)?")

_HIDDEN = re.compile(r"<(script|style|template|iframe)\b[^>]*>.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|$)|<!\[CDATA\[|\]\]>", re.DOTALL)
_TAG = re.compile(r"<(?:/?[A-Za-z][^<>]*|![^<>]*|\?[^<>]*)>")
_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|big|cite|code|em|font|i|ins|mark|q|s|small|span|strong|sub|sup|u)(?:\s[^<>]*)?>"
)
_CLOSING = re.compile(r"</[A-Za-z]+>|<br ?/?>")
_ENTITY = re.compile(r"&#?\w+;")
_MAIL = r"[\w.+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,24}"
_PERSON = re.compile(rf"{_MAIL} \(([^()<>@]+)\)|([^()<>@]+) <{_MAIL}>|{_MAIL}", re.ASCII)
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_].*)?")
_C1 = re.compile("[\x80-\x9f]")
_CP1252 = {n: bytes([n]).decode("cp1252", "ignore") or chr(n) for n in range(0x80, 0xA0)}


def parse_when(raw: str) -> datetime | None:
    """A date and time as RFC 822 or ISO 8601 give it, in UTC; None for any other form. Without a zone it is taken as
    UTC. Fractions of a second are cut.
    """
    try:
        if match := _DATE_ISO.fullmatch(raw) if raw[4:5] == "-" else None:
            year, month, day, hour, minute, second, zone = match.groups()
            number = int(month)
        else:
            match = _DATE_RFC822.fullmatch(raw)
            if match is None:
                return None
            day, name, year, hour, minute, second, zone = match.groups()
            number = _MONTHS[name.lower()]
        minutes = _offset(zone) if zone else 0
        made = datetime(int(year), number, int(day), int(hour), int(minute), int(second or 0), tzinfo=UTC)
        return made - timedelta(minutes=minutes) if minutes else made
    except (ValueError, KeyError, OverflowError):
        return None


def _offset(zone: str) -> int:
    """Minutes east of Greenwich. Raises KeyError for a name we do not know."""
    if zone[0] in "+-":
        minutes = int(zone[1:3]) * 60 + int(zone[-2:])
        return -minutes if zone[0] == "-" else minutes
    return _HOURS[zone] * 60 if zone in _HOURS else _MORE_ZONES[zone]


def believe(raw: str, read: datetime | None) -> datetime | None:
    """A date as feedparser read it, put right or refused where it is known to guess.

    It takes the names of most zones for UTC, and what merely starts like ISO 8601 ("2026-xx-27") for the first day
    of a month, of this month if need be.
    """
    tidy = _COMMA.sub(", ", " ".join(raw.split()))
    if when := parse_when(tidy):
        return when
    if read is None or (_LIKE_ISO.match(tidy) and not _OTHER_ISO.fullmatch(tidy)):
        return None
    name = _ZONE_NAME.search(tidy)
    return read - timedelta(minutes=_MORE_ZONES.get(name[1].upper(), 0) if name else 0)


def date_of(dates: Iterable[tuple[str, str, datetime | None]], fetched: datetime) -> tuple[datetime | None, str]:
    """The first of (what it is, as written, as read) that was read, and how we know it.

    One without a zone is taken as UTC and says "(no zone)". One that lies ahead of `fetched` by more than an hour, or
    before the web, is no date: (None, "future refused").
    """
    for what, raw, read in dates:
        if read is None:
            continue
        if read > fetched + AHEAD:
            return None, "future refused"
        if read < EARLIEST:
            return None, "too old refused"
        return read, what if _ZONE.search(raw) else what + " (no zone)"
    return None, ""


def plain(markup: str, limit: int = MAX_SUMMARY) -> str:
    """HTML as one line of text, cut at a word before `limit` characters, with "…" when something was cut."""
    text = markup[:_MAX_MARKUP]
    cut = len(markup) > _MAX_MARKUP
    if "<" in text:
        if cut:  # a tag may have been cut in two
            text = text[: text.rfind("<")] if text.rfind("<") > text.rfind(">") else text
        text = _COMMENT.sub("", _HIDDEN.sub(" ", text)) if "<!" in text or "<s" in text or "<i" in text else text
        text = _TAG.sub(" ", _INLINE.sub("", text))
    if "&" in text:
        text = html.unescape(text)
    return shorten(" ".join(text.split()), limit, cut)


def shorten(text: str, limit: int, cut: bool = False) -> str:
    """At most `limit` characters, ending in "…" when something is missing."""
    if len(text) <= limit and not cut:
        return text
    head = text[: limit - 1]
    space = head.rfind(" ", limit // 2) if len(text) > limit else -1
    return (head[:space] if space > 0 else head).rstrip(" ,;:") + "…"


def headline(raw: str, markup: bool) -> str:
    """A title as text. `markup`: it may be HTML, as RSS titles are by custom: then entities (twice escaped ones too)
    are read, and tags go if at least one of them is closed, so that "the <video> tag" stays."""
    text = raw[:_MAX_MARKUP]
    if markup and ("&" in text or "<" in text):
        if _CLOSING.search(text):
            text = _TAG.sub(" ", _INLINE.sub("", text))
        text = html.unescape(text)
        if _ENTITY.search(text):
            text = html.unescape(text)
        if _CLOSING.search(text):
            text = _TAG.sub(" ", _INLINE.sub("", text))
    return shorten(" ".join(text.split()), MAX_TITLE)


def mend_encoding(text: str) -> str:
    """UTF-8 that someone took for Latin-1 put right, and Windows' quotation marks with it (as feedparser does)."""
    if text.isascii():
        return text
    with suppress(UnicodeError):
        text = text.encode("iso-8859-1").decode("utf-8")
    return text.translate(_CP1252) if _C1.search(text) else text


def person_name(text: str) -> str | None:
    """The name in "mail (name)" or "name <mail>", "" for a mail address alone, None for anything else."""
    person = _PERSON.fullmatch(text)
    return (person[1] or person[2] or "").strip() if person else None


def language_code(tag: str) -> str:
    """ISO 639 code in front of a language tag ("en-GB" -> "en"), or ""."""
    match = _LANGUAGE.fullmatch(tag.strip())
    return match[1].lower() if match else ""


def make_entry(
    url: str,
    *,
    title: str = "",
    summary: str = "",
    authors: tuple[str, ...] = (),
    published: datetime | None = None,
    how: str = "",
    language: str = "",
    tags: tuple[str, ...] = (),
    edited: str = "",
) -> Entry | None:
    """An entry with its identity; None when `url` (absolute) is not http(s).

    Control characters go. The revision follows title, summary and `edited` (the outlet's own date of change, as
    written).
    """
    canonical = canonical_url(url)
    if not canonical:
        return None
    title, summary, authors = without_controls(title), without_controls(summary), all_without_controls(authors)
    tags = all_without_controls(tags)
    revision = blake2b(f"{title}\0{summary}\0{edited}".encode("utf-8", "replace"), digest_size=8).hexdigest()
    return Entry(
        article_id(canonical), url, canonical, title, summary, authors, published, how, language, tags, revision
    )


def unique(entries: Iterable[Entry | None]) -> tuple[tuple[Entry, ...], int]:
    """Entries in order, the first of each id, and how many were None (no http(s) address)."""
    seen: dict[str, Entry] = {}
    lost = 0
    for entry in entries:
        if entry is None:
            lost += 1
        else:
            seen.setdefault(entry.id, entry)
    return tuple(seen.values()), lost
