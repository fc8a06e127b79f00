"""A sender to be killed: `python -m tests.integration.alerts_sender ARCHIVE [--never-settle]`.

With `--never-settle` it hangs where it would write that the receiver answered 200.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Sequence
from datetime import datetime

from pipeline.watch import Settled
from records import open_records
from tests.contract.alerts_kit import sender


def main() -> None:
    """Send until killed."""
    records = open_records(sys.argv[1])

    def never(tries: Sequence[Settled], now: datetime) -> None:
        threading.Event().wait()

    if "--never-settle" in sys.argv:
        records.settle = never  # type: ignore[method-assign]
    asyncio.run(sender(records).run(0.05))


if __name__ == "__main__":
    main()
