"""When a feed asks to be left alone: ttl, skipHours, skipDays, sy:updatePeriod."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import NamedTuple

_PERIODS = {b"hourly": 1, b"daily": 24, b"weekly": 168, b"monthly": 720, b"yearly": 8760}  # hours
_DAYS = {name: n for n, name in enumerate(b"monday tuesday wednesday thursday friday saturday sunday".split())}
_FIRST = re.compile(rb"<(?:item|entry)[\s>/]")
_TTL = re.compile(rb"<ttl>\s*(\d{1,6})\s*</ttl>")
_PERIOD = re.compile(rb"<sy:updatePeriod>\s*([a-z]+)\s*</sy:updatePeriod>")
_TIMES = re.compile(rb"<sy:updateFrequency>\s*(\d{1,4})\s*</sy:updateFrequency>")
_HOURS = re.compile(rb"<skipHours>(.{0,2000}?)</skipHours>", re.DOTALL)
_HOUR = re.compile(rb"<hour>\s*(\d{1,2})\s*</hour>")
_SKIP_DAYS = re.compile(rb"<skipDays>(.{0,1000}?)</skipDays>", re.DOTALL)
_DAY = re.compile(rb"<day>\s*([A-Za-z]+)\s*</day>")
_MARKS = (b"<ttl>", b"<sy:updateP", b"<skip")
_HEAD = 65536  # bytes in which a feed says such things when it has no entries


class Schedule(NamedTuple):
    """`ttl` is None when the feed does not say; hours are UTC, Monday is 0."""

    ttl: timedelta | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()


def read_schedule(body: bytes) -> Schedule:
    """What the head of a feed (all before its first entry) asks for. ttl goes before sy:updatePeriod."""
    first = _FIRST.search(body)
    head = body[: min(first.start(), _HEAD) if first else _HEAD]
    if not any(mark in head for mark in _MARKS):
        return Schedule()
    hours = _HOURS.search(head)
    days = _SKIP_DAYS.search(head)
    return Schedule(
        _pause(head),
        frozenset(int(hour) % 24 for hour in _HOUR.findall(hours[1]) if int(hour) <= 24) if hours else frozenset(),
        frozenset(_DAYS[day.lower()] for day in _DAY.findall(days[1]) if day.lower() in _DAYS) if days else frozenset(),
    )


def _pause(head: bytes) -> timedelta | None:
    minutes = _TTL.search(head)
    if minutes and int(minutes[1]):
        return timedelta(minutes=min(int(minutes[1]), 7 * 24 * 60))
    period, times = _PERIOD.search(head), _TIMES.search(head)
    hours = _PERIODS.get(period[1]) if period else None
    return timedelta(hours=hours) / max(1, int(times[1]) if times else 1) if hours else None
