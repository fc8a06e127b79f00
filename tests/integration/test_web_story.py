"""A story as it is served: its copies seen through, their texts compared, and what persons say of them."""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest

from pipeline.ids import story_id
from pipeline.people import Role
from pipeline.types import Entry, Grade, Known, Storage
from tests.contract.records_kit import MINUTE, SOURCES, article, entry, filed, source
from tests.integration.people_kit import Browser, account, signed_in
from tests.integration.web_house import BEGAN, Answer, WebHouse

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


# --- the pages ------------------------------------------------------------------------------
def test_the_page_shows_the_text_and_how_it_is_known(told: WebHouse) -> None:
    html = read(told, f"/stories/{STORY}?article={PADDED.id}")
    assert f'<h1 lang="en" dir="auto">{PADDED.title}</h1>' in html
    assert LEAD in html and "Photographs" in html and "LONDON, PARIS" in html
    assert f'href="{PADDED.url}" rel="noopener noreferrer nofollow"' in html
    assert f"<mark>{OWN}</mark>" in html and "<mark>410</mark>" in html, "what no earlier copy told is marked"
    assert f"<mark>{LEAD}" not in html
    assert "4 copies at 4 outlets" in html and "How each field is known" in html and "“Reuters”" in html
    told.file(PADDED, QUOTE, FIRST, notices=("Correction: it was another harbour.",))
    assert "Correction: it was another harbour." in read(told, f"/stories/{STORY}?article={PADDED.id}")


def test_what_may_not_be_kept_is_told_with_the_reason(told: WebHouse) -> None:
    why = "its terms reserve text mining"
    told.file(copy("cork", 9, "kept"), "", grade=Grade.FULL, storage=Storage.SUMMARY, storage_why=why)
    html = read(told, "/articles/" + copy("cork", 9, "kept").id)
    assert "no more than headline and summary" in html and why in html and "Two ministries sign." in html
    assert "Only the headline and the summary are known" in read(told, f"/stories/{STORY}?article={BARE.id}")


def test_the_tree_tells_who_took_it_from_whom(told: WebHouse) -> None:
    html = read(told, f"/stories/{STORY}")
    nodes = re.findall(r'<li id="c-(\w+)">(.*?)</details>', html, re.DOTALL)
    assert [id for id, _ in nodes] == [FIRST.id, PADDED.id, MOVED.id, BARE.id]
    by = dict(nodes)
    assert "earliest" in by[FIRST.id] and "headline only" in by[BARE.id]
    assert re.search(r"kept 77 %.*−16.*\+19.* words", by[PADDED.id], re.DOTALL)
    assert f"<del>{PAST}</del>" in by[PADDED.id] and f"<ins>{OWN}</ins>" in by[PADDED.id]
    assert "names Reuters (dateline)" in by[PADDED.id] and "in the longer" in by[PADDED.id]
    assert "1 sentence" in by[PADDED.id] and "410" in by[PADDED.id]
    assert "<svg" in html and "The Alba is the earliest" in html


def test_the_list_is_sorted_narrowed_down_and_paged(told: WebHouse) -> None:
    def outlets(query: str) -> list[str]:
        html = read(told, f"/stories/{STORY}?show=list&{query}")
        return re.findall(r'<th scope="row"><a [^>]*><bdi>([^<]+)</bdi></a>', html)

    assert outlets("") == ["The Alba", "The Bern", "The Cork", "The Dorn"]
    assert outlets("sort=cut")[0] == "The Bern" and outlets("sort=kept")[:1] == ["The Bern"]
    assert outlets("find=cork") == ["The Cork"] and outlets("find=%3Cb%3E") == [] and len(outlets("at=99")) == 4


