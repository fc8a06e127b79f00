"""When a story came out: reads every way pages write a date, and weighs the claims.

Order of trust: JSON-LD, meta elements, time elements, the feed's entry, a printed date line, the address. A claim in
the future (more than an hour after the fetch) or before 1990 is refused and the next one asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from pipeline.clock import ZONES, read_clock, read_zone
from pipeline.months import common_day, era_year, month
from pipeline.relative import relative

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # no outlet's web page is older than the web
AHEAD = timedelta(hours=1)  # clocks of newsrooms run fast, and embargoes are published minutes early

# Trust by where a claim stands, when it has a time and a zone. Right days on pages-fundus: JSON-LD 118 of 118, meta
# 10 of 10, time element 2 of 2; the rest, seen once or never there, by judgement.
_TRUST = {
    "json-ld": 0.98,
    "meta": 0.95,
    "time element": 0.85,
    "page state": 0.8,
    "date element": 0.7,
    "feed": 0.9,
    "text": 0.7,
    "url": 0.6,
    "guess": 0.4,
}
_NAIVE, _DAY_ONLY, _RELATIVE = 0.85, 0.7, 0.5  # factors: no zone; no time of day; "3 hours ago"

_WORD = r"([^\s\d,/:;|()-]{2,14})"
_ISO = re.compile(r"\d{4}-?\d{2}-?\d{2}(?:[T ]\d{1,2}.*)?$")
_CTIME = re.compile(r"^(?:[A-Za-z]{3},?\s)?([A-Za-z]{3})\s+(\d{1,2})\s+([\d:]{5,8})\s+(?:(\S+)\s+)?(\d{4})$")
_DAY_SPELLINGS = (
    ("ymd", re.compile(r"(?<!\d)(\d{4})\s?[-/.年년]\s?(\d{1,2})\s?[-/.月월]\s?(\d{1,2})(?!\d)\s?[日일]?\.?")),
    ("era", re.compile(r"(令和|平成|昭和|民國|民国)\s?(\d{1,3}|元)年\s?(\d{1,2})月\s?(\d{1,2})日?")),
    ("dmy", re.compile(rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|er|º|ª|°|ος)?\.?\s*(?:-\s*)?(?:de\s+|d['’]\s*|of\s+|di\s+)?"
                       rf"{_WORD}\.?,?(?:\s+|-)(?:de\s+|del\s+)?(\d{{4}})(?!\d)")),
    ("mdy", re.compile(rf"(?<!\w){_WORD}\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?\.?,?\s+(\d{{4}})(?!\d)")),
    ("ymd word", re.compile(rf"(?<!\d)(\d{{4}})\.?,?\s+(?:m\.\s+)?{_WORD}\.?\s+(\d{{1,2}})(?!\d)\.?")),
    ("vietnamese", re.compile(r"(?<!\d)(\d{1,2})\s+tháng\s+(\d{1,2}),?\s+(?:năm\s+)?(\d{4})(?!\d)", re.I)),
    ("numeric", re.compile(r"(?<![\d.])(\d{1,2})([./-])\s?(\d{1,2})\2\s?(\d{4})(?!\d)")),
)  # fmt: skip
_URL_DATE = re.compile(r"[/_-](19[9]\d|20\d{2})[/_-]?(0[1-9]|1[0-2])[/_-]?(0[1-9]|[12]\d|3[01])(?=[/_.-]|$|\D)")
_PRINT_LINE = re.compile(
    r"^\s*(?:date|published(?:\s+(?:on|at))?|publish\s+date|posted(?:\s+on)?|updated?|last\s+updated?|"
    r"first\s+published|veröffentlicht(?:\s+am)?|stand|publié\s+le|publicado(?:\s+el|\s+em)?|pubblicato\s+il)\b\s*[:\-–]?\s*",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A date as read: in UTC, what was missing from it, and the page's own clock (minutes east of UTC, 0 unknown)."""

    at: datetime
    zoned: bool = True
    timed: bool = True
    offset: int = 0
    told: bool = True  # False: counted back from the fetch ("3 hours ago")


