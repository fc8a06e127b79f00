"""What the tests of the sending side share: an archive with alerts, and a sender that runs until all is as wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from secrets import token_bytes
from typing import Any

from crawlers.guard import Guard
from crawlers.post import Poster
from pipeline.outputs import ready
from pipeline.watch import Mode, Output, OutputKind, Subscription
from records.base import Records
from tests.contract.records_kit import article, entry, filed
from workers.alerts.notify import Notifier
from workers.alerts.sender import Sender
from workers.progress import Progress


@dataclass(slots=True)
class Clock:
    """The real clock, which a test may put forward."""

    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def subscribed(records: Records, name: str = "all", query: str = "paragraph") -> Subscription:
    """A subscription that tells of every copy."""
    return records.subscribe(Subscription(name, query, Mode.EVERY), datetime.now(UTC))


def put(records: Records, of: Subscription, target: str, kind: OutputKind = OutputKind.WEBHOOK, **more: Any) -> Output:
    """An output of it."""
    return records.put_output(ready(Output(of.id, kind, target, **more), token_bytes), datetime.now(UTC))


def file(records: Records, *slugs: str, text: str = "A paragraph about drones.", story: str = "") -> None:
    """File articles in one transaction, in that order of first_seen."""
    now = datetime.now(UTC)
    made = []
    for number, slug in enumerate(slugs):
        one = article(entry("alba", slug), text, notices=(), first_seen=now + timedelta(microseconds=number))
        made.append(filed(one, story))
    records.commit(made, [], now)


def sender(
    records: Records,
    clock: Callable[[], datetime] | None = None,
    *,
    timeout: float = 5.0,
    private: bool = True,
    endless: bool = False,
) -> Sender:
    """A sender that reaches loopback."""
    clock = clock or Clock()
    guard = Guard(allow_private=private)
    poster = Poster(guard, clock, user_agent="Wirewatch/test", timeout=timeout)
    return Sender(
        records, poster, Notifier(timeout, guard), clock, lambda: 0.5, Progress(began=clock()), endless=endless
    )


def run_until(one: Sender, done: Callable[[], object], seconds: float = 30.0) -> None:
    """Let it send until `done()`; fail when that takes too long."""

    async def main() -> None:
        running = asyncio.create_task(one.run(0.02))
        try:
            async with asyncio.timeout(seconds):
                while not await asyncio.to_thread(done):
                    if running.done():
                        running.result()
                    await asyncio.sleep(0.01)
                await one.finish(5.0)
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    asyncio.run(main())


def the(records: Records, output: Output) -> Output:
    """As it is now."""
    return next(one for one in records.outputs() if one.id == output.id)


def states(records: Records, output: Output) -> list[str]:
    """Of its deliveries, oldest first."""
    return [one.state.value for one in reversed(records.deliveries(output.id, limit=1000))]
