"""The API as a whole: it does what the command line does, and docs/api.md names each of its routes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest

from tests.integration.web_house import web_house
from tests.shared import ROOT
from tests.unit.test_docs import commands

PREFIX = "/api/v1"
PROCESS = "it is the process itself"
WRITER = "it writes the index, which on disk the collecting process alone may do"
NAME = "/subscriptions/{name}"
OUTPUT = f"{NAME}/outputs/{{output_id}}"

ROUTES: Mapping[str, str] = {  # the command, and the route below /api/v1 that does it
    "search": "GET /search",
    "like": "GET /like/{what}",
    "show": "GET /articles/{article_id}",
    "query": "GET /query",
    "trace": "GET /trace",
    "fetch": "POST /fetch",
    "story": "GET /stories/{story_id}/provenance",
    "diff": "GET /diff",
    "read": "POST /read",
    "tag": "POST /tag",
    "fold": "POST /fold",
    "why": "GET /why",
    "doctor": "GET /doctor",
    "sources list": "GET /sources",
    "sources add": "POST /sources",
    "sources import": "POST /sources/import",
    "sources export": "GET /sources/export",
    "quarantine list": "GET /quarantine",
    "quarantine replay": "POST /quarantine/replay",
    "index verify": "POST /index/verify",
    "labels same": "POST /labels",
    "labels differ": "POST /labels",
    "labels undo": "POST /labels/{number}/undo",
    "labels list": "GET /labels",
    "labels export": "GET /labels",
    "watch add": "POST /subscriptions",
    "watch edit": f"PATCH {NAME}",
    "watch pause": f"POST {NAME}/pause",
    "watch resume": f"POST {NAME}/resume",
    "watch remove": f"DELETE {NAME}",
    "watch list": "GET /subscriptions",
    "watch show": f"GET {NAME}",
    "watch test": "POST /backtest",
    "watch check": "POST /watchfile/check",
    "watch apply": "POST /watchfile",
    "watch export": "GET /watchfile",
    "watch deliveries": "GET /deliveries",
    "watch replay": "POST /deliveries/replay",
    "watch output add": f"POST {NAME}/outputs",
    "watch output list": "GET /outputs",
    "watch output revoke": f"DELETE {OUTPUT}",
    "watch output rotate": f"POST {OUTPUT}/rotate",
    "watch output test": f"POST {OUTPUT}/test",
    "people list": "GET /people",
    "people add": "POST /people",
    "people role": "PATCH /people/{name}",
    "people disable": "PATCH /people/{name}",
    "people password": "POST /people/{name}/password",
    "people remove": "DELETE /people/{name}",
    "keys list": "GET /keys",
    "keys add": "POST /keys",
    "keys revoke": "DELETE /keys/{key_id}",
    "audit": "GET /audit",
}
ALONE: Mapping[str, str] = {  # the command, and why there is no route for it
    "run": PROCESS,
    "demo": PROCESS,
    "web": PROCESS,
    "serve": PROCESS,
    "index rebuild": WRITER,
    "index migrate": WRITER,
    "retag": "it takes minutes to hours; GET /retag tells how far it has come",
    "sources check": "it asks hundreds of outlets, for minutes; GET /sources tells how collecting them goes",
    "sources furniture": "GET /sources/{source_id} shows what was learned; taking it back moves texts of the archive",
}


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The OpenAPI document."""
    with web_house(tmp_path_factory.mktemp("described")) as house:
        told: dict[str, Any] = house.ask(f"{PREFIX}/openapi.json").json()
    return told


def routes(described: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(method, path) of all that there is."""
    for path, methods in described["paths"].items():
        for method in methods:
            yield method.upper(), path


def test_every_command_has_its_route_or_a_reason(described: dict[str, Any]) -> None:
    there = {name.removeprefix("wirewatch ") for name, _ in commands()}
    assert not ROUTES.keys() & ALONE.keys()
    assert there == ROUTES.keys() | ALONE.keys()
    given = {f"{method} {path.removeprefix(PREFIX)}" for method, path in routes(described)}
    assert set(ROUTES.values()) <= given


def documented() -> set[tuple[str, str]]:
    """(method, path) of each route in the tables of docs/api.md and docs/feeds.md, as `bare` has them.

    The first cell has codes: methods, each before or with the path that it is for; a path of …/x begins as the one
    before it does. Without a method it is GET.
    """
    found = set()
    for page in ("api.md", "feeds.md"):
        for line in (ROOT / "docs" / page).read_text("utf-8").splitlines():
            if line.startswith("| `"):
                found |= set(of_cell(re.findall(r"`([^`]+)`", line.split("|")[1])))
    return found


def of_cell(codes: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The routes of one cell."""
    methods: list[str] = []
    last, used = "", False
    for code in codes:
        *said, path = code.split(" ") if "/" in code else (code, "")
        if said:
            methods, used = ([] if used else methods) + said, False
        if path:
            path = last.rsplit("/", 1)[0] + path[1:] if path.startswith("…") else path.split("?")[0]
            last, used = path, True
            yield from ((method, bare(path)) for method in methods or ["GET"])


def bare(path: str) -> str:
    """With nameless parameters."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def test_every_route_stands_in_the_docs(described: dict[str, Any]) -> None:
    told = documented()
    assert {(method, path) for method, path in routes(described) if (method, bare(path)) not in told} == set()


def test_no_route_of_the_docs_is_missing(described: dict[str, Any]) -> None:
    there = {(method, bare(path)) for method, path in routes(described)} | {("GET", f"{PREFIX}/openapi.json")}
    told = {(method, path) for method, path in documented() if path.startswith(PREFIX)}
    assert told - there == set()
