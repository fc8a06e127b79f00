"""When a digest goes out: at an hour of a time zone, whatever its clocks do."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from pipeline.outputs import zone
from pipeline.watch import Every, Output

HOUR = timedelta(hours=1)


def next_digest(one: Output, now: datetime) -> datetime:
    """The first moment after `now` (aware) at which it goes out, in UTC.

    An hour that the clocks skip is taken at the moment they jump, one that comes twice the first time, so that there
    is one digest a day (PEP 495, fold=0). Raise BadInput for an unknown time zone.
    """
    place = zone(one.timezone)
    local = now.astimezone(place)
    if one.every is Every.HOUR:
        into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        return now.astimezone(UTC) + HOUR - into
    for days in range(9):
        day = local.date() + timedelta(days=days)
        if one.every is Every.WEEK and day.weekday() != one.weekday:
            continue
        moment = datetime.combine(day, time(one.hour), place).astimezone(UTC)
        if moment > now:
            return moment
    raise AssertionError("unreachable: every weekday comes within eight days")
