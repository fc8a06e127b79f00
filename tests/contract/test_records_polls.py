"""Sources, polls and what is due: what every back end of the records promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pipeline.types import FeedState, Kind
from records.base import Records
from records.values import Poll, PollResult
from tests.contract.records_kit import (
    LEASE,
    MINUTE,
    NOW,
    SOURCES,
    dump,
    entry,
    headline,
    listed,
    log,
    poll,
    put,
    source,
    unchanged_by,
)

FEED = "https://alba.example/feed"


def test_a_new_entry_is_counted_once_and_pending(records: Records) -> None:
    one, two = entry("alba", "one"), entry("alba", "two")
    results = records.record_polls([poll("alba", one, two, one), poll("bern", two)], NOW)
    assert results == [PollResult(FEED, 2, 0), PollResult("https://bern.example/feed", 0, 0)]
    assert records.totals().entries == records.totals().pending == 2
    unchanged_by(records, lambda: records.record_polls([poll("alba", one, two, one), poll("bern", two)], NOW))
    assert records.record_polls([poll("alba", one, two)], NOW) == [PollResult(FEED, 0, 0)]


def test_the_state_is_settled_by_how_much_is_new(records: Records) -> None:
    told: list[int] = []

    def settle(new: int) -> FeedState:
        told.append(new)
        return FeedState("alba", FEED, Kind.FEED, per_day=float(new))

    one, two = entry("alba", "one"), entry("alba", "two")
    records.record_polls([Poll("alba", FEED, settle, (one,))], NOW)
    records.record_polls([Poll("alba", FEED, settle, (one, two))], NOW)
    assert told == [1, 1]
    assert next(state for state in records.feed_states() if state.url == FEED).per_day == 1.0


def test_a_state_comes_back_as_it_was_saved(records: Records) -> None:
    state = FeedState(
        "alba", FEED, Kind.FEED, '"tag"', "Sun, 01 Mar 2026 12:00:00 GMT", "hash", timedelta(seconds=421.5),
        NOW + MINUTE, NOW, NOW - MINUTE, NOW - 2 * MINUTE, 12.25, 3, "no answer within 30 s", "Unreachable",
    )  # fmt: skip
    records.record_polls([Poll("alba", FEED, lambda new: state)], NOW)
    assert state in records.feed_states()


def test_an_edited_entry_is_fetched_again(records: Records) -> None:
    one = entry("alba", "one")
    put(records, one)
    assert records.take_pages(NOW, 10, LEASE) == []
    edited = replace(one, title="A better headline", revision="2")
    assert records.record_polls([poll("alba", edited)], NOW + MINUTE) == [PollResult(FEED, 0, 1)]
    unchanged_by(records, lambda: records.record_polls([poll("alba", edited)], NOW + MINUTE))
    assert [task.entry_id for task in records.take_pages(NOW + MINUTE, 10, LEASE)] == [one.id]
    assert records.waiting(NOW + 60 * MINUTE, 10) == [], "it has an article, read in full"


def test_an_edited_entry_of_which_only_the_headline_is_filed_waits_for_a_new_one(records: Records) -> None:
    one = entry("alba", "one")
    listed(records, one)
    records.commit([headline(one)], [], NOW)
    assert records.waiting(NOW + MINUTE, 10) == []
    records.record_polls([poll("alba", replace(one, title="Better", revision="2"))], NOW + MINUTE)
    assert records.waiting(NOW + MINUTE, 10) == [], "its page may still come"
    assert [one.entry.title for one in records.waiting(NOW + 2 * MINUTE, 10)] == ["Better"]


def test_another_listing_does_not_edit_an_entry(records: Records) -> None:
    """Two feeds of an outlet tell one story in two ways: that is no edit, and must not fetch it for ever."""
    one = entry("alba", "one")
    listed(records, one)
    elsewhere = replace(one, title="In other words", revision="x")
    [result] = records.record_polls([poll("alba", elsewhere, url="https://alba.example/world")], NOW)
    assert (result.new, result.edited) == (0, 0)
    [result] = records.record_polls([poll("alba", replace(one, revision=""))], NOW)
    assert result.edited == 0, "no revision tells nothing"


def test_addresses_fall_due_most_overdue_first_and_are_leased(records: Records) -> None:
    assert [state.source_id for state in records.take_feeds(NOW, 2, LEASE)] == ["alba", "bern"]
    assert [state.source_id for state in records.take_feeds(NOW, 9, LEASE)] == ["cork"]
    assert records.take_feeds(NOW + LEASE - MINUTE, 9, LEASE) == []
    records.record_polls([poll("alba", next_due=NOW + 30 * MINUTE), poll("bern", next_due=NOW + 20 * MINUTE)], NOW)
    records.record_polls([poll("cork", next_due=NOW + 25 * MINUTE)], NOW)
    assert records.take_feeds(NOW + 19 * MINUTE, 9, LEASE) == []
    assert [one.source_id for one in records.take_feeds(NOW + 30 * MINUTE, 9, LEASE)] == ["bern", "cork", "alba"]


def test_what_a_killed_process_had_taken_is_due_again(records: Records) -> None:
    listed(records, entry("alba", "one"))
    assert len(records.take_feeds(NOW, 9, LEASE)) == 2
    assert len(records.take_pages(NOW, 9, LEASE)) == 1
    records.release_leases()
    assert len(records.take_feeds(NOW, 9, LEASE)) == 2
    assert len(records.take_pages(NOW, 9, LEASE)) == 1
    records.release_leases()
    unchanged_by(records, records.release_leases)
    assert [one.source_id for one in records.take_feeds(NOW, 9, LEASE)] == ["bern", "cork"], "alba was polled"


def test_a_lease_that_ran_out_is_due_again(records: Records) -> None:
    listed(records, entry("alba", "one"))
    records.take_pages(NOW, 9, LEASE)
    assert records.take_pages(NOW + LEASE - MINUTE, 9, LEASE) == []
    assert len(records.take_pages(NOW + LEASE, 9, LEASE)) == 1


def test_sources_are_those_given(records: Records) -> None:
    unchanged_by(records, lambda: records.sync_sources(SOURCES))
    listed(records, entry("cork", "one"))
    records.sync_sources([source("alba"), source("bern", blocked="no feed; pages blocked")])
    assert [state.source_id for state in records.feed_states()] == ["alba", "bern"]
    assert [state.source_id for state in records.take_feeds(NOW, 9, LEASE)] == ["alba"]
    assert records.take_pages(NOW, 9, LEASE) == [], "pages of a vanished source rest"
    records.sync_sources(SOURCES)
    assert [state.source_id for state in records.take_feeds(NOW, 9, LEASE)] == ["bern"], "cork goes on as it was"
    assert len(records.take_pages(NOW, 9, LEASE)) == 1
    records.sync_sources([])
    assert records.feed_states() == []
    assert records.take_feeds(NOW, 9, LEASE) == []


def test_an_address_of_two_sources_is_polled_once(records: Records) -> None:
    shared = ("https://agency.example/feed",)
    records.sync_sources([source("alba", feeds=shared * 2, sections=shared), source("bern", feeds=shared)])
    [state] = records.feed_states()
    assert (state.source_id, state.kind) == ("alba", Kind.FEED)


def test_all_kinds_of_addresses_are_polled(records: Records) -> None:
    home = "https://alba.example/"
    records.sync_sources(
        [source("alba", sitemaps=(home + "s",), news_sitemaps=(home + "n",), sections=(home + "world",))]
    )
    kinds = {state.url.removeprefix(home): state.kind for state in records.feed_states()}
    assert kinds == {"feed": Kind.FEED, "s": Kind.SITEMAP, "n": Kind.NEWS_SITEMAP, "world": Kind.SECTION}


def test_a_renamed_outlet_is_indexed_anew(records: Records) -> None:
    one, two = entry("alba", "one"), entry("bern", "two")
    put(records, one, two)
    position = records.totals().last_change
    renamed = [source("alba", name="The New Alba"), *SOURCES[1:]]
    records.sync_sources(renamed)
    assert log(records, position) == [one.id]
    assert records.documents([one.id])[0].outlet == "The New Alba"
    unchanged_by(records, lambda: records.sync_sources(renamed))


def test_the_health_of_a_source(records: Records) -> None:
    extra = source("dole", blocked="pages blocked")
    records.sync_sources([*SOURCES, extra])
    assert {one.source_id: one.state for one in records.health(NOW)} == {
        "alba": "new", "bern": "new", "cork": "new", "dole": "blocked",
    }  # fmt: skip
    put(records, entry("alba", "one"))
    records.record_polls(
        [
            poll("alba", entry("alba", "two"), last_new=NOW, per_day=4.0),
            poll("bern", last_success=None, failures=2, error="answered 500", error_kind="ServerFault"),
            poll("cork"),
        ],
        NOW,
    )
    alba, bern, cork, dole = records.health(NOW)
    assert (alba.state, alba.articles, alba.pending, alba.per_day, alba.feeds) == ("healthy", 1, 1, 4.0, 1)
    assert (alba.name, alba.country, alba.last_success, alba.last_error) == ("The Alba", "GB", NOW, "")
    assert (bern.state, bern.last_error, bern.last_success) == ("failing", "answered 500", None)
    assert (cork.state, dole.last_error) == ("quiet", "pages blocked")
    watched = records.watched(NOW)
    told = [(one.source_id, one.state, one.last_success, one.last_error) for one in watched]
    assert records.watched_ids() == [one.source_id for one in watched]
    assert records.watched(NOW, [watched[-1].source_id, "nobody"]) == watched[-1:]
    assert told == [(one.source_id, one.state, one.last_success, one.last_error) for one in (alba, bern, cork)], (
        "the same, without the one that is not collected"
    )
    assert records.health(NOW + timedelta(days=8))[0].state == "quiet"
    records.record_polls([poll("bern", failures=1, error="403", error_kind="Blocked")], NOW)
    assert records.health(NOW)[1].state == "blocked"


def test_robots_are_kept(records: Records) -> None:
    origin = "https://alba.example"
    assert records.robots(origin) is None
    records.put_robots(origin, 200, b"User-agent: *\n", NOW)
    records.put_robots(origin, 404, b"", NOW + MINUTE)
    assert records.robots(origin) == (404, b"", NOW + MINUTE)


def test_a_poll_of_an_address_that_is_no_longer_listed_brings_its_entries_all_the_same(records: Records) -> None:
    one = entry("alba", "one")
    [result] = records.record_polls([poll("alba", one, url="https://alba.example/old")], NOW)
    assert result.new == 1
    assert "https://alba.example/old" not in str(dump(records)["feeds"])