def test_a_difference_is_marked_and_what_moved_is_told(told: WebHouse) -> None:
    html = read(told, f"/stories/{STORY}/diff?a={FIRST.id}&b={PADDED.id}")
    assert f"<del>{PAST}</del>" in html and f"<ins>{OWN}</ins>" in html and "<del>340</del> <ins>410</ins>" in html
    html = read(told, f"/stories/{STORY}/diff?b={MOVED.id}")
    assert f'value="{FIRST.id}" selected' in html, "it is compared with what it derives from, or the fullest"
    assert "moved: paragraph" in html
    assert f'value="{PADDED.id}" selected' in read(told, f"/stories/{STORY}/diff"), "the first that was compared"
    assert told.ask(f"/stories/{STORY}/diff?a={BARE.id}&b={FIRST.id}").status == 400
    alone = read(told, f"/stories/{story_id(ELSEWHERE.id)}/diff")
    assert "nothing to compare" in alone


def test_versions_are_told_and_compared(told: WebHouse) -> None:
    where = f"/articles/{FIRST.id}/versions"
    assert "One version" in read(told, where)
    revise(told)
    html = read(told, where)
    assert f'href="{where}"' in read(told, f"/stories/{STORY}?article={FIRST.id}")
    assert "1 figure" in html and "<del>12,000</del> <ins>14,000</ins>" in html and "current" in html
    assert "<del>14,000</del> <ins>12,000</ins>" in read(told, where + "?a=2&b=1")
    assert told.ask(where + "?a=1&b=7").status == 400
    assert "2 versions" in read(told, f"/stories/{STORY}?article={FIRST.id}")


def test_what_is_remembered_of_a_story_is_as_it_is_now(told: WebHouse) -> None:
    assert "edited" not in read(told, f"/stories/{STORY}")
    revise(told)
    html = read(told, f"/stories/{STORY}")
    assert "edited" in html and "14,000" in html
    told.file(copy("bern", 5, "late"), "\n\n".join((LEAD, QUOTE, OWN)), FIRST)
    assert "5 copies" in read(told, f"/stories/{STORY}")


def test_addresses_lead_to_the_story(told: WebHouse) -> None:
    where = f"/stories/{STORY}?article={PADDED.id}"
    for path in (f"/articles/{PADDED.id}", f"/articles?url={PADDED.url}"):
        answer = told.ask(path)
        assert (answer.status, answer.headers["location"]) == (303, where)
    for path in ("/stories/s-none", "/articles/a-none", "/stories/s-none/diff", "/articles/a-none/versions"):
        assert told.ask(path).status == 404 and b"<!doctype html>" in told.ask(path).body
    told.records.say(FIRST.id, ELSEWHERE.id, True, "ines", "", told.clock())
    merged = told.ask(f"/stories/{story_id(ELSEWHERE.id)}")
    assert merged.status == 303 and merged.headers["location"] == f"/stories/{STORY}"


def test_a_person_parts_a_story_and_takes_it_back(told: WebHouse) -> None:
    said = post(told, "/labels", a=FIRST.id, b=MOVED.id, same="no", note="another <meeting>")
    assert said.status == 303 and said.headers["location"] == f"/stories/{STORY}?article={FIRST.id}&said=1"
    html = read(told, said.headers["location"])
    assert "Noted as label 1" in html and "3 copies" in html and "says you" in html
    assert "another &lt;meeting&gt;" in html and MOVED.id not in {one.article_id for one in copies(told)}
    undone = post(told, "/labels/1/undo", back=f"/stories/{STORY}")
    assert "Taken back" in read(told, undone.headers["location"]) and len(copies(told)) == 4
    listed = read(told, "/labels")
    assert "not the same" in listed and "taken back" in listed and "another &lt;meeting&gt;" in listed


def test_a_person_joins_two_stories_by_address(told: WebHouse) -> None:
    assert post(told, "/labels", a=FIRST.id, b=f" {ELSEWHERE.url} ", same="yes").status == 303
    assert len(copies(told)) == 5
    refused = post(told, "/labels", a=FIRST.id, b=ELSEWHERE.id, same="no")
    assert (
        refused.status == 400
        and b'role="alert"' in refused.body
        and "labels say otherwise than that The Alba’s copy" in refused.body.decode()
    )
    assert post(told, "/labels/1/undo").headers["location"] == "/labels?undone=1"
    assert len(copies(told)) == 4


