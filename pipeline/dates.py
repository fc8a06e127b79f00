"""When a story came out: reads every way pages write a date, and weighs the claims.

Order of trust: JSON-LD, meta elements, time elements, the feed's entry, a printed date line, the address. A claim in
the future (more than an hour after the fetch) or before 1990 is refused and the next one asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # no outlet's web page is older than the web
AHEAD = timedelta(hours=1)  # clocks of newsrooms run fast, and embargoes are published minutes early

# Trust by where a claim stands, when it has a time and a zone; checked on the 133 dated pages of pages-fundus.
_TRUST = {"json-ld": 0.98, "meta": 0.95, "time element": 0.85, "feed": 0.9, "text": 0.7, "url": 0.6, "guess": 0.4}
_NAIVE, _DAY_ONLY = 0.85, 0.7  # factors: no zone; no time of day

_MONTH_NAMES = (
    "jan january januar janvier enero gennaio januari janeiro",
    "feb february februar février fevrier febrero febbraio februari fevereiro",
    "mar march märz marz mars marzo maart março",
    "apr april avril abril aprile",
    "may mai mayo maggio mei maio",
    "jun june juni juin junio giugno junho",
    "jul july juli juillet julio luglio julho",
    "aug august août aout agosto augustus",
    "sep sept september septembre septiembre settembre setembro",
    "oct okt october oktober octobre octubre ottobre outubro",
    "nov november novembre noviembre novembro",
    "dec dez december dezember décembre decembre diciembre dicembre dezembro",
)
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
# Only abbreviations that mean one zone in news pages; IST and CST are left out, they mean several.
_ZONES = {"utc": 0, "gmt": 0, "z": 0, "est": -5, "edt": -4, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
          "bst": 1, "cet": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3, "sgt": 8, "hkt": 8, "jst": 9, "kst": 9,
          "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13}  # fmt: skip

_ISO = re.compile(r"\d{4}-?\d{2}-?\d{2}(?:[T ]\d{1,2}.*)?$")
_YMD = re.compile(r"\b(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})(?!\d)日?")
_DMY_WORD = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)?\.?\s+(?:de\s+)?([^\W\d_]{3,10})\.?,?\s+(?:de\s+)?(\d{4})\b")
_MDY_WORD = re.compile(r"\b([^\W\d_]{3,10})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})\b")
_NUMERIC = re.compile(r"\b(\d{1,2})([./-])(\d{1,2})\2(\d{4})\b")
_CLOCK = re.compile(
    r"\b(\d{1,2})[:.h](\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([ap]\.?m\b\.?)?|\b(\d{1,2})\s*([ap]\.?m\b\.?)", re.I
)
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2}):?(\d{2})?\b")
_ZONE_WORD = re.compile(r"\b([A-Za-z]{1,4})\b")
_URL_DATE = re.compile(r"[/_-](19[9]\d|20\d{2})[/_-]?(0[1-9]|1[0-2])[/_-]?(0[1-9]|[12]\d|3[01])(?=[/_.-]|$|\D)")
_PRINT_LINE = re.compile(
    r"^\s*(?:date|published(?:\s+(?:on|at))?|publish\s+date|posted(?:\s+on)?|updated?|last\s+updated?|"
    r"first\s+published|veröffentlicht(?:\s+am)?|stand|publié\s+le|publicado(?:\s+el|\s+em)?|pubblicato\s+il)\b\s*[:\-–]?\s*",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A date as read: in UTC, and what was missing from it."""

    at: datetime
    zoned: bool = True
    timed: bool = True


@dataclass(frozen=True, slots=True)
class Dating:
    """When a story was published and changed; `confidence` 0..1, `how` "" when nothing is known."""

    published: datetime | None = None
    how: str = ""
    confidence: float = 0.0
    modified: datetime | None = None


def read_date(value: str) -> Moment | None:
    """A date in any of the usual spellings (ISO 8601, RFC 2822, epoch, month names in seven languages), or None.

    `02/03/2026` is refused: nobody can say which month it is.
    """
    value = " ".join(value.split())[:80]
    try:
        return _iso(value) or _epoch(value) or _rfc(value) or _worded(value)
    except (ValueError, OverflowError):
        return None


