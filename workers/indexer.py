"""The index follows the records' change log: an index that is down, full or new costs time, never a story."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from records.base import Records
from search.base import Index

CHUNK = 1000  # changes applied at a time


def catch_up(
    records: Records,
    index: Index,
    spend: Callable[[str, float], None] = lambda stage, seconds: None,
    told: Callable[[int], None] = lambda position: None,
) -> int:
    """Apply the log from where the index stands to its end; returns the changes applied. Raise Trouble."""
    applied = 0
    while changes := records.changes(index.position(), CHUNK):
        begin = time.thread_time()
        ids = list(dict.fromkeys(change.article_id for change in changes))
        documents = records.documents(ids)
        gone = set(ids) - {document.article_id for document in documents}
        index.apply(documents, sorted(gone), changes[-1].seq)
        applied += len(changes)
        spend("index", time.thread_time() - begin)
        told(changes[-1].seq)
    return applied


def rebuild(records: Records, index: Index, told: Callable[[int], None] = lambda position: None) -> None:
    """Fill the index anew from the whole log, which takes the old one's place when it is whole. Raise Trouble.

    What is filed between the last look at the log and that moment is applied afterwards.
    """
    with index.anew() as fresh:
        catch_up(records, fresh, told=told)
    catch_up(records, index, told=told)


async def follow(work: Callable[[], int], committed: asyncio.Event, pause: float, lane: Callable[..., object]) -> None:
    """Run `work` after each commit, at most once every `pause` seconds. Ends by cancellation."""
    while True:
        await committed.wait()
        committed.clear()
        await lane(work)  # type: ignore[misc]
        await asyncio.sleep(pause)