def test_what_cannot_be_said_is_told_beside_the_field(told: WebHouse) -> None:
    answer = post(told, "/labels", a=FIRST.id, b="a-none", same="yes")
    assert answer.status == 400 and b"No article is called a-none" in answer.body
    assert b'value="a-none" aria-describedby="wrong"' in answer.body, "what was given stays in its field"
    assert post(told, "/labels", a="a-none", b=FIRST.id, same="yes").status == 404
    assert post(told, "/labels", a=FIRST.id, b=PADDED.id, same="perhaps").status == 422
    assert post(told, "/labels/9/undo").status == 404


def test_labels_are_taken_along_as_the_command_line_writes_them(told: WebHouse) -> None:
    post(told, "/labels", a=FIRST.id, b=PADDED.id, same="yes")
    with zipfile.ZipFile(io.BytesIO(told.ask("/labels/export.zip").body)) as files:
        docs = [json.loads(line) for line in files.read("docs.jsonl").splitlines()]
        labels = [json.loads(line) for line in files.read("labels.jsonl").splitlines()]
    assert [one["id"] for one in docs] == [FIRST.id, PADDED.id] and docs[0]["text"].startswith(LEAD)
    assert [(one["a"], one["b"], one["same"]) for one in labels] == [(FIRST.id, PADDED.id, True)]


def test_readers_see_labels_but_make_none(told: WebHouse) -> None:
    post(told, "/labels", a=FIRST.id, b=PADDED.id, same="yes")
    account(told, "ada", Role.ADMIN)
    account(told, "ines", Role.READER)
    account(told, "omar", Role.EDITOR)
    reader, editor = signed_in(told, "ines"), signed_in(told, "omar")
    given = {"a": FIRST.id, "b": MOVED.id, "same": "no"}
    assert reader.ask("/labels", given).status == reader.ask("/labels/1/undo", {}).status == 403
    for path in (f"/stories/{STORY}", "/labels"):
        html = reader.ask(path).body.decode()
        assert "the same" in html and "<button" in html and 'action="/labels' not in html
    assert editor.ask("/labels", given).status == 303
    assert [one.by for one in told.records.labels()] == ["you", "omar"]
    assert next((one.who, one.what) for one in told.records.audited()) == ("omar", "label made")


def test_who_was_told_and_why(told: WebHouse) -> None:
    one = told.subscribe('inspectors "autonomous weapons"', name="in/spectors")
    told.subscribe("submarines", name="boats")
    told.clock.pass_(hours=1)
    late = copy("bern", 90, "late")
    told.file(late, "\n\n".join((LEAD, QUOTE, COST)), FIRST)
    html = read(told, f"/stories/{STORY}?article={late.id}")
    assert f'<a href="/subscriptions/{one.id}">{one.name}</a>: one more copy' in html
    assert "told at" in read(told, f"/articles/{late.id}/why").lower()
    boats = read(told, f"/articles/{late.id}/why?subscription=boats")
    assert "does not match" in boats and "submarines" in boats
    assert told.ask(f"/articles/{late.id}/why?subscription=none").status == 404


def test_the_story_is_cited(told: WebHouse) -> None:
    ris = told.ask(f"/stories/{STORY}/citation?article={PADDED.id}")
    assert ris.body.count(b"TY  - NEWS") == 1 and PADDED.url.encode() in ris.body
    assert ris.headers["content-disposition"].endswith('.ris"')
    bib = told.ask(f"/stories/{STORY}/citation?format=bibtex&every=true")
    assert bib.body.count(b"@article{") == 4
    assert (
        told.ask("/stories/s-none/citation").status == 404
        and told.ask(f"/stories/{STORY}/citation?format=x").status == 422
    )


HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}\u202e'


