"""What a failed try means: three days for what comes right by itself, minutes for what does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pipeline.errors import Blocked, Retry, ServerFault, StageFailed, Throttled
from pipeline.watch import Alert, DeliveryState, Output, OutputKind, Reason
from workers.alerts.retries import LONGEST, PATIENCE, REJECTED, after, pause

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OUTPUT = Output("w1", OutputKind.WEBHOOK, "https://desk.example/hook", id="o1")
ALERT = Alert(7, "evt_1", "w1", "s1", "a1", "v1", Reason.STORY, NOW, NOW)
DOWN = ServerFault("the receiver has a fault (status 503)")


def test_the_pause_doubles_and_has_jitter_and_an_end() -> None:
    seconds = [pause(tries, lambda: 0.5).total_seconds() for tries in range(1, 5)]
    assert seconds == [5, 10, 20, 40]
    assert pause(1, lambda: 0.0).total_seconds() == 3.75
    assert pause(10_000, lambda: 1.0) == LONGEST * 1.25


def test_a_receiver_that_is_down_has_three_days() -> None:
    """Played through: every try fails, the clock goes to the next one."""
    output, now, tries = OUTPUT, NOW, 0
    while True:
        tries += 1
        settled = after(DOWN, output, ALERT, tries, output.error, now, lambda: 0.5)
        if settled.state is DeliveryState.DEAD:
            break
        assert settled.due and settled.due > now
        since = output.failing_since or now
        output = replace(output, tries=output.tries + 1, failing_since=since, error=settled.error)
        now = settled.due
    assert PATIENCE <= now - NOW < PATIENCE + LONGEST * 1.25
    assert tries < 200


def test_what_came_later_has_its_own_three_days() -> None:
    output = replace(OUTPUT, tries=0, failing_since=NOW - timedelta(days=4))
    early = replace(ALERT, made=NOW - timedelta(days=3, hours=1))
    late = replace(ALERT, made=NOW - timedelta(days=1))
    assert after(DOWN, output, early, 1, "", NOW, lambda: 0.5).state is DeliveryState.DEAD
    assert after(DOWN, output, late, 1, "", NOW, lambda: 0.5).state is DeliveryState.PENDING


def test_an_old_alert_sent_again_has_them_too() -> None:
    old = replace(ALERT, made=NOW - timedelta(days=90))
    assert after(DOWN, OUTPUT, old, 1, "", NOW, lambda: 0.5).state is DeliveryState.PENDING


def test_a_pause_asked_for_is_kept_where_it_is_longer() -> None:
    long = after(Throttled("429", retry_after=600), OUTPUT, ALERT, 1, "", NOW, lambda: 0.5)
    short = after(Retry("503", retry_after=1), replace(OUTPUT, tries=5), ALERT, 6, "", NOW, lambda: 0.5)
    assert long.due == NOW + timedelta(minutes=10)
    assert short.due == NOW + timedelta(seconds=160)


def test_a_rejection_is_tried_again_within_minutes_then_dead() -> None:
    for error in (Blocked("not accepted (status 404)"), StageFailed("sending failed")):
        last, now = "", NOW
        for tries in (1, 2, 3):
            settled = after(error, OUTPUT, ALERT, tries, last, now, lambda: 0.5)
            assert settled.state is DeliveryState.PENDING and settled.due
            last, now = settled.error, settled.due
        assert now - NOW < timedelta(minutes=5)
        assert after(error, OUTPUT, ALERT, 4, last, now, lambda: 0.5).state is DeliveryState.DEAD


def test_a_receiver_that_rejects_while_it_comes_back_gets_another_chance() -> None:
    first = after(Blocked("404"), OUTPUT, ALERT, 12, DOWN.message, NOW, lambda: 0.5)
    assert first.state is DeliveryState.PENDING and first.error.startswith(REJECTED)
    assert after(Blocked("404"), OUTPUT, ALERT, 13, first.error, NOW, lambda: 0.5).state is DeliveryState.DEAD