@dataclass(frozen=True, slots=True)
class Dating:
    """When a story was published and changed, in UTC; `confidence` 0..1, `how` "" when nothing is known.

    `offset` is the page's own clock in minutes east of UTC (None: the page names no zone), `timed` whether it gave
    a time of day. `printed` and `printed_modified` are the dates by that clock.
    """

    published: datetime | None = None
    how: str = ""
    confidence: float = 0.0
    modified: datetime | None = None
    offset: int | None = None
    timed: bool = True
    modified_how: str = ""
    modified_confidence: float = 0.0
    modified_offset: int | None = None

    def printed(self) -> str:
        """ISO 8601 as the outlet's reader sees it: own zone, no zone where none is known, a bare day; "" if unknown."""
        return printed(self.published, self.offset, self.timed)


def printed(at: datetime | None, offset: int | None, timed: bool = True) -> str:
    """`at` (UTC) by the clock `offset` minutes east; without a zone where `offset` is None, a day if not `timed`."""
    if at is None:
        return ""
    if not timed:
        return at.date().isoformat()
    if offset is None:
        return at.replace(tzinfo=None).isoformat(sep="T")
    return at.astimezone(timezone(timedelta(minutes=offset))).isoformat(sep="T")


def read_date(value: str, now: datetime | None = None) -> Moment | None:
    """A date in any of the usual spellings, or None: ISO 8601, RFC 2822, ctime, epoch, month names of forty languages,
    CJK, eras, Buddhist and Solar Hijri years, any script's digits; with `now` also "3 hours ago" and "yesterday".

    `02/03/2026` is refused: nobody can say which month it is.
    """
    value = " ".join(value.split())[:80]
    try:
        found = _iso(value) or _epoch(value) or _rfc(value) or _worded(value)
        if found is None and now is not None and (back := relative(value, now)):
            found = Moment(back[0], zoned=back[1], timed=back[1], told=False)
    except (ValueError, OverflowError):
        return None
    return found


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
    time = read_clock(rest, after)
    if time and time.start == after:
        end = time.end
        zone = re.match(
            r"\s*(?:Uhr|hrs|" + "|".join(sorted(ZONES, key=len, reverse=True)) + r")\b(?:\s*[+-]\d{1,2}(?::?\d{2})?)?",
            rest[end:],
            re.I,
        )
        end += zone.end() if zone else 0
    else:
        time = None
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
    changes = [(how, m) for how, v in modified if (m := read_date(v, fetched)) and _sane(m.at, fetched)]
    claims = [(how, m) for how, value in published if (m := read_date(value, fetched))]
    if feed and feed[0]:
        claims.append((feed[0], Moment(feed[1])))
    claims += [("text", m) for line in text.split("\n\n", 3)[:3] if (m := print_line(line)[0])]
    claims += [("url", m) for url in urls if (m := _from_url(url))]
    claims = [(how, m) for how, m in claims if _sane(m.at, fetched)]
    if not claims:
        if not changes:
            return Dating()
        how, moment = changes[0]
        return _dating("modified", moment, 0.4, how, moment)
    # An entry's "lastmod" or "updated" says little about publication: any claim of the page goes first.
    claims.sort(key=lambda c: (_late(c[0]), not c[1].told))
    how, moment = claims[0]
    moment = _completed(moment, [m for _, m in (*claims[1:], *changes)])
    trust = _trust(how, moment) * (0.6 if _late(how) else 1)
    return _dating(how, moment, trust, *next(((h, m) for h, m in changes if m.at >= moment.at), ("", None)))


def _dating(how: str, moment: Moment, trust: float, modified_how: str, changed: Moment | None) -> Dating:
    return Dating(
        published=moment.at,
        how=how,
        confidence=round(trust, 3),
        modified=changed.at if changed else None,
        offset=moment.offset if moment.zoned and moment.told else None,
        timed=moment.timed,
        modified_how=modified_how,
        modified_confidence=round(_trust(modified_how, changed), 3) if changed else 0.0,
        modified_offset=changed.offset if changed and changed.zoned and changed.told else None,
    )


def _trust(how: str, moment: Moment) -> float:
    trust = _TRUST.get(how, _TRUST["feed"]) * (1 if moment.zoned else _NAIVE) * (1 if moment.timed else _DAY_ONLY)
    return trust * (1 if moment.told else _RELATIVE)