def print_line(paragraph: str) -> tuple[Moment | None, str]:
    """Split a printed date line ("date 2026-02-25 …", "Published Feb 25, 2026 10:00 AM") off the start of a paragraph.

    Returns the moment and what follows; (None, paragraph) when there is none. "Updated" lines count as none of both
    but are split off all the same by their date.
    """
    mark = _PRINT_LINE.match(paragraph)
    rest = paragraph[mark.end() :] if mark else paragraph
    found = _first_date(rest[:60])
    if not found or found[0].strip(" ,"):
        return None, paragraph
    day, end = found[1], found[2]
    clock = re.match(r"[\s,|•·–-]*(?:at\s+|um\s+|à\s+)?", rest[end:])
    after = end + (clock.end() if clock else 0)
    time = _CLOCK.match(rest, after)
    if time:
        end = time.end()
        zone = re.match(
            r"\s*(?:Uhr|hrs|" + "|".join(sorted(_ZONES, key=len, reverse=True)) + r")\b(?:\s*[+-]\d{1,2}(?::?\d{2})?)?",
            rest[end:],
            re.I,
        )
        end += zone.end() if zone else 0
    remaining = rest[end:].strip(" \t,;|•·–-")
    if not mark and (remaining or (not time and len(rest.strip()) > 30)):
        return None, paragraph
    moment = read_date(rest[:end].strip()) or Moment(day, zoned=False, timed=False)
    return moment, remaining


def decide(
    published: Iterable[tuple[str, str]],
    modified: Iterable[tuple[str, str]],
    *,
    feed: tuple[str, datetime] | None = None,
    text: str = "",
    urls: Sequence[str] = (),
    fetched: datetime,
) -> Dating:
    """Weigh the claims. `published` and `modified` are (where, as written) in order of trust; `feed` is the entry's.

    `text` is the story's first lines (for a printed date line). A claim that lacks zone or time of day is completed
    by another claim that agrees with it.
    """
    changed = _first_sane([(how, m) for how, v in modified if (m := read_date(v))], fetched)
    claims = [(how, m) for how, value in published if (m := read_date(value))]
    if feed and feed[0]:
        claims.append((feed[0], Moment(feed[1])))
    claims += [("text", m) for line in text.split("\n\n", 3)[:3] if (m := print_line(line)[0])]
    claims += [("url", m) for url in urls if (m := _from_url(url))]
    claims = [(how, m) for how, m in claims if _sane(m.at, fetched)]
    if not claims:
        if changed:
            return Dating(changed.at, "modified", 0.4, changed.at)
        return Dating()
    # An entry's "lastmod" or "updated" says little about publication: any claim of the page goes first.
    claims.sort(key=lambda c: "lastmod" in c[0] or "updated" in c[0])
    how, moment = claims[0]
    moment = _completed(moment, [m for _, m in claims[1:]] + ([changed] if changed else []), fetched)
    confidence = _TRUST.get(how, _TRUST["feed"]) * (1 if moment.zoned else _NAIVE) * (1 if moment.timed else _DAY_ONLY)
    if "lastmod" in how or "updated" in how:
        confidence *= 0.6
    later = changed.at if changed and changed.at >= moment.at else None
    return Dating(moment.at, how, round(confidence, 3), later)


def guess_date(tree: Any, fetched: datetime) -> Dating:
    """The last resort: htmldate's search of the whole page (10 ms), for the one page in fifty that claims nothing.

    Without its extensive search, which takes a copyright year for a date: no date is better than a wrong year.
    """
    from htmldate import find_date  # deferred: most processes never need it

    try:
        day = find_date(
            tree,
            extensive_search=False,
            original_date=True,
            min_date="1990-01-01",
            max_date=fetched.strftime("%Y-%m-%d"),
        )
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        day = None
    return decide([("guess", day)] if day else [], [], fetched=fetched)


