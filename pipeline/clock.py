"""Times of day and zones as pages print them: "10:05 p.m. EST", "14h30", "10時30分", "오후 3:20", "GMT+8"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta, timezone

# Only abbreviations that mean one zone in news pages; IST and CST are left out, they mean several.
ZONES = {"utc": 0, "gmt": 0, "z": 0, "est": -5, "edt": -4, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
         "bst": 1, "cet": 1, "cest": 2, "mez": 1, "mesz": 2, "eet": 2, "eest": 3, "msk": 3, "trt": 3, "pkt": 5,
         "wib": 7, "ict": 7, "sgt": 8, "hkt": 8, "myt": 8, "jst": 9, "kst": 9, "aest": 10, "aedt": 11, "nzst": 12,
         "nzdt": 13, "sast": 2, "wat": 1, "eat": 3, "brt": -3, "мск": 3}  # fmt: skip
_AFTER = re.compile(
    r"(?<!\d)(\d{1,2})\s?(?:[:.h]|[時时点點]|시\s?)(\d{2}|\d(?=[分분]))[分분]?(?!\d)(?::?(\d{2})(?!\d)(?:\.\d+)?)?秒?\s*([ap]\.?m\b\.?)?|"
    r"(?<!\d)(\d{1,2})\s*(?:([ap]\.?m\b\.?)|Uhr\b|[時时](?!間|间)|시(?!간))",
    re.I,
)
_HALF = re.compile(r"午後|下午|晚上|오후|μμ|μ\.μ|(?<!\w)م(?!\w)|मध्याह्न|(?<!\w)p\.?m(?!\w)", re.I)
_MORNING = re.compile(r"午前|上午|凌晨|오전|π\.?μ", re.I)
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2}):?(\d{2})?\b")
_ZONE_WORD = re.compile(r"\b([^\W\d_]{1,4})\b")


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day, and where in its text it stands."""

    hour: int
    minute: int
    second: int
    start: int
    end: int


def read_clock(text: str, at: int = 0) -> Clock | None:
    """The first time of day in `text` from `at` on, or None (also for one that no clock shows)."""
    match = _AFTER.search(text, at)
    if match is None:
        return None
    hour, minute, second = int(match[1] or match[5]), int(match[2] or 0), int(match[3] or 0)
    half = (match[4] or match[6] or "").lower()[:1]
    before = text[max(at, match.start() - 6) : match.start()]
    if not half:
        half = "p" if _HALF.search(before) else "a" if _MORNING.search(before) else ""
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    return Clock(hour, minute, second, match.start(), match.end())


def read_zone(text: str) -> timezone | None:
    """The zone that follows a time of day ("+08:00", "GMT+8", "EST"), or None."""
    if offset := _OFFSET.search(text):
        hours = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        return timezone(hours if offset[1] == "+" else -hours)
    word = _ZONE_WORD.search(text)
    east = ZONES.get(word[1].lower()) if word else None
    return None if east is None else timezone(timedelta(hours=east))
