"""When to poll an address next: pure functions from one state to the next.

How often an address is polled follows from how often it publishes. Its rate is an average of new entries a day that
forgets over three days; polls are spaced so that each may expect half a new entry, between the source's bounds. What
the server asks for (Cache-Control, Expires, ttl, skipHours, Retry-After) is never undercut. Failures back off, doubling
up to 30 days, and never disable.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import replace
from datetime import datetime, timedelta

from crawlers.manners import fresh_for
from pipeline.errors import Retry, Throttled, Unreadable, WirewatchError
from pipeline.types import FeedState, Fetched, FetchFailed, FetchTask, Kind, Listing, NotModified, Outcome

EXPECTED = 0.5  # new entries a poll should expect
FORGET_DAYS = 3.0
RATE_WINDOW = timedelta(days=7)  # of a first listing's dates, as far as they are believed
FIRST_RETRY = timedelta(minutes=30)  # or the interval, if that is shorter
BACKOFF_MAX = timedelta(days=30)
JITTER = 0.1
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def first_state(source_id: str, url: str, kind: Kind) -> FeedState:
    """An address that was never polled: due at once."""
    return FeedState(source_id, url, kind)


def poll_task(state: FeedState) -> FetchTask:
    """The task of the next poll: conditional, unless the last poll failed. Only what is sent and read proves health."""
    if state.error:
        return FetchTask(state.url, state.source_id, state.kind, attempt=state.failures)
    return FetchTask(
        state.url,
        state.source_id,
        state.kind,
        etag=state.etag,
        last_modified=state.last_modified,
        content_hash=state.content_hash,
    )


def after_poll(
    state: FeedState,
    outcome: Outcome,
    listing: Listing | None,
    new_entries: int,
    now: datetime,
    bounds: tuple[timedelta, timedelta],
) -> FeedState:
    """The state after a poll. `bounds` are the source's poll_min and poll_max.

    `listing` None with a good answer means that no reader made sense of it. An empty listing is no failure.
    """
    if isinstance(outcome, FetchFailed):
        return _failed(state, outcome.error, now, bounds)
    if isinstance(outcome, NotModified):
        return _unchanged(state, outcome, now, bounds)
    if listing is None:
        return _failed(state, Unreadable("what came could not be read"), now, bounds)
    return _read(state, outcome, listing, new_entries, now, bounds)


def after_part(before: FeedState, state: FeedState, listing: Listing, new_entries: int, now: datetime) -> FeedState:
    """The state of a sitemap index after one of its sitemaps was read: what is new there is news of the index.

    `before` is its state when the index itself was polled, `state` that of now.
    """
    if not new_entries:
        return state
    if before.last_success is None:
        more = _rate_of(listing, now)
    else:
        more = _blended(before, new_entries, now) - _blended(before, 0, now)
    return replace(state, last_new=now, per_day=state.per_day + more)


def state_in_words(state: FeedState, now: datetime) -> str:
    """One line for a person: how the address does, and when it is polled next."""
    if state.last_try is None:
        return "not polled yet"
    left = (state.next_due or now) - now
    when = f"next poll in {_span(left)}" if left > timedelta() else "next poll is due"
    if state.error:
        tries = "once" if state.failures <= 1 else f"{state.failures} times in a row"
        return f"failed {tries}: {state.error}; {when}"
    quiet = now - (state.last_new or state.last_success or now)
    if quiet > timedelta(days=7) and quiet.total_seconds() * state.per_day < DAY.total_seconds():
        return f"quiet: nothing new for {_span(quiet)}; {when}"
    return f"healthy: {_rate(state.per_day)}; {when}"


def _failed(state: FeedState, error: WirewatchError, now: datetime, bounds: tuple[timedelta, timedelta]) -> FeedState:
    failures = state.failures + 1
    pause = _backoff(state, failures, bounds)
    if isinstance(error, Throttled):
        pause = min(pause, bounds[1])  # the host lives and says when it wants us back
    if isinstance(error, Retry) and error.retry_after is not None:
        pause = max(pause, min(timedelta(seconds=error.retry_after), BACKOFF_MAX))
    return replace(
        state,
        last_try=now,
        failures=failures,
        error=error.message,
        error_kind=type(error).__name__,
        next_due=now + pause * (1 + _jitter(state.url)),
    )


def _backoff(state: FeedState, failures: int, bounds: tuple[timedelta, timedelta]) -> timedelta:
    first = max(min(state.interval, FIRST_RETRY), bounds[0])
    doublings: int = 2 ** min(failures - 1, 16)
    return min(first * doublings, BACKOFF_MAX)


def _unchanged(state: FeedState, outcome: NotModified, now: datetime, bounds: tuple[timedelta, timedelta]) -> FeedState:
    headers = outcome.headers
    state = replace(
        state,
        last_try=now,
        etag=headers.get("etag", state.etag),
        last_modified=headers.get("last-modified", state.last_modified),
    )
    if state.error:  # nothing was read: a failed address stays failed until something is
        return replace(state, next_due=now + _backoff(state, state.failures, bounds) * (1 + _jitter(state.url)))
    per_day = _blended(state, 0, now)
    # Only a listing can shorten the interval: it may hold a ttl that this answer does not repeat.
    interval = max(_interval(state, per_day, bounds), min(state.interval, bounds[1]))
    return replace(
        state,
        last_success=now,
        failures=0,
        error="",
        error_kind="",
        per_day=per_day,
        interval=interval,
        next_due=now + _spread(state.url, interval, fresh_for(headers, now), bounds),
    )


def _read(
    state: FeedState,
    outcome: Fetched,
    listing: Listing,
    new_entries: int,
    now: datetime,
    bounds: tuple[timedelta, timedelta],
) -> FeedState:
    first = state.last_success is None
    per_day = _rate_of(listing, now) if first else _blended(state, new_entries, now)
    floor = max(fresh_for(outcome.headers, now), listing.ttl or timedelta())
    interval = _interval(state, per_day, bounds)
    if first and not per_day:
        interval = max(bounds[0], min(state.interval, bounds[1]))  # no dates to learn from yet
    interval = min(max(interval, listing.ttl or interval), bounds[1])
    due = now + _spread(state.url, interval, floor, bounds)
    return replace(
        state,
        etag=outcome.headers.get("etag", ""),
        last_modified=outcome.headers.get("last-modified", ""),
        content_hash=outcome.content_hash,
        interval=interval,
        next_due=_awake(due, listing, now + bounds[1]),
        last_try=now,
        last_success=now,
        last_new=now if new_entries else state.last_new,
        per_day=per_day,
        failures=0,
        error="",
        error_kind="",
    )


def _rate_of(listing: Listing, now: datetime) -> float:
    """Entries a day, by the dates of a first listing."""
    dates = [entry.published for entry in listing.entries if entry.published and entry.published <= now]
    recent = [date for date in dates if now - date <= RATE_WINDOW]
    if not recent:
        return 0.0
    span = RATE_WINDOW if len(recent) < len(dates) else max(now - min(recent), HOUR)
    return len(recent) / (span / DAY)


def _blended(state: FeedState, new_entries: int, now: datetime) -> float:
    """The rate after `new_entries` in the time since the last good poll."""
    if state.last_success is None:
        return state.per_day
    days = max((now - state.last_success) / DAY, 1 / 1440)
    keep = math.exp(-days / FORGET_DAYS)
    return keep * state.per_day + (1 - keep) * new_entries / days


def _interval(state: FeedState, per_day: float, bounds: tuple[timedelta, timedelta]) -> timedelta:
    """What the rate asks for, at most twice the last interval, within bounds."""
    low, high = bounds
    wanted = high if per_day * (high / DAY) <= EXPECTED else DAY * (EXPECTED / per_day)
    return max(low, min(wanted, max(state.interval, low) * 2, high))


def _spread(url: str, interval: timedelta, floor: timedelta, bounds: tuple[timedelta, timedelta]) -> timedelta:
    """The interval or the floor, whichever is longer, moved a little so that equal feeds do not come all at once."""
    high = bounds[1]
    pause = min(max(interval, floor), high)
    jitter = _jitter(url)
    later = pause * (1 + jitter)
    if later <= high:
        return later
    return max(high * (1 - jitter), min(floor, high))


def _jitter(url: str) -> float:
    """0 to 0.1, always the same for one address."""
    return JITTER * (zlib.crc32(url.encode("utf-8", "surrogatepass")) % 1000) / 1000


def _awake(due: datetime, listing: Listing, latest: datetime) -> datetime:
    """The first moment from `due` on that lies in no skipped hour or day; `latest` at the latest."""
    while due < latest and (due.hour in listing.skip_hours or due.weekday() in listing.skip_days):
        due = due.replace(minute=0, second=0, microsecond=0) + HOUR
    return min(due, latest)


def _span(time: timedelta) -> str:
    seconds = time.total_seconds()
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 36 * 3600:
        return f"{seconds / 3600:.0f} h"
    return f"{seconds / 86400:.0f} days"


def _rate(per_day: float) -> str:
    if per_day >= 1:
        return f"{per_day:.0f} new a day"
    return f"{per_day * 7:.0f} new a week" if per_day * 7 >= 1 else "rarely anything new"
