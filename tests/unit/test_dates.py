"""Dates as pages write them, and which claim wins."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dates import decide, guess_date, print_line, read_date
from pipeline.html import parse

FETCHED = datetime(2026, 2, 26, 9, tzinfo=UTC)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("text", "moment", "zoned", "timed"),
    [
        ("2026-02-25T10:00:00+08:00", at(2026, 2, 25, 2), True, True),
        ("2026-02-25T10:00:00.123Z", datetime(2026, 2, 25, 10, 0, 0, 123000, tzinfo=UTC), True, True),
        ("2026-02-25T10:00:00+0800", at(2026, 2, 25, 2), True, True),
        ("2026-02-25 10:00:00", at(2026, 2, 25, 10), False, True),
        ("2026-02-25 10:00 SGT", at(2026, 2, 25, 2), True, True),
        ("2026-02-25", at(2026, 2, 25), False, False),
        ("Wed, 25 Feb 2026 10:00:00 GMT", at(2026, 2, 25, 10), True, True),
        ("Wed, 25 Feb 2026 10:00:00 -0500", at(2026, 2, 25, 15), True, True),
        ("Feb 25, 2026 10:00 AM", at(2026, 2, 25, 10), False, True),
        ("February 25, 2026, 10:05 p.m. EST", at(2026, 2, 26, 3, 5), True, True),
        ("25 February 2026 12:30 am", at(2026, 2, 25, 0, 30), False, True),
        ("25. Februar 2026, 10:00 Uhr", at(2026, 2, 25, 10), False, True),
        ("25 de febrero de 2026", at(2026, 2, 25), False, False),
        ("25 février 2026 à 10h15", at(2026, 2, 25, 10, 15), False, True),
        ("25.02.2026 10:00", at(2026, 2, 25, 10), False, True),
        ("25/02/2026", at(2026, 2, 25), False, False),
        ("02/25/2026", at(2026, 2, 25), False, False),
        ("2026年2月25日", at(2026, 2, 25), False, False),
        ("1772013600", at(2026, 2, 25, 10), True, True),
        ("1772013600000", at(2026, 2, 25, 10), True, True),
    ],
)
def test_read_date(text: str, moment: datetime, zoned: bool, timed: bool) -> None:
    read = read_date(text)
    assert read is not None
    assert (read.at, read.zoned, read.timed) == (moment, zoned, timed)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "02/03/2026", "2026-13-45", "30 February 2026", "12345", "0000-00-00"]
)
def test_what_is_no_date(text: str) -> None:
    assert read_date(text) is None


@given(st.text(max_size=120))
def test_reading_never_raises(text: str) -> None:
    read = read_date(text)
    assert read is None or read.at.tzinfo is not None
    print_line(text)


@pytest.mark.parametrize(
    ("line", "day", "rest"),
    [
        ("date 2026-02-25", 25, ""),
        ("date 2026-02-25 Sign up now", 25, "Sign up now"),
        ("Published Feb 25, 2026 10:00 AM", 25, ""),
        ("Published: 25 February 2026, 10:00 GMT", 25, ""),
        ("Feb 25, 2026", 25, ""),
        ("25 Feb 2026 · 10:15", 25, ""),
        ("Veröffentlicht am 25.02.2026 um 10:00 Uhr", 25, ""),
    ],
)
def test_print_lines(line: str, day: int, rest: str) -> None:
    moment, left = print_line(line)
    assert moment is not None
    assert (moment.at.date().day, left) == (day, rest)


@pytest.mark.parametrize(
    "line",
    [
        "On Feb 25, 2026 the ministry opened its books.",
        "Feb 25, 2026 will be remembered in the ministry.",
        "The date 2026-02-25 was set by the court.",
        "Published authors met in Oslo.",
        "",
    ],
)
def test_sentences_with_dates_are_no_print_lines(line: str) -> None:
    assert print_line(line) == (None, line)


def test_json_ld_outranks_meta_and_feed() -> None:
    done = decide(
        [("json-ld", "2026-02-25T10:00:00Z"), ("meta", "2026-02-24T10:00:00Z")],
        [("json-ld", "2026-02-25T12:00:00Z")],
        feed=("feed:published", at(2026, 2, 25, 11)),
        fetched=FETCHED,
    )
    assert (done.published, done.how, done.modified) == (at(2026, 2, 25, 10), "json-ld", at(2026, 2, 25, 12))
    assert done.confidence > 0.9


@pytest.mark.parametrize("impossible", ["2026-02-26T10:30:00Z", "1970-01-01T00:00:00Z", "not a date", "2031-01-01"])
def test_the_feed_stands_in_for_an_impossible_date(impossible: str) -> None:
    feed = at(2026, 2, 25, 11)
    done = decide([("json-ld", impossible)], [], feed=("feed:published", feed), fetched=FETCHED)
    assert (done.published, done.how) == (feed, "feed:published")


def test_less_than_an_hour_ahead_is_a_fast_clock() -> None:
    done = decide([("meta", "2026-02-26T09:50:00Z")], [], fetched=FETCHED)
    assert done.published == at(2026, 2, 26, 9, 50)


def test_a_zoneless_time_takes_the_feeds_zone() -> None:
    done = decide([("meta", "2026-02-25 18:00:00")], [], feed=("feed:published", at(2026, 2, 25, 10)), fetched=FETCHED)
    assert (done.published, done.how) == (at(2026, 2, 25, 10), "meta")
    sure = done.confidence
    done = decide(
        [("meta", "2026-02-25 18:00:00")], [], feed=("feed:published", at(2026, 2, 25, 10, 7)), fetched=FETCHED
    )
    assert done.published == at(2026, 2, 25, 18)
    assert done.confidence < sure


def test_a_day_takes_the_time_of_another_claim() -> None:
    done = decide([("json-ld", "2026-02-25"), ("meta", "2026-02-25T07:30:00Z")], [], fetched=FETCHED)
    assert (done.published, done.how) == (at(2026, 2, 25, 7, 30), "json-ld")


def test_text_then_address_then_change() -> None:
    urls = ("https://x.example/2026/02/24/story",)
    assert decide([], [], text="Published Feb 25, 2026\n\nText", urls=urls, fetched=FETCHED).how == "text"
    done = decide([], [], urls=urls, fetched=FETCHED)
    assert (done.published, done.how) == (at(2026, 2, 24), "url")
    assert done.confidence < 0.5
    assert decide([], [("meta", "2026-02-25T10:00:00Z")], fetched=FETCHED).how == "modified"
    assert decide([], [], fetched=FETCHED).published is None


def test_an_entrys_lastmod_is_the_last_resort() -> None:
    feed = ("sitemap:lastmod", at(2026, 2, 25, 11))
    done = decide([], [], feed=feed, urls=("https://x.example/2026/02/24/s",), fetched=FETCHED)
    assert done.how == "url"
    assert decide([], [], feed=feed, fetched=FETCHED).how == "sitemap:lastmod"


def test_a_change_before_publication_is_no_change() -> None:
    done = decide([("meta", "2026-02-25T10:00:00Z")], [("meta", "2026-02-25T09:00:00Z")], fetched=FETCHED)
    assert done.modified is None


def test_the_last_resort_looks_through_the_page() -> None:
    page = (
        b"<html><body><h1>Story</h1><div class='post-date'>Posted on 18 February 2026</div><p>Text.</p></body></html>"
    )
    done = guess_date(parse(page), FETCHED)
    assert (done.published, done.how) == (at(2026, 2, 18), "guess")
    assert done.confidence < 0.3
    assert guess_date(parse(b"<html><body><p>No date here.</p></body></html>"), FETCHED).published is None
