"""A story as it is served: its copies seen through, their texts compared, and what persons say of them."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.ids import story_id
from pipeline.types import Entry, Grade
from tests.contract.records_kit import MINUTE, SOURCES, entry, source
from tests.integration.web_house import BEGAN, WebHouse

LEAD = "Ministers from thirty countries agreed on Tuesday to limit the use of autonomous weapons after days of talks."
QUOTE = "“Nobody wants a machine to decide who lives,” the secretary, Ines Calder, told reporters outside the old hall."
COST = "The programme will cost 12,000 crowns a year, and 340 inspectors will visit laboratories from early March."
PAST = "Earlier talks failed in the spring when four delegations walked out over the question of verification."
OWN = "Fishermen in our own harbour said that they had seen no inspector since the lighthouse burned down in June."
CREDITLESS: dict[str, Any] = {"wire": "", "wire_how": "", "credit": ""}


def copy(outlet: str, minutes: int = 0, slug: str = "talks", **changes: Any) -> Entry:
    """An outlet's entry of the story."""
    return entry(outlet, slug, **{"title": "Ministers agree", "published": BEGAN + minutes * MINUTE} | changes)


FIRST, PADDED, MOVED, BARE = (copy(one, at) for at, one in enumerate(("alba", "bern", "cork", "dorn")))
ELSEWHERE = copy("cork", 9, "ferry", title="A ferry sank")
STORY = story_id(FIRST.id)


@pytest.fixture
def told(web: WebHouse) -> WebHouse:
    """A story of four copies: the first, one padded with a figure changed, one in another order, a headline alone."""
    web.records.sync_sources([*SOURCES, source("dorn")])
    web.file(FIRST, "\n\n".join((LEAD, QUOTE, COST, PAST)), language="en")
    web.clock.pass_(minutes=1)
    web.file(PADDED, "\n\n".join((LEAD, QUOTE, OWN, COST.replace("340", "410"))), FIRST)
    web.clock.pass_(minutes=1)
    web.file(MOVED, "\n\n".join((PAST, COST, LEAD, QUOTE)), FIRST, **CREDITLESS)
    web.file(BARE, "", FIRST, grade=Grade.HEADLINE)
    web.file(ELSEWHERE, "A ferry sank off the cape on Monday, and all forty passengers were saved.")
    return web


def revise(web: WebHouse) -> None:
    """The first outlet corrects its article."""
    web.clock.pass_(hours=1)
    web.file(FIRST, "\n\n".join((LEAD, QUOTE, COST.replace("12,000", "14,000"), PAST)))


# --- the API --------------------------------------------------------------------------------
def test_the_api_tells_where_a_story_comes_from(told: WebHouse) -> None:
    revise(told)
    one = told.ask(f"/api/v1/stories/{STORY}/provenance").json()
    assert one["agency"]["name"] == "Reuters" and one["earliest"] == FIRST.id
    copies = {copy["outlet"]: copy for copy in one["copies"]}
    assert list(copies) == ["The Alba", "The Bern", "The Cork", "The Dorn"]
    assert copies["The Bern"]["cut"][0]["text"] == PAST and copies["The Bern"]["added"][0]["text"] == OWN
    assert [find["text"] for find in copies["The Bern"]["new"]["figures"]] == ["410"]
    assert [one["summary"] for one in copies["The Alba"]["revisions"]] == ["1 figure"]
    assert told.ask("/api/v1/stories/s-none/provenance").status == 404


def test_the_api_compares_copies_and_versions(told: WebHouse) -> None:
    found = told.ask(f"/api/v1/diff?a={FIRST.id}&b={PADDED.url}").json()
    assert [piece["act"] for piece in found["pieces"]] == ["kept", "added", "kept", "cut"]
    assert found["changes"]["figures"][0]["old"] == "340"
    moved = told.ask(f"/api/v1/diff?a={FIRST.id}&b={MOVED.id}").json()
    assert "moved" in [piece["act"] for piece in moved["pieces"]]
    assert told.ask(f"/api/v1/diff?a={FIRST.id}&b={BARE.id}").status == 400
    assert told.ask(f"/api/v1/diff?a={FIRST.id}&b=a-none").status == 404
    versions = f"/api/v1/articles/{FIRST.id}/versions/diff"
    assert told.ask(versions).status == 400, "there is one alone"
    revise(told)
    assert told.ask(versions).json()["changes"]["figures"][0]["new"] == "14,000"
    assert told.ask(versions + "?a=2&b=1").json()["changes"]["figures"][0]["new"] == "12,000"
    assert told.ask(versions + "?a=3").status == 400


def test_the_api_takes_labels_and_takes_them_back(told: WebHouse) -> None:
    given = {"a": FIRST.id, "b": MOVED.url, "same": False, "note": "another meeting"}
    made = told.ask("/api/v1/labels", "POST", given=given)
    assert made.status == 201 and made.json()["by"] == "you" and made.json()["b"] == MOVED.id
    assert MOVED.id not in {copy.article_id for copy in told.records.stories([STORY])[0].copies}
    assert told.ask("/api/v1/labels").json() == {"labels": [made.json()], "next": ""}
    assert told.ask("/api/v1/labels", "POST", given=given | {"same": True}).status == 409
    assert told.ask("/api/v1/labels", "POST", given=given | {"b": FIRST.url}).status == 400
    assert told.ask("/api/v1/labels", "POST", given=given | {"b": "a-none"}).status == 404
    undone = told.ask(f"/api/v1/labels/{made.json()['id']}/undo", "POST")
    assert undone.status == 200 and undone.json()["undone"]
    assert MOVED.id in {copy.article_id for copy in told.records.stories([STORY])[0].copies}
    assert told.ask("/api/v1/labels/99/undo", "POST").status == 404
