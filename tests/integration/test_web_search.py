"""Searching by the API: pages, facets, histogram and coverage, highlights, more like this, exports, queries as JSON."""

from __future__ import annotations

import csv
import io
import json
from urllib.parse import quote

import pytest

from search.json_form import to_json
from search.parse import parse
from tests.integration.web_house import WebHouse, story

ORCHARD = "An orchard in the valley was sold to a family of growers.\n\nThey will press cider there."


@pytest.fixture
def full(web: WebHouse) -> WebHouse:
    """Five stories on drones, an hour apart, the first at two outlets; one on cider."""
    for number in range(5):
        web.file(story(number))
        web.clock.pass_(hours=1)
    web.file(story(5, source="bern"), story=story(0))
    web.file(story(6, source="bern"), ORCHARD, title="Cider")
    return web


def test_pages_lead_through_all_stories_once(full: WebHouse) -> None:
    found, after = [], ""
    while True:
        page = full.ask(f"/api/v1/search?q=drones&order=newest&limit=2&after={quote(after)}").json()
        found += [one["id"] for one in page["stories"]]
        assert (page["total"], page["held"], page["behind"]) == (6, 7, 0)
        after = page["next"]
        if not after:
            break
    assert len(found) == len(set(found)) == 5
    each = full.ask("/api/v1/search?q=drones&folded=false").json()["stories"]
    assert len({one["article"] for one in each}) == 6
    assert full.ask(f"/api/v1/search?q=ferries&after={quote('damaged')}").json()["type"] == "urn:wirewatch:bad-input"


def test_an_answer_tells_where_it_matched_and_what_there_is_besides(full: WebHouse) -> None:
    answer = full.ask("/api/v1/search?q=cider&facets=outlet&facets=country&histogram=day").json()
    [one] = answer["stories"]
    fragment = one["highlights"]["fragments"][0]
    assert [fragment["text"][a:b] for a, b in fragment["spans"]] == ["cider"]
    assert answer["facets"] == {
        "outlet": [{"value": "The Bern", "count": 1}],
        "country": [{"value": "GB", "count": 1}],
    }
    assert [(bar["count"], bar["of"]) for bar in answer["histogram"]] == [(1, 7)]
    assert answer["coverage"]["sources"] == 3
    assert [one["source"] for one in full.ask("/api/v1/search?q=*").json()["coverage"]["silent"]] == ["cork"]


def test_more_like_this_leaves_out_its_own_story(full: WebHouse) -> None:
    full.file(story(7, source="cork"), ORCHARD + "\n\nThe harvest was good.", title="Growers press cider")
    full.file(story(8, source="alba"), ORCHARD, story=story(6, source="bern"), title="Cider")
    like = full.ask(f"/api/v1/like/{story(6, source='bern').id}").json()["stories"]
    assert [one["title"] for one in like] == ["Growers press cider"]
    assert full.ask(f"/api/v1/like/{story(6, source='bern').id}?q=ferries").json()["stories"] == []
    assert full.ask("/api/v1/like/a0").status == 400


def test_all_that_matches_comes_as_a_file(full: WebHouse) -> None:
    answer = full.ask("/api/v1/export?q=drones&format=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="wirewatch.csv"'
    assert len(list(csv.DictReader(io.StringIO(answer.body.decode())))) == 5
    assert len(full.ask("/api/v1/export?q=drones&folded=false&format=jsonl").body.splitlines()) == 6
    assert json.loads(full.ask("/api/v1/export?q=ferries&format=json").body) == []
    assert full.ask("/api/v1/export?q=ferries&format=ris").body == b""


def test_what_is_like_a_story_comes_as_a_file(full: WebHouse) -> None:
    full.file(story(7, source="cork"), ORCHARD + "\n\nThe harvest was good.", title="Growers press cider")
    full.file(story(8, source="alba"), ORCHARD + "\n\nIt is cold.", title="Cold cider")
    what = story(6, source="bern").id
    for more, wanted in (("", 2), ("&order=newest", 2), ("&folded=false", 2), ("&q=title:growers", 1)):
        told = full.ask(f"/api/v1/like/{what}?limit=100{more}").json()["stories"]
        rows = full.ask(f"/api/v1/export?format=json&like={what}{more}").json()
        assert [row["article"] for row in rows] == [one["article"] for one in told]
        assert len(rows) == wanted
    assert full.ask("/api/v1/export?like=a-unknown").status == full.ask("/api/v1/like/a-unknown").status == 400


@pytest.mark.parametrize("path", ["search", "export", "like/a1"])
@pytest.mark.parametrize(
    ("asked", "status", "words"),
    [
        ("q=%22drones", 400, "unclosed quote at 1"),
        ("q=search:none", 400, "none"),
        ("qq=drones", 422, "query.qq"),
        ("order=worst", 422, "query.order"),
        ("folded=perhaps", 422, "query.folded"),
    ],
)
def test_what_cannot_be_asked_is_told(web: WebHouse, path: str, asked: str, status: int, words: str) -> None:
    answer = web.ask(f"/api/v1/{path}?{asked}")
    assert answer.status == status and words in answer.json()["detail"]


@pytest.mark.parametrize("asked", ["limit=0", "limit=1001", "top=0", "histogram=year", "by=changed", "facets=colour"])
def test_bounds_and_names_are_kept(web: WebHouse, asked: str) -> None:
    assert web.ask(f"/api/v1/search?q=drones&{asked}").status in (400, 422)


def test_saved_queries_are_used_by_their_names(full: WebHouse) -> None:
    full.subscribe("cider", name="press")
    assert full.ask("/api/v1/search?q=search:press").json()["total"] == 1


def test_a_query_is_told_as_text_and_as_json(web: WebHouse) -> None:
    text = 'title:drones -"a b"~3 (x OR search:"port watch") seen:P1D'
    told = web.ask(f"/api/v1/query?q={quote(text)}").json()
    assert told == {"query": text, "form": to_json(parse(text)), "uses": ["port watch"], "notes": []}
    assert web.ask("/api/v1/query", "POST", given={"form": told["form"]}).json() == told
    wrong = web.ask("/api/v1/query", "POST", given={"form": {"word": "drone", "feild": "title"}})
    assert (wrong.status, wrong.json()["type"]) == (400, "urn:wirewatch:bad-query")
