"""Windows of queries, and histograms without gaps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.errors import BadInput
from search.like import Like
from search.over_time import Bar, Interval, over_time, start
from search.parse import parse
from search.tantivy_index import TantivyIndex, open_index
from search.window import Window, window
from tests.contract.index_backends import NOON, article

DAY = timedelta(days=1)


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def index(tmp_path: Path) -> TantivyIndex:
    """Three articles on the 15th, one on the 17th, one on 2 February; two of them of a drone."""
    made = open_index(tmp_path / "index")
    moments = (NOON, NOON, NOON + timedelta(hours=3), NOON + 2 * DAY, day("2026-02-02"))
    texts = ("drone", "navy", "navy", "navy", "drone")
    made.apply(
        [article(n, text, first_seen=at) for n, (text, at) in enumerate(zip(texts, moments, strict=True))], [], 1
    )
    return made


def drawn(index: TantivyIndex, query: str, interval: Interval, by: str = "seen") -> list[tuple[str, int, int]]:
    bars = over_time(index, parse(query, now=NOON + 30 * DAY), by, interval, NOON + 30 * DAY)
    return [(f"{bar.begin:%Y-%m-%dT%H}", bar.count, bar.of) for bar in bars]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("drone", Window()),
        ("drone seen:2026-01", Window("seen", day("2026-01-01"), day("2026-02-01"))),
        ("drone date:2026-01..", Window("date", day("2026-01-01"))),
        ("date:2025 seen:2026-01..", Window("seen", day("2026-01-01"))),
        ("seen:2026-01.. seen:..2026-02", Window("seen", day("2026-01-01"), day("2026-03-01"))),
        ("seen:2026-01 OR seen:2026-03", Window("seen", day("2026-01-01"), day("2026-04-01"))),
        ("seen:2026-01 OR drone", Window()),
        ("-seen:2026-01", Window()),
        ("drone (navy OR army) (seen:2026-01-05 drone)", Window("seen", day("2026-01-05"), day("2026-01-06"))),
    ],
)
def test_the_window_of_a_query(query: str, expected: Window) -> None:
    assert window(parse(query)) == expected
    assert window(Like(("drone",), 1, english=True, without="", within=parse(query))) == expected


def test_a_relative_time_has_to_be_resolved() -> None:
    with pytest.raises(ValueError, match="resolve"):
        window(parse("seen:P1D"))


def test_empty_days_are_there_and_all_coverage_beside(index: TantivyIndex) -> None:
    assert drawn(index, "navy", Interval.DAY) == [
        ("2026-01-15T00", 2, 3),
        ("2026-01-16T00", 0, 0),
        ("2026-01-17T00", 1, 1),
    ]
    assert Bar(NOON, 2, 3).share == pytest.approx(2 / 3) and Bar(NOON, 0, 0).share == 0.0


def test_hours_weeks_and_months(index: TantivyIndex) -> None:
    hours = drawn(index, "navy seen:2026-01-15T12:00Z..2026-01-15T16:00Z", Interval.HOUR)
    assert hours == [
        (f"2026-01-15T{hour}", count, of) for hour, count, of in ((12, 1, 2), (13, 0, 0), (14, 0, 0), (15, 1, 1))
    ]
    assert drawn(index, "drone", Interval.WEEK)[0] == ("2026-01-12T00", 1, 4), "from Monday"
    assert [count for _, count, _ in drawn(index, "drone", Interval.WEEK)] == [1, 0, 0, 1]
    assert drawn(index, "drone", Interval.MONTH) == [("2026-01-01T00", 1, 4), ("2026-02-01T00", 1, 1)]
    assert len(drawn(index, "navy", Interval.HOUR)) == 72, "by hour, from the first day that has one to the last"


def test_the_query_sets_the_ends(index: TantivyIndex) -> None:
    assert [label for label, _, _ in drawn(index, "drone seen:2026-01-14..2026-01-16", Interval.DAY)] == [
        "2026-01-14T00",
        "2026-01-15T00",
        "2026-01-16T00",
    ]
    cut = drawn(index, "navy seen:2026-01-15T13:00Z..2026-01-15T16:00Z", Interval.DAY)
    assert cut == [("2026-01-15T00", 1, 1)], "beside what the archive has of the same hours"
    open_end = drawn(index, "drone seen:2026-02..", Interval.DAY)
    assert (open_end[0], open_end[-1][0], len(open_end)) == (("2026-02-01T00", 0, 0), "2026-02-14T00", 14)
    assert drawn(index, "submarine", Interval.DAY) == []
    assert drawn(index, "submarine seen:2026-01-15", Interval.DAY) == [("2026-01-15T00", 0, 3)]
    assert drawn(index, "drone seen:2026-01-20.. seen:..2026-01-10", Interval.DAY) == []


def test_by_date(index: TantivyIndex) -> None:
    index.apply([article(9, "navy", published=None)], [], 2)
    assert drawn(index, "navy", Interval.DAY, by="date") == [("2026-01-15T00", 3, 5)]


def test_too_many_bars_are_refused(index: TantivyIndex) -> None:
    with pytest.raises(BadInput, match=r"by hour from 2000-01-01 to 2026-01-16 has too many bars: narrow .* seen:"):
        drawn(index, "drone seen:2000..2026-01-15", Interval.HOUR)


@pytest.mark.parametrize("interval", Interval)
def test_a_bar_begins_where_it_begins(interval: Interval) -> None:
    for hour in range(0, 24 * 90, 7):
        begin = start(NOON + timedelta(hours=hour, microseconds=1), interval)
        assert start(begin, interval) == begin <= NOON + timedelta(hours=hour)
