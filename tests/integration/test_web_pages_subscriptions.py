"""The subscriptions there are, as pages show them without scripts: list, outputs, deliveries, feeds, and to whom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest
from lxml import etree, html

from crawlers.opml import read_opml
from pipeline.errors import Unreachable
from pipeline.people import Role
from pipeline.watch import DeliveryState, Output, OutputKind, Settled, Subscription
from tests.integration.people_kit import account, signed_in
from tests.integration.watch_pages import HOOK, beside, guard, one_of, seen, subscribed
from tests.integration.web_house import WebHouse, story, web_house


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
    with web_house(tmp_path, parts={"send_test": sending, "check_output": guard}) as made:
        yield made


def output(house: WebHouse, kind: OutputKind) -> Output:
    """The only one of that kind."""
    [found] = [one for one in house.records.outputs() if one.kind is kind]
    return found


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
