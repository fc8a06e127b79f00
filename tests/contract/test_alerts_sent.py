"""The guarantee on the sending side, over both back ends: each alert arrives at least once, in order, under its id."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from pipeline.telling import Telling
from pipeline.watch import Alert, DeliveryState, Output, OutputKind
from records import telling as rendering
from records.base import Records
from tests.contract.alerts_kit import Clock, file, put, run_until, sender, states, subscribed, the
from tests.services.receiver import ACCEPTED, Answer, Receiver, receiver
from workers.alerts.webhooks import body_of

PENDING, DEAD = DeliveryState.PENDING, DeliveryState.DEAD


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as one:
        yield one


def nothing_pending(records: Records) -> bool:
    return not records.deliveries(state=PENDING)


def test_an_alert_is_posted_as_standard_webhooks_says(records: Records, hook: Receiver) -> None:
    of = subscribed(records)
    output = put(records, of, hook.url)
    file(records, "a")
    run_until(sender(records), lambda: nothing_pending(records))
    [post], [alert] = hook.posts, records.alerts(of.id)
    told = Webhook(output.secret).verify(post.body, post.headers)
    assert post.id == alert.id == told["data"]["id"]
    assert (told["type"], told["data"]["article"]["url"]) == ("alert.copy", "https://alba.example/a")
    assert datetime.fromisoformat(told["timestamp"]) == alert.made
    assert post.headers["content-type"] == "application/json"
    assert states(records, output) == ["sent"]


def test_alerts_come_in_order_to_each_of_many_outputs(records: Records, hook: Receiver) -> None:
    of = subscribed(records)
    paths = [f"/{number}" for number in range(6)]
    for path in paths:
        put(records, of, hook.url.replace("/hook", path))
    for batch in range(3):
        file(records, *(f"{batch}-{number}" for number in range(25)))
    run_until(sender(records), lambda: nothing_pending(records))
    order = [one.id for one in sorted(records.alerts(of.id), key=lambda one: (one.first_seen, one.seq))]
    assert len(order) == 75
    for path in paths:
        assert hook.ids(path) == order


def test_a_receiver_that_is_down_loses_nothing_and_disturbs_no_other(records: Records, hook: Receiver) -> None:
    of, clock = subscribed(records), Clock()
    down, well = put(records, of, hook.url), put(records, of, hook.url.replace("/hook", "/well"))
    hook.answer = lambda post: ACCEPTED if post.path == "/well" else (503, {})
    file(records, "a", "b", "c")
    run_until(sender(records, clock), lambda: states(records, well) == ["sent"] * 3 and the(records, down).tries)
    assert len(hook.ids()) == 1  # the head alone is tried
    failing = the(records, down)
    assert failing.failing_since and failing.error == "the receiver has a fault (status 503)"
    for _ in range(4):  # an hour passes
        clock.ahead += timedelta(minutes=15)
        before = the(records, down).tries
        run_until(sender(records, clock), lambda before=before: the(records, down).tries > before)
    assert len(hook.ids()) == 5 and len(set(hook.ids())) == 1
    hook.answer = lambda post: ACCEPTED
    clock.ahead += timedelta(hours=1)
    run_until(sender(records, clock), lambda: nothing_pending(records))
    assert list(dict.fromkeys(hook.ids())) == hook.ids("/well") == [one.id for one in records.alerts(of.id)]
    assert (the(records, down).tries, the(records, down).failing_since) == (0, None)


def test_a_receiver_that_hangs_holds_up_no_other(records: Records, hook: Receiver) -> None:
    of = subscribed(records)
    hook.hold = threading.Event()
    slow = put(records, of, hook.url)
    with receiver() as other:
        well = put(records, of, other.url)
        file(records, "a", "b", "c")
        run_until(
            sender(records, timeout=1.0), lambda: states(records, well) == ["sent"] * 3 and the(records, slow).tries
        )
    assert the(records, slow).error == "no answer within 1 s"
    assert len(hook.posts) == 1


def test_a_rejected_alert_is_dead_within_minutes_and_the_next_goes(records: Records, hook: Receiver) -> None:
    of, clock = subscribed(records), Clock()
    output = put(records, of, hook.url)
    file(records, "a", "b")
    first, second = (one.id for one in records.alerts(of.id))
    hook.answer = lambda post: (404, {}) if post.id == first else ACCEPTED
    for tries in range(1, 5):
        run_until(sender(records, clock), lambda tries=tries: len(hook.posts) >= tries)
        clock.ahead += timedelta(minutes=4)
    run_until(sender(records, clock), lambda: nothing_pending(records))
    assert hook.ids() == [first] * 4 + [second]
    assert states(records, output) == ["dead", "sent"]
    [dead] = records.deliveries(output.id, state=DEAD)
    assert dead.error == "rejected: not accepted (status 404)"
    hook.answer = lambda post: ACCEPTED
    assert records.redeliver(output.id, clock()) == 1
    run_until(sender(records, clock), lambda: nothing_pending(records))
    assert hook.ids()[-1] == first and states(records, output) == ["sent", "sent"]


def test_three_days_of_faults_make_a_dead_letter(records: Records, hook: Receiver) -> None:
    of, clock = subscribed(records), Clock()
    output = put(records, of, hook.url)
    hook.answer = lambda post: (500, {})
    file(records, "a")
    run_until(sender(records, clock), lambda: the(records, output).tries)
    clock.ahead = timedelta(days=2, hours=23)
    run_until(sender(records, clock), lambda: the(records, output).tries == 2)
    clock.ahead = timedelta(days=3, hours=1)
    run_until(sender(records, clock), lambda: states(records, output) == ["dead"])
    assert len(hook.posts) == 3


def test_gone_revokes_the_output(records: Records, hook: Receiver) -> None:
    of = subscribed(records)
    output, other = put(records, of, hook.url), put(records, of, hook.url.replace("/hook", "/other"))
    hook.answer = lambda post: (410, {}) if post.path == "/hook" else ACCEPTED
    file(records, "a", "b")
    run_until(sender(records), lambda: the(records, output).revoked and states(records, other) == ["sent"] * 2)
    assert len(hook.ids()) == 1
    assert states(records, output) == ["dead"] and the(records, output).error


def test_a_run_that_ends_by_itself_waits_for_what_is_tried_again_soon(records: Records, hook: Receiver) -> None:
    of = subscribed(records)
    output = put(records, of, hook.url)
    file(records, "a", "b")
    hook.answer = lambda post: ACCEPTED if len(hook.posts) > 1 else (500, {})
    one = sender(records)

    async def main() -> None:
        running = asyncio.create_task(one.run(1.0))
        await one.finish(5.0, drain=True)
        running.cancel()
        await asyncio.wait([running])

    asyncio.run(main())
    assert states(records, output) == ["sent", "sent"] and len(hook.posts) == 3


def test_a_pause_asked_for_is_kept(records: Records, hook: Receiver) -> None:
    of, clock = subscribed(records), Clock()
    output = put(records, of, hook.url)
    hook.answer = lambda post: (429, {"Retry-After": "600"})
    file(records, "a")
    run_until(sender(records, clock), lambda: the(records, output).tries)
    due = the(records, output).due
    assert due and timedelta(minutes=9) < due - datetime.now(UTC) <= timedelta(minutes=10)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(records: Records, hook: Receiver, status: int) -> None:
    of = subscribed(records)
    output = put(records, of, hook.url)
    hook.answer = lambda post: (status, {"Location": hook.url.replace("/hook", "/elsewhere")})
    file(records, "a")
    run_until(sender(records), lambda: the(records, output).tries)
    assert "redirects" in the(records, output).error and hook.ids("/elsewhere") == []


@pytest.mark.parametrize("target", ["{hook}", "http://localtest.invalid/", "http://169.254.169.254/latest"])
def test_private_addresses_are_refused(records: Records, hook: Receiver, target: str) -> None:
    of = subscribed(records)
    output = put(records, of, target.format(hook=hook.url))
    file(records, "a")
    run_until(sender(records, private=False), lambda: the(records, output).tries)
    assert hook.posts == []
    assert "public" in the(records, output).error or "no address" in the(records, output).error


def test_alerts_of_some_time_are_sent_again_under_their_ids(records: Records, hook: Receiver) -> None:
    of = subscribed(records)
    output = put(records, of, hook.url)
    file(records, "a")
    since = datetime.now(UTC)
    file(records, "b", "c")
    run_until(sender(records), lambda: nothing_pending(records))
    before = hook.ids()
    assert records.redeliver(output.id, since, since=since) == 2
    run_until(sender(records), lambda: nothing_pending(records))
    assert hook.ids() == before + before[1:]


def test_a_connection_that_was_closed_meanwhile_is_made_anew(records: Records) -> None:
    of = subscribed(records)
    with receiver() as first:
        output = put(records, of, first.url)
        one = sender(records)
        file(records, "a")
        run_until(one, lambda: nothing_pending(records))
    with receiver(first.port) as second:
        file(records, "b")
        run_until(sender(records), lambda: nothing_pending(records))
        assert len(second.posts) == 1
    assert states(records, output) == ["sent", "sent"]


def test_a_fault_of_ours_stops_one_delivery_and_not_the_rest(records: Records, hook: Receiver) -> None:
    of = subscribed(records)
    output = Output(of.id, OutputKind.WEBHOOK, "http://[broken/", "whsec_AAAA")
    broken, well = records.put_output(output, datetime.now(UTC)), put(records, of, hook.url)
    file(records, "a")
    run_until(sender(records), lambda: states(records, well) == ["sent"] and the(records, broken).tries)
    assert the(records, broken).error.startswith("rejected:")


def test_an_alert_that_cannot_be_told_holds_up_no_other_output(
    records: Records, hook: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours: rendering one of the alerts fails, whatever it is asked with."""
    of, clock = subscribed(records), Clock()
    output = put(records, of, hook.url)
    other = put(records, subscribed(records, "other", "harbour"), hook.url.replace("/hook", "/other"))
    file(records, "a", "b")
    file(records, "c", text="A harbour.")
    broken = records.alerts(of.id)[0].id

    def tell(records: Records, alerts: Sequence[Alert]) -> list[Telling]:
        if broken in [one.id for one in alerts]:
            raise KeyError(broken)
        return rendering.tell(records, alerts)

    monkeypatch.setattr("workers.alerts.sender.tell", tell)
    run_until(sender(records, clock), lambda: states(records, other) == ["sent"] and the(records, output).tries)
    for _ in range(3):
        clock.ahead += timedelta(minutes=4)
        before = the(records, output).tries
        run_until(sender(records, clock), lambda before=before: the(records, output).tries != before)  # type: ignore[misc]
    assert states(records, output) == ["dead", "sent"]


