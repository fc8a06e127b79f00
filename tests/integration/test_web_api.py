"""The API as it is served: subscriptions and outputs, what they told, articles and stories, and who may ask."""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from pipeline.errors import Away, Busy, Corrupt, WirewatchError
from pipeline.ids import story_id
from pipeline.watch import DeliveryState, Settled
from tests.integration.web_house import WebHouse, story, web_house

TOKEN = "correct-horse-battery-staple"
NEW = {
    "name": "harbour",
    "query": "drones AND harbour",
    "mode": "every",
    "must": ["drones in the harbour"],
    "budget": 5,
}


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[WebHouse]:
    """The application with a token."""
    with web_house(tmp_path, TOKEN) as house:
        yield house


def test_a_subscription_is_saved_read_changed_paused_and_removed(web: WebHouse) -> None:
    made = web.ask("/api/v1/subscriptions", "POST", given=NEW)
    assert made.status == 201
    place, one = made.headers["location"], made.json()
    assert {key: one[key] for key in NEW} == NEW and one["active"] and one["since"] == "2026-03-01T08:00:00.250000Z"
    assert web.ask(place).json() == web.ask("/api/v1/subscriptions/harbour").json() == one
    assert web.ask("/api/v1/subscriptions").json() == {"subscriptions": [one], "next": ""}
    changed = web.ask(place, "PATCH", given={"query": "ferries", "budget": None}).json()
    assert changed == one | {"query": "ferries", "budget": None}
    assert web.ask(f"{place}/pause", "POST").json()["active"] is False
    assert web.ask(f"{place}/resume", "POST").json()["active"] is True
    assert web.ask(place, "DELETE").status == 204
    assert web.ask(place).status == 404
    assert web.ask("/api/v1/subscriptions").json() == {"subscriptions": [], "next": ""}


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        (NEW | {"query": 'harbour AND "drones'}, 400, "unclosed quote at 13"),
        (NEW | {"name": ""}, 422, "body.name"),
        (NEW | {"mode": "sometimes"}, 422, "'every', 'story' or 'news'"),
        (NEW | {"qurey": "x"}, 422, "body.qurey"),
        (NEW | {"name": "taken"}, 409, "called 'taken' already"),
        ([], 422, "body"),
    ],
)
def test_what_is_wrong_is_told_as_a_problem(web: WebHouse, given: object, status: int, words: str) -> None:
    web.subscribe(name="taken")
    answer = web.ask("/api/v1/subscriptions", "POST", given=given)
    assert answer.status == answer.json()["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in answer.json()["detail"]
    assert len(web.records.subscriptions()) == 1


def test_a_wrong_query_is_told_with_its_column(web: WebHouse) -> None:
    answer = web.ask("/api/v1/query?q=" + quote("drones AND (harbour"))
    assert (answer.status, answer.json()["type"], answer.json()["column"]) == (400, "urn:wirewatch:bad-query", 12)
    assert web.ask("/api/v1/query?q=" + quote("drones  and harbour")).json()["query"] == "drones and harbour"
    told = web.ask("/api/v1/query?from=google&q=" + quote('search:x "a b" AROUND(3) c')).json()
    assert (told["query"], len(told["notes"])) == ('"search:x" "a b" NEAR/3 c', 2)
    assert web.ask("/api/v1/query?q=search:x").json() == {
        "query": "search:x",
        "form": {"search": "x"},
        "uses": ["x"],
        "notes": [],
    }


def test_a_name_of_another_cannot_be_taken_by_a_change(web: WebHouse) -> None:
    web.subscribe(name="a")
    web.subscribe(name="b")
    assert web.ask("/api/v1/subscriptions/b", "PATCH", given={"name": "a"}).status == 409
    assert web.ask("/api/v1/subscriptions/b", "PATCH", given={"name": "b", "note": "kept"}).json()["note"] == "kept"


def test_what_others_use_by_its_name_stays(web: WebHouse) -> None:
    web.subscribe("drones", name="a")
    web.subscribe("search:a OR ferries", name="b")
    removed = web.ask("/api/v1/subscriptions/a", "DELETE")
    renamed = web.ask("/api/v1/subscriptions/a", "PATCH", given={"name": "c"})
    for refused in (removed, renamed):
        assert refused.status == 409 and "the query of 'b' uses it" in refused.json()["detail"]
    assert web.ask("/api/v1/subscriptions/a", "PATCH", given={"query": "search:b"}).status == 400, "a circle"
    assert [one.query for one in web.records.subscriptions()] == ["drones", "search:a OR ferries"]
    assert web.ask("/api/v1/subscriptions/b", "DELETE").status == 204
    assert web.ask("/api/v1/subscriptions/a", "DELETE").status == 204


def test_a_query_is_tried_before_it_is_saved(web: WebHouse) -> None:
    for number in range(3):
        web.file(story(number))
    web.file(story(3, source="bern"), story=story(0))
    tried = web.ask("/api/v1/backtest", "POST", given={"query": "drones", "mode": "every", "days": 7}).json()
    assert (tried["fired"], tried["stories"], tried["copies"], tried["days"]) == (4, 3, 1, 7)
    web.subscribe("drones")
    assert web.ask("/api/v1/subscriptions/harbour/backtest?days=7").json() == tried
    assert web.ask("/api/v1/backtest", "POST", given={"query": '"drones'}).json()["column"] == 1


def test_why_tells_the_clause_and_what_was_told(web: WebHouse) -> None:
    web.subscribe("drones", name="yes")
    web.subscribe("drones AND ferries", name="no")
    web.file(story(1))
    address = quote(story(1).url, safe="")
    [told] = web.ask(f"/api/v1/why?url={address}").json()["subscriptions"]
    assert told == web.ask(f"/api/v1/why?url={address}&subscription=yes").json()["subscriptions"][0]
    assert told["query"]["matched"] and len(told["alerts"]) == 1
    [untold] = web.ask(f"/api/v1/why?url={address}&subscription=no").json()["subscriptions"]
    assert "ferries does not match" in untold["verdict"][0] and untold["alerts"] == []
    assert web.ask(f"/api/v1/why?url={address}&subscription=who").status == 404


def test_a_link_is_made_read_and_revoked(web: WebHouse) -> None:
    of = web.subscribe()
    web.file(story(1))
    made = web.ask("/api/v1/subscriptions/harbour/outputs", "POST", given={"kind": "link"})
    assert made.status == 201
    addresses = made.json()["addresses"]
    assert set(addresses) == {"rss", "atom", "json", "stream", "alerts"}
    assert len(web.ask(addresses["json"]).json()["items"]) == 1
    listed = web.ask("/api/v1/subscriptions/harbour/outputs").json()["outputs"][0]
    assert len({addresses["rss"], *listed["addresses"]}) == 6
    assert web.ask(f"/api/v1/subscriptions/{of.id}/outputs/{made.json()['id']}", "DELETE").status == 204
    assert web.ask(addresses["json"]).status == 410
    [revoked] = web.ask("/api/v1/subscriptions/harbour/outputs").json()["outputs"]
    assert revoked["revoked"] and "addresses" not in revoked


def test_secrets_are_told_once_and_targets_never_whole(web: WebHouse) -> None:
    web.subscribe()
    place = "/api/v1/subscriptions/harbour/outputs"
    made = web.ask(place, "POST", given={"kind": "webhook", "target": "https://hook.example/T0/hidden"}).json()
    digest = {
        "kind": "digest",
        "target": "mailtos://ann:hidden@mail.example",
        "every": "week",
        "timezone": "Asia/Tokyo",
    }
    assert web.ask(place, "POST", given=digest).json()["timezone"] == "Asia/Tokyo"
    assert made["secret"].startswith("whsec_") and made["target"] == "https://hook.example/…"
    for path in (place, f"{place}/{made['id']}"):
        told = web.ask(path).body.decode()
        assert "hidden" not in told and made["secret"] not in told


def test_the_key_of_a_webhook_is_changed_in_two_steps(web: WebHouse) -> None:
    of = web.subscribe()
    place = "/api/v1/subscriptions/harbour/outputs"
    made = web.ask(place, "POST", given={"kind": "webhook", "target": "https://hook.example/"}).json()
    new = web.ask(f"{place}/{made['id']}/rotate", "POST").json()["secret"]
    assert new != made["secret"]
    assert web.records.outputs(of.id)[0].secret.split() == [new, made["secret"]]
    assert "secret" not in web.ask(f"{place}/{made['id']}/rotate?finish=true", "POST").json()
    assert web.records.outputs(of.id)[0].secret == new
    link = web.ask(place, "POST", given={"kind": "link"}).json()["id"]
    assert web.ask(f"{place}/{link}/rotate", "POST").status == 400


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "pigeon"},
        {"kind": "webhook"},
        {"kind": "link", "target": "https://x.example"},
        {"kind": "digest", "hour": 24},
    ],
)
def test_an_output_that_cannot_work_is_not_made(web: WebHouse, given: object) -> None:
    of = web.subscribe()
    assert web.ask("/api/v1/subscriptions/harbour/outputs", "POST", given=given).status in (400, 422)
    assert web.records.outputs(of.id) == []


