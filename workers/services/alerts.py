"""The sender of production: alerts off the outbox to those who asked for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from workers.alerts.sender import Sender
from workers.lane import Lane
from workers.services.house import Service

GRACE = 8.0  # seconds that what is under way is given when stopping
LOOK = 0.2  # seconds between looks whether to stop
HELD_EVERY = 2.0  # seconds between looks whether the role is still ours


class Alerts:
    """Runs a sender while it holds the role, so that no two send the same."""

    def __init__(self, service: Service, make_sender: Callable[[], Sender]) -> None:
        self._in, self._make_sender = service, make_sender

    def run(self) -> None:
        """Hold the role and work until stopped. Raise Stopped, or Away when the role is lost: start again then."""
        one = self._in
        with one.records.hold("alerts", stop=one.stopping) as held:
            asyncio.run(self._run(held))

    async def _run(self, held: Callable[[], None]) -> None:
        sender, lane = self._make_sender(), Lane("role")
        sending = asyncio.create_task(sender.run(self._in.pace.turn))
        holding = asyncio.create_task(self._hold(held, lane))
        try:
            await asyncio.wait([sending, holding], return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                await sender.finish(GRACE if self._in.stop.is_set() else 0.0)
        finally:
            sending.cancel()
            lane.close()
            with suppress(asyncio.CancelledError):
                await _first(sending)
        holding.result()

    async def _hold(self, held: Callable[[], None], lane: Lane) -> None:
        """Return when asked to stop. Raise Away when the role is lost."""
        loop = asyncio.get_running_loop()
        looked = loop.time()
        while not self._in.stop.is_set():
            self._in.pulse.beat()
            if loop.time() - looked > HELD_EVERY:
                await lane(held)
                looked = loop.time()
            await asyncio.sleep(LOOK)


async def _first(sending: asyncio.Task[None]) -> None:
    """The sender's own error out of those of its parts."""
    try:
        await sending
    except BaseExceptionGroup as group:
        first: BaseException = group
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        raise first from group
