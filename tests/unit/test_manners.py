"""What headers and statuses mean."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta

import pytest

from crawlers.decompress import Decoder, TooLarge, Undecodable
from crawlers.manners import PAUSE_MAX, Resting, challenge, failure, fresh_for, retry_after, wrong_type
from pipeline.errors import Refused, Throttled
from pipeline.types import Kind

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HTML = {"content-type": "text/html"}


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("999999999999", PAUSE_MAX),
        ("Mon, 02 Mar 2026 12:05:00 GMT", 300.0),
        ("Mon, 02 Mar 2026 13:05:00 +0100", 300.0),
        ("Monday, 02-Mar-26 12:05:00 GMT", 300.0),
        ("Mon, 02 Mar 2026 11:00:00 GMT", 0.0),
        ("Mon, 02 Mar 2099 11:00:00 GMT", PAUSE_MAX),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after(value, NOON) == seconds


@pytest.mark.parametrize(
    ("headers", "minutes"),
    [
        ({"cache-control": "public, max-age=600"}, 10),
        ({"cache-control": 'MAX-AGE="600"', "expires": "Mon, 02 Mar 2026 15:00:00 GMT"}, 10),
        ({"cache-control": "s-maxage=600"}, 0),
        ({"cache-control": "max-age=600, no-cache"}, 0),
        ({"expires": "Mon, 02 Mar 2026 12:30:00 GMT"}, 30),
        ({"expires": "0"}, 0),
        ({"expires": "Mon, 02 Mar 2020 12:30:00 GMT"}, 0),
        ({}, 0),
    ],
)
def test_fresh_for(headers: dict[str, str], minutes: int) -> None:
    assert fresh_for(headers, NOON) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("kind", "content_type", "wrong"),
    [
        (Kind.PAGE, "text/html; charset=utf-8", False),
        (Kind.PAGE, "", False),
        (Kind.PAGE, "application/xhtml+xml", False),
        (Kind.PAGE, "Application/PDF", True),
        (Kind.SECTION, "image/png", True),
        (Kind.FEED, "application/octet-stream", False),
        (Kind.FEED, "text/html", False),
        (Kind.FEED, "video/mp4", True),
        (Kind.SITEMAP, "application/gzip", False),
    ],
)
def test_wrong_type(kind: Kind, content_type: str, wrong: bool) -> None:
    assert wrong_type(kind, content_type) is wrong


def test_a_long_page_behind_a_bot_defence_is_a_page() -> None:
    page = b"<script src='https://x.captcha-delivery.com/t.js'></script>" + b"<p>The quay reopened.</p>" * 2000
    assert challenge(200, HTML, page) == ""
    assert challenge(403, HTML, page) == "DataDome"
    assert challenge(200, HTML, page[:200]) == "DataDome"
    assert challenge(200, {"content-type": "application/rss+xml"}, page[:200]) == ""


def test_a_story_may_say_what_a_challenge_says() -> None:
    page = b"<title>Just a moment: how a pause saved the talks</title>"
    assert challenge(200, HTML, page) == ""


def test_a_redirect_to_nowhere_is_refused() -> None:
    assert isinstance(failure(302, {}, b"", NOON), Refused)


def test_a_rest_is_not_shortened_by_a_shorter_one() -> None:
    resting = Resting()
    resting.begin("ledger.example", 600, NOON)
    resting.begin("ledger.example", 60, NOON)
    with pytest.raises(Throttled, match="590 s of it are left"):
        resting.check("ledger.example", NOON + timedelta(seconds=10))
    resting.check("ledger.example", NOON + timedelta(seconds=600))
    resting.check("other.example", NOON)


def test_pauses_of_unknown_length_end_at_a_day() -> None:
    resting = Resting()
    assert [resting.begin("h", None, NOON) for _ in range(40)][-1] == PAUSE_MAX


def test_a_body_may_come_byte_by_byte() -> None:
    whole = b"The quay reopened on Monday. " * 500
    for data, encoding in ((gzip.compress(whole), "gzip"), (whole, "")):
        decoder = Decoder(encoding, 1 << 20)
        assert all(decoder.feed(data[at : at + 1]) for at in range(len(data)))
        assert decoder.finish() == whole


def test_a_body_is_cut_at_exactly_its_limit() -> None:
    whole = b"0123456789" * 100
    for data, encoding in ((gzip.compress(whole), "gzip"), (whole, "")):
        cut = Decoder(encoding, 15, cut=True)
        assert cut.feed(data) is False
        assert cut.so_far() == whole[:15]
        with pytest.raises(TooLarge, match="larger than 15 bytes"):
            Decoder(encoding, 15).feed(data)
        exact = Decoder(encoding, 1000)
        exact.feed(data)
        assert exact.finish() == whole


def test_padding_behind_gzip_is_ignored_and_an_empty_body_is_empty() -> None:
    decoder = Decoder("gzip", 1000)
    decoder.feed(gzip.compress(b"whole") + bytes(64))
    assert decoder.finish() == b"whole"
    assert Decoder("gzip", 1000).finish() == b""


def test_an_encoding_that_was_not_asked_for_is_told() -> None:
    with pytest.raises(Undecodable, match="sdch"):
        Decoder("sdch", 10)