def _completed(moment: Moment, others: Sequence[Moment], fetched: datetime) -> Moment:
    """A day gets the time of a claim on that day; a zoneless time the zone of a claim with the same minutes."""
    for other in others:
        gap = other.at - moment.at
        if not moment.timed and other.timed and timedelta(hours=-14) <= gap <= timedelta(hours=38) and other.zoned:
            return other
        same_clock = gap % timedelta(minutes=15) < timedelta(minutes=1) and abs(gap) <= timedelta(hours=14)
        if moment.timed and not moment.zoned and other.zoned and other.timed and same_clock:
            return other
    return moment


def _sane(at: datetime, fetched: datetime) -> bool:
    return EARLIEST <= at <= fetched + AHEAD


def _first_sane(claims: Sequence[tuple[str, Moment]], fetched: datetime) -> Moment | None:
    return next((m for _, m in claims if _sane(m.at, fetched)), None)


def _utc(at: datetime, timed: bool = True) -> Moment:
    if at.tzinfo is None:
        return Moment(at.replace(tzinfo=UTC), zoned=False, timed=timed)
    return Moment(at.astimezone(UTC), timed=timed)


def _iso(value: str) -> Moment | None:
    if not _ISO.match(value):
        return None
    try:
        return _utc(datetime.fromisoformat(value.replace("Z ", "Z").strip()), timed=len(value) > 10)
    except ValueError:
        return None  # "2026-02-25 10:00 SGT" is for the reader of words


def _epoch(value: str) -> Moment | None:
    if not (value.isascii() and value.isdigit() and len(value) in (10, 13)):
        return None
    return Moment(datetime.fromtimestamp(int(value[:10]), UTC))


def _rfc(value: str) -> Moment | None:
    if value[3:4] != "," and value[-5:-4] not in "+-":
        return None
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return None
    return _utc(at, timed=":" in value)


def _worded(value: str) -> Moment | None:
    found = _first_date(value)
    if not found:
        return None
    _, day, end = found
    rest = value[end:] if _CLOCK.search(value, end) else value[: len(value)]
    clock = _CLOCK.search(rest) if rest != value else None
    if not clock:
        return Moment(day, zoned=False, timed=False)
    hour, minute, second = int(clock[1] or clock[5]), int(clock[2] or 0), int(clock[3] or 0)
    half = (clock[4] or clock[6] or "").lower()[:1]
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    at = day.replace(hour=hour, minute=minute, second=second)
    zone = _zone(rest[clock.end() :])
    return _utc(at.replace(tzinfo=zone))


def _zone(text: str) -> timezone | None:
    if offset := _OFFSET.search(text):
        hours = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        return timezone(hours if offset[1] == "+" else -hours)
    word = _ZONE_WORD.search(text)
    hours_east = _ZONES.get(word[1].lower()) if word else None
    return None if hours_east is None else timezone(timedelta(hours=hours_east))


def _first_date(text: str) -> tuple[str, datetime, int] | None:
    """The first calendar day in `text`: what stands before it, the day (midnight UTC), and where it ends."""
    best: tuple[str, datetime, int] | None = None
    for pattern, order in ((_YMD, "ymd"), (_DMY_WORD, "dmy"), (_MDY_WORD, "mdy"), (_NUMERIC, "num")):
        for match in pattern.finditer(text):
            day = _day(match, order)
            if day and (best is None or match.start() < len(best[0])):
                best = (text[: match.start()], day, match.end())
                break
    return best


def _day(match: re.Match[str], order: str) -> datetime | None:
    g = match.groups()
    if order == "ymd":
        year, month, day = int(g[0]), int(g[1]), int(g[2])
    elif order == "dmy":
        year, month, day = int(g[2]), _MONTHS.get(g[1].lower(), 0), int(g[0])
    elif order == "mdy":
        year, month, day = int(g[2]), _MONTHS.get(g[0].lower(), 0), int(g[1])
    else:
        a, b, year = int(g[0]), int(g[2]), int(g[3])
        if g[1] == "." or a > 12:
            month, day = b, a
        elif b > 12 or a == b:
            month, day = a, b
        else:
            return None
    try:
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None


def _from_url(url: str) -> Moment | None:
    match = _URL_DATE.search(url)
    if not match:
        return None
    try:
        return Moment(datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=UTC), zoned=False, timed=False)
    except ValueError:
        return None
