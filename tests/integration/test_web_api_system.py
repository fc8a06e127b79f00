"""What the API tells of the house, of an article's versions and of samples; and test messages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from pipeline.errors import Away
from pipeline.types import Entry
from pipeline.watch import Output, OutputKind
from records import open_records
from search.base import Differences
from search.tantivy_index import open_index
from tests.contract.records_kit import article, filed
from tests.integration.web_house import WebHouse, story, web_house
from wirewatch.config import Settings
from wirewatch.doctor import examine
from workers.verify import verify


@pytest.fixture
def wired(tmp_path: Path) -> Iterator[WebHouse]:
    """The application with what looks at the house."""
    settings = Settings(data=tmp_path)
    with (
        closing(open_records(tmp_path / "records.db")) as records,
        closing(open_index(tmp_path / "index", read_only=False)) as index,
    ):
        compare = partial(verify, records, index)
        parts = {"examine": partial(examine, settings), "compare_index": compare}
        with web_house(tmp_path / "other", parts=parts) as house:
            yield house


def test_the_doctor_tells_what_it_finds(wired: WebHouse) -> None:
    told = wired.ask("/api/v1/doctor").json()
    checks = {one["part"]: one for one in told["checks"]}
    assert {"Python", "sources", "taxonomy", "manners", "records", "index"} <= set(checks)
    assert told["sound"] == all(one["good"] for one in told["checks"]) and checks["records"]["good"]


def test_the_index_is_told_beside_the_records(web: WebHouse) -> None:
    web.file(story(1))
    told = web.ask("/api/v1/index").json()
    assert (told["articles"], told["behind"], told["outdated"]) == (1, 0, False)
    web.records.commit([filed(article(story(2)))], [], web.clock())
    late = web.ask("/api/v1/index").json()
    assert late["behind"] == late["last_change"] - late["position"] > 0


def test_index_and_records_are_compared(tmp_path: Path) -> None:
    many = Differences(missing=tuple(f"a{number:020x}" for number in range(25)), behind=3)
    with web_house(tmp_path, parts={"compare_index": lambda: many}) as web:
        told = web.ask("/api/v1/index/verify", "POST").json()
    assert (told["same"], told["behind"], told["missing"]["count"], len(told["missing"]["ids"])) == (False, 3, 25, 20)


def test_an_archive_that_agrees_is_the_same(wired: WebHouse) -> None:
    assert wired.ask("/api/v1/index/verify", "POST").json()["same"] is True


def test_two_do_not_compare_at_once(tmp_path: Path) -> None:
    began, go_on = threading.Event(), threading.Event()

    def compare() -> Differences:
        began.set()
        assert go_on.wait(30)
        return Differences()

    with web_house(tmp_path, parts={"compare_index": compare}) as web:
        first = threading.Thread(target=web.ask, args=("/api/v1/index/verify", "POST"))
        first.start()
        assert began.wait(30)
        second = web.ask("/api/v1/index/verify", "POST")
        go_on.set()
        first.join()
        assert (second.status, second.json()["type"]) == (503, "urn:wirewatch:busy")
        assert web.ask("/api/v1/index/verify", "POST").status == 200


def test_how_far_tagging_anew_has_come(web: WebHouse) -> None:
    web.file(story(1))
    told = web.ask("/api/v1/retag").json()
    assert (told["articles"], told["seen"], told["done"]) == (1, 0, False) and told["rules"]


def edited(web: WebHouse, one: Entry, text: str) -> None:
    """The same article with another text, later."""
    web.clock.pass_(hours=1)
    web.file(one, text)


def test_the_versions_of_an_article_come_by_pages(web: WebHouse) -> None:
    one = story(1)
    web.file(one, "Forty drones were bought.")
    edited(web, one, "Fifty drones were bought.")
    edited(web, one, "Sixty drones were bought.")
    path = f"/api/v1/articles/{one.id}/versions"
    whole = web.ask(path).json()
    assert [row["number"] for row in whole["versions"]] == [1, 2, 3]
    assert [row["text"].split()[0] for row in whole["versions"]] == ["Forty", "Fifty", "Sixty"]
    assert [row["current"] for row in whole["versions"]] == [False, False, True]
    first = web.ask(f"{path}?limit=2").json()
    assert first["versions"] + web.ask(f"{path}?after={first['next']}").json()["versions"] == whole["versions"]
    assert web.ask(f"{path}/diff?a=1&b=3").status == 200, "numbers are those of /versions/diff"
    assert web.ask("/api/v1/articles/a0/versions").status == 404


def test_samples_are_told_one_by_one(web: WebHouse) -> None:
    made = web.subscribe("drones")
    web.file(story(1))
    samples = {"must": (story(1).url, "Ferries are late"), "must_not": ("Drones again", "a" + "0" * 20)}
    web.records.subscribe(replace(made, **samples), web.clock())
    told = web.ask("/api/v1/subscriptions/harbour/samples").json()
    assert [one["ok"] for one in told["samples"]] == [True, False, False, False] and told["ok"] is False
    assert [one["must"] for one in told["samples"]] == [True, True, False, False]
    assert [one["words"] for one in told["samples"]][1:] == [
        "is not matched: drones does not match",
        "is matched",
        "is not in the archive",
    ]


def test_a_test_message_is_sent_or_told_why_not(tmp_path: Path) -> None:
    sent: list[tuple[str, str]] = []

    def send(output: Output, name: str) -> None:
        if "deaf" in output.target:
            raise Away("it answered 500")
        sent.append((output.target, name))

    with web_house(tmp_path, parts={"send_test": send}) as web:
        of = web.subscribe()
        ids = []
        for target in ("https://hook.example/secret", "https://deaf.example/secret"):
            one = Output(of.id, OutputKind.WEBHOOK, target, "whsec_" + "A" * 44)
            ids.append(web.records.put_output(one, web.clock()).id)
        place = "/api/v1/subscriptions/harbour/outputs"
        assert web.ask(f"{place}/{ids[0]}/test", "POST").status == 204
        assert sent == [("https://hook.example/secret", "harbour")]
        refused = web.ask(f"{place}/{ids[1]}/test", "POST")
        assert (refused.status, refused.json()["type"]) == (502, "urn:wirewatch:not-taken")
        assert "it answered 500" in refused.json()["detail"] and "secret" not in refused.json()["detail"]
        web.link(of)
        [link] = [one.id for one in web.records.outputs() if one.kind is OutputKind.LINK]
        assert web.ask(f"{place}/{link}/test", "POST").status == 400
