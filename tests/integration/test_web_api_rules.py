"""What holds for all of the API: lists by pages, tags, refused changes, errors of addresses and methods."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import Unreadable
from pipeline.watch import Output, OutputKind
from tests.integration.web_house import Answer, WebHouse, story, web_house

HOOK = "https://hook.example/"
TOKEN = "correct-horse-battery-staple"
KEY = {"authorization": f"Bearer {TOKEN}"}


def pages(web: WebHouse, path: str, rows: str, limit: int) -> list[list[Any]]:
    """All pages of a list."""
    found, after = [], ""
    while True:
        told = web.ask(f"{path}{'&' if '?' in path else '?'}limit={limit}&after={after}").json()
        found.append(told[rows])
        after = told["next"]
        if not after:
            return found


def test_subscriptions_come_by_pages(web: WebHouse) -> None:
    names = sorted(["zebra", "Ähre", "ant", "b,ee", "cow"])
    for name in names:
        web.subscribe(name=name)
    found = pages(web, "/api/v1/subscriptions", "subscriptions", 2)
    assert [[one["name"] for one in page] for page in found] == [names[:2], names[2:4], names[4:]]
    assert len(pages(web, "/api/v1/subscriptions", "subscriptions", 5)) == 1


def test_a_page_begins_after_what_was_last_even_if_that_is_gone(web: WebHouse) -> None:
    made = [web.subscribe(name=name) for name in "abcd"]
    after = web.ask("/api/v1/subscriptions?limit=2").json()["next"]
    web.records.unsubscribe(made[1].id)
    web.subscribe(name="aa")
    told = web.ask(f"/api/v1/subscriptions?after={after}").json()
    assert ([one["name"] for one in told["subscriptions"]], told["next"]) == (["c", "d"], "")


def test_outputs_and_deliveries_come_by_pages(web: WebHouse) -> None:
    one, other = web.subscribe(name="one"), web.subscribe(name="other")
    for of in (one, one, other):
        web.records.put_output(Output(of.id, OutputKind.WEBHOOK, HOOK, "whsec_" + "A" * 44), web.clock())
        web.clock.pass_(seconds=1)
    assert [len(page) for page in pages(web, "/api/v1/outputs", "outputs", 2)] == [2, 1]
    assert [len(page) for page in pages(web, "/api/v1/subscriptions/one/outputs", "outputs", 1)] == [1, 1]
    for number in range(3):
        web.file(story(number))
    whole = web.ask("/api/v1/deliveries").json()["deliveries"]
    assert len(whole) == 9 and whole[0]["seq"] > whole[-1]["seq"]
    found = pages(web, "/api/v1/deliveries", "deliveries", 4)
    assert [len(page) for page in found] == [4, 4, 1] and [row for page in found for row in page] == whole
    own = pages(web, f"/api/v1/deliveries?output={whole[0]['output']}", "deliveries", 2)
    assert [len(page) for page in own] == [2, 1]


def test_quarantine_and_labels_come_by_pages(web: WebHouse) -> None:
    for number in range(5):
        one = story(number)
        web.file(one)
        error = Unreadable("no text", source_id="alba", url=one.url)
        web.records.quarantine("listing", error, web.clock(), body=b"x")
        web.clock.pass_(seconds=number % 2)
    for number in range(1, 5):
        given = {"a": story(0).id, "b": story(number).id, "same": False}
        assert web.ask("/api/v1/labels", "POST", given=given).status == 201
    for path, rows in (("/api/v1/quarantine", "quarantined"), ("/api/v1/labels", "labels")):
        [whole] = pages(web, path, rows, 100)
        found = pages(web, path, rows, 2)
        assert [row for page in found for row in page] == whole and len(found) == -(-len(whole) // 2) > 1


@pytest.mark.parametrize(
    "path", ["/api/v1/subscriptions", "/api/v1/deliveries", "/api/v1/outputs", "/api/v1/quarantine"]
)
@pytest.mark.parametrize("after", ["x", "e30", "WzFd", "WzEsMl0", "WyJcdWQ4MDAiLDFd", "WzFlOTksIiJd"])
def test_a_strange_cursor_is_refused(web: WebHouse, path: str, after: str) -> None:
    of = web.subscribe()
    web.link(of)
    answer = web.ask(f"{path}?after={after}")
    assert (answer.status, answer.json()["type"]) == (400, "urn:wirewatch:bad-input")


def test_what_the_caller_has_is_not_sent_again(web: WebHouse) -> None:
    web.subscribe()
    first = web.ask("/api/v1/subscriptions")
    tag = first.headers["etag"]
    assert tag.startswith('W/"') and first.headers["cache-control"] == "private, no-cache"
    again = web.ask("/api/v1/subscriptions", headers={"if-none-match": f'W/"other", {tag}'})
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert "content-type" not in again.headers
    web.subscribe(name="second")
    changed = web.ask("/api/v1/subscriptions", headers={"if-none-match": tag})
    assert changed.status == 200 and changed.headers["etag"] != tag


def test_the_alerts_of_a_link_have_a_tag_too(web: WebHouse) -> None:
    path = f"{web.link(web.subscribe())}/alerts"
    tag = web.ask(path).headers["etag"]
    assert web.ask(path, headers={"if-none-match": tag}).status == 304
    web.file(story(1))
    assert web.ask(path, headers={"if-none-match": tag}).status == 200


def test_a_compressed_answer_has_the_same_tag(web: WebHouse) -> None:
    for number in range(9):
        web.subscribe(name=f"subscription {number}")
    plain = web.ask("/api/v1/subscriptions")
    packed = web.ask("/api/v1/subscriptions", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip" and packed.headers["etag"] == plain.headers["etag"]
    assert web.ask("/api/v1/subscriptions", headers={"if-none-match": packed.headers["etag"]}).status == 304


@pytest.mark.parametrize("path", ["/api/v1/subscriptions/none", "/api/v1/export?q=&format=json"])
def test_errors_and_what_comes_in_pieces_have_no_tag(web: WebHouse, path: str) -> None:
    assert "etag" not in web.ask(path).headers


def test_a_change_of_what_is_no_longer_as_it_was_is_refused(web: WebHouse) -> None:
    place = f"/api/v1/subscriptions/{web.subscribe().id}"
    mine = web.ask(place).headers["etag"]
    theirs = web.ask(place, "PATCH", {"if-match": mine}, {"note": "theirs"})
    assert (theirs.status, theirs.headers["etag"]) == (200, web.ask(place).headers["etag"])
    for method, given in (("PATCH", {"note": "mine"}), ("DELETE", None)):
        refused = web.ask(place, method, {"if-match": mine}, given)
        assert (refused.status, refused.headers["etag"]) == (412, theirs.headers["etag"])
        assert "changed since" in refused.json()["detail"]
    assert web.ask(place).json()["note"] == "theirs"
    assert web.ask(place, "PATCH", {"if-match": "*"}, {"note": "any"}).status == 200
    assert web.ask(place, "PATCH", given={"note": "none asked for"}).status == 200
    assert web.ask(place, "DELETE", {"if-match": web.ask(place).headers["etag"]}).status == 204
    assert web.ask(place, "DELETE", {"if-match": "*"}).status == 404


def test_an_output_is_revoked_only_as_it_was_read(web: WebHouse) -> None:
    web.link(web.subscribe())
    [one] = web.ask("/api/v1/outputs").json()["outputs"]
    place = f"/api/v1/subscriptions/harbour/outputs/{one['id']}"
    tag = web.ask(place).headers["etag"]
    assert web.ask(place, "DELETE", {"if-match": 'W/"else"'}).status == 412
    assert web.ask(place, "DELETE", {"if-match": tag}).status == 204


def is_problem(answer: Answer, status: int) -> bool:
    """Whether it is told as RFC 9457 would have it."""
    told = answer.json()
    kind = answer.headers["content-type"]
    return answer.status == told["status"] == status and kind == "application/problem+json" and bool(told["title"])


def test_an_address_that_is_not_there_and_a_method_that_is_not_for_it(web: WebHouse) -> None:
    missing = web.ask("/api/v1/nothing")
    assert is_problem(missing, 404) and "openapi.json" in missing.json()["detail"]
    refused = web.ask("/api/v1/subscriptions", "PUT", given={})
    assert is_problem(refused, 405) and refused.headers["allow"] == "GET, POST"
    assert web.ask("/api/v1/subscriptions/x", "POST").headers["allow"] == "DELETE, GET, PATCH"
    assert is_problem(web.ask("/api/v1/subscriptions/x", "OPTIONS"), 405)


@pytest.fixture
def rated(tmp_path: Path) -> Iterator[WebHouse]:
    """The application with a token, which may be used six times a minute."""
    with web_house(tmp_path, TOKEN, 6) as house:
        yield house


def test_who_asks_too_often_is_told_when_to_come_again(rated: WebHouse) -> None:
    path = "/api/v1/subscriptions"
    first = rated.ask(path, headers=KEY)
    assert (first.headers["ratelimit-policy"], first.headers["ratelimit"]) == ('"api";q=6;w=60', '"api";r=5;t=10')
    tag = {"if-none-match": first.headers["etag"]}
    assert rated.ask(path, headers=KEY | tag).headers["ratelimit"] == '"api";r=4;t=10', "a 304 counts, too"
    assert rated.ask(path, "POST", KEY | {"if-match": "*"}, {}).headers["ratelimit"] == '"api";r=3;t=10'
    assert [rated.ask(path, headers=KEY).status for _ in range(4)] == [200, 200, 200, 429]
    refused = rated.ask(path, headers=KEY)
    assert is_problem(refused, 429) and refused.json()["type"] == "urn:wirewatch:too-many"
    assert (refused.headers["retry-after"], refused.headers["ratelimit"]) == ("10", '"api";r=0;t=10')
    rated.clock.pass_(seconds=9.5)
    assert rated.ask(path, headers=KEY).headers["retry-after"] == "1"
    rated.clock.pass_(seconds=0.5)
    assert [rated.ask(path, headers=KEY).status for _ in range(2)] == [200, 429]
    rated.clock.pass_(minutes=90)
    assert rated.ask(path, headers=KEY).headers["ratelimit"] == '"api";r=5;t=10', "no more than so many at once"


def test_a_change_with_a_condition_counts_once(rated: WebHouse) -> None:
    rated.subscribe()
    answer = rated.ask("/api/v1/subscriptions/harbour", "PATCH", KEY | {"if-match": "*"}, {"note": "x"})
    assert (answer.status, answer.headers["ratelimit"]) == (200, '"api";r=5;t=10')


def test_strangers_are_counted_apart(rated: WebHouse) -> None:
    path = "/api/v1/subscriptions"
    assert [rated.ask(path).status for _ in range(7)] == [401] * 6 + [429]
    assert rated.ask(path, headers={"authorization": "Bearer wrong"}).headers["retry-after"] == "10"
    assert rated.ask(path, headers=KEY).headers["ratelimit"] == '"api";r=5;t=10'


def test_pages_and_feeds_do_not_count(rated: WebHouse) -> None:
    feed = f"{rated.link(rated.subscribe())}.rss"
    for path in ("/", feed):
        answers = [rated.ask(path, headers=KEY) for _ in range(8)]
        assert {one.status for one in answers} == {200} and "ratelimit" not in answers[0].headers
