"""A subscription as a form, as it is served without scripts: tried, saved, changed, removed; and each error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import quote, urlencode

import feedparser
import pytest
from lxml import html

from pipeline.errors import Away
from pipeline.watch import Mode, Subscription
from tests.integration.watch_pages import HOOK, beside, fields, guard, one_of, seen, subscribed
from tests.integration.web_house import WebHouse, story, web_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[WebHouse]:
    """The application with a guard that knows one bad host."""
    with web_house(tmp_path, parts={"check_output": guard}) as made:
        yield made


def test_from_a_search_to_a_feed_that_a_reader_reads(house: WebHouse) -> None:
    house.file(story(1))
    house.clock.pass_(days=1)
    tried = house.ask("/subscriptions/new?q=drones+AND+harbour")
    words = seen(tried)
    assert "It would have fired 1 time in 30 days (the archive goes back" in words, words
    assert "Drones for harbour 1" in words and "new story" in words
    assert fields(tried)["name"] == "drones harbour" and house.records.subscriptions() == [], "nothing is saved yet"
    saved = house.send("/subscriptions/new", **fields(tried), do="save")
    one = one_of(house)
    assert (one.name, one.query, one.mode) == ("drones harbour", "drones AND harbour", Mode.STORY)
    assert saved.status == 303 and saved.headers["location"] == f"/subscriptions/{one.id}?said=saved"
    page = house.ask(saved.headers["location"])
    assert "Saved. It tells of what comes from now on." in seen(page)
    [address] = re.findall(r'value="(http://[^"]+\.rss)"', page.body.decode())
    assert feedparser.parse(address).entries == []
    house.file(story(2))
    told = feedparser.parse(unescape(address))
    assert [entry.title for entry in told.entries] == ["Drones for harbour 2"] and not told.bozo
    assert "Drones for harbour 2" in seen(house.ask(f"/subscriptions/{one.id}"))


def test_a_query_that_cannot_be_read_is_pointed_at(house: WebHouse) -> None:
    answer = house.ask("/subscriptions/new?q=" + quote('drones AND "harbour'))
    assert answer.status == 400 and "unclosed quote" in beside(answer, "query")
    pointed = html.fromstring(answer.body.decode()).xpath("string(//pre)")
    assert pointed.splitlines() == ['drones AND "harbour', " " * 11 + "▲", "column 12"]
    assert fields(answer)["query"] == 'drones AND "harbour'
    assert "Save and subscribe" not in seen(answer)


@pytest.mark.parametrize(
    ("values", "name", "words"),
    [
        ({"name": ""}, "", ""),  # is proposed anew
        ({"name": "x" * 201}, "name", "200 characters at most"),
        ({"name": "taken"}, "name", "there is a subscription called 'taken' already"),
        ({"query": ""}, "query", "say what to look for"),
        ({"query": "nowhere:x"}, "query", "nowhere"),
        ({"budget": "lots"}, "budget", "a number from 0.01"),
        ({"budget": "-1"}, "budget", "a number from 0.01"),
        ({"days": "0"}, "days", "a number from 1 to 366"),
        ({"days": "nan"}, "days", "a number from 1 to 366"),
        ({"note": "x" * 10_001}, "note", "10,000 characters at most"),
        ({"must": "\n".join(f"https://a.example/{n}" for n in range(201))}, "must", "200 samples are the most"),
        ({"webhook": "ftp://x.example"}, "webhook", "no web address"),
        ({"webhook": "http://10.0.0.1/in"}, "webhook", "private address"),
        ({"notify": "hello"}, "notify", "Apprise URL"),
        ({"digest": "mailtos://u:p@x.example", "timezone": "Mars/North"}, "digest", "no time zone"),
        ({"digest": "mailtos://u:p@x.example", "hour": "25"}, "digest", "the hour is a number from 0 to 23"),
        ({"digest": "mailtos://u:p@x.example", "every": "year"}, "digest", "every hour, day or week"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(house: WebHouse, values: dict[str, str], name: str, words: str) -> None:
    house.subscribe(name="taken")
    answer = subscribed(house, **values)
    if not name:
        assert answer.status == 303
        return
    assert answer.status == 400
    assert words in beside(answer, name)
    assert [one.name for one in house.records.subscriptions()] == ["taken"], "nothing was saved"
    assert house.records.outputs() == []
    kept, odd = fields(answer), {"days", "every", "hour"}
    left = {key: value for key, value in values.items() if key not in odd}
    assert {key: kept[key] for key in left} == left, "what was filled in is still there"


def test_a_mode_that_there_is_not_is_refused(house: WebHouse) -> None:
    answer = subscribed(house, mode="never")
    assert answer.status == 400 and "choose one of these" in seen(answer)


def test_nothing_is_saved_that_was_not_tried(house: WebHouse) -> None:
    house.file(story(1))
    first = subscribed(house, query="harbour")
    assert first.status == 200 and "Query or mode is not the one that was tried" in seen(first)
    assert house.records.subscriptions() == []
    assert house.send("/subscriptions/new", **fields(first), do="save").status == 303
    assert one_of(house).query == "harbour"


def test_it_is_saved_without_a_trial_when_the_index_does_not_answer(
    house: WebHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*given: object, **named: object) -> None:
        raise Away("Elasticsearch does not answer")

    for name in ("search", "walk"):
        monkeypatch.setattr(type(house.index), name, away)
    tried = house.ask("/subscriptions/new?q=drones")
    assert tried.status == 200 and "It cannot be tried now: Elasticsearch does not answer" in seen(tried)
    assert house.send("/subscriptions/new", **fields(tried), do="save").status == 303


def test_trying_leads_to_an_address_that_tries_the_same(house: WebHouse) -> None:
    house.file(story(1))
    given = {"query": "drones OR ferries", "mode": "every", "name": "mine", "days": "7", "must": "Drones\nat sea"}
    answer = house.send("/subscriptions/new", **given, do="try")
    assert answer.status == 303 and answer.headers["location"].startswith("/subscriptions/new?")
    kept = fields(house.ask(answer.headers["location"].partition("#")[0]))
    assert {key: kept[key] for key in given} == given
    secret = house.send("/subscriptions/new", **given, webhook=HOOK, do="try")
    assert secret.status == 200 and fields(secret)["webhook"] == HOOK, "a secret is never in an address"


def test_a_feed_is_made_unless_it_is_unticked(house: WebHouse) -> None:
    first = house.ask("/subscriptions/new?q=drones")
    assert fields(first)["feed"] == "yes"
    given = {name: value for name, value in fields(first).items() if name != "feed"}
    again = house.send("/subscriptions/new", **given, do="try")
    again = house.ask(again.headers["location"].partition("#")[0])
    assert "feed" not in fields(again), "who unticked it need not do so again"
    assert house.send("/subscriptions/new", **fields(again), do="save").status == 303
    assert house.records.outputs() == []


def test_a_trial_warns_of_nothing_and_of_too_much(house: WebHouse) -> None:
    for number in range(3):
        house.file(story(number))
    nothing = seen(house.ask("/subscriptions/new?q=drones+AND+zeppelins"))
    assert "It would not have fired in 30 days" in nothing
    assert "zeppelins is in no article of these days" in nothing
    assert "without zeppelins it would match 3 articles" in nothing
    much = seen(house.ask("/subscriptions/new?q=drones&budget=1"))
    assert "3.0 alerts a day on average are more than 1" in much


def test_samples_are_tried_and_kept(house: WebHouse) -> None:
    house.file(story(1))
    address = story(1).url
    must, must_not = f"{address}\n---\nDrones at sea\n\nTwenty of them.", "Toy drones\n\nFor children."
    tried = house.send("/subscriptions/new", query="drones -toy", must=must, must_not=must_not, do="try")
    page = house.ask(tried.headers["location"].partition("#")[0])
    assert seen(page).count("as wanted must match") == 2 and "as wanted must not match: “Toy drones" in seen(page)
    house.send("/subscriptions/new", **fields(page), do="save")
    one = one_of(house)
    assert one.must == (address, "Drones at sea\n\nTwenty of them.") and one.must_not == (
        "Toy drones\n\nFor children.",
    )
    edited = house.send(
        f"/subscriptions/{one.id}/edit", **fields(house.ask(f"/subscriptions/{one.id}/edit")), do="save"
    )
    assert edited.status == 303 and one_of(house) == one, "saved as it stands it is the same"
    house.records.subscribe(Subscription(**{**_values(one), "query": "toy"}), house.clock())
    assert "fails must match: “Drones at sea" in seen(house.ask(f"/subscriptions/{one.id}"))


def _values(one: Subscription) -> dict[str, object]:
    return {name: getattr(one, name) for name in Subscription.__dataclass_fields__}


@pytest.mark.parametrize(
    ("origin", "text", "query"),
    [
        ("google", "drones -toy site:harbour.example", "drones AND -toy AND site:harbour.example"),
        ("freshrss", "intitle:drones", "title:drones"),
        ("miniflux", "EntryTitle=(?i)drones", ""),
    ],
)
def test_a_query_of_another_system_fills_the_form(house: WebHouse, origin: str, text: str, query: str) -> None:
    answer = house.ask("/subscriptions/new?" + urlencode({"from": origin, "text": text}))
    assert answer.status == 200
    kept = fields(answer)
    assert "drones" in kept["query"] and (not query or set(query.split()) >= set(kept["query"].split()))
    assert kept["name"] and "Save and subscribe" in seen(answer)


def test_a_query_of_another_system_that_cannot_be_carried_over_is_refused(house: WebHouse) -> None:
    answer = house.ask("/subscriptions/new?" + urlencode({"from": "google", "text": '"drones'}))
    assert answer.status == 400 and "column 1" in beside(answer, "text")
    answer = house.ask("/subscriptions/new?" + urlencode({"from": "nobody", "text": "drones"}))
    assert answer.status == 400 and beside(answer, "text")


def test_it_is_changed_paused_and_removed(house: WebHouse) -> None:
    one = house.subscribe(name="harbour")
    base = f"/subscriptions/{one.id}"
    form = fields(house.ask(f"{base}/edit"))
    noted = house.send(f"{base}/edit", **{**form, "note": "For Ann.", "name": "The harbour"}, do="save")
    assert noted.status == 303 and (one_of(house).note, one_of(house).name) == ("For Ann.", "The harbour")
    other = house.send(f"{base}/edit", **{**form, "query": "ferries"}, do="save")
    assert other.status == 200 and one_of(house).query == "drones", "a new query is tried first"
    assert house.send(f"{base}/edit", **fields(other), do="save").status == 303
    assert one_of(house).query == "ferries"
    assert house.send(f"{base}/pause").headers["location"] == f"{base}?said=paused"
    assert "paused" in seen(house.ask(base)) and not one_of(house).active
    assert house.send(f"{base}/resume").status == 303 and one_of(house).active
    assert "Nothing brings that back" in seen(house.ask(f"{base}/remove"))
    assert house.send(f"{base}/remove").headers["location"] == "/subscriptions?said=removed"
    assert house.records.subscriptions() == [] and house.ask(base).status == 404


def test_one_that_others_use_is_not_removed(house: WebHouse) -> None:
    one = house.subscribe(name="harbour")
    user = house.records.subscribe(Subscription("a / user", 'search:"harbour" ferries'), house.clock())
    answer = house.send(f"/subscriptions/{one.id}/remove")
    assert answer.status == 409 and "the query of 'a / user' uses it" in seen(answer)
    page = house.ask(f"/subscriptions/{one.id}")
    assert "Used by a / user" in seen(page) and f'href="/subscriptions/{user.id}"' in page.body.decode()
