"""Completion over the API: fields, operators, values of the archive, saved searches."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from pipeline.tag import TagRules
from pipeline.types import Tag, Tagging
from search.parse import parse
from tests.integration.web_house import WebHouse, story, web_house
from web.tagging import Taggers


@pytest.fixture
def full(web: WebHouse) -> WebHouse:
    """Three articles with values of all kinds."""
    tagging = Tagging((Tag("topic:drones", "Drones"),), (Tag("org:anvil", "Anvil Systems"), Tag("p:senat", "Sénat")))
    for number in range(3):
        web.file(story(number), wire="Reuters", authors=("Ada Berg",), tagging=tagging)
    web.file(story(4, source="bern"), wire="AFP", tagging=tagging)
    web.subscribe("drones", name="port watch")
    return web


def complete(house: WebHouse, query: str, at: int | None = None) -> list[dict[str, Any]]:
    """What is offered, the cursor being at the end."""
    answer = house.ask(f"/api/v1/complete?q={quote(query)}&at={len(query) if at is None else at}")
    assert answer.status == 200
    found: list[dict[str, Any]] = answer.json()["completions"]
    return found


def taken(query: str, one: dict[str, Any]) -> str:
    """The query with it."""
    return f"{query[: one['begin']]}{one['text']}{query[one['end'] :]}"


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("out", "outlet:"),
        ("drones coun", "drones country:"),
        ("drones AN", "drones AND"),
        ("outlet:al", 'outlet:"The Alba"'),
        ("-wire:a", "-wire:AFP"),
        ("wire:", "wire:Reuters"),
        ('entity:"anvil s', 'entity:"Anvil Systems"'),
        ("entity:syst", 'entity:"Anvil Systems"'),
        ("entity:sen", "entity:Sénat"),
        ("country:(SG OR g", "country:(SG OR GB"),
        ("(topic:dr", "(topic:drones"),
        ("author:ber", 'author:"Ada Berg"'),
        ("anvil", 'entity:"Anvil Systems"'),
        ("search:po", 'search:"port watch"'),
        ("grade:f", "grade:full"),
        ("seen:p7", "seen:P7D"),
        ("copies:>", "copies:>1"),
        ("海军 wi", "海军 wire:"),
    ],
)
def test_the_best_comes_first(full: WebHouse, query: str, best: str) -> None:
    assert taken(query, complete(full, query)[0]) == best


@pytest.mark.parametrize("query", ["", "drones ", "foo:ba", "title:dro", "zzz", "a -"])
def test_where_nothing_is_to_be_said_nothing_is(full: WebHouse, query: str) -> None:
    assert complete(full, query) == []


def test_what_is_taken_is_a_query(full: WebHouse) -> None:
    for query in (
        "outlet:",
        "country:",
        "lang:",
        "wire:",
        "topic:",
        "entity:",
        "author:",
        "search:",
        "seen:",
        "grade:",
    ):
        offered = complete(full, query)
        assert offered
        for one in offered:
            assert parse(taken(query, one))


def test_in_the_middle_of_a_query(full: WebHouse) -> None:
    query = "wire:reu AND drones"
    assert taken(query, complete(full, query, 7)[0]) == "wire:Reuters AND drones"
    assert full.ask("/api/v1/complete?q=dr&at=99").status == 200
    assert full.ask("/api/v1/complete?q=dr&at=-1").status == 422


def test_values_are_gathered_again_after_a_while(full: WebHouse) -> None:
    assert complete(full, "wire:kyo") == []
    full.file(story(8), wire="Kyodo")
    full.clock.pass_(minutes=5)
    assert [one["text"] for one in complete(full, "wire:kyo")] == ["Kyodo"]


def test_topics_and_names_that_no_article_has_yet_come_last(full: WebHouse) -> None:
    told = [(one["text"], one["note"]) for one in complete(full, "topic:dr")]
    assert told == [
        ("drones", "4 articles"),
        ("drones-unmanned", "Drones and uncrewed vehicles: none yet"),
        ("counter-drone", "Counter-drone: none yet"),
    ]
    names = [one["text"] for one in complete(full, "entity:syst")]
    assert names[0] == '"Anvil Systems"' and '"BAE Systems"' in names, "the archive's first"
    assert complete(full, "counter-dr") == [], "only within their fields"


def test_an_empty_archive_can_be_asked_by_topic(web: WebHouse) -> None:
    offered = complete(web, "topic:")
    assert len(offered) == 10 and all(one["note"].endswith(": none yet") for one in offered)
    assert complete(web, "wire:") == []


def test_a_taxonomy_that_cannot_be_read_leaves_what_the_archive_has(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("[", encoding="utf8")
    with web_house(tmp_path, parts={"taggers": Taggers(TagRules((wrong,)))}) as house:
        house.file(story(0), wire="Reuters")
        assert [one["text"] for one in complete(house, "topic:")] == ["drones"]
        assert [one["text"] for one in complete(house, "wire:")] == ["Reuters"]