def test_the_outbox_is_read_by_a_cursor_to_its_end_and_again(web: WebHouse) -> None:
    link = web.link(web.subscribe())
    for number in range(5):
        web.file(story(number))
        web.clock.pass_(minutes=1)
    for place in ("/api/v1/subscriptions/harbour/alerts", f"{link}/alerts"):
        pages, after = [], 0
        while True:
            page = web.ask(f"{place}?after={after}&limit=2").json()
            pages.append([one["article"]["title"] for one in page["alerts"]])
            after = page["next"]
            if not page["more"]:
                break
        assert pages == [[f"Drones for harbour {n}" for n in group] for group in ((0, 1), (2, 3), (4,))]
        assert web.ask(f"{place}?after={after}").json() == {"alerts": [], "next": after, "more": False}
        since = web.ask(f"{place}?since=2026-03-01T08:03:00Z").json()["alerts"]
        assert [one["article"]["title"] for one in since] == ["Drones for harbour 3", "Drones for harbour 4"]
        assert web.ask(f"{place}?since=2026-03-01T08:03:00").status == 422, "a time without a zone says nothing"


def test_dead_letters_are_listed_and_sent_again(web: WebHouse) -> None:
    web.subscribe()
    given = {"kind": "webhook", "target": "https://hook.example/"}
    output = web.ask("/api/v1/subscriptions/harbour/outputs", "POST", given=given).json()["id"]
    web.file(story(1))
    [delivery] = web.records.due_deliveries(web.clock())
    web.records.settle([Settled(output, delivery.alert.seq, DeliveryState.DEAD, "410 Gone")], web.clock())
    [dead] = web.ask("/api/v1/deliveries?state=dead").json()["deliveries"]
    assert (dead["alert"], dead["output"], dead["error"]) == (delivery.alert.id, output, "410 Gone")
    assert web.ask("/api/v1/deliveries/replay", "POST", given={"output": output}).json() == {"replayed": 1}
    assert web.ask("/api/v1/deliveries?state=dead").json() == {"deliveries": [], "next": ""}
    assert [one["state"] for one in web.ask(f"/api/v1/deliveries?output={output}").json()["deliveries"]] == ["pending"]
    assert web.ask("/api/v1/deliveries/replay", "POST", given={"output": "o0"}).status == 400


