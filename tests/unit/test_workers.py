"""The small parts of the runner: batches, the lane, what is tried again."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.errors import (
    Blocked,
    Busy,
    Gone,
    NotNews,
    Retry,
    ServerFault,
    Throttled,
    Trouble,
    Unreachable,
    WirewatchError,
)
from pipeline.types import Entry, FetchFailed, FetchTask, Kind, Source
from workers import lane as lane_module
from workers.batches import Inbox
from workers.lane import Lane
from workers.outcomes import MOST_BLOCKED, MOST_RETRIES, page_failure
from workers.pool import StagePool

SOURCE = Source("a", "A", "SG", "en", "https://a.example/")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def failed(error: WirewatchError, attempt: int = 0) -> FetchFailed:
    return FetchFailed(FetchTask("https://a.example/1", "a", Kind.PAGE, entry_id="a1", attempt=attempt), error, NOW)


@pytest.mark.parametrize("error", [Unreachable("x"), ServerFault("x"), Throttled("x")])
def test_what_comes_right_by_itself_is_tried_again_ever_later_and_not_for_ever(error: Retry) -> None:
    waits = [page_failure(failed(error, n), NOW).next_try for n in range(MOST_RETRIES)]
    assert all(when is not None for when in waits)
    gaps = [when - NOW for when in waits if when]
    assert gaps == sorted(gaps) and gaps[0] < timedelta(minutes=2) and gaps[-1] > timedelta(hours=10)
    last = page_failure(failed(error, MOST_RETRIES), NOW)
    assert (last.state, last.next_try) == ("failed", None)


def test_a_host_that_says_when_is_believed() -> None:
    again = page_failure(failed(Throttled("wait", retry_after=7200)), NOW)
    assert again.state == "pending" and again.next_try == NOW + timedelta(hours=2)


def test_a_blocked_page_is_looked_at_again_days_later_a_few_times() -> None:
    first = page_failure(failed(Blocked("403")), NOW)
    assert first.state == "blocked" and first.next_try == NOW + timedelta(days=1)
    assert page_failure(failed(Blocked("403"), MOST_BLOCKED), NOW).next_try is None


@pytest.mark.parametrize(("error", "state"), [(Gone("404"), "gone"), (NotNews("a picture"), "failed")])
def test_what_is_final_is_final(error: WirewatchError, state: str) -> None:
    failure = page_failure(failed(error), NOW)
    assert (failure.state, failure.next_try) == (state, None)


async def test_batches_take_what_is_there_and_count_what_is_unfinished() -> None:
    inbox: Inbox[int] = Inbox(100)
    for n in range(7):
        await inbox.put(n)
    seen = []
    async for batch in inbox.batches(most=3, linger=0):
        seen.append(batch)
        assert inbox.open == 7 - sum(map(len, seen[:-1]))
        if sum(map(len, seen)) == 7:
            break
    assert seen == [[0, 1, 2], [3, 4, 5], [6]]


async def test_a_full_inbox_makes_its_writer_wait() -> None:
    inbox: Inbox[int] = Inbox(1)
    await inbox.put(1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(inbox.put(2), 0.05)


async def test_a_pool_that_cannot_start_its_processes_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise BrokenProcessPool

    pool = StagePool(1)
    monkeypatch.setattr(pool._pool, "schedule", broken)
    with pytest.raises(Trouble, match="processes that read pages cannot be started: see that there is memory"):
        await pool.headline(Entry("a1", "https://a.example/1", "https://a.example/1"), SOURCE, NOW, "")
    pool.close()


async def test_the_lane_is_one_thread_and_waits_for_a_locked_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane_module, "PAUSES", (0.0, 0.0))
    lane, tries, threads = Lane("test"), [], set()

    def work(needed: int) -> str:
        threads.add(threading.current_thread().name)
        tries.append(1)
        if len(tries) < needed:
            raise Busy("locked")
        return "done"

    assert await lane(work, 3) == "done"
    assert len(threads) == 1 and "test" in threads.pop()
    tries.clear()
    with pytest.raises(Busy):
        await lane(work, 99)
    assert len(tries) == 3
    lane.close()
