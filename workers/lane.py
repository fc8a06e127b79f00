"""One thread through which all calls to a store go, so that they neither block the event loop nor cross."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, repeat
from typing import ParamSpec, TypeVar

from pipeline.errors import Away, Busy

P = ParamSpec("P")
T = TypeVar("T")

PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)  # about a minute in all, before a locked archive stops the run


class Lane:
    """Runs functions one after the other in a thread of its own.

    What is busy or away is tried again for about a minute, then raised; an `endless` lane never gives up.
    """

    def __init__(self, name: str, *, endless: bool = False) -> None:
        self._endless = endless
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def __call__(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` there."""
        loop = asyncio.get_running_loop()
        for pause in chain(PAUSES, repeat(PAUSES[-1]) if self._endless else (None,)):
            try:
                return await loop.run_in_executor(self._thread, lambda: work(*args, **kwargs))
            except (Busy, Away):
                if pause is None:
                    raise
                await asyncio.sleep(pause)
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Wait for what is running."""
        self._thread.shutdown(wait=True)