def test_articles_and_stories_are_found_by_id_and_address(web: WebHouse) -> None:
    one = story(1)
    web.file(one)
    web.file(story(2, source="bern"), story=one)
    article = web.ask(f"/api/v1/articles/{one.id}").json()
    assert article["title"] == one.title and article["text"]
    assert web.ask(f"/api/v1/articles?url={quote('http://www.alba.example/drones-1/?utm_source=x')}").json() == article
    told = web.ask(f"/api/v1/stories/{story_id(one.id)}").json()
    assert told["outlets"] == ["The Alba", "The Bern"] and len(told["copies"]) == 2
    for path in ("/api/v1/articles/a0", "/api/v1/articles?url=https://x.example/", "/api/v1/stories/s0"):
        assert web.ask(path).status == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"authorization": "Bearer wrong"}, 401),
        ({"authorization": f"Basic {TOKEN}"}, 401),
        ({"authorization": f"Bearer {TOKEN}"}, 200),
        ({"authorization": f"bearer {TOKEN}", "host": "news.example", "origin": "https://news.example"}, 200),
    ],
)
def test_the_token_opens_the_api(guarded: WebHouse, headers: Mapping[str, str], status: int) -> None:
    answer = guarded.ask("/api/v1/subscriptions", headers=headers)
    assert answer.status == status
    assert ("www-authenticate" in answer.headers) == (status == 401)


