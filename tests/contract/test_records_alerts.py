"""What subscribers are told, and once: what every back end of the records promises of matches and alerts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from pipeline.errors import BadInput
from pipeline.ids import story_id
from pipeline.types import Assignment, Entry, Filed, Tagging
from pipeline.watch import Alert, Mode, Reason, Subscription
from records.base import Records
from records.values import Retag, Retagged
from tests.contract.records_kit import MINUTE, NOW, SOURCES, article, entry, filed, headline, listed, spooled

A, B, C, D = (entry(source, slug) for source, slug in (("alba", "a"), ("bern", "b"), ("cork", "c"), ("alba", "d")))
HARBOUR = "The ministry bought forty drones for the harbour on Monday.\n\nThe contract runs until spring."
ORCHARD = "An orchard in the valley was sold to a family of growers.\n\nThey will press cider there."


def subscribe(records: Records, query: str, mode: Mode = Mode.STORY, **changes: Any) -> Subscription:
    return records.subscribe(Subscription(changes.pop("name", query), query, mode, **changes), NOW)


def file(records: Records, one: Entry, text: str = HARBOUR, *, story: Entry | None = None, merged: Iterable[Entry] = (),
         at: int = 0, **changes: Any) -> None:  # fmt: skip
    """File an article so many minutes after NOW, in a story of its own or in that which another founded."""
    made = filed(article(one, text, **{"notices": (), **changes}), story_id((story or one).id))
    how = "first" if story in (None, one) else "near"
    assignment = replace(made.assignment, method=how, merged=tuple(story_id(one.id) for one in merged))
    records.commit([replace(made, assignment=assignment)], [], NOW + at * MINUTE)


def told(records: Records, of: Subscription) -> list[tuple[Reason, str]]:
    """Reason and slug of its alerts, in order."""
    slugs = {one.id: one.url.rpartition("/")[2] for one in (A, B, C, D)}
    return [(one.reason, slugs.get(one.article_id, one.article_id)) for one in records.alerts(of.id)]


def matching(records: Records, of: Subscription) -> set[str]:
    """Slugs of what matches now."""
    slugs = {one.id: one.url.rpartition("/")[2] for one in (A, B, C, D)}
    return {slugs[one.article_id] for one in records.matched(of.id) if one.until is None}


def test_a_story_is_told_once_or_with_every_copy(records: Records) -> None:
    once, each, other = (
        subscribe(records, "drones"),
        subscribe(records, "harbour", Mode.EVERY),
        subscribe(records, "cider", Mode.EVERY),
    )
    file(records, A)
    file(records, B, story=A)
    file(records, C, ORCHARD)
    assert told(records, once) == [(Reason.STORY, "a")]
    assert told(records, each) == [(Reason.COPY, "a"), (Reason.COPY, "b")]
    assert told(records, other) == [(Reason.COPY, "c")]
    assert matching(records, once) == {"a", "b"}
    numbers = [one.seq for one in records.alerts()]
    assert numbers == sorted(set(numbers))
    alert = records.alerts(once.id)[0]
    stored = records.article(A.id)
    assert stored is not None
    assert (alert.story_id, alert.version, alert.made) == (stored.story_id, stored.article.version, NOW)


def test_what_was_filed_before_it_was_saved_is_not_told(records: Records) -> None:
    file(records, A)
    every, once = subscribe(records, "drones", Mode.EVERY), subscribe(records, "harbour")
    file(records, B, story=A)
    assert told(records, every) == [(Reason.COPY, "b")], "the first copy was there before"
    assert told(records, once) == [(Reason.STORY, "b")], "a story that goes on is told"
    assert matching(records, every) == {"b"}
    file(records, A, HARBOUR + "\n\nA third paragraph came.", at=5)
    assert told(records, every) == [(Reason.COPY, "b"), (Reason.COPY, "a")], "what is written anew counts"


def test_the_same_message_twice_tells_nothing_twice(records: Records) -> None:
    one = subscribe(records, "drones", Mode.EVERY)
    file(records, A)
    file(records, A)
    file(records, A, at=1)
    file(records, A, HARBOUR + "\n\nMore of it.", at=2)
    assert told(records, one) == [(Reason.COPY, "a")]


def test_an_edit_begins_and_ends_a_match(records: Records) -> None:
    drones, cider = subscribe(records, "drones"), subscribe(records, "cider")
    file(records, A)
    file(records, A, ORCHARD, at=1)
    assert told(records, drones) == [(Reason.STORY, "a")]
    assert told(records, cider) == [(Reason.STORY, "a")]
    assert (matching(records, drones), matching(records, cider)) == (set(), {"a"})
    [ended] = records.matched(drones.id)
    assert (ended.since, ended.until) == (NOW, NOW + MINUTE)
    file(records, A, at=2)
    assert matching(records, drones) == {"a"}, "it may begin again"
    assert told(records, drones) == [(Reason.STORY, "a")], "but is not told again"


def test_a_merged_story_is_not_told_again(records: Records) -> None:
    one = subscribe(records, "drones")
    file(records, A)
    file(records, B)
    file(records, C, story=A, merged=[B])
    assert told(records, one) == [(Reason.STORY, "a"), (Reason.STORY, "b")]
    assert matching(records, one) == {"a", "b", "c"}


def test_a_story_is_told_when_what_was_told_of_it_leaves_it_as_large_as_it_was(records: Records) -> None:
    one = subscribe(records, "drones")
    file(records, A, ORCHARD)
    file(records, B)
    file(records, C, story=A, merged=[B])
    assert told(records, one) == [(Reason.STORY, "b")], "told as the story that was merged"
    alone = filed(article(B, HARBOUR, title="Founded again", notices=()), story_id(B.id))
    joins = filed(article(D, ORCHARD, notices=()), story_id(A.id))
    founds = replace(alone, assignment=replace(alone.assignment, method="first"))
    records.commit([founds, replace(joins, assignment=replace(joins.assignment, method="near"))], [], NOW)
    assert matching(records, one) == {"b", "c"}
    assert told(records, one) == [(Reason.STORY, "b"), (Reason.STORY, "c")]


def test_a_story_that_a_person_parts_tells_of_nothing_that_was_told(records: Records) -> None:
    once, each = subscribe(records, "drones"), subscribe(records, "harbour", Mode.EVERY)
    file(records, A)
    file(records, B, story=A)
    label = records.say(A.id, B.id, False, "ann", "", NOW)
    assert told(records, each) == [(Reason.COPY, "a"), (Reason.COPY, "b")]
    assert told(records, once) == [(Reason.STORY, "a"), (Reason.STORY, "b")], "two stories now, and one was not told"
    records.take_back(label.id, NOW)
    file(records, C, story=A)
    assert len(told(records, once)) == 2


def test_a_page_that_turns_out_to_be_at_another_address_is_told_once(records: Records) -> None:
    one = subscribe(records, "headline", Mode.EVERY)
    listed(records, A)
    records.commit([headline(A)], [], NOW)
    [row] = spooled(records, replace(A, revision="2"))
    moved = entry("alba", "moved")
    told_elsewhere = replace(article(moved), url=A.url, title=A.title)
    records.commit([filed(told_elsewhere)], [row.id], NOW + MINUTE)
    assert records.article(moved.id) is not None
    assert [alert.article_id for alert in records.alerts(one.id)] == [moved.id]


def test_news_tells_again_of_new_information_and_corrections(records: Records) -> None:
    news, once = subscribe(records, "drones", Mode.NEWS), subscribe(records, "harbour")
    file(records, A)
    file(records, B, story=A)
    assert told(records, news) == [(Reason.STORY, "a")], "a plain copy brings nothing"
    more = (
        "\n\nGeneral Maria Oyelaran said 212 sailors had been trained in Valparaiso since January."
        "\n\nOpposition leader Tomas Brankovic demanded that parliament examine the secret purchase of 37 submarines."
    )
    file(records, C, HARBOUR + more, story=A, at=1)
    assert told(records, news) == [(Reason.STORY, "a"), (Reason.NEWS, "c")]
    detail = records.alerts(news.id)[-1].detail
    assert any("212 sailors" in sentence for sentence in detail["sentences"])
    notice = "Correction: an earlier version gave the wrong number of drones."
    file(records, A, HARBOUR.replace("forty", "fourteen"), at=2, notices=(notice,))
    assert told(records, news)[2:] == [(Reason.CORRECTION, "a")]
    assert records.alerts(news.id)[-1].detail == {"notice": notice}
    file(records, A, HARBOUR.replace("forty", "fourteen") + " Or summer.", at=3, notices=(notice,))
    file(records, D, HARBOUR + more, story=A, at=4, notices=(notice,))
    assert len(told(records, news)) == 3, "neither the same notice nor the same news again"
    assert told(records, once) == [(Reason.STORY, "a")]


def test_a_page_after_its_headline_is_no_news(records: Records) -> None:
    one = subscribe(records, "headline", Mode.NEWS)
    listed(records, A)
    records.commit([headline(A)], [], NOW)
    file(records, A, at=1)
    assert told(records, one) == [(Reason.STORY, "a")]
    assert records.documents([A.id])[0].changed is None
    file(records, A, HARBOUR + "\n\nMore.", at=2)
    assert records.documents([A.id])[0].changed == NOW + 2 * MINUTE


def test_tags_made_anew_and_outlets_renamed_are_matched(records: Records) -> None:
    topic, outlet = subscribe(records, "topic:drones"), subscribe(records, "outlet:gazette")
    file(records, A)
    assert matching(records, topic) == {"a"}
    stored = records.article(A.id)
    assert stored is not None
    bare = Retagged(A.id, stored.article.version, stored.article.summary, Tagging())
    records.retag(Retag("digest"), [bare])
    assert matching(records, topic) == set()
    assert not told(records, outlet)
    renamed = [replace(one, name="The Gazette") if one.id == "alba" else one for one in SOURCES]
    records.sync_sources(renamed)
    assert told(records, outlet) == [(Reason.STORY, "a")]


def test_pausing_and_another_query_begin_anew(records: Records) -> None:
    one = subscribe(records, "drones", Mode.EVERY)
    paused = records.subscribe(replace(one, active=False), NOW)
    file(records, A)
    assert told(records, one) == []
    resumed = records.subscribe(replace(paused, active=True), NOW + MINUTE)
    assert resumed.since == NOW + MINUTE
    file(records, B, story=A)
    assert told(records, one) == [(Reason.COPY, "b")]
    again = records.subscribe(replace(resumed, active=False), NOW + MINUTE)
    records.subscribe(replace(again, active=True), NOW + MINUTE)
    assert matching(records, one) == set(), "what came before the pause is of before it was resumed"
    other = records.subscribe(replace(resumed, query="harbour"), NOW + 2 * MINUTE)
    assert matching(records, other) == set()
    file(records, C, story=A)
    assert told(records, one) == [(Reason.COPY, "b"), (Reason.COPY, "c")]
    renamed = records.subscribe(replace(other, name="boats"), NOW + 3 * MINUTE)
    assert (renamed.id, renamed.since) == (one.id, NOW + 2 * MINUTE)
    assert records.subscription("boats") == records.subscription(one.id) == renamed


def test_names_are_unique_and_what_is_removed_is_gone(records: Records) -> None:
    one = subscribe(records, "drones", name="arms")
    with pytest.raises(BadInput, match="called 'arms' already"):
        subscribe(records, "harbour", name="arms")
    with pytest.raises(BadInput, match="no subscription"):
        records.subscribe(replace(one, id="w0"), NOW)
    with pytest.raises(BadInput, match="needs a name and a query"):
        subscribe(records, " ", name="nothing")
    file(records, A)
    records.unsubscribe(one.id)
    records.unsubscribe(one.id)
    file(records, B)
    assert (records.subscriptions(), records.alerts(), records.matched(one.id)) == ([], [], [])


def test_alerts_of_a_batch_are_in_order_of_first_seen(records: Records) -> None:
    one = subscribe(records, "drones", Mode.EVERY)
    early, late = replace(A, revision="1"), B
    records.record_polls([], NOW)
    listed(records, early)
    made = [filed(article(late, HARBOUR)), filed(article(early, HARBOUR))]
    records.commit(made, [], NOW + MINUTE)
    assert told(records, one) == [(Reason.COPY, "a"), (Reason.COPY, "b")]
    first: list[Alert] = records.alerts(one.id, limit=1)
    assert [alert.article_id for alert in records.alerts(one.id, after=first[0].seq)] == [B.id]
    assert [alert.article_id for alert in records.alerts(one.id, newest=True, limit=1)] == [B.id]
    assert records.alerts(one.id, since=NOW + 2 * MINUTE) == []


def test_what_was_told_of_an_article_or_its_story(records: Records) -> None:
    one = subscribe(records, "drones")
    file(records, A)
    file(records, B, story=A)
    assert [alert.article_id for alert in records.alerts_of(B.id)] == [A.id]
    assert records.alerts_of(B.id, one.id) == records.alerts(one.id)
    assert records.alerts_of(C.id) == records.alerts_of(B.id, "other") == []


def test_alerts_are_counted_by_day_and_the_last_is_known(records: Records) -> None:
    one, never = subscribe(records, "drones", Mode.EVERY), subscribe(records, "cider")
    assert (records.alert_days(NOW), records.last_alerts()) == ({}, {})
    day = 24 * 60
    file(records, A)
    file(records, B, at=day)
    file(records, C, at=day)
    file(records, D, at=3 * day)
    days = [(NOW + at * day * MINUTE).date() for at in (0, 1, 3)]
    assert records.alert_days(NOW) == {one.id: {days[0]: 1, days[1]: 2, days[2]: 1}}
    assert records.alert_days(NOW + day * MINUTE) == {one.id: {days[1]: 2, days[2]: 1}}
    assert records.alert_days(NOW + 4 * day * MINUTE) == {}
    assert records.last_alerts() == {one.id: NOW + 3 * day * MINUTE}
    assert never.id not in records.last_alerts()


def test_a_transaction_that_fails_tells_nothing(records: Records) -> None:
    one = subscribe(records, "drones")
    with pytest.raises(BadInput):
        records.say(A.id, B.id, True, "ann", "", NOW)
    broken = Filed(filed(article(A)).read, Assignment(A.id, None, "first", 1.0, ""))  # type: ignore[arg-type]
    with pytest.raises(Exception, match=r".") as failed:
        records.commit([broken], [], NOW)
    assert not isinstance(failed.value, AssertionError)
    assert told(records, one) == []
    file(records, A)
    assert told(records, one) == [(Reason.STORY, "a")]
