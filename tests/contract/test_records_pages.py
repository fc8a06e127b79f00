"""Pages: taken, spooled, failed, rejected, put aside. What every back end of the records promises."""

from __future__ import annotations

from dataclasses import replace

from pipeline.errors import Blocked, Gone, NotNews, StageFailed, Unreachable, Unreadable
from pipeline.types import FetchTask, Kind
from records.base import Records
from records.values import PageFailure
from tests.contract.records_kit import (
    LEASE,
    MINUTE,
    NOW,
    article,
    entry,
    fetched,
    filed,
    headline,
    listed,
    poll,
    spooled,
    unchanged_by,
)


def test_pages_are_taken_from_all_sources_in_turn_newest_first(records: Records) -> None:
    records.record_polls(
        [
            poll("alba", *(entry("alba", f"a{k}", published=NOW - k * MINUTE) for k in (3, 1, 2, 4))),
            poll("bern", entry("bern", "b1", published=None), entry("bern", "b2")),
            poll("cork", entry("cork", "c1", published=NOW + 60 * MINUTE)),
        ],
        NOW,
    )
    taken = [task.url.rsplit("/")[-1] for task in records.take_pages(NOW, 5, LEASE)]
    assert taken == ["a1", "b1", "c1", "a2", "b2"]
    assert [task.url.rsplit("/")[-1] for task in records.take_pages(NOW, 5, LEASE)] == ["a3", "a4"]
    assert records.take_pages(NOW, 5, LEASE) == []


def test_the_round_goes_on_where_it_was(records: Records) -> None:
    records.record_polls([poll(id, *(entry(id, f"{id}{k}") for k in range(3))) for id in ("alba", "bern", "cork")], NOW)
    taken = [records.take_pages(NOW, 2, LEASE) for _ in range(3)]
    assert [[task.source_id for task in tasks] for tasks in taken] == [
        ["alba", "bern"], ["cork", "alba"], ["bern", "cork"],
    ]  # fmt: skip


def test_a_page_task_says_what_it_is_for(records: Records) -> None:
    one = entry("alba", "one")
    listed(records, one)
    assert records.take_pages(NOW, 5, LEASE) == [FetchTask(one.url, "alba", Kind.PAGE, entry_id=one.id)]


def test_a_spooled_page_comes_back_as_it_was(records: Records) -> None:
    one, two = entry("alba", "one"), entry("bern", "two")
    listed(records, one, two)
    task = FetchTask(two.url, "bern", Kind.PAGE, two.id, '"e"', "modified", "old", attempt=2)
    odd = fetched(
        two,
        task=task,
        url=two.url + "?amp",
        status=203,
        body=b"\x00\xff" * 5000,
        redirected_for_good="https://x.example/",
    )
    bare = replace(fetched(one), task=FetchTask("https://alba.example/by-hand", "alba", Kind.PAGE))
    kept = records.spool([fetched(one), odd, bare])
    assert [row.page for row in kept] == [fetched(one), odd, bare]
    assert [row.entry for row in kept] == [one, two, None]
    assert records.spooled(10) == kept
    assert records.spooled(1) == kept[:1]
    assert records.totals().spooled == 3
    assert records.take_pages(NOW, 9, LEASE) == [], "what is on the spool is not fetched again"
    again = records.spool([fetched(one), odd, bare])
    assert again == kept
    unchanged_by(records, lambda: records.spool([fetched(one), odd, bare]))


def test_a_newer_answer_takes_the_place_of_an_older_one(records: Records) -> None:
    one = entry("alba", "one")
    [old] = spooled(records, one)
    [new] = records.spool([fetched(one, content_hash="hash2", body=b"new")])
    assert new.id > old.id
    assert [row.page.body for row in records.spooled(9)] == [b"new"]
    records.commit([filed(article(one))], [old.id], NOW)
    assert [row.id for row in records.spooled(9)] == [new.id], "the older one's commit leaves it alone"


def test_tries_count_the_starts_that_found_it(records: Records) -> None:
    spooled(records, entry("alba", "one"))
    assert records.spooled(1)[0].tries == 0
    records.release_leases()
    assert records.spooled(1)[0].tries == 1


def test_an_edit_while_its_page_is_under_way_fetches_it_again(records: Records) -> None:
    one = entry("alba", "one")
    listed(records, one)
    records.take_pages(NOW, 9, LEASE)
    records.record_polls([poll("alba", replace(one, revision="2"))], NOW)
    [row] = records.spool([fetched(one)])
    records.commit([filed(article(one))], [row.id], NOW)
    assert [task.entry_id for task in records.take_pages(NOW, 9, LEASE)] == [one.id]


def test_an_edit_outlives_what_befalls_the_older_page(records: Records) -> None:
    one, two = entry("alba", "one"), entry("bern", "two")
    first, second = spooled(records, one, two)
    records.record_polls([poll("alba", replace(one, revision="2")), poll("bern", replace(two, revision="2"))], NOW)
    records.reject(first.id, NotNews("no article"), NOW)
    records.quarantine("page", StageFailed("raised"), NOW, spool_id=second.id)
    assert [row.reason for row in records.waiting(NOW, 9)] == [], "both wait for their new page"
    assert {task.entry_id for task in records.take_pages(NOW, 9, LEASE)} == {one.id, two.id}


def test_a_page_that_fails_for_a_while_is_tried_again(records: Records) -> None:
    one = entry("alba", "one")
    listed(records, one)
    records.take_pages(NOW, 9, LEASE)
    failure = PageFailure(one.id, "pending", Unreachable("no answer"), NOW + 5 * MINUTE)
    records.pages_failed([failure], NOW)
    unchanged_by(records, lambda: records.pages_failed([failure], NOW))
    assert records.take_pages(NOW + 4 * MINUTE, 9, LEASE) == []
    [waiting] = records.waiting(NOW + MINUTE, 9)
    assert (waiting.source_id, waiting.entry, waiting.first_seen, waiting.reason) == ("alba", one, NOW, "no answer")
    [task] = records.take_pages(NOW + 5 * MINUTE, 9, LEASE)
    assert task.attempt == 1
    assert records.totals().rejected == ()


