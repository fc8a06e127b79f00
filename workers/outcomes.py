"""What happens next when a page cannot be had. The only place where trying again is decided."""

from __future__ import annotations

from datetime import datetime, timedelta

from pipeline.answered import answered
from pipeline.errors import Blocked, Gone, Quarantine, Retry
from pipeline.types import FetchFailed
from records.values import PageFailure

FIRST_RETRY = timedelta(minutes=1)
MOST_RETRIES = 6  # 1, 4, 16, 64, 256, 1024 minutes: the last one after about a day
BLOCKED_RETRY = timedelta(days=1)  # an embargo or a paywall may lift: look again a day, two and four days later
MOST_BLOCKED = 3


def page_failure(failed: FetchFailed, now: datetime) -> PageFailure:
    """The entry's next state after a failed fetch; `next_try` None means never again."""
    task, error, how = failed.task, failed.error, answered(failed)
    if isinstance(error, Retry):
        if task.attempt >= MOST_RETRIES:
            return PageFailure(task.entry_id, "failed", error, None, how)
        wait = FIRST_RETRY * 4**task.attempt * _spread(task.entry_id)
        if error.retry_after is not None:
            wait = max(wait, timedelta(seconds=error.retry_after))
        return PageFailure(task.entry_id, "pending", error, now + wait, how)
    if isinstance(error, Blocked):
        again = now + BLOCKED_RETRY * 2**task.attempt if task.attempt < MOST_BLOCKED else None
        return PageFailure(task.entry_id, "blocked", error, again, how)
    if isinstance(error, Gone):
        return PageFailure(task.entry_id, "gone", error, None, how)
    if isinstance(error, Quarantine) and task.attempt < 1:
        return PageFailure(task.entry_id, "failed", error, now + BLOCKED_RETRY, how)
    return PageFailure(task.entry_id, "failed", error, None, how)


def _spread(entry_id: str) -> float:
    """Jitter from the id, 0.75 to 1.25: the same for a repeated message, different between pages."""
    return 0.75 + (sum(entry_id.encode()) % 101) / 200
