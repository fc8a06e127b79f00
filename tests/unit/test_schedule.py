"""When an address is polled next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.schedule import BACKOFF_MAX, after_part, after_poll, first_state, poll_task, state_in_words
from pipeline.errors import Blocked, Gone, Refused, ServerFault, Throttled, Unreachable, Unreadable, WirewatchError
from pipeline.types import Entry, FeedState, Fetched, FetchFailed, FetchTask, Kind, Listing, NotModified

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # a Monday
BOUNDS = (timedelta(minutes=5), timedelta(hours=12))
URL = "https://ledger.example/feed"
TASK = FetchTask(URL, "ledger", Kind.FEED)
FRESH = first_state("ledger", URL, Kind.FEED)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def listing(*ages_in_hours: float, **more: object) -> Listing:
    entries = tuple(
        Entry(f"a{n}", f"{URL}/{n}", f"{URL}/{n}", published=NOON - age * HOUR) for n, age in enumerate(ages_in_hours)
    )
    return Listing(entries, "rss 2.0", "fast", **more)  # type: ignore[arg-type]


def read(
    state: FeedState,
    what: Listing,
    new: int,
    now: datetime = NOON,
    bounds: tuple[timedelta, timedelta] = BOUNDS,
    **headers: str,
) -> FeedState:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return after_poll(state, Fetched(TASK, URL, 200, named, b"", now, "hash"), what, new, now, bounds)


def fail(state: FeedState, error: WirewatchError, now: datetime = NOON) -> FeedState:
    return after_poll(state, FetchFailed(TASK, error, now), None, 0, now, BOUNDS)


def same(state: FeedState, now: datetime, **headers: str) -> FeedState:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return after_poll(state, NotModified(TASK, now, named), None, 0, now, BOUNDS)


def pause(state: FeedState) -> timedelta:
    assert state.next_due is not None
    assert state.last_try is not None
    return state.next_due - state.last_try


def test_a_new_address_is_due_at_once() -> None:
    assert (FRESH.next_due, FRESH.failures, FRESH.kind) == (None, 0, Kind.FEED)


def test_the_first_listing_tells_how_often_an_outlet_publishes() -> None:
    busy = read(FRESH, listing(*[n * 0.25 for n in range(20)]), 20)
    assert busy.per_day == pytest.approx(101, abs=2)
    assert busy.interval == pytest.approx(timedelta(minutes=7), abs=MINUTE)
    rare = read(FRESH, listing(24, 72, 150, 400), 4)
    assert rare.per_day == pytest.approx(3 / 7)
    assert rare.interval == timedelta(hours=1)  # at most twice the last; it gets there step by step
    undated = read(FRESH, Listing((Entry("a", URL, URL),), "rss 2.0", "fast"), 1)
    assert undated.interval == timedelta(minutes=30)


def test_the_interval_follows_what_is_published() -> None:
    state, now = read(FRESH, listing(1, 2, 3), 3), NOON
    for _ in range(100):  # two items an hour, for some days
        now += HOUR
        state = read(state, listing(), 2, now)
    assert state.per_day == pytest.approx(48, rel=0.3)
    assert state.interval == pytest.approx(timedelta(minutes=15), rel=0.3)
    while now < NOON + timedelta(days=30):  # then silence
        now += state.interval
        state = same(state, now)
    assert state.interval == BOUNDS[1]
    now += BOUNDS[1]
    state = read(state, listing(), 40, now)  # and a burst
    assert state.interval < 3 * HOUR


def test_bounds_hold() -> None:
    busy = read(FRESH, listing(*[n / 3600 for n in range(100)]), 100)
    assert busy.interval == BOUNDS[0]
    quiet = read(replace(FRESH, interval=11 * HOUR, last_success=NOON - 100 * HOUR), listing(), 0)
    assert quiet.interval == BOUNDS[1]
    assert pause(quiet) <= BOUNDS[1]


def test_what_the_server_asks_for_is_not_undercut() -> None:
    busy = listing(*[n * 0.1 for n in range(50)])
    assert HOUR <= pause(read(FRESH, busy, 50, cache_control="max-age=3600")) <= 1.1 * HOUR
    assert HOUR <= pause(read(FRESH, busy, 50, expires="Mon, 02 Mar 2026 13:00:00 GMT")) <= 1.1 * HOUR
    assert HOUR <= pause(read(FRESH, replace(busy, ttl=HOUR), 50)) <= 1.1 * HOUR
    assert pause(read(FRESH, busy, 50, cache_control="max-age=31536000")) <= BOUNDS[1]
    assert pause(same(read(FRESH, busy, 50), NOON + HOUR, cache_control="max-age=3600")) >= HOUR


def test_a_304_keeps_to_the_ttl_of_the_last_listing() -> None:
    state = read(FRESH, listing(*[n * 0.1 for n in range(50)], ttl=2 * HOUR), 50)
    assert pause(same(state, NOON + 2 * HOUR)) >= 2 * HOUR


def test_skipped_hours_and_days_are_slept_through() -> None:
    busy = listing(*[n * 0.1 for n in range(50)])
    assert read(FRESH, replace(busy, skip_hours=frozenset({12, 13, 14})), 50).next_due == NOON.replace(hour=15)
    weekdays = replace(busy, skip_days=frozenset({0}))
    assert read(FRESH, weekdays, 50).next_due == NOON + BOUNDS[1]
    always = replace(busy, skip_hours=frozenset(range(24)))
    assert read(FRESH, always, 50).next_due == NOON + BOUNDS[1]


def test_equal_feeds_do_not_all_come_at_once() -> None:
    due = {read(replace(FRESH, url=f"https://h{n}.example/feed"), listing(1, 2), 2).next_due for n in range(100)}
    assert len(due) > 80
    one = read(FRESH, listing(1, 2), 2)
    assert one == read(FRESH, listing(1, 2), 2)


def test_failures_back_off_and_never_disable() -> None:
    state, now, pauses = read(FRESH, listing(1, 2), 2), NOON, []
    for n in range(1, 31):
        state = fail(state, Unreachable("timed out"), now)
        assert (state.failures, state.error, state.error_kind) == (n, "timed out", "Unreachable")
        pauses.append(pause(state))
        now += pause(state)
    assert pauses == sorted(pauses)
    assert timedelta(minutes=5) <= pauses[0] <= timedelta(minutes=33)
    assert pauses[3] == pytest.approx(8 * pauses[0], abs=MINUTE)
    assert BACKOFF_MAX <= pauses[-1] <= 1.1 * BACKOFF_MAX
    well = read(state, listing(1, 2), 0, now)
    assert (well.failures, well.error, well.error_kind, well.last_success) == (0, "", "", now)


@pytest.mark.parametrize(
    "error", [Gone("404"), Blocked("403"), Refused("too large"), ServerFault("502"), Unreadable("?")]
)
def test_no_failure_ends_polling(error: WirewatchError) -> None:
    assert fail(FRESH, error).next_due is not None


def test_a_pause_asked_for_is_given() -> None:
    state = fail(FRESH, Throttled("wait", retry_after=7200))
    assert pause(state) >= timedelta(hours=2)
    for _ in range(20):  # a host that keeps asking is not given up for a month
        state = fail(state, Throttled("wait", retry_after=60))
    assert pause(state) <= 1.1 * BOUNDS[1]
    assert pause(fail(FRESH, ServerFault("503", retry_after=86400))) >= timedelta(days=1)


def test_a_304_does_not_make_an_unreadable_source_healthy() -> None:
    good = read(FRESH, listing(1, 2), 2, etag='"1"')
    bad = fail(good, Unreadable("not a feed"), NOON + HOUR)
    still = same(bad, NOON + 2 * HOUR)
    assert (still.failures, still.error, still.error_kind) == (1, "not a feed", "Unreadable")
    assert still.last_success == good.last_success
    assert still.last_try == NOON + 2 * HOUR


def test_a_304_never_makes_a_failed_source_healthy_so_it_is_asked_without_conditions() -> None:
    good = read(FRESH, listing(1, 2), 2, etag='"1"')
    assert poll_task(good).etag == '"1"'
    failed = fail(good, Unreachable("timed out"), NOON + HOUR)
    task = poll_task(failed)
    assert (task.etag, task.last_modified, task.content_hash, task.attempt) == ("", "", "", 1)
    still = same(failed, NOON + 2 * HOUR)
    assert (still.error, still.failures, still.last_success) == ("timed out", 1, good.last_success)
    assert read(still, listing(1, 2), 0, etag='"1"').error == ""


def test_a_good_answer_that_no_reader_understood_is_a_failure() -> None:
    state = after_poll(FRESH, Fetched(TASK, URL, 200, {"etag": '"2"'}, b"?", NOON, "new"), None, 0, NOON, BOUNDS)
    assert (state.failures, state.error_kind) == (1, "Unreadable")
    assert (state.etag, state.content_hash) == ("", "")  # so that it is sent and read again


def test_empty_and_valid_is_no_error() -> None:
    state = read(fail(FRESH, Unreadable("?")), listing(), 0, etag='"3"', last_modified="now")
    assert (state.failures, state.error, state.etag, state.last_modified, state.content_hash) == (
        0,
        "",
        '"3"',
        "now",
        "hash",
    )
    assert state.last_new is None


def test_states_in_words() -> None:
    assert state_in_words(FRESH, NOON) == "not polled yet"
    healthy = read(FRESH, listing(1, 5, 9, 24), 4)
    assert state_in_words(healthy, NOON) == "healthy: 4 new a day; next poll in 65 min"
    failing = fail(fail(healthy, Unreachable("no address for ledger.example")), Unreachable("timed out"))
    assert state_in_words(failing, NOON).startswith("failed 2 times in a row: timed out; next poll in ")
    assert state_in_words(failing, NOON + timedelta(days=2)).endswith("next poll is due")
    quiet = replace(healthy, per_day=0.01)
    assert state_in_words(quiet, NOON + timedelta(days=20)).startswith("quiet: nothing new for 20 days")


@given(
    st.lists(
        st.tuples(st.sampled_from(["read", "same", "fail", "wait"]), st.integers(0, 500), st.floats(1, 1e6)),
        max_size=30,
    )
)
def test_whatever_comes_the_next_poll_is_neither_at_once_nor_never(steps: list[tuple[str, int, float]]) -> None:
    state, now = FRESH, NOON
    for what, new, seconds in steps:
        if what == "read":
            state = read(state, listing(1, 2), new, now)
        elif what == "same":
            state = same(state, now)
        else:
            state = fail(state, Throttled("w", retry_after=seconds) if what == "wait" else Gone("404"), now)
        assert BOUNDS[0] <= pause(state) <= 1.1 * BACKOFF_MAX
        assert BOUNDS[0] <= state.interval <= BOUNDS[1]
        assert state.per_day >= 0
        now += timedelta(seconds=seconds)


def test_what_the_sitemaps_of_an_index_bring_is_news_of_the_index() -> None:
    empty, now = Listing((), "sitemap index", "lxml", more=(f"{URL}/1", f"{URL}/2")), NOON + 10 * MINUTE
    index = read(FRESH, empty, 0)
    first = after_part(FRESH, index, listing(1, 5, 30), 3, NOON)
    first = after_part(FRESH, first, listing(100), 0, NOON)
    plain = read(FRESH, listing(1, 5, 30), 3)
    assert (first.last_new, first.per_day) == (NOON, plain.per_day)
    assert (first.next_due, first.interval) == (index.next_due, index.interval)

    asked = read(first, empty, 0, now)
    assert asked.last_new == NOON
    second = after_part(first, asked, listing(0), 1, now)
    second = after_part(first, second, listing(0, 1), 1, now)
    assert second.last_new == now
    assert second.per_day == pytest.approx(read(plain, listing(0, 1), 2, now).per_day)
    assert after_part(first, second, listing(0, 1), 0, now + HOUR) == second
