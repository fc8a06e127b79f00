"""The sender: takes what is due out of the outbox, sends it, writes how it went.

Outputs go side by side; of one output the first alert is settled before the next is sent. An alert that was sent and
whose settling was not written is sent again, with the same id: each arrives at least once, and in order.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from crawlers.post import Poster
from pipeline.errors import BadInput, Gone, Quarantine, Refused, Reject, Retry, StageFailed, WirewatchError
from pipeline.outputs import without_secrets
from pipeline.telling import Telling
from pipeline.timetable import next_digest
from pipeline.watch import Alert, Delivery, DeliveryState, Output, OutputKind, Settled
from records.base import Records
from records.telling import tell
from workers.alerts import digests
from workers.alerts.ledger import Ledger
from workers.alerts.notify import Notifier, message_of
from workers.alerts.retries import Spread, after
from workers.alerts.webhooks import Webhooks
from workers.lane import Lane
from workers.progress import Progress

EACH = 20  # alerts of an output taken at a time
OUTPUTS = 64  # outputs taken at a time
TOLD_AT_ONCE = 200  # alerts rendered at a time for a digest
DRAIN = 60.0  # seconds that everything due is given when a run ends by itself
SOON = timedelta(seconds=10)  # what is tried again within this time is waited for then
log = logging.getLogger("wirewatch.alerts")


class Sender:
    """One for an archive. `wake` may be set whenever something may have become due."""

    def __init__(
        self,
        records: Records,
        poster: Poster,
        notifier: Notifier,
        clock: Callable[[], datetime],
        spread: Spread,
        progress: Progress,
        *,
        endless: bool = False,
    ) -> None:
        self._records, self._poster, self._notifier = records, poster, notifier
        self._clock, self._spread, self._progress = clock, spread, progress
        self._webhooks = Webhooks(poster, clock)
        self._read, self._write = Lane("alerts", endless=endless), Lane("settling", endless=endless)
        self._ledger = Ledger(records, self._write, clock)
        self._busy: dict[str, asyncio.Task[None]] = {}  # by output
        self._ending = False
        self.wake = asyncio.Event()

    async def run(self, every: float) -> None:
        """Look whenever woken, and `every` so many seconds. Ends by cancellation, or with what the records raise."""
        async with AsyncExitStack() as stack:
            stack.callback(self._read.close)
            stack.callback(self._write.close)
            await stack.enter_async_context(self._poster)
            group = await stack.enter_async_context(asyncio.TaskGroup())
            group.create_task(self._ledger.run())
            while True:
                self.wake.clear()
                if not self._ending:
                    await self._look(group)
                with suppress(TimeoutError):
                    async with asyncio.timeout(every):  # wait_for would now and then swallow a cancellation
                        await self.wake.wait()

    async def finish(self, grace: float, *, drain: bool = False) -> None:
        """Begin nothing more and wait for what is under way, `grace` seconds at most.

        With `drain` wait first for all that is due, or will be tried again soon, `DRAIN` seconds at most.
        """
        if drain:
            with suppress(TimeoutError):
                async with asyncio.timeout(DRAIN):
                    while self._busy or await self._anything_due():
                        self.wake.set()
                        await asyncio.sleep(0.05)
        self._ending = True
        if self._busy:
            await asyncio.wait(list(self._busy.values()), timeout=grace)

    async def _anything_due(self) -> bool:
        return bool(await self._read(self._records.due_deliveries, self._clock() + SOON, 1, 1))

    # --- what is due ------------------------------------------------------------------------
    async def _look(self, group: asyncio.TaskGroup) -> None:
        try:
            await self._turn(group)
        except WirewatchError:
            raise
        except Exception:  # a fault of ours ends neither the sending of others nor the run that collects
            log.exception("looking for alerts failed")

    async def _turn(self, group: asyncio.TaskGroup) -> None:
        busy = set(self._busy)  # as it was when the records were asked: what they say of these may be old
        now = self._clock()
        due = await self._read(self._records.due_deliveries, now, EACH, OUTPUTS + len(busy))
        due = [one for one in due if one.output.id not in busy]
        if due:
            tellings = await self._read(self._told, [one.alert for one in due])
            rows: dict[str, list[tuple[Delivery, Telling | None]]] = defaultdict(list)
            for one, telling in zip(due, tellings, strict=True):
                rows[one.output.id].append((one, telling))
            for output_id, ready in rows.items():
                self._begin(group, output_id, self._one_by_one(ready, now))
        for output, alerts in await self._read(self._records.due_digests, now):
            if output.id not in busy:
                self._begin(group, output.id, self._digest(output, alerts))

    def _told(self, alerts: Sequence[Alert]) -> list[Telling | None]:
        """None = it cannot be told, by a fault of ours that shall not stop the others."""
        try:
            return list(tell(self._records, alerts))
        except WirewatchError:
            raise
        except Exception:
            log.exception("alerts cannot be told")
            return [None] if len(alerts) == 1 else [one for alert in alerts for one in self._told([alert])]

    def _begin(self, group: asyncio.TaskGroup, output_id: str, work: Coroutine[Any, Any, None]) -> None:
        task = group.create_task(work)
        self._busy[output_id] = task

        def ended(_: object) -> None:
            del self._busy[output_id]
            self.wake.set()  # there may be more

        task.add_done_callback(ended)

    # --- one output -------------------------------------------------------------------------
    async def _one_by_one(self, rows: Sequence[tuple[Delivery, Telling | None]], asked: datetime) -> None:
        """`asked` = when they were taken: outputs take turns by it."""
        output = rows[0][0].output
        for delivery, telling in rows:
            if self._ending:
                return None
            error = await self._try(output, self._send(output, telling))
            now = self._clock()
            if error is None:
                settled = Settled(output.id, delivery.alert.seq, DeliveryState.SENT, due=asked)
            elif isinstance(error, Gone):
                return await self._revoke(output, [delivery.alert], error)
            else:
                tries, spread = delivery.tries + 1, self._spread
                settled = after(error, output, delivery.alert, tries, delivery.error, now, spread)
            await self._settle(output, [settled], error)
            if settled.state is DeliveryState.PENDING:
                return None
            since = output.failing_since if error is not None else None
            output = replace(output, tries=0, failing_since=since)
        return None

    async def _send(self, output: Output, telling: Telling | None) -> None:
        if telling is None:
            raise StageFailed("the alert cannot be told; the log says more")
        if output.kind is OutputKind.WEBHOOK:
            await self._webhooks.send(output, telling)
        else:
            await self._notifier.send(output, message_of(telling))

    async def _digest(self, output: Output, alerts: Sequence[Alert]) -> None:
        now = self._clock()
        try:
            following = next_digest(output, now)
        except BadInput as wrong:  # the zones of another machine, or of another year
            log.error("output %s: %s; UTC is used", output.id, wrong)
            following = next_digest(replace(output, timezone="UTC"), now)
        ready = digests.due_alerts(output, alerts)
        if not ready or self._ending:
            if not ready:
                await self._write(self._records.set_due, output.id, following)
            return None
        error = await self._try(output, self._send_digest(output, ready))
        if isinstance(error, Gone):
            return await self._revoke(output, ready, error)
        now = self._clock()
        if error is None:
            rows = [Settled(output.id, one.seq, DeliveryState.SENT, due=following) for one in ready]
        else:
            first = after(error, output, ready[0], output.tries + 1, output.error, now, self._spread)
            due = following if first.state is DeliveryState.DEAD else first.due
            rows = [replace(first, seq=one.seq, due=due) for one in ready]
        return await self._settle(output, rows, error)

    async def _send_digest(self, output: Output, alerts: Sequence[Alert]) -> None:
        tellings: list[Telling] = []
        for at in range(0, len(alerts), TOLD_AT_ONCE):
            told = await self._read(tell, self._records, alerts[at : at + TOLD_AT_ONCE])
            tellings += [replace(one, text="") for one in told]
        await self._notifier.send(output, digests.message(output, digests.digest_id(output, alerts), tellings))

    async def _try(self, output: Output, sending: Awaitable[None]) -> WirewatchError | None:
        """What went wrong. A fault of ours becomes an error like others: it stops one delivery and not the rest."""
        try:
            await sending
        except (Retry, Quarantine, Reject) as error:
            error.message = without_secrets(error.message, output.target)
            return error
        except BadInput as error:
            return Refused(without_secrets(error.message, output.target))
        except Exception as error:
            told = without_secrets("".join(traceback.format_exception(error)), output.target)
            log.error("output %s: sending failed: %s", output.id, told)
            return StageFailed(f"sending failed: {without_secrets(f'{type(error).__name__}: {error}', output.target)}")
        return None

    # --- how it went ------------------------------------------------------------------------
    async def _settle(self, output: Output, rows: Sequence[Settled], error: WirewatchError | None) -> None:
        await self._ledger.settle(rows)
        for one in rows:
            told = "retry" if one.state is DeliveryState.PENDING else one.state.value
            self._progress.outcomes[f"alert {output.kind.value}", told] += 1
        if error is not None:
            state = rows[0].state.value if rows else "failing"
            log.warning("output %s (%s): %s: %s", output.id, output.kind.value, state, error.message)

    async def _revoke(self, output: Output, alerts: Sequence[Alert], error: Gone) -> None:
        """410: the receiver wants no more. What it was sent is kept as dead, what waited behind it is dropped."""
        now = self._clock()
        await self._settle(output, [_dead(output, alert, error, now) for alert in alerts], error)
        await self._write(self._records.revoke_output, output.id, now)
        log.warning("output %s was revoked by its receiver", output.id)


def _dead(output: Output, alert: Alert, error: WirewatchError, now: datetime) -> Settled:
    return Settled(output.id, alert.seq, DeliveryState.DEAD, error.message, now)
