"""Items, documents and pages that somebody has, run through the pipeline over the API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.integration.web_house import WebHouse, web_house
from tests.shared import ROOT
from wirewatch.cli import app
from wirewatch.config import Settings
from wirewatch.reader import PageReader

PAGE = ROOT / "tests" / "data" / "pages" / "reserved.html"
WIRE = (
    "PORTHAVEN (Reuters) - The navy of Alba ordered forty patrol drones from Skylark Works on Monday, its minister "
    "said. The boats are to watch the strait from spring on. The order is worth 30 million euros, the ministry told "
    "reporters."
)
ITEMS = [
    {"id": "1", "title": "Pentagon tests AI drone swarm", "text": "The Pentagon tested autonomous drones in Nevada."},
    {"id": "2", "title": "Bakery wins a prize for its rye bread", "outlet": "Crumb"},
]
DOCUMENTS = [
    {"id": "a", "title": "Alba's navy orders forty drones", "text": WIRE, "outlet": "One"},
    {"id": "b", "title": "Navy of Alba to buy forty drones", "text": WIRE.split(") - ")[1], "outlet": "Two"},
    {"id": "c", "title": "Ferries late again", "text": "The ferries to the islands were late for a third day." * 3},
]


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebHouse]:
    """The application with what reads pages, which may fetch from this machine."""
    folder = tmp_path_factory.mktemp("reading")
    with (
        closing(PageReader(Settings(data=folder, allow_private=True))) as reader,
        web_house(folder, parts={"read_page": reader}) as house,
    ):
        yield house


@pytest.fixture(scope="module")
def outlet() -> Iterator[str]:
    """The address of a page on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            there = self.path == "/story"
            self.send_response(200 if there else 404)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(PAGE.read_bytes() if there else b"")

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, name="outlet")
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def by_hand(command: str, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the command line says of them."""
    lines = "".join(json.dumps(one) + "\n" for one in given)
    result = CliRunner().invoke(app, [command, "--jsonl"], input=lines)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_items_are_tagged_as_on_the_command_line(web: WebHouse) -> None:
    told = web.ask("/api/v1/tag", "POST", given={"items": ITEMS}).json()["items"]
    assert told == by_hand("tag", ITEMS)
    assert [one["relevant"] for one in told] == [True, False]
    only = web.ask("/api/v1/tag", "POST", given={"items": ITEMS, "only": ["drones-unmanned"], "names": False}).json()[
        "items"
    ]
    assert {topic for one in only for topic in one["topics"]} == {"drones-unmanned"}
    strange = web.ask("/api/v1/tag", "POST", given={"items": ITEMS, "only": ["bread"]})
    assert strange.status == 400 and "no topic is called bread" in strange.json()["detail"]


def test_documents_are_folded_as_on_the_command_line(web: WebHouse) -> None:
    labels = [
        {"a": "a", "b": "b", "same": True},
        {"a": "a", "b": "c", "same": True},
        {"a": "a", "b": "?", "same": True},
    ]
    told = web.ask("/api/v1/fold", "POST", given={"documents": DOCUMENTS, "labels": labels}).json()
    assert told["documents"] == by_hand("fold", DOCUMENTS)
    first, second, third = told["documents"]
    assert first["story"] == second["story"] != third["story"] and second["wire"] == "Reuters"
    assert told["labels"] == {"held": 1, "of": 2}
    twice = web.ask("/api/v1/fold", "POST", given={"documents": [DOCUMENTS[0]] * 2})
    assert twice.status == 400 and "'a'" in twice.json()["detail"]


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("tag", {"items": []}),
        ("tag", {"items": [{"id": "x", "title": "x"}] * 201}),
        ("tag", {"items": [{"id": "x"}]}),
        ("fold", {"documents": [{"id": str(number), "title": "x"} for number in range(1001)]}),
        ("read", {"url": "file:///etc/passwd"}),
        ("read", {"url": "https://"}),
    ],
)
def test_what_is_too_much_or_no_item_is_refused(web: WebHouse, path: str, given: object) -> None:
    answer = web.ask(f"/api/v1/{path}", "POST", given=given)
    assert (answer.status, answer.json()["type"]) == (422, "urn:wirewatch:bad-request")


def test_a_page_is_read_as_on_the_command_line(reading: WebHouse) -> None:
    given = {"html": PAGE.read_text("utf-8"), "url": "https://alba.example/story", "fetched": "2026-03-01T12:00:00Z"}
    told = reading.ask("/api/v1/read", "POST", given=given).json()
    options = ["--jsonl", "--url", given["url"], "--fetched", given["fetched"]]
    by_file = json.loads(CliRunner().invoke(app, ["read", str(PAGE), *options]).stdout)
    assert told == by_file | {"id": given["url"]} and told["articleBody"]
    kept = reading.ask("/api/v1/read", "POST", given=given | {"as_archived": True}).json()
    assert kept["articleBody"] == "" and kept["rights"]["shown"] == "as archived"


def test_a_page_is_fetched_and_read(reading: WebHouse, outlet: str) -> None:
    told = reading.ask("/api/v1/read", "POST", given={"url": f"{outlet}/story"}).json()
    assert told["url"] == f"{outlet}/story" and told["title"]
    gone = reading.ask("/api/v1/read", "POST", given={"url": f"{outlet}/gone"})
    assert (gone.status, gone.json()["type"]) == (422, "urn:wirewatch:unreadable")


def test_only_public_addresses_are_fetched(outlet: str, tmp_path: Path) -> None:
    with (
        closing(PageReader(Settings(data=tmp_path))) as reader,
        web_house(tmp_path, parts={"read_page": reader}) as web,
    ):
        refused = web.ask("/api/v1/read", "POST", given={"url": f"{outlet}/story"})
    assert refused.status == 422 and "public" in refused.json()["detail"]


def test_what_is_missing_or_unknown_is_said(reading: WebHouse) -> None:
    nothing = reading.ask("/api/v1/read", "POST", given={})
    assert nothing.status == 400 and "`html`" in nothing.json()["detail"]
    unknown = reading.ask("/api/v1/read", "POST", given={"html": "<p>x", "source": "nobody"})
    assert unknown.status == 400 and "no source is called nobody" in unknown.json()["detail"]
    empty = reading.ask("/api/v1/read", "POST", given={"html": ""})
    assert (empty.status, empty.json()["type"]) == (422, "urn:wirewatch:unreadable")
