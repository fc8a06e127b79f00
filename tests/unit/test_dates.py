"""Dates as pages write them, and which claim wins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

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
        ("2026年2月25日 10時30分", at(2026, 2, 25, 10, 30), False, True),
        ("2026年2月25日10时30分", at(2026, 2, 25, 10, 30), False, True),
        ("2026年2月25日 午後3時5分", at(2026, 2, 25, 15, 5), False, True),
        ("2026년 2월 25일 오후 3:20", at(2026, 2, 25, 15, 20), False, True),
        ("2026. 2. 25. 10:30", at(2026, 2, 25, 10, 30), False, True),
        ("令和8年2月25日", at(2026, 2, 25), False, False),
        ("平成元年2月25日", at(1989, 2, 25), False, False),
        ("民國115年2月25日", at(2026, 2, 25), False, False),
        ("25 กุมภาพันธ์ 2569", at(2026, 2, 25), False, False),
        ("25 ก.พ. 2569 10:30 น.", at(2026, 2, 25, 10, 30), False, True),
        ("۲۵ فوریه ۲۰۲۶", at(2026, 2, 25), False, False),
        ("٢٥ فبراير ٢٠٢٦", at(2026, 2, 25), False, False),
        ("۱۴۰۴/۱۲/۰۶", at(2026, 2, 25), False, False),
        ("25 февраля 2026, 10:30", at(2026, 2, 25, 10, 30), False, True),
        ("25 февраля 2026, 10:30 МСК", at(2026, 2, 25, 7, 30), True, True),
        ("25 лютого 2026 р.", at(2026, 2, 25), False, False),
        ("25 Φεβρουαρίου 2026", at(2026, 2, 25), False, False),
        ("25 lutego 2026", at(2026, 2, 25), False, False),
        ("25. února 2026", at(2026, 2, 25), False, False),
        ("25. helmikuuta 2026 klo 10.30", at(2026, 2, 25, 10, 30), False, True),
        ("25. februar 2026 kl. 10:30", at(2026, 2, 25, 10, 30), False, True),
        ("25 Şubat 2026 10:30", at(2026, 2, 25, 10, 30), False, True),
        ("Rabu, 25 Februari 2026 10:30 WIB", at(2026, 2, 25, 3, 30), True, True),
        ("25 tháng 2, 2026", at(2026, 2, 25), False, False),
        ("25 בפברואר 2026", at(2026, 2, 25), False, False),
        ("25 फ़रवरी 2026", at(2026, 2, 25), False, False),
        ("2026. február 25.", at(2026, 2, 25), False, False),
        ("1er mars 2026", at(2026, 3, 1), False, False),
        ("10:30, 25 Feb 2026", at(2026, 2, 25, 10, 30), False, True),
        ("25-Feb-2026", at(2026, 2, 25), False, False),
        ("Wed Feb 25 10:00:00 +0000 2026", at(2026, 2, 25, 10), True, True),
        ("Wed Feb 25 2026 10:00:00 GMT+0100 (CET)", at(2026, 2, 25, 9), True, True),
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
    for read in (read_date(text), read_date(text, FETCHED)):
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


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("3 hours ago", 3), ("an hour ago", 1), ("2h ago", 2), ("vor 2 Stunden", 2), ("vor einer Stunde", 1),
        ("hace 2 horas", 2), ("il y a 3 heures", 3), ("3 ore fa", 3), ("há 2 horas", 2), ("2 uur geleden", 2),
        ("för 3 timmar sedan", 3), ("for 2 timer siden", 2), ("3 часа назад", 3), ("2 години тому", 2),
        ("2 godziny temu", 2), ("před 3 hodinami", 3), ("πριν από 2 ώρες", 2), ("2 saat önce", 2), ("3時間前", 3),
        ("3小时前", 3), ("3시간 전", 3), ("منذ 3 ساعات", 3), ("לפני 2 שעות", 2), ("2 jam yang lalu", 2),
        ("3 giờ trước", 3), ("3 ชั่วโมงที่แล้ว", 3), ("3 घंटे पहले", 3), ("60 minutes ago", 1),
        ("Updated 1 hour 60 minutes ago", 2),
    ],
)  # fmt: skip
def test_told_from_now(text: str, ago: int) -> None:
    read = read_date(text, FETCHED)
    assert read is not None
    assert (read.at, read.told) == (FETCHED - timedelta(hours=ago), False)
    assert read_date(text) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("yesterday 14:05", at(2026, 2, 25, 14, 5)), ("Gestern, 14:05 Uhr", at(2026, 2, 25, 14, 5)),
        ("hier à 10h15", at(2026, 2, 25, 10, 15)), ("ayer", at(2026, 2, 25)), ("昨天 14:05", at(2026, 2, 25, 14, 5)),
        ("昨天下午3:20", at(2026, 2, 25, 15, 20)), ("i går 10:05", at(2026, 2, 25, 10, 5)),
        ("вчера, 14:05", at(2026, 2, 25, 14, 5)), ("Today, 8:05 a.m.", at(2026, 2, 26, 8, 5)),
        ("2 days ago", at(2026, 2, 24, 9)), ("vor 3 Tagen", at(2026, 2, 23, 9)),
    ],
)  # fmt: skip
def test_yesterday(text: str, moment: datetime) -> None:
    read = read_date(text, FETCHED)
    assert read is not None
    assert read.at == moment


@pytest.mark.parametrize("text", ["5 min read", "two drones fell yesterday", "vor der Wahl", "3 photos", "day"])
def test_what_is_not_told_from_now(text: str) -> None:
    assert read_date(text, FETCHED) is None


def test_a_relative_date_is_believed_little() -> None:
    done = decide([("time element", "3 hours ago")], [], fetched=FETCHED)
    assert done.published == at(2026, 2, 26, 6)
    assert 0 < done.confidence < 0.5
    assert done.offset is None
    done = decide([("time element", "3 hours ago"), ("meta", "2026-02-26T05:48:00Z")], [], fetched=FETCHED)
    assert (done.published, done.how) == (at(2026, 2, 26, 5, 48), "meta")


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        (["2026-02-25T02:37:08+09:00"], "2026-02-25T02:37:08+09:00"),
        (["2026-02-25T02:37:08Z"], "2026-02-25T02:37:08+00:00"),
        (["2026-02-25T02:37:08-0500"], "2026-02-25T02:37:08-05:00"),
        (["2026-02-25 02:37:08"], "2026-02-25T02:37:08"),
        (["2026-02-25"], "2026-02-25"),
        (["2026-02-25 18:00", "2026-02-25T10:00:00Z"], "2026-02-25T18:00:00+08:00"),
        (["2026-02-25", "2026-02-24T16:00:00Z"], "2026-02-25"),
        ([], ""),
    ],
)
def test_printed_by_the_pages_own_clock(claims: list[str], expected: str) -> None:
    assert decide([("meta", c) for c in claims], [], fetched=FETCHED).printed() == expected


def test_of_several_changes_the_first_possible_one() -> None:
    changes = [
        ("json-ld", "2026-02-24T10:00:00Z"),
        ("meta", "2031-02-25T10:00:00Z"),
        ("meta", "2026-02-25T12:00:00+02:00"),
    ]
    done = decide([("meta", "2026-02-25T09:00:00Z")], changes, fetched=FETCHED)
    assert (done.modified, done.modified_how, done.modified_offset) == (at(2026, 2, 25, 10), "meta", 120)
    assert done.modified_confidence > 0.9


def test_a_date_the_page_prints_goes_before_a_search_of_it() -> None:
    done = guess_date(parse(b"<html><body><p>x</p></body></html>"), FETCHED, ["Menu", "25.02.2026 - 10:30"])
    assert (done.published, done.how) == (at(2026, 2, 25, 10, 30), "date element")
    assert done.confidence < 0.7