def test_hostile_texts_are_only_shown(web: WebHouse) -> None:
    web.records.sync_sources([*SOURCES, source("dorn", name=f"The {HOSTILE}")])
    wire: dict[str, Any] = {
        "wire": HOSTILE, "wire_how": HOSTILE, "credit": HOSTILE, "authors": (HOSTILE,), "section": HOSTILE,
        "notices": (HOSTILE,), "dateline_places": (HOSTILE,), "dateline_agency": HOSTILE, "language": '"><script>',
        "contributors": {HOSTILE: (HOSTILE,)}, "known": {HOSTILE: Known(HOSTILE, 0.5)}, "published_how": HOSTILE,
    }  # fmt: skip
    bad, good = copy("dorn", title=HOSTILE), copy("alba", 1, title="Another headline for all")
    web.file(bad, "\n\n".join((HOSTILE, LEAD, QUOTE, COST)), url="javascript:alert(3)", **wire)
    web.clock.pass_(hours=1)
    web.file(good, "\n\n".join((LEAD, QUOTE, HOSTILE, PAST)), bad, **wire)
    web.clock.pass_(hours=1)
    web.file(good, "\n\n".join((LEAD, HOSTILE, QUOTE, PAST, OWN)), bad, **wire)
    web.subscribe(name=HOSTILE)
    web.records.say(bad.id, good.id, True, HOSTILE, HOSTILE, web.clock())
    story = f"/stories/{story_id(bad.id)}"
    quoted = quote(HOSTILE)
    for path in (
        story, f"{story}?show=list&find={quoted}&sort={quote('<b>')}", f"{story}?article={good.id}", f"{story}/diff",
        f"{story}/diff?a={quoted}&b={good.id}", f"/articles/{good.id}/versions", f"/articles/{good.id}/why", "/labels",
        f"/articles/{good.id}/why?subscription={quoted}", f"/stories/{quoted}", f"/articles/{quoted}",
    ):  # fmt: skip
        answer = web.ask(path)
        html = answer.body.decode()
        assert answer.status in (200, 400, 404), path
        assert "<img" not in html and "onerror=alert(2)>" not in html and "<script>" not in html, path
        assert 'href="javascript:' not in html and "49" not in re.findall(r"\{\{|49\u202e", html), path
        assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "&lt;script&gt;" in web.ask(story).body.decode()


def test_a_story_of_many_copies_stays_light(web: WebHouse) -> None:
    web.records.sync_sources([source(f"o{at}") for at in range(300)])
    made = []
    for at in range(300):
        one = copy(f"o{at}", at)
        text = "\n\n".join((LEAD, QUOTE, COST if at % 3 else OWN, PAST, f"Readers in town {at} wrote {at} letters."))
        made.append(replace(filed(article(one, text, first_seen=None), STORY), like_version=""))
    web.records.commit(made, [], web.clock())
    tree = web.ask(f"/stories/{STORY}", headers={"accept-encoding": "gzip"})
    assert tree.headers["content-encoding"] == "gzip" and len(tree.body) < 60_000
    html = gzip.decompress(tree.body).decode()
    assert html.count('<li id="c-') <= 61 and "more, in the list" in html and html.count("<option") < 400
    listed = read(web, f"/stories/{STORY}?show=list&at=6")
    assert "Page 6 of 6" in listed and listed.count('<th scope="row">') >= 50
    last = read(web, f"/stories/{STORY}?article={copy('o299').id}")
    assert f'<li id="c-{copy("o299").id}">' in last, "the chosen copy is always in the tree"


def read(web: WebHouse, path: str) -> str:
    """A page that is there, wherever it leads."""
    answer = web.ask(path)
    if answer.status == 303:
        answer = web.ask(answer.headers["location"])
    assert answer.status == 200, answer.body
    return answer.body.decode()


def copies(web: WebHouse) -> Any:
    [story] = web.records.stories([STORY])
    return story.copies


def post(web: WebHouse, path: str, **fields: str) -> Answer:
    """As a form is sent."""
    return Browser(web).ask(path, fields, sec_fetch_site="same-origin")
