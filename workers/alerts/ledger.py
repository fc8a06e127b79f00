"""Writes how tries went, many outputs' in one transaction: whoever waits for its own has it written when told so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from pipeline.watch import Settled
from records.watching import Watching
from workers.lane import Lane


class Ledger:
    """`settle` returns when it is on the disk; `run` does the writing."""

    def __init__(self, records: Watching, lane: Lane, clock: Callable[[], datetime]) -> None:
        self._records, self._lane, self._clock = records, lane, clock
        self._waiting: list[tuple[Sequence[Settled], asyncio.Future[None]]] = []
        self._some = asyncio.Event()

    async def settle(self, tries: Sequence[Settled]) -> None:
        """Write these together. Raise what the records raise."""
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((tries, written))
        self._some.set()
        await written

    async def run(self) -> None:
        """For ever. Ends by cancellation, or with what the records raise."""
        while True:
            await self._some.wait()
            self._some.clear()
            batch, self._waiting = self._waiting, []
            await self._lane(self._records.settle, [one for tries, _ in batch for one in tries], self._clock())
            for _, written in batch:
                if not written.done():
                    written.set_result(None)