def test_links_need_no_token(guarded: WebHouse) -> None:
    assert guarded.ask(f"{guarded.link(guarded.subscribe())}.rss").status == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"host": "localhost:8080"}, 200),
        ({"host": "rebound.example"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}, 403),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors", "sec-fetch-dest": "document"}, 403),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"origin": "http://127.0.0.1:8080", "sec-fetch-site": "same-origin"}, 200),
    ],
)
def test_without_a_token_no_website_can_reach_it(web: WebHouse, headers: Mapping[str, str], status: int) -> None:
    assert web.ask("/api/v1/subscriptions", headers=headers).status == status


@pytest.mark.parametrize(
    ("error", "status", "wait"),
    [
        (Busy("the archive is locked"), 503, "5"),
        (Away("PostgreSQL does not answer", retry_after=0.2), 503, "1"),
        (Away("PostgreSQL does not answer", retry_after=11.5), 503, "12"),
        (Corrupt("/srv/archive/records.db is broken"), 500, None),
    ],
)
def test_when_the_records_are_away_it_says_when_to_come_again(
    web: WebHouse, monkeypatch: pytest.MonkeyPatch, error: WirewatchError, status: int, wait: str | None
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(web.records, "link", fail)
    answer = web.ask("/s/token.rss")
    assert (answer.status, answer.headers.get("retry-after")) == (status, wait)
    assert "/srv" not in answer.json()["detail"], "where things lie is nobody's business"


@pytest.mark.parametrize("chunked", [False, True])
def test_bodies_are_bounded_before_anybody_is_asked_for_a_token(guarded: WebHouse, chunked: bool) -> None:
    where = urlsplit(guarded.url)
    with closing(http.client.HTTPConnection(str(where.hostname), where.port or 80, timeout=30)) as connection:
        pieces: Any = iter([b"x" * 300_000] * 4) if chunked else None
        headers = {} if chunked else {"content-length": "1000001"}
        connection.request("POST", "/api/v1/subscriptions", pieces, {"content-type": "application/json", **headers})
        answer = connection.getresponse()
        assert answer.status == 413 and b"1,000,000 bytes" in answer.read()


def test_the_api_describes_itself(web: WebHouse) -> None:
    told = web.ask("/api/v1/openapi.json").json()
    assert told["info"]["title"] == "Wirewatch"
    paths = {path for path in told["paths"] if path.startswith(("/api/v1/", "/s/"))}
    some = {"/s/{token}.rss", "/s/{token}/stream", "/api/v1/subscriptions/{name}/outputs"}
    assert some <= paths == set(told["paths"])
    assert told["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"
    assert told["paths"]["/api/v1/search"]["get"]["security"] == [{"HTTPBearer": []}]
    assert "security" not in told["paths"]["/s/{token}.rss"]["get"]
    for path, routes in told["paths"].items():
        for one in routes.values():
            assert "application/problem+json" in one["responses"]["default"]["content"], path
            good = next(body for status, body in one["responses"].items() if status.startswith("2"))
            schema = good.get("content", {}).get("application/json", {}).get("schema")
            assert schema is None or "$ref" in schema, path
    ids = [one["operationId"] for path in told["paths"].values() for one in path.values()]
    assert len(ids) == len(set(ids))
    assert web.ask("/api/v1/nothing").headers["content-type"] == "application/problem+json"
