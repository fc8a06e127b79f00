"""Why an alert came or did not: each way in which it can be, on the real records."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipeline.errors import Blocked
from pipeline.watch import DeliveryState, Mode, Output, OutputKind, Settled, Subscription
from records.base import Records
from records.values import PageFailure
from tests.contract.records_kit import MINUTE, NOW, article, entry, filed, listed
from web.why import Why, why

REPORT = "The port of Velm opened its dock to drone ferries on Monday.\n\nNine thousand passengers had tried them."
FIRST, COPY = entry("alba", "ferries", title="Drone ferries"), entry("bern", "boats", title="Drone boats")


def story(records: Records, *, start: int = 1) -> None:
    """A report, and a copy of it a minute later."""
    first, copy = (article(one, REPORT, notices=()) for one in (FIRST, COPY))
    records.commit([filed(first)], [], NOW + start * MINUTE)
    records.commit([filed(copy, filed(first).assignment.story_id, "near")], [], NOW + (start + 1) * MINUTE)


def subscribe(records: Records, query: str = "drone", mode: Mode = Mode.STORY, **values: bool) -> Subscription:
    return records.subscribe(Subscription(query, query, mode, **values), NOW)


def ask(records: Records, what: str, one: Subscription) -> Why:
    return why(records, 1000, what, records.subscription(one.id) or one, NOW + timedelta(hours=2))


def test_it_was_told_and_how_it_went_out(records: Records) -> None:
    one = subscribe(records)
    hook = records.put_output(Output(one.id, OutputKind.WEBHOOK, "https://hooks.example/x"), NOW)
    records.put_output(Output(one.id, OutputKind.LINK, secret="token"), NOW)
    story(records)
    found = ask(records, FIRST.url, one)
    assert found.verdict == ("told at 2026-03-01 12:01 UTC, as new story: webhook, still to be sent; in its feed",)
    assert found.clause is not None and found.clause.where == ("title", "body")
    assert [step.stage for step in found.steps][-3:] == ["tagged", "filed", "index"]
    [due] = records.due_deliveries(NOW + 5 * MINUTE)
    records.settle([Settled(hook.id, due.alert.seq, DeliveryState.DEAD, "410 Gone")], NOW + 5 * MINUTE)
    assert ask(records, FIRST.id, one).verdict == (
        "told at 2026-03-01 12:01 UTC, as new story: webhook, given up after 1 tries: 410 Gone; in its feed",
    )
    records.redeliver(hook.id, NOW + 6 * MINUTE, seqs=[due.alert.seq])
    records.settle([Settled(hook.id, due.alert.seq, DeliveryState.SENT)], NOW + 7 * MINUTE)
    assert "webhook, sent at 2026-03-01 12:07 UTC" in ask(records, FIRST.url, one).verdict[0]


@pytest.mark.parametrize(("mode", "ending"), [(Mode.STORY, ""), (Mode.NEWS, ", and this copy brings nothing new")])
def test_the_story_was_told_with_another_copy(records: Records, mode: Mode, ending: str) -> None:
    one = subscribe(records, mode=mode)
    story(records)
    assert ask(records, COPY.url, one).verdict == (
        f"its story was told at 2026-03-01 12:01 UTC with the copy at The Alba (https://alba.example/ferries){ending}: "
        "the subscription had no output, so it is in its alerts alone",
    )


def test_the_query_does_not_match(records: Records) -> None:
    one = subscribe(records, "drone -ferry (navy OR copies:>9)")
    story(records)
    found = ask(records, COPY.url, one)
    assert found.verdict == (
        "the query does not match: ferry is excluded, and is there; navy does not match; copies:>9 does not match",
    )
    assert found.to_json()["query"]["matched"] is False


def test_it_came_too_early_or_while_paused(records: Records) -> None:
    story(records, start=-60)
    one = subscribe(records)
    assert (
        ask(records, FIRST.url, one)
        .verdict[0]
        .startswith(
            "the query matches, but the article was filed at 2026-03-01 11:00 UTC, before the subscription was saved"
        )
    )
    paused = subscribe(records, "ferries", active=False)
    assert ask(records, FIRST.url, paused).verdict == (
        "the query matches, but the subscription is paused: what comes meanwhile is never told",
    )


def test_it_matches_only_now(records: Records) -> None:
    one = subscribe(records, "drone -seen:PT1H", Mode.EVERY)
    story(records)
    assert ask(records, FIRST.url, one).verdict == (
        "the query matches as things are now, but did not when the article was last written: its times count back "
        "from now",
    )


def test_it_matched_and_does_no_longer(records: Records) -> None:
    one, other = subscribe(records), subscribe(records, "dock", Mode.EVERY)
    story(records)
    edited = filed(article(FIRST, "The ferries stay in port.", title="Ferries"), method="kept")
    records.commit([edited], [], NOW + 9 * MINUTE)
    told = ask(records, FIRST.url, one).verdict
    assert told[0].startswith("told at 2026-03-01 12:01 UTC")
    assert told[1:] == ("it matched then; as it is now it does not: drone does not match",)
    assert ask(records, FIRST.url, other).verdict[1:] == (
        "it matched then; as it is now it does not: dock does not match",
    )


def test_the_page_never_became_an_article(records: Records) -> None:
    one = subscribe(records)
    assert ask(records, "https://nowhere.example/x", one).verdict == (
        "the archive has never heard of this address: no listing told of it",
    )
    listed(records, FIRST)
    assert ask(records, FIRST.url, one).verdict == ("its page was not fetched yet, so there is no article",)
    records.pages_failed([PageFailure(FIRST.id, "blocked", Blocked("403 for robots"), None)], NOW)
    assert ask(records, FIRST.url, one).verdict == ("its page is blocked, so there is no article: 403 for robots",)


def test_a_query_that_means_nothing_says_so(records: Records) -> None:
    helper = subscribe(records, "drone")
    one = subscribe(records, "search:drone ferry")
    story(records)
    found = ask(records, FIRST.url, one)
    assert found.verdict[0].startswith("told at")
    assert found.clause is not None and found.clause.parts[0].kind == "saved"
    records.unsubscribe(helper.id)
    assert (
        ask(records, FIRST.url, one)
        .verdict[0]
        .startswith("the query of 'search:drone ferry' matches nothing: no saved query 'drone' at")
    )