def _late(how: str) -> bool:
    return "lastmod" in how or "updated" in how


def guess_date(tree: Any, fetched: datetime, printed_dates: Sequence[str] = ()) -> Dating:
    """The last resort for the one page in fifty that claims nothing: dates it prints, else htmldate's search (10 ms).

    Without htmldate's extensive search, which takes a copyright year for a date: no date is better than a wrong year.
    """
    found = decide([("date element", line) for line in printed_dates], [], fetched=fetched)
    if found.published:
        return found
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


def _completed(moment: Moment, others: Sequence[Moment]) -> Moment:
    """A day gets the time of a claim on that day; a zoneless time the zone of a claim with the same minutes."""
    for other in others:
        if not (other.zoned and other.timed and other.told):
            continue
        gap = other.at - moment.at
        if not moment.timed and timedelta() <= gap + timedelta(minutes=other.offset) < timedelta(days=1):
            return other
        same_clock = gap % timedelta(minutes=15) < timedelta(minutes=1) and abs(gap) <= timedelta(hours=14)
        if moment.timed and not moment.zoned and same_clock:
            return replace(other, offset=-round(gap.total_seconds() / 900) * 15)
    return moment


def _sane(at: datetime, fetched: datetime) -> bool:
    return EARLIEST <= at <= fetched + AHEAD


def _utc(at: datetime, timed: bool = True) -> Moment:
    east = at.utcoffset()
    if east is None:
        return Moment(at.replace(tzinfo=UTC), zoned=False, timed=timed)
    return Moment(at.astimezone(UTC), timed=timed, offset=round(east.total_seconds() / 60))


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
    if shuffled := _CTIME.match(value):  # "Wed Feb 25 10:00:00 +0000 2026"
        name, day_of, clock_of, zone_of, year = shuffled.groups(default="")
        value = f"{day_of} {name} {year} {clock_of} {zone_of}"
    found = _first_date(value)
    if not found:
        return None
    before, day, end = found
    clock = read_clock(value, end) or read_clock(before)
    if not clock:
        return Moment(day, zoned=False, timed=False)
    at = day.replace(hour=clock.hour, minute=clock.minute, second=clock.second)
    return _utc(at.replace(tzinfo=read_zone(value[max(end, clock.end) :])))


def _first_date(text: str) -> tuple[str, datetime, int] | None:
    """The first calendar day in `text`: what stands before it, the day (midnight UTC), and where it ends."""
    best: tuple[str, datetime, int] | None = None
    for spelling, pattern in _DAY_SPELLINGS:
        for match in pattern.finditer(text):
            day = _day(match, spelling)
            if day and (best is None or match.start() < len(best[0])):
                best = (text[: match.start()], day, match.end())
                break
    return best


def _day(match: re.Match[str], spelling: str) -> datetime | None:
    year, number, day = _PARTS[spelling](match.groups())
    try:
        return common_day(year, number, day)
    except ValueError:
        return None


def _numeric(g: Sequence[str]) -> tuple[int, int, int]:
    """Day and month by the dot (never an American's) or by what can be no month; else no date."""
    a, b, year = int(g[0]), int(g[2]), int(g[3])
    if g[1] == "." or a > 12 or a == b:
        return year, b, a
    return (year, a, b) if b > 12 else (0, 0, 0)


_PARTS: dict[str, Callable[[Sequence[str]], tuple[int, int, int]]] = {
    "ymd": lambda g: (int(g[0]), int(g[1]), int(g[2])),
    "era": lambda g: (era_year(g[0], g[1]), int(g[2]), int(g[3])),
    "dmy": lambda g: (int(g[2]), month(g[1]), int(g[0])),
    "mdy": lambda g: (int(g[2]), month(g[0]), int(g[1])),
    "ymd word": lambda g: (int(g[0]), month(g[1]), int(g[2])),
    "vietnamese": lambda g: (int(g[2]), int(g[1]), int(g[0])),
    "numeric": _numeric,
}


def _from_url(url: str) -> Moment | None:
    match = _URL_DATE.search(url)
    if not match:
        return None
    try:
        return Moment(datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=UTC), zoned=False, timed=False)
    except ValueError:
        return None
