"""The Python client against the served API, and the examples of docs/api.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import httpx
import pytest

from pipeline.errors import Busy
from tests.integration.web_house import WebHouse, story, web_house
from tests.shared import ROOT
from wirewatch.client import LONGEST, TRIES, Client, Problem

TOKEN = "correct-horse-battery-staple"
EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "api.md").read_text("utf-8"), re.DOTALL)


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[WebHouse]:
    """The application with a token, and three stories."""
    with web_house(tmp_path, TOKEN) as house:
        for number in range(3):
            house.file(story(number))
        yield house


@pytest.fixture
def client(guarded: WebHouse) -> Iterator[Client]:
    """A client that may ask it."""
    with Client(guarded.url, TOKEN) as client:
        yield client


def test_the_examples_of_the_docs_work(guarded: WebHouse, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(EXAMPLES) == 3
    known: dict[str, object] = {"url": guarded.url, "key": TOKEN}
    for example in EXAMPLES:
        exec(compile(example, "docs/api.md", "exec"), known)  # our own docs
    printed = capsys.readouterr().out.splitlines()
    assert "400 urn:wirewatch:bad-query 12" in printed and "3 alerts in a week" in printed
    assert guarded.records.subscriptions()[0].note == "seen"


def test_pages_are_gone_through(guarded: WebHouse, client: Client) -> None:
    whole = list(client.search("drones", order="newest"))
    assert len(whole) == 3 and list(client.rows("/search", "stories", q="drones", order="newest", limit=1)) == whole
    assert list(client.search("drones", order="newest", most=2)) == whole[:2]
    for name in "abc":
        client.subscribe(name, "drones")
    assert [one["name"] for one in client.rows("/subscriptions", "subscriptions", limit=2)] == list("abc")
    assert list(client.subscriptions()) == list(client.rows("/subscriptions", "subscriptions", limit=1))
    assert len(list(client.search("", folded=False, facets=["outlet", "wire"]))) == 3


def test_articles_and_stories_are_got(guarded: WebHouse, client: Client) -> None:
    one = client.article(story(1).url)
    assert client.article(one["id"]) == one
    assert client.story(one["story"])["copies"][0]["id"] == one["id"]
    assert isinstance(client.like(one["id"]), list)
    assert client.understood("drones")["form"]
    [tagged] = client.tag([{"id": "1", "title": "Pentagon buys drones"}])
    assert tagged["id"] == "1"
    assert [one["id"] for one in client.fold([{"id": "x", "title": "Ferries"}, {"id": "y", "title": "Drones"}])] == [
        "x",
        "y",
    ]


def test_alerts_are_followed_by_their_cursor(guarded: WebHouse) -> None:
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        guarded.file(story(10 + len(slept)))

    with Client(guarded.url, TOKEN, sleep=sleep) as client:
        client.subscribe("a, b ü", "drones", mode="every")
        guarded.file(story(10))
        told = list(islice(client.follow("a, b ü", pause=7), 3))
        assert [one["article"]["title"] for one in told] == [story(number).title for number in (10, 11, 12)]
        assert slept == [7, 7]
        assert list(client.alerts("a, b ü", after=told[1]["seq"])) == [told[2]]
        client.unsubscribe("a, b ü")
        with pytest.raises(Problem, match="404"):
            next(client.follow("a, b ü"))


def test_a_server_that_is_away_is_followed_further(guarded: WebHouse) -> None:
    guarded.subscribe(name="x")
    guarded.file(story(5))
    real, asked = httpx.HTTPTransport(), []

    def away_once(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if len(asked) == 1:
            raise httpx.ConnectError("nobody is there")
        return real.handle_request(request)

    with Client(guarded.url, TOKEN, transport=httpx.MockTransport(away_once), sleep=lambda _: None) as client:
        assert next(client.follow("x"))["article"]["title"] == story(5).title
    real.close()


def test_problems_are_raised_with_what_they_say(guarded: WebHouse, client: Client) -> None:
    with pytest.raises(Problem) as query:
        list(client.search('harbour AND "drones'))
    wrong = query.value
    assert (wrong.status, wrong.type, wrong.column) == (400, "urn:wirewatch:bad-query", 13)
    assert "unclosed quote" in wrong.detail and str(wrong).startswith("400: ")
    with pytest.raises(Problem) as field:
        client.subscribe("", "drones")
    assert (field.value.status, field.value.column, field.value.errors[0]["where"]) == (422, 0, "body.name")
    with Client(guarded.url, "wrong") as stranger, pytest.raises(Problem) as unknown:
        stranger.article("a0")
    assert unknown.value.status == 401


def test_a_lost_update_is_told(guarded: WebHouse, client: Client) -> None:
    client.subscribe("x", "drones")
    _, tag = client.tagged("/subscriptions/x")
    client.call("PATCH", "/subscriptions/x", {"note": "theirs"})
    with pytest.raises(Problem) as late:
        client.call("PATCH", "/subscriptions/x", {"note": "mine"}, if_match=tag)
    assert late.value.status == 412
    assert client.call("DELETE", "/subscriptions/x", if_match=client.tagged("/subscriptions/x")[1]) is None


def test_it_comes_again_when_the_server_says_so(guarded: WebHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    real = guarded.records.subscriptions

    def busy() -> list[object]:
        if len(slept) < 2:
            raise Busy("locked", retry_after=600 if slept else 2)
        return list(real())

    monkeypatch.setattr(guarded.records, "subscriptions", busy)
    with Client(guarded.url, TOKEN, sleep=slept.append) as client:
        assert list(client.subscriptions()) == []
    assert slept == [2, LONGEST]


def test_it_does_not_come_again_for_ever(guarded: WebHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    def busy() -> None:
        raise Busy("locked")

    monkeypatch.setattr(guarded.records, "subscriptions", busy)
    with Client(guarded.url, TOKEN, sleep=slept.append) as client, pytest.raises(Problem) as wrong:
        list(client.subscriptions())
    assert (wrong.value.type, len(slept)) == ("urn:wirewatch:busy", TRIES - 1)


def test_an_answer_that_is_no_problem_is_told_by_its_status() -> None:
    def proxy(request: httpx.Request) -> httpx.Response:
        return httpx.Response(502, html="<h1>Bad Gateway</h1>")

    with Client("http://x.example", transport=httpx.MockTransport(proxy)) as client, pytest.raises(Problem) as wrong:
        client.article("a0")
    assert (wrong.value.status, wrong.value.detail, wrong.value.type) == (502, "Bad Gateway", "about:blank")
