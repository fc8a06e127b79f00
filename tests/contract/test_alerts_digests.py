"""Digests, over both back ends: exactly what waits, by story, at their hour, and once under each name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.ids import story_id
from pipeline.watch import DeliveryState, Every, Output, OutputKind
from records.base import Records
from tests.contract.alerts_kit import Clock, file, put, run_until, sender, states, subscribed, the
from tests.contract.records_kit import entry
from tests.services.receiver import Mailbox, Receiver, mailbox, receiver

PENDING = DeliveryState.PENDING
HOUR = timedelta(hours=1)


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as one:
        yield one


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as one:
        yield one


def mail(box: Mailbox) -> str:
    return f"mailto://127.0.0.1:{box.port}?from=watch@desk.example&to=ann@desk.example"


def digest(records: Records, target: str, clock: Clock, **more: Any) -> Output:
    """A daily digest whose next moment is set already."""
    made = put(records, subscribed(records, "drones <b>&"), target, OutputKind.DIGEST, **more)
    run_until(sender(records, clock), lambda: the(records, made).due)
    return the(records, made)


def sent(records: Records, output: Output, clock: Clock) -> Output:
    """After its moment has come and all is sent."""
    due = the(records, output).due
    assert due
    clock.ahead = due - datetime.now(UTC) + timedelta(seconds=1)
    run_until(sender(records, clock), lambda: the(records, output).due != due)
    return the(records, output)


def test_a_mail_tells_by_story_in_html_and_text(records: Records, box: Mailbox) -> None:
    clock = Clock()
    output = digest(records, mail(box), clock)
    story = story_id(entry("alba", "a").id)
    file(records, "a", "b", story=story, text="A paragraph <script>about</script> drones.")
    file(records, "c")
    after = sent(records, output, clock)
    [told] = box.mails
    assert told["subject"] == "drones <b>&: 2 stories" and told["to"] == "ann@desk.example"
    plain, html = (told.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None and html is not None
    text = html.get_content()
    assert text.count("<li ") == 2 and "2 copies" in text and "<h1" in text
    assert "drones &lt;b&gt;&amp;" in text and "<script>" not in text
    assert 'href="https://alba.example/a"' in text and "https://alba.example/b" not in text
    assert "2 stories since the last digest" in plain.get_content()
    assert states(records, output) == ["sent"] * 3
    assert after.due and output.due and after.due - output.due == timedelta(days=1)


def test_a_service_of_plain_text_gets_plain_text(records: Records, hook: Receiver) -> None:
    clock = Clock()
    output = digest(records, f"json://127.0.0.1:{hook.port}/digest", clock)
    file(records, "a")
    sent(records, output, clock)
    [post] = hook.posts
    told = post.json()
    assert told["title"] == "drones <b>&: 1 story"
    assert "1. Headline of a" in told["message"] and "https://alba.example/a" in told["message"]
    assert "<li" not in told["message"] and "dgt_" in told["message"]


def test_nothing_is_sent_when_nothing_waits(records: Records, hook: Receiver) -> None:
    clock = Clock()
    output = digest(records, f"json://127.0.0.1:{hook.port}/digest", clock, every=Every.HOUR)
    after = sent(records, output, clock)
    assert hook.posts == [] and after.due and output.due and after.due == output.due + HOUR


def test_what_comes_after_its_moment_waits_for_the_next(records: Records, hook: Receiver) -> None:
    clock = Clock()
    output = digest(records, f"json://127.0.0.1:{hook.port}/digest", clock)
    file(records, "a")
    early = datetime.now(UTC)
    records.set_due(output.id, early)
    file(records, "b")
    run_until(sender(records, clock), lambda: the(records, output).due != early)
    assert states(records, output) == ["sent", "pending"]
    assert "Headline of b" not in hook.posts[0].json()["message"]


def name_of(message: str) -> str:
    return message.partition("dgt_")[2][:24]


def test_one_that_was_not_taken_comes_again_and_others_are_not_held_up(records: Records, hook: Receiver) -> None:
    clock = Clock()
    output = digest(records, f"json://127.0.0.1:{hook.port}/digest", clock)
    webhook = put(records, records.subscriptions()[0], hook.url)
    hook.answer = lambda post: (500, {}) if post.path == "/digest" else (204, {})
    file(records, "a")
    after = sent(records, output, clock)
    assert after.tries == 1 and after.failing_since and states(records, output) == ["pending"]
    run_until(sender(records, clock), lambda: states(records, webhook) == ["sent"])
    hook.answer = lambda post: (204, {})
    clock.ahead += timedelta(minutes=5)
    run_until(sender(records, clock), lambda: not records.deliveries(state=PENDING))
    first, again = (post.json()["message"] for post in hook.posts if post.path == "/digest")
    assert name_of(first) == name_of(again) and first == again
    assert the(records, output).failing_since is None


def test_one_sent_twice_has_one_name(records: Records, hook: Receiver) -> None:
    """As when the process dies between sending and settling: what is pending stays, and so does its moment."""
    clock = Clock()
    output = digest(records, f"json://127.0.0.1:{hook.port}/digest", clock)
    file(records, "a", "b")
    due = datetime.now(UTC)
    records.set_due(output.id, due)
    for turn in range(2):
        records.redeliver(output.id, due, since=due - HOUR)
        records.set_due(output.id, due)
        file(records, f"later-{turn}")
        run_until(sender(records, clock), lambda: the(records, output).due != due)
    first, again = (name_of(post.json()["message"]) for post in hook.posts)
    assert first == again and len(first) == 24


def test_a_digest_nobody_takes_is_dead_after_three_days(records: Records, hook: Receiver) -> None:
    clock = Clock()
    output = digest(records, f"json://127.0.0.1:{hook.port}/digest", clock)
    hook.answer = lambda post: (500, {})
    file(records, "a")
    sent(records, output, clock)
    clock.ahead += timedelta(days=3)
    run_until(sender(records, clock), lambda: states(records, output) == ["dead"])
    after = the(records, output)
    assert after.due and after.due > clock() and after.due.hour == 7
    assert records.outgoing().dead == 1 and records.outgoing().failing == 1
