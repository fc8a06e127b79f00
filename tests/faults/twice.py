"""`wirewatch` in which every message is sent twice: what a broker may do, and this one cannot be made to."""

from __future__ import annotations

from typing import Any

from wirewatch.__main__ import main
from workers import queues


def doubled() -> None:
    """Replace the one place that sends."""
    send = queues.Queues._send

    def twice(self: queues.Queues, task: str, order: Any, queue: str, **options: Any) -> None:
        send(self, task, order, queue, **options)
        send(self, task, order, queue, **options)

    queues.Queues._send = twice  # type: ignore[method-assign]


if __name__ == "__main__":
    doubled()
    main()
