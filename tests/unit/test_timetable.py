"""When digests go out, through all that clocks do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.timetable import next_digest
from pipeline.watch import Every, Output, OutputKind


def output(**more: Any) -> Output:
    return Output("w1", OutputKind.DIGEST, "mailto://desk.example", **more)


def local(moment: datetime, one: Output) -> str:
    return f"{moment.astimezone(ZoneInfo(one.timezone)):%a %m-%d %H:%M}"


@pytest.mark.parametrize(
    ("one", "now", "then"),
    [
        (output(), "2026-03-01 06:59", "Sun 03-01 07:00"),
        (output(), "2026-03-01 07:00", "Mon 03-02 07:00"),
        (output(timezone="Europe/Berlin"), "2026-03-28 06:30", "Sun 03-29 07:00"),  # the night the clocks go forward
        (output(timezone="Europe/Berlin", hour=2), "2026-03-28 12:00", "Sun 03-29 03:00"),  # there is no 02:00
        (output(timezone="Europe/Berlin", hour=2), "2026-03-29 01:00", "Mon 03-30 02:00"),
        (output(timezone="America/New_York", hour=1), "2026-11-01 04:59", "Sun 11-01 01:00"),  # comes twice …
        (output(timezone="America/New_York", hour=1), "2026-11-01 05:01", "Mon 11-02 01:00"),  # … and is taken once
        (output(every=Every.WEEK, weekday=0), "2026-03-02 07:00", "Mon 03-09 07:00"),
        (output(every=Every.WEEK, weekday=4, timezone="Asia/Tokyo"), "2026-03-05 21:59", "Fri 03-06 07:00"),
        (output(every=Every.HOUR), "2026-03-01 07:59", "Sun 03-01 08:00"),
        (output(every=Every.HOUR, timezone="Asia/Kolkata"), "2026-03-01 07:59", "Sun 03-01 14:00"),
    ],
)
def test_a_digest_goes_out_at_its_hour(one: Output, now: str, then: str) -> None:
    assert local(next_digest(one, datetime.fromisoformat(now + "+00:00")), one) == then


@given(
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]),
    st.integers(0, 23),
    st.datetimes(datetime(2010, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001
)
def test_there_is_one_digest_a_day_whatever_the_clocks_do(timezone: str, hour: int, start: datetime) -> None:
    one = output(hour=hour, timezone=timezone)
    moments = [start.replace(tzinfo=UTC)]
    for _ in range(6):
        moments.append(next_digest(one, moments[-1]))
    for before, after in pairwise(moments[1:]):
        assert timedelta(hours=22) < after - before <= timedelta(hours=49)  # Samoa once left out a day