def test_a_message_that_takes_too_long_is_tried_again_and_holds_up_no_other(records: Records, hook: Receiver) -> None:
    of = subscribed(records)
    hook.hold = threading.Event()
    slow = put(records, of, f"json://127.0.0.1:{hook.port}/chat", OutputKind.NOTIFY)
    with receiver() as other:
        well = put(records, of, other.url)
        file(records, "a", "b")
        impatient = sender(records, timeout=1.0)
        run_until(impatient, lambda: states(records, well) == ["sent"] * 2 and the(records, slow).tries)
    assert the(records, slow).error == "not delivered within 1 s"


def test_a_long_detail_is_left_out_of_the_body(records: Records, hook: Receiver) -> None:
    of = subscribed(records)
    file(records, "a")
    [alert] = records.alerts(of.id)
    [telling] = rendering.tell(records, [replace(alert, detail={"sentences": ["A sentence of many words."] * 9000})])
    whole = body_of(replace(telling, alert=replace(alert, detail={"sentences": ["One."]})))
    cut = json.loads(body_of(telling))["data"]
    assert json.loads(whole)["data"]["detail"] == {"sentences": ["One."]}
    assert cut["detail"] == {"cut": True} and cut["article"]["title"] == telling.title


def test_apprise_gets_one_message_an_alert(records: Records, hook: Receiver) -> None:
    of = subscribed(records, "drones & co")
    output = put(records, of, f"json://127.0.0.1:{hook.port}/chat", OutputKind.NOTIFY)
    file(records, "a", "b")
    run_until(sender(records), lambda: nothing_pending(records))
    told = [post.json() for post in hook.posts]
    assert [one["title"] for one in told] == ["drones & co: one more copy"] * 2
    alerts = records.alerts(of.id)
    for one, alert in zip(told, alerts, strict=True):
        assert "Headline of" in one["message"] and "https://alba.example/" in one["message"]
        assert one["message"].endswith(alert.id)
    assert states(records, output) == ["sent", "sent"]


def test_apprise_follows_no_redirect(records: Records, hook: Receiver) -> None:
    of = subscribed(records)
    output = put(records, of, f"json://127.0.0.1:{hook.port}/chat", OutputKind.NOTIFY)
    hook.answer = lambda post: (307, {"Location": hook.url.replace("/hook", "/elsewhere")})
    file(records, "a")
    run_until(sender(records), lambda: the(records, output).tries)
    assert [post.path for post in hook.posts] == ["/chat"]


def test_a_chat_that_is_away_is_tried_again_and_its_address_kept_secret(
    records: Records, hook: Receiver, caplog: Any
) -> None:
    of, clock = subscribed(records), Clock()
    output = put(records, of, f"json://user:topsecret@127.0.0.1:{hook.port}/chat-secret", OutputKind.NOTIFY)
    answers: list[Answer] = [(500, {}), ACCEPTED]
    hook.answer = lambda post: answers.pop(0)
    file(records, "a")
    run_until(sender(records, clock), lambda: the(records, output).tries)
    error = the(records, output).error
    assert error and "secret" not in error + caplog.text
    clock.ahead = timedelta(minutes=5)
    run_until(sender(records, clock), lambda: nothing_pending(records))
    assert len(hook.posts) == 2
