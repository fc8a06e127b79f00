"""Records with many articles for the tests that fill an index from them and compare."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from pipeline.errors import Retry
from records.base import Records
from search.base import Index
from tests.contract.records_kit import NOW, article, entry, filed
from workers.indexer import catch_up

MONTH = timedelta(days=31)


def file(records: Records, numbers: range, text: str = "A drone over the harbour.", now: datetime = NOW) -> None:
    """File these articles, each of its own story, in one transaction; those that are there already get a new text."""
    told = [article(entry("alba", f"story-{number:05}"), f"{text} Number n{number}.") for number in numbers]
    records.commit([filed(one) for one in told], [], now)


def file_months(records: Records, count: int, months: int = 3) -> None:
    """`count` articles over so many months up to NOW."""
    for month in range(months):
        file(records, range(month, count, months), now=NOW - month * MONTH)


def follow(records: Records, index: Index, patience: float = 60.0, troubled: Callable[[], None] = lambda: None) -> None:
    """Catch up as the indexer does: what is away is tried again, for so many seconds at most."""
    deadline = time.monotonic() + patience
    while True:
        try:
            catch_up(records, index)
            return
        except Retry:
            troubled()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
