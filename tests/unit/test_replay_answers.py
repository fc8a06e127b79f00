"""Answers, conditional requests, faults and counts, without a socket."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from replay.answers import Answer, Ending, Request, content, not_modified, redirect, words
from replay.faults import KINDS, Fault, FaultySite, faults_of
from replay.stats import Stats

PAGE = content("<p>" + "word " * 200, "text/html; charset=utf-8", changed=datetime(2026, 2, 25, 8, tzinfo=UTC))


class Plain:
    async def answer(self, request: Request) -> Answer:
        return PAGE


def ask(site: FaultySite, path: str = "/a", times: int = 1) -> Answer:
    async def go() -> Answer:
        answer = Answer()
        for _ in range(times):
            answer = await site.answer(Request.of(f"http://host.example{path}"))
        return answer

    return asyncio.run(go())


def test_content_is_made_ready_once() -> None:
    assert gzip.decompress(PAGE.zipped) == PAGE.body
    assert PAGE.last_modified == "Wed, 25 Feb 2026 08:00:00 GMT"
    assert content("x", "text/plain").zipped == b""
    assert content(b"one", "text/plain").etag != content(b"two", "text/plain").etag


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, False),
        ({"if-none-match": PAGE.etag}, True),
        ({"if-none-match": f'"other", W/{PAGE.etag}'}, True),
        ({"if-none-match": '"other"'}, False),
        ({"if-none-match": '"other"', "if-modified-since": PAGE.last_modified}, False),
        ({"if-modified-since": PAGE.last_modified}, True),
        ({"if-modified-since": "Wed, 25 Feb 2026 07:59:59 GMT"}, False),
        ({"if-modified-since": "Thu, 26 Feb 2026 07:59:59 GMT"}, True),
        ({"if-modified-since": "yesterday"}, False),
    ],
)
def test_conditional_requests(headers: dict[str, str], expected: bool) -> None:
    assert not_modified(Request("h", "/", headers=headers), PAGE) is expected


def test_only_a_good_answer_can_be_unchanged() -> None:
    request = Request("h", "/", headers={"if-none-match": PAGE.etag})
    assert not not_modified(request, replace(PAGE, status=503))
    assert not not_modified(replace(request, method="POST"), PAGE)


def test_a_request_of_an_address() -> None:
    request = Request.of("https://www.Outlet.example/a/b?x=1&y=")
    assert (request.host, request.target, request.arguments) == (
        "www.outlet.example",
        "/a/b?x=1&y=",
        {"x": "1", "y": ""},
    )


def test_faults_strike_as_often_as_they_say() -> None:
    fault = Fault("unavailable", times=2, skip=1)
    site = FaultySite(Plain(), [fault])
    assert [ask(site).status for _ in range(5)] == [200, 503, 503, 200, 200]
    every = FaultySite(Plain(), [Fault("unavailable", every=3)])
    assert [ask(every).status for _ in range(6)] == [200, 200, 503, 200, 200, 503]


def test_faults_keep_to_their_paths() -> None:
    site = FaultySite(Plain(), [Fault("forbidden", path="^/pages/")])
    assert ask(site, "/pages/1").status == 403
    assert ask(site, "/feed").status == 200


def test_what_each_fault_does() -> None:
    def struck(**how: object) -> Answer:
        return ask(FaultySite(Plain(), faults_of([how])), "/old/7")

    assert struck(kind="throttle", retry_after=9).headers["Retry-After"] == "9"
    moved = struck(kind="moved", path=r"^/old/(\d+)", to=r"https://new.example/\1", status=302)
    assert (moved.status, moved.headers["Location"]) == (302, "https://new.example/7")
    assert struck(kind="loop").headers["Location"] == "http://host.example/old/7?step=1"
    assert struck(kind="slow", pace=10).pace == 10
    assert struck(kind="cut").ending is Ending.CUT
    assert struck(kind="reset").ending is Ending.RESET
    assert struck(**{"kind": "wrong-type", "content-type": "image/png"}).headers["Content-Type"] == "image/png"
    assert struck(kind="malformed").body != PAGE.body
    assert b" & " in struck(kind="malformed").body


def test_bodies_made_on_the_fly_are_bounded() -> None:
    async def size(kind: str) -> tuple[int, bytes]:
        answer = await FaultySite(Plain(), [Fault(kind, size=200_000)]).answer(Request.of("http://h.example/feed"))
        assert answer.pieces is not None
        total, last = 0, b""
        async for piece in answer.pieces():
            total, last = total + len(piece), piece
        return total, last

    total, last = asyncio.run(size("huge-feed"))
    assert 200_000 <= total < 300_000
    assert last.endswith(b"</rss>\n")
    assert asyncio.run(size("endless"))[0] < 300 * 1024 * 1024


def test_an_unknown_fault_names_those_there_are() -> None:
    with pytest.raises(ValueError, match="throttle"):
        Fault("explode")
    assert set(KINDS) >= {"forbidden", "throttle", "unavailable", "moved", "loop", "slow", "cut", "reset", "endless"}


def test_words_and_redirects_say_what_they_are() -> None:
    assert words(404, "Nothing.").body == b"Nothing.\n"
    assert redirect("https://a.example/", 302).headers["Location"] == "https://a.example/"


def test_stats_count_and_time_requests() -> None:
    times = iter([10.0, 12.5, 12.75])
    stats = Stats(clock=lambda: next(times))
    for path, status in (("/a", 200), ("/a", 304), ("/b", 404)):
        headers = {"if-none-match": "x"} if status == 304 else {"user-agent": "test"}
        with stats.watch(Request("h.example", path, headers=headers)) as seen:
            seen.status = status
    told = stats.told("h.example")
    assert told["requests"] == 3
    assert told["hosts"] == {
        "h.example": {
            "requests": 3,
            "conditional": 1,
            "most_at_once": 1,
            "least_gap": 0.25,
            "agents": ["", "test"],
            "paths": {"/a": {"200": 1, "304": 1}, "/b": {"404": 1}},
        }
    }
    assert stats.told("other.example") == {"requests": 0, "hosts": {}}


def test_stats_stay_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("replay.stats.MOST_PATHS", 3)
    stats = Stats(clock=lambda: 0.0)
    for number in range(10):
        with stats.watch(Request("h", f"/{number}")) as seen:
            seen.status = 200
    hosts = stats.told()["hosts"]
    assert isinstance(hosts, dict)
    assert hosts["h"]["paths"]["*"] == {"200": 7}
    assert len(hosts["h"]["paths"]) == 4
