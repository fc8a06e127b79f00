"""How sources answered and how much they gave, by day: what every back end of the records promises."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

from pipeline.answered import Answered
from pipeline.errors import Blocked, NotNews, Throttled, Unreadable
from records.base import Records
from records.values import PageFailure, Poll
from tests.contract.records_kit import (
    LEASE,
    MINUTE,
    NOW,
    article,
    entry,
    fetched,
    filed,
    listed,
    poll,
    put,
    unchanged_by,
)

TODAY = NOW.date()


def counts(records: Records, source_id: str = "", since: date = date.min) -> Counter[tuple[str, Answered]]:
    told: Counter[tuple[str, Answered]] = Counter()
    for one in records.answers(since, source_id):
        told[one.source_id, one.outcome] += one.count
    return told


def answer(source_id: str, how: Answered, when: datetime = NOW) -> Poll:
    return replace(poll(source_id, last_try=when), answered=how)


def test_polls_are_counted_by_source_day_and_outcome(records: Records) -> None:
    records.record_polls([answer("alba", Answered.OK), answer("bern", Answered.FORBIDDEN), poll("cork")], NOW)
    later = NOW + timedelta(days=1)
    records.record_polls([answer("alba", Answered.UNCHANGED, later)], later)
    assert counts(records) == {
        ("alba", Answered.OK): 1,
        ("bern", Answered.FORBIDDEN): 1,
        ("alba", Answered.UNCHANGED): 1,
    }
    assert counts(records, "alba", TODAY + timedelta(days=1)) == {("alba", Answered.UNCHANGED): 1}
    assert [one.day for one in records.answers(date.min, "alba")] == [TODAY, later.date()]


def test_a_poll_that_is_recorded_again_counts_once(records: Records) -> None:
    polls = [answer("alba", Answered.OK), answer("alba", Answered.OK)]
    records.record_polls(polls, NOW)
    unchanged_by(records, lambda: records.record_polls(polls, NOW))
    assert counts(records) == {("alba", Answered.OK): 1}


def test_the_sitemaps_of_an_index_count_each(records: Records) -> None:
    index = answer("alba", Answered.OK)
    records.record_polls([index, replace(index, part=True), replace(index, part=True)], NOW)
    assert counts(records) == {("alba", Answered.OK): 3}


def test_pages_count_when_they_are_spooled_and_once(records: Records) -> None:
    one = entry("alba", "one")
    listed(records, one)
    records.spool([fetched(one)])
    unchanged_by(records, lambda: records.spool([fetched(one)]))
    assert counts(records) == {("alba", Answered.OK): 1}


def test_a_page_that_nobody_can_read_is_no_good_answer_until_it_is_replayed(records: Records) -> None:
    one, two = entry("alba", "one"), entry("bern", "two")
    listed(records, one, two)
    first, second = records.spool([fetched(one), fetched(two)])
    records.quarantine("page", Unreadable("no text"), NOW, spool_id=first.id)
    records.reject(second.id, NotNews("no article"), NOW)
    records.reject(second.id, NotNews("no article"), NOW)
    assert counts(records) == {("alba", Answered.UNREADABLE): 1, ("bern", Answered.UNREADABLE): 1}
    records.replay()
    assert counts(records) == {("alba", Answered.OK): 1, ("bern", Answered.UNREADABLE): 1}


def test_failures_of_pages_count_once(records: Records) -> None:
    one, two = entry("alba", "one"), entry("alba", "two")
    listed(records, one, two)
    records.take_pages(NOW, 10, LEASE)
    failures = [
        PageFailure(one.id, "blocked", Blocked("not let in"), None, Answered.FORBIDDEN),
        PageFailure(two.id, "pending", Throttled("a pause"), NOW + MINUTE, Answered.THROTTLED),
    ]
    records.pages_failed(failures, NOW)
    unchanged_by(records, lambda: records.pages_failed(failures, NOW))
    assert counts(records) == {("alba", Answered.FORBIDDEN): 1, ("alba", Answered.THROTTLED): 1}


def test_days_long_past_are_forgotten(records: Records) -> None:
    records.record_polls([answer("alba", Answered.OK)], NOW)
    kept = NOW + timedelta(days=90)
    records.record_polls([answer("bern", Answered.OK, kept)], kept)
    assert counts(records) == {("alba", Answered.OK): 1, ("bern", Answered.OK): 1}
    past = NOW + timedelta(days=91)
    records.record_polls([answer("bern", Answered.OK, past)], past)
    assert counts(records) == {("bern", Answered.OK): 2}


def test_articles_are_counted_by_source_and_day(records: Records) -> None:
    for slug, hours in (("a", 0), ("b", 23), ("c", 24), ("d", 73)):
        one = entry("alba", slug)
        records.commit([filed(article(one))], [], NOW - timedelta(hours=hours))
    records.commit([filed(article(entry("bern", "x")))], [], NOW)
    end = NOW + timedelta(microseconds=1)
    assert records.daily(end, 3) == {"alba": (0, 1, 2), "bern": (0, 0, 1)}
    assert records.daily(end, 4, "alba") == {"alba": (1, 0, 1, 2)}
    assert records.daily(NOW, 1) == {"alba": (2,)}, "the beginning is within, the end is not"


def test_the_newest_articles_of_a_source(records: Records) -> None:
    for number in range(3):
        records.commit([filed(article(entry("alba", f"n{number}")))], [], NOW + number * MINUTE)
    put(records, entry("bern", "other"))
    assert [one.article.url.rsplit("/")[-1] for one in records.latest("alba", 2)] == ["n2", "n1"]


def test_what_waits(records: Records) -> None:
    for state in records.feed_states():
        records.record_polls([poll(state.source_id, url=state.url, next_due=NOW + MINUTE)], NOW)
    assert records.backlog(NOW).polls == 0
    one, two = entry("alba", "one"), entry("alba", "two")
    listed(records, one, two)
    records.take_pages(NOW, 1, LEASE)
    records.spool([fetched(one)])
    left = records.backlog(NOW + 40 * MINUTE)
    assert (left.polls, left.spooled, left.spooled_since) == (3, 1, NOW)
    assert (left.pages, left.pages_since, left.bare, left.bare_since) == (1, NOW, 2, NOW)
    failure = PageFailure(two.id, "pending", Throttled("a pause"), NOW + 99 * MINUTE)
    records.pages_failed([failure], NOW)
    left = records.backlog(NOW + 40 * MINUTE)
    assert (left.pages, left.later, left.quarantined) == (0, 1, 0)


def test_what_is_in_quarantine_with_its_first_bytes(records: Records) -> None:
    one = entry("alba", "one")
    listed(records, one)
    [row] = records.spool([fetched(one)])
    records.quarantine("page", Unreadable("no text"), NOW, spool_id=row.id)
    [item] = records.quarantined()
    assert records.kept(item.id, 6) == (item, b"<html>")
    assert records.kept(item.id + 1, 6) is None


def test_who_holds_a_role_can_be_asked(records: Records) -> None:
    asked = ["desk", "scheduler"]
    with records.hold("desk"):
        held = records.roles_held(asked)
    assert held in ({}, {"desk": True, "scheduler": False}), "one process does everything, or the desk is known"
    assert not any(records.roles_held(asked).values())
