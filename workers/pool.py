"""The stages on all cores: a pool of processes in which one bad page costs itself and nothing else."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import tempfile
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pebble import ProcessExpired, ProcessPool

from pipeline.errors import StageFailed, Trouble, WirewatchError
from pipeline.tag import TagRules
from pipeline.taxonomy import load_taxonomy
from pipeline.types import Entry, Fetched, Listing, Read, Source
from search.topics import topic_queries

if TYPE_CHECKING:
    from pipeline.read import Alone  # what it loads is for the pool's processes

PAGE_SECONDS = 20.0  # wall time after which a page's process is ended
LISTING_SECONDS = 60.0
RECYCLE_AFTER = 5000  # tasks after which a process is replaced: C libraries fragment their heaps


class StagePool:
    """`workers` processes that run the stages. All methods are coroutines; errors of ours are values or raised.

    A task that takes too long or takes its process down ends in StageFailed; the others are not touched. When no
    process can be started, Trouble is raised.
    """

    def __init__(self, workers: int, rules: TagRules | None = None) -> None:
        rules = rules or TagRules()
        topic_queries(load_taxonomy(*rules.files))  # a mistake in it is told here, not by a dying process
        self.workers = max(1, workers)
        context = multiprocessing.get_context("forkserver" if hasattr(os, "fork") else "spawn")
        if hasattr(context, "set_forkserver_preload"):
            context.set_forkserver_preload(["workers.preload"])
        self._pool = ProcessPool(
            max_workers=self.workers,
            max_tasks=RECYCLE_AFTER,
            initializer=_stage,
            initargs=("start", rules),
            context=context,
        )

    async def page(
        self, fetched: Fetched, entry: Entry | None, source: Source, furniture: frozenset[int] = frozenset()
    ) -> Read | WirewatchError:
        """All stages of one page."""
        work = ("page", fetched, entry, source, furniture)
        read: Read | WirewatchError = await self._run(work, PAGE_SECONDS, source.id, fetched.url)
        return read

    async def alone(self, fetched: Fetched, source: Source, as_archived: bool) -> Alone | WirewatchError:
        """One page read for a person."""
        work = ("alone", fetched, source, as_archived)
        read: Alone | WirewatchError = await self._run(work, PAGE_SECONDS, source.id, fetched.url)
        return read

    async def headline(self, entry: Entry, source: Source, seen: datetime, reason: str) -> Read | WirewatchError:
        """A headline-grade article."""
        work = ("headline", entry, source, seen, reason)
        read: Read | WirewatchError = await self._run(work, PAGE_SECONDS, source.id, entry.url)
        return read

    async def listings(self, batch: Sequence[tuple[Fetched, Source]]) -> list[tuple[Listing | WirewatchError, float]]:
        """Read a batch; when the batch as a whole fails, each of it alone, to find the culprit."""
        first = batch[0][0]
        result: list[tuple[Listing | WirewatchError, float]] | WirewatchError
        result = await self._run(("listings", batch), LISTING_SECONDS, first.task.source_id, first.url)
        if not isinstance(result, WirewatchError):
            return result
        if len(batch) == 1:
            return [(result, 0.0)]
        return [row for one in batch for row in await self.listings([one])]

    async def _run(self, work: tuple[Any, ...], seconds: float, source_id: str, url: str) -> Any:
        try:
            future = self._pool.schedule(_stage, args=work, timeout=seconds)
        except RuntimeError as error:  # the pool is broken: no process could be born
            room = f"see that there is memory, and room in {tempfile.gettempdir()}"
            raise Trouble(f"the processes that read pages cannot be started: {room}") from error
        try:
            return await asyncio.wrap_future(future)
        except TimeoutError:
            return StageFailed(f"not read within {seconds:g} s", source_id=source_id, url=url)
        except ProcessExpired as error:
            words = f"the reading process died (exit code {error.exitcode})"
            return StageFailed(words, source_id=source_id, url=url)
        except Exception as error:  # a bug in a stage: the page is kept, with what was wrong
            return StageFailed(f"{type(error).__name__}: {error}", source_id=source_id, url=url)

    def close(self) -> None:
        """End the processes; tasks under way are given up (their pages are still on the spool)."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()


def _stage(name: str, *args: Any) -> Any:
    """Run a function of `workers.stages` in a process of the pool; the main process never loads what they need."""
    from workers import stages

    return getattr(stages, name)(*args)
