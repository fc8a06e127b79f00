"""The pages of subscriptions as they are served, without scripts: each form, each error, and what stands where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import quote, urlencode

import feedparser
import pytest
from lxml import etree, html

from crawlers.opml import read_opml
from pipeline.errors import Away, BadInput, Unreachable
from pipeline.people import Role
from pipeline.watch import DeliveryState, Mode, Output, OutputKind, Settled, Subscription
from tests.integration.people_kit import account, signed_in
from tests.integration.web_house import Answer, WebHouse, story, web_house

HOOK = "https://hooks.example.com/in"


@dataclass
class Sending:
    """Stands for what sends test messages."""

    sent: list[tuple[str, str]] = field(default_factory=list)  # target, subscription
    fails: bool = False

    def __call__(self, one: Output, name: str) -> None:
        if self.fails:
            raise Unreachable("connection refused")
        self.sent.append((one.target, name))


@pytest.fixture
def sending() -> Sending:
    return Sending()


@pytest.fixture
def house(tmp_path: Path, sending: Sending) -> Iterator[WebHouse]:
    """The application with what sends test messages, and a guard that knows one bad host."""

    def guard(one: Output) -> None:
        if "10.0.0.1" in one.target:
            raise BadInput("nothing is posted there: 10.0.0.1 is a private address")

    with web_house(tmp_path, parts={"send_test": sending, "check_output": guard}) as made:
        yield made


def seen(answer: Answer) -> str:
    """The words of a page, in one line."""
    whole = html.fromstring(answer.body.decode())
    return " ".join(" ".join(whole.itertext()).split())


def fields(answer: Answer) -> dict[str, str]:
    """What the first form of the page that is sent by POST holds, as a browser would send it."""
    form = next(one for one in html.fromstring(answer.body.decode()).forms if one.method == "POST")
    return {name: str(value).removeprefix("\n") for name, value in form.form_values()}  # as HTML has it of a textarea


def beside(answer: Answer, name: str) -> str:
    """What stands as an error beside a field, which must say so itself."""
    whole = html.fromstring(answer.body.decode())
    [input] = whole.xpath(f"//*[@name='{name}' and @aria-invalid='true'][1]")
    [words] = [whole.get_element_by_id(id) for id in input.get("aria-describedby").split() if id.endswith("-wrong")]
    return str(words.text_content())


def subscribed(house: WebHouse, **values: str) -> Answer:
    """A new subscription by the form: tried, then saved with what the page proposes."""
    tried = house.ask("/subscriptions/new?" + urlencode({"q": values.pop("q", "drones")}))
    assert tried.status == 200, tried.body
    return house.send("/subscriptions/new", **{**fields(tried), **values, "do": "save"})


def one_of(house: WebHouse) -> Subscription:
    [one] = house.records.subscriptions()
    return one


def output(house: WebHouse, kind: OutputKind) -> Output:
    """The only one of that kind."""
    [found] = [one for one in house.records.outputs() if one.kind is kind]
    return found


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


def test_the_list_tells_how_each_does(house: WebHouse) -> None:
    assert "No subscriptions yet" in seen(house.ask("/subscriptions"))
    one = house.subscribe(name="harbour")
    paused = house.records.subscribe(Subscription("quiet one", "ferries", active=False), house.clock())
    broken = house.records.subscribe(Subscription("broken", 'search:"gone"'), house.clock())
    hook = house.records.put_output(Output(one.id, OutputKind.WEBHOOK, HOOK, "whsec_x"), house.clock())
    house.file(story(1))
    [alert] = house.records.alerts(one.id)
    house.records.settle([Settled(hook.id, alert.seq, DeliveryState.DEAD, "it answered 410")], house.clock())
    house.clock.pass_(days=10)
    house.file(story(2))
    listed = house.ask("/subscriptions")
    rows = {
        row.xpath("string(th/a)"): " ".join(row.text_content().split())
        for row in html.fromstring(listed.body.decode()).xpath("//tbody/tr")
    }
    assert list(rows) == ["broken", "harbour", "quiet one"]
    assert "every copy 1 2 11 Mar 2026, 08:00 UTC" in rows["harbour"], "alerts of 7 and of 30 days, and the last"
    assert "failing since 1 Mar 2026, 08:00 UTC: it answered 410 1 given up" in rows["harbour"]
    assert "paused" in rows["quiet one"] and "none yet" in rows["quiet one"] and "nowhere yet" in rows["quiet one"]
    assert "matches nothing" in rows["broken"] and "gone" in rows["broken"]
    assert {paused.id, broken.id, one.id} == set(re.findall(r'href="/subscriptions/(w\w+)"', listed.body.decode()))
    found = seen(house.ask("/subscriptions?find=FERR"))
    assert "quiet one" in found and "harbour" not in found


def test_a_long_list_comes_in_pages(house: WebHouse) -> None:
    for number in range(101):
        house.records.subscribe(Subscription(f"of {number:03}", "drones"), house.clock())
    first, second = house.ask("/subscriptions"), house.ask("/subscriptions?find=of&page=2")
    assert "page 1 of 2" in seen(first) and "of 099" in seen(first) and "of 100" not in seen(first)
    assert "of 100" in seen(second) and "of 099" not in seen(second)


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


def test_outputs_are_added_shown_and_revoked(house: WebHouse) -> None:
    one = house.subscribe()
    base = f"/subscriptions/{one.id}"
    assert "Nowhere yet" in seen(house.ask(base))
    assert house.send(f"{base}/outputs", kind="link").status == 303
    page = house.ask(base)
    shown = re.findall(r'value="(http://[^"]+/s/[^"]+)"', page.body.decode())
    kinds = [re.sub(r".*/s/[^./]+", "", address) for address in shown]
    assert kinds == [".rss", ".atom", ".json", "/stream", "/alerts"]
    assert "These addresses work on this machine only" in seen(page)
    given = {"every": "week", "weekday": "2", "hour": "6", "timezone": "Europe/Oslo"}
    assert house.send(f"{base}/outputs", kind="digest", target="mailtos://u:p@mail.example", **given).status == 303
    words = seen(house.ask(base))
    assert "A digest every week on Wednesday at 06:00 Europe/Oslo to mailtos://…" in words and "u:p" not in words
    link, digest = output(house, OutputKind.LINK), output(house, OutputKind.DIGEST)
    assert house.send(f"{base}/outputs/{link.id}/revoke").status == 303
    assert house.ask(f"/s/{link.secret}.rss").status == 410
    assert "1 revoked output" in seen(house.ask(base))
    assert house.send(f"{base}/outputs/o0/revoke").status == 404
    for kind, target, words in (
        ("webhook", "http://10.0.0.1/x", "private address"),
        ("notify", "x", "Apprise URL"),
        ("digest", "mailtos://x", "every hour, day or week"),
    ):
        answer = house.send(f"{base}/outputs", kind=kind, target=target)
        assert answer.status == 400 and words in beside(answer, "target")
    assert house.send(f"{base}/outputs", kind="pigeon").status == 400
    assert output(house, OutputKind.DIGEST) == digest and len(house.records.outputs()) == 2


def test_a_webhooks_key_is_shown_once_changed_and_finished(house: WebHouse) -> None:
    made = subscribed(house, webhook=HOOK)
    hook = output(house, OutputKind.WEBHOOK)
    base = f"/subscriptions/{one_of(house).id}"
    assert made.status == 200 and hook.secret in made.body.decode() and made.headers["cache-control"] == "no-store"
    assert hook.secret not in house.ask(base).body.decode()
    rotated = house.send(f"{base}/outputs/{hook.id}/rotate")
    [new, old] = output(house, OutputKind.WEBHOOK).secret.split()
    assert old == hook.secret and new in rotated.body.decode() and old not in rotated.body.decode()
    assert "Drop the old key" in seen(house.ask(base))
    assert house.send(f"{base}/outputs/{hook.id}/rotate", finish="yes").status == 303
    assert output(house, OutputKind.WEBHOOK).secret == new
    assert house.send(f"{base}/outputs/{output(house, OutputKind.LINK).id}/rotate").status == 400, "a feed has no key"


def test_a_test_message_is_sent_or_said_not_to_be_taken(house: WebHouse, sending: Sending) -> None:
    subscribed(house, webhook=HOOK)
    link, hook = output(house, OutputKind.LINK), output(house, OutputKind.WEBHOOK)
    base = f"/subscriptions/{one_of(house).id}"
    assert house.send(f"{base}/outputs/{hook.id}/test").headers["location"] == f"{base}?said=tested"
    assert sending.sent == [(HOOK, "drones")]
    sending.fails = True
    answer = house.send(f"{base}/outputs/{hook.id}/test")
    assert answer.status == 502
    assert "https://hooks.example.com/… did not take the test message: connection refused" in seen(answer)
    assert house.send(f"{base}/outputs/{link.id}/test").status == 400


def test_deliveries_are_told_and_sent_again(house: WebHouse) -> None:
    one = house.subscribe()
    hook = house.records.put_output(Output(one.id, OutputKind.WEBHOOK, HOOK, "whsec_x"), house.clock())
    for number in range(3):
        house.file(story(number))
    alerts = house.records.alerts(one.id)
    states = [DeliveryState.SENT, DeliveryState.DEAD, DeliveryState.DEAD]
    tries = [
        Settled(hook.id, alert.seq, state, "" if state is DeliveryState.SENT else "it answered 410")
        for alert, state in zip(alerts, states, strict=True)
    ]
    house.records.settle(tries, house.clock())
    base = f"/subscriptions/{one.id}"
    words = seen(house.ask(base))
    assert "Deliveries: 2 given up" in words and "given up after 1 try Drones for harbour 2" in words
    assert "it answered 410" in words and "sent Drones for harbour 0" in words
    replay = f"{base}/outputs/{hook.id}/replay"

    def pending() -> list[int]:
        return sorted(one.alert.seq for one in house.records.deliveries(hook.id, state=DeliveryState.PENDING))

    assert "tick the ones" in seen(house.send(replay, which="chosen"))
    assert "neither a date or time nor a duration" in seen(house.send(replay, which="since", since="once"))
    done = house.send(replay, which="chosen", seq=[str(alerts[1].seq), "x"])
    assert "1 alert will be sent again" in seen(house.ask(done.headers["location"])) and pending() == [alerts[1].seq]
    house.send(replay, which="dead")
    assert pending() == [alerts[1].seq, alerts[2].seq]
    house.send(replay, which="since", since="P1D")
    assert pending() == [alert.seq for alert in alerts]
    nothing = house.send(replay, which="dead")
    assert "There was nothing to send again." in seen(house.ask(nothing.headers["location"]))


@pytest.mark.parametrize("path", ["/subscriptions.opml", "/api/v1/opml"])
def test_all_feeds_in_one_file(house: WebHouse, path: str) -> None:
    one, other = house.subscribe(name="A & b <c>"), house.subscribe(name="none")
    link = house.link(one)
    house.records.put_output(Output(other.id, OutputKind.WEBHOOK, HOOK, "whsec_x"), house.clock())
    gone = house.records.put_output(Output(other.id, OutputKind.LINK, secret="gone"), house.clock())
    house.records.revoke_output(gone.id, house.clock())
    answer = house.ask(path)
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["content-type"] == "text/x-opml; charset=utf-8"
    assert [(feed.title, feed.xml_url) for feed in read_opml(answer.body)] == [("A & b <c>", f"{house.url}{link}.rss")]
    assert etree.fromstring(answer.body).get("version") == "2.0"


def test_what_people_wrote_is_text(house: WebHouse) -> None:
    bad = "\"'><script>alert(1)</script>"
    house.file(story(1), title=f"{bad} drones")
    one = house.records.subscribe(
        Subscription(f"n {bad}", "drones", note=bad, must=(f"{bad} drones",)), house.clock()
    )  # fmt: skip
    house.file(story(2), title=f"{bad} drones")
    for path in ("/subscriptions", f"/subscriptions/{one.id}", f"/subscriptions/{one.id}/edit",
                 f"/subscriptions/{one.id}/remove", f"/subscriptions/new?q=drones&name={quote(bad)}"):  # fmt: skip
        body = house.ask(path).body.decode()
        assert "alert(1)" in body and "<script>alert" not in body, path


def test_nothing_is_shown_to_who_may_not(tmp_path: Path) -> None:
    with web_house(tmp_path, "correct-horse-battery-staple") as house:
        one = house.subscribe()
        link = house.link(one)
        for path in ("/subscriptions", f"/subscriptions/{one.id}", "/subscriptions/new", "/subscriptions.opml"):
            answer = house.ask(path)
            assert answer.status != 200 and link not in answer.body.decode(), path
        assert house.ask(f"{link}.rss").status == 200, "a feed's address is its key"


def test_a_reader_sees_it_and_may_change_nothing(house: WebHouse) -> None:
    one = house.subscribe()
    house.link(one)
    for name, role in (("ada", Role.ADMIN), ("rea", Role.READER)):
        account(house, name, role)
    reader = signed_in(house, "rea")
    for path in ("/subscriptions", f"/subscriptions/{one.id}"):
        page = html.fromstring(reader.ask(path).body.decode())
        assert one.name in page.text_content()
        forms = [form.action for form in page.forms if "/subscriptions" in (form.action or "")]
        assert forms == [] and not page.xpath("//a[contains(@href, '/edit') or contains(@href, '/new')]"), path
    for path in (f"/subscriptions/{one.id}/pause", "/subscriptions/new", f"/subscriptions/{one.id}/outputs"):
        assert reader.ask(path, {"do": "save"}).status == 403, path
    assert reader.ask("/subscriptions/new").status == 403
    assert reader.ask("/subscriptions.opml").status == 200
