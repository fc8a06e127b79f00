"""Alerts as people and programs are told of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.telling import Telling, shortened, web_address
from pipeline.types import Copy, Document, Grade
from pipeline.watch import Alert, Reason, Subscription
from records.telling import LOST, tell
from records.values import ArticleView, StoryView

NOW = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)


def alert(seq: int = 7, article_id: str = "a1", **given: object) -> Alert:
    values: dict[str, object] = {
        "seq": seq, "id": f"evt_{seq}", "subscription_id": "w1", "story_id": "s1", "article_id": article_id,
        "version": "v1", "reason": Reason.STORY, "first_seen": NOW, "made": NOW + timedelta(seconds=1),
    }  # fmt: skip
    return Alert(**(values | given))  # type: ignore[arg-type]


def document(id: str = "a1", **given: object) -> Document:
    values: dict[str, object] = {
        "article_id": id, "story_id": "s1", "title": "Harbour drones\n grounded", "text": "One.\n\nTwo.", "summary": "",
        "url": "https://daily.example/drones", "source_id": "daily", "outlet": "Daily Example", "country": "GB",
        "language": "en", "authors": ("Ann Author",), "wire": "Reuters", "topics": (), "entities": (),
        "published": NOW - timedelta(hours=1), "first_seen": NOW, "relevance": 0.5, "grade": Grade.FULL,
    }  # fmt: skip
    return Document(**(values | given))  # type: ignore[arg-type]


def copy(id: str, outlet: str, seen: datetime = NOW) -> Copy:
    return Copy(id, "s1", "t", "u", outlet.lower(), outlet, "GB", None, seen, Grade.FULL, "", "first", 1.0)


class Shelf:
    """Records of a few articles and one story."""

    def __init__(self, *documents: Document, copies: Sequence[Copy] = ()) -> None:
        self._documents = {one.article_id: one for one in documents}
        self._story = StoryView("s1", tuple(copies))

    def subscription(self, name_or_id: str) -> Subscription | None:
        return Subscription("harbour", "harbour AND drones", id="w1") if name_or_id == "w1" else None

    def documents(self, article_ids: Sequence[str]) -> list[Document]:
        return [self._documents[id] for id in article_ids if id in self._documents]

    def article(self, id_or_url: str) -> ArticleView | None:
        return None

    def stories(self, story_ids: Sequence[str]) -> list[StoryView]:
        return [self._story] if "s1" in story_ids and self._story.copies else []


def test_an_alert_tells_headline_outlet_times_wire_and_copies() -> None:
    [told] = tell(Shelf(document(), copies=[copy("a1", "Daily Example"), copy("a2", "Example Times")]), [alert()])
    assert told.to_json() == {
        "id": "evt_7",
        "seq": 7,
        "reason": "story",
        "made": "2026-03-01T08:30:01Z",
        "updated": "2026-03-01T08:30:01Z",
        "subscription": {"id": "w1", "name": "harbour"},
        "story": {"id": "s1", "copies": 2, "outlets": ["Daily Example", "Example Times"]},
        "article": {
            "id": "a1", "title": "Harbour drones grounded", "url": "https://daily.example/drones",
            "outlet": "Daily Example", "source": "daily", "country": "GB", "language": "en", "authors": ["Ann Author"],
            "wire": "Reuters", "published": "2026-03-01T07:30:00Z", "first_seen": "2026-03-01T08:30:00Z",
            "version": "v1", "summary": "One. Two.",
        },
        "detail": {},
    }  # fmt: skip
    assert told.to_json(full=True)["article"]["text"] == "One.\n\nTwo."
    assert told.to_text().splitlines() == [
        "Harbour drones grounded",
        "new story · Daily Example · published 2026-03-01 07:30 UTC · first seen 2026-03-01 08:30 UTC · wire: Reuters"
        " · 2 copies at 2 outlets: Daily Example, Example Times",
        "One. Two.",
        "https://daily.example/drones",
    ]


def test_it_is_updated_when_the_article_changed_or_the_story_grew() -> None:
    later = NOW + timedelta(hours=2)
    [grown] = tell(Shelf(document(), copies=[copy("a1", "A"), copy("a2", "B", later)]), [alert()])
    [changed] = tell(Shelf(document(changed=later), copies=[copy("a1", "A")]), [alert()])
    [quiet] = tell(Shelf(document(), copies=[copy("a1", "A")]), [alert()])
    assert (grown.told, changed.told, quiet.told) == (later, later, alert().made)
    assert quiet.updated is None


def test_what_is_new_is_told_by_its_sentences_else_by_figures_and_names() -> None:
    news = alert(reason=Reason.NEWS, detail={"sentences": ["Two died."], "figures": ["2"], "names": ["Jane Roe"]})
    pieces = alert(reason=Reason.NEWS, detail={"sentences": [], "figures": ["2"], "names": ["Jane Roe"]})
    fixed = alert(reason=Reason.CORRECTION, detail={"notice": "Correction: it was three."})
    told = tell(Shelf(document()), [news, pieces, fixed])
    assert [one.new for one in told] == [("Two died.",), ("2", "Jane Roe"), ("Correction: it was three.",)]
    assert "+ Two died." in told[0].to_text() and "One. Two." not in told[0].to_text()


def test_an_alert_whose_article_is_gone_is_told_by_another_copy_or_said_to_be_lost() -> None:
    [other] = tell(Shelf(document("a2"), copies=[copy("a2", "B")]), [alert(article_id="a1")])
    [lost] = tell(Shelf(), [alert(article_id="a1")])
    assert (other.article_id, other.title) == ("a2", "Harbour drones grounded")
    assert (lost.article_id, lost.title, lost.alert.id) == ("", LOST, "evt_7")
    assert lost.to_json()["article"]["id"] is None


def test_an_alert_whose_subscription_is_gone_has_no_name() -> None:
    assert tell(Shelf(document()), [alert(subscription_id="w9")])[0].subscription == ""


def test_many_outlets_are_counted_for_people_and_all_named_for_programs() -> None:
    outlets = tuple(f"Outlet {n}" for n in range(20))
    told = Telling(alert(), "harbour", "s1", "a1", "T", "", "Outlet 0", copies=21, outlets=outlets)
    assert told.carried().endswith("Outlet 11 and 8 more") and told.carried().startswith("21 copies at 20 outlets: ")
    assert told.to_json()["story"]["outlets"] == list(outlets)


@pytest.mark.parametrize(
    ("given", "right"),
    [
        ("https://daily.example/a b?x=ü&y=%20#top", "https://daily.example/a%20b?x=%C3%BC&y=%20"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("http://daily.example:8080/x", "http://daily.example:8080/x"),
        ("javascript:alert(1)", ""),
        ("data:text/html,<b>", ""),
        ("https://daily.example/\"><script>", "https://daily.example/%22%3E%3Cscript%3E"),
        ("", ""),
    ],
)  # fmt: skip
def test_links_are_of_http_or_https_and_ascii(given: str, right: str) -> None:
    assert web_address(given) == right
    assert tell(Shelf(replace(document(), url=given)), [alert()])[0].url == right


def test_long_texts_are_cut_at_a_word() -> None:
    assert shortened("one two, three", 10) == "one two…"
    assert shortened("one\n\ntwo") == "one two"