def test_a_page_that_cannot_be_had_is_counted_and_waits_for_its_headline(records: Records) -> None:
    one, two, three = entry("alba", "one"), entry("bern", "two"), entry("cork", "three")
    listed(records, one, two, three)
    records.take_pages(NOW, 9, LEASE)
    failures = [
        PageFailure(one.id, "gone", Gone("answered 404"), None),
        PageFailure(two.id, "blocked", Blocked("answered 403"), NOW + 60 * MINUTE),
        PageFailure("a" + "0" * 20, "gone", Gone("of no entry"), None),
    ]
    records.pages_failed(failures, NOW)
    unchanged_by(records, lambda: records.pages_failed(failures, NOW))
    assert records.totals().rejected == (("Gone", 1),), "the blocked one is looked at again"
    reasons = {one.entry.id: one.reason for one in records.waiting(NOW, 9)}
    assert reasons == {one.id: "answered 404", two.id: "answered 403"}
    records.commit([headline(one), headline(two)], [], NOW)
    assert records.waiting(NOW, 9) == []
    assert [task.entry_id for task in records.take_pages(NOW + 60 * MINUTE, 9, LEASE)] == [two.id, three.id]
    [row] = records.spool([fetched(two)])
    records.commit([filed(article(two))], [row.id], NOW)
    assert records.article(two.id).article.grade == "full"  # type: ignore[union-attr]


def test_an_entry_waits_from_the_cut_on_longest_first(records: Records) -> None:
    one, two = entry("alba", "one"), entry("bern", "two")
    records.record_polls([poll("alba", one)], NOW + MINUTE)
    records.record_polls([poll("bern", two)], NOW)
    assert records.waiting(NOW, 9) == []
    assert [row.entry for row in records.waiting(NOW + MINUTE, 9)] == [two]
    assert [row.entry for row in records.waiting(NOW + 2 * MINUTE, 9)] == [two, one]
    assert [row.reason for row in records.waiting(NOW + 2 * MINUTE, 1)] == [""]
    records.spool([fetched(two)])
    assert [row.entry for row in records.waiting(NOW + 2 * MINUTE, 9)] == [one], "on the spool is not waiting"


def test_a_page_without_an_article_is_rejected(records: Records) -> None:
    one = entry("alba", "one")
    [row] = spooled(records, one)
    error = NotNews("no article on the page", source_id="alba", url=one.url)
    records.reject(row.id, error, NOW)
    unchanged_by(records, lambda: records.reject(row.id, error, NOW))
    assert records.totals().rejected == (("NotNews", 1),)
    assert records.spooled(9) == []
    assert [one.reason for one in records.waiting(NOW, 9)] == ["no article on the page"]


def test_a_page_is_quarantined_and_replayed(records: Records) -> None:
    one, two = entry("alba", "one"), entry("bern", "two")
    kept, other = spooled(records, one, two)
    error = StageFailed("the stage raised", source_id="alba", url=one.url)
    records.quarantine("page", error, NOW, spool_id=kept.id)
    records.quarantine("page", error, NOW + MINUTE, spool_id=other.id)
    unchanged_by(records, lambda: records.quarantine("page", error, NOW, spool_id=kept.id))
    newest, oldest = records.quarantined()
    assert (oldest.stage, oldest.source_id, oldest.url, oldest.error_kind) == ("page", "alba", one.url, "StageFailed")
    assert (oldest.error, oldest.since, oldest.size) == ("the stage raised", NOW, len(kept.page.body))
    assert records.quarantined(1) == [newest]
    assert records.quarantined(before=(newest.since, newest.id)) == [oldest]
    assert records.quarantined(before=(oldest.since, oldest.id)) == []
    assert {row.entry.id for row in records.waiting(NOW, 9)} == {one.id, two.id}, "the headline is shown meanwhile"
    assert records.replay([oldest.id]) == 1
    assert [replace(row, id=kept.id) for row in records.spooled(9)] == [kept]
    assert records.totals().quarantined == 1
    assert records.replay() == 1
    assert records.replay() == 0
    assert records.totals().spooled == 2


def test_a_replayed_page_gives_way_to_one_fetched_since(records: Records) -> None:
    one = entry("alba", "one")
    [old] = spooled(records, one)
    records.quarantine("page", StageFailed("raised"), NOW, spool_id=old.id)
    records.record_polls([poll("alba", replace(one, revision="2"))], NOW)
    records.spool([fetched(one, content_hash="hash2", body=b"new")])
    assert records.replay() == 1
    assert [row.page.body for row in records.spooled(9)] == [b"new"]


def test_a_listing_is_quarantined_once_and_replayed_by_asking_again(records: Records) -> None:
    feed = "https://alba.example/feed"
    error = Unreadable("no reader makes sense of it", source_id="alba", url=feed)
    records.record_polls([poll("alba", etag='"x"', content_hash="h")], NOW)
    records.quarantine("listing", error, NOW, body=b"<rss" * 100)
    records.quarantine("listing", error, NOW + MINUTE, body=b"<rss")
    [row] = records.quarantined()
    assert (row.since, row.size, row.url) == (NOW + MINUTE, 4, feed)
    assert records.replay() == 1
    state = next(one for one in records.take_feeds(NOW, 9, LEASE) if one.url == feed)
    assert (state.etag, state.content_hash) == ("", "")
