"""The live stream: as alerts come, on from where a reader was, and never without bound."""

from __future__ import annotations

import contextlib
import http.client
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pipeline.errors import Busy
from tests.integration.web_house import WebHouse, story, web_house
from web import stream

Event = dict[str, str]


class Refused(Exception):
    """No stream came."""


class Reader:
    """What comes, event by event; comments as {"": text}."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.answer = answer

    def next(self) -> Event:
        event: Event = {}
        while line := self.answer.readline().decode().rstrip("\n"):
            name, _, value = line.partition(":")
            event[name] = value.removeprefix(" ")
        return event

    def alert(self) -> Event:
        """The next event that is no comment."""
        while "data" not in (event := self.next()):
            assert event, "the stream ended"
        return event

    def title(self) -> str:
        title: str = json.loads(self.alert()["data"])["article"]["title"]
        return title


@contextmanager
def listening(url: str, path: str, **headers: str) -> Iterator[Reader]:
    """A stream, from its greeting on."""
    where, parts = urlsplit(url), urlsplit(path)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    with closing(http.client.HTTPConnection(str(where.hostname), where.port or 80, timeout=30)) as connection:
        connection.request("GET", target, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        if answer.status != 200:
            raise Refused(answer.status)
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        reader = Reader(answer)
        assert reader.next()["retry"] == "3000"
        yield reader
        answer.close()


def test_alerts_come_as_they_are_told_with_their_number(web: WebHouse) -> None:
    link = web.link(web.subscribe())
    web.file(story(1))
    with listening(web.url, f"{link}/stream", Accept_Encoding="gzip") as reader:
        web.file(story(2))
        event = reader.alert()
        web.file(story(3))
        assert reader.title() == "Drones for harbour 3"
    [_, second, _] = web.records.alerts()
    assert (event["event"], event["id"]) == ("alert", str(second.seq))
    assert json.loads(event["data"])["id"] == second.id, "what was told before the reader came is not told now"


def test_who_comes_back_gets_what_came_meanwhile_and_who_asks_gets_all(web: WebHouse) -> None:
    link = web.link(web.subscribe())
    for number in range(60):
        web.file(story(number))
    seq = web.records.alerts()[56].seq
    with listening(web.url, f"{link}/stream", Last_Event_ID=str(seq)) as reader:
        assert [reader.title() for _ in range(3)] == [f"Drones for harbour {n}" for n in (57, 58, 59)]
    with listening(web.url, f"{link}/stream?after={seq}") as reader:
        assert reader.title() == "Drones for harbour 57"
    with listening(web.url, f"{link}/stream?since=2026-01-01T00:00:00Z") as reader:
        assert [reader.title() for _ in range(60)] == [f"Drones for harbour {n}" for n in range(60)]


def test_only_the_alerts_of_the_subscription_come(web: WebHouse) -> None:
    link = web.link(web.subscribe("ferries", name="ferries"))
    web.subscribe()
    with listening(web.url, f"{link}/stream") as reader:
        web.file(story(1))
        web.file(story(2), "Forty ferries sailed.")
        assert reader.title() == "Drones for harbour 2"


def test_a_quiet_stream_says_that_it_lives(web: WebHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT", 0.05)
    with listening(web.url, f"{web.link(web.subscribe())}/stream") as reader:
        assert reader.next() == {"": "still here"}
        assert reader.next() == {"": "still here"}


def test_it_ends_when_its_link_is_revoked(web: WebHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT", 0.05)
    of = web.subscribe()
    with listening(web.url, f"{web.link(of)}/stream") as reader:
        [output] = web.records.outputs(of.id)
        web.records.revoke_output(output.id, web.clock())
        while reader.next():
            pass
        assert reader.answer.read() == b""


def test_it_goes_on_when_the_records_were_busy(web: WebHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    link = web.link(web.subscribe())
    alerts, failed = web.records.alerts, []

    def busy_once(*args: object, **given: object) -> object:
        if args and not failed:
            failed.append(args)
            raise Busy("the archive is locked")
        return alerts(*args, **given)  # type: ignore[arg-type]

    with listening(web.url, f"{link}/stream") as reader:
        monkeypatch.setattr(web.records, "alerts", busy_once)
        web.file(story(1))
        assert reader.title() == "Drones for harbour 1"
    assert failed


@pytest.mark.parametrize("given", ["x", "-1", "1.5", "9" * 40, "²"])
def test_a_number_that_no_stream_gave_is_refused(web: WebHouse, given: str) -> None:
    link = web.link(web.subscribe())
    assert web.ask(f"{link}/stream", headers={"last-event-id": given.encode().decode("latin-1")}).status == 400


def test_there_are_so_many_streams_and_no_more(tmp_path: Path) -> None:
    with web_house(tmp_path, streams=1) as web:
        link = web.link(web.subscribe())
        with listening(web.url, f"{link}/stream"):
            refused = web.ask(f"{link}/stream")
            assert (refused.status, refused.headers["retry-after"]) == (503, "30")
        for _ in range(200):  # until the server has seen that the reader left
            with contextlib.suppress(Refused), listening(web.url, f"{link}/stream") as reader:
                web.file(story(1))
                assert reader.title() == "Drones for harbour 1"
                return
        pytest.fail("the place of a reader who left is not given to another")
