"""What a failed try of a delivery means, and when the next one is. The one place where that is decided.

What comes right by itself is tried for three days, with twice the pause each time (Standard Webhooks 1.0.0,
"Deliverability and reliability"); what does not, a few times within minutes, for people do put things right; then it
is dead: kept, listed, and sent again by a replay.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from pipeline.errors import Retry, WirewatchError
from pipeline.watch import Alert, DeliveryState, Output, Settled

PATIENCE = timedelta(days=3)
FIRST = timedelta(seconds=5)
LONGEST = timedelta(minutes=30)  # so that a receiver that is back hears of it soon
AGAIN = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=3))  # after a rejection
REJECTED = "rejected: "
Spread = Callable[[], float]  # a random number from 0 to 1
ERROR_LENGTH = 500


def pause(tries: int, spread: Spread) -> timedelta:
    """How long to wait after so many failed tries in a row: doubling, with jitter of a quarter either way."""
    doubled = FIRST * float(2 ** min(tries - 1, 20))
    return min(LONGEST, doubled) * (0.75 + spread() / 2)


def after(
    error: WirewatchError, output: Output, alert: Alert, tries: int, last: str, now: datetime, spread: Spread
) -> Settled:
    """What becomes of a delivery that failed `tries` times, this one included. `last` is the error of the time before.

    `output.tries` and `failing_since` are those before this try.
    """
    words = error.message[:ERROR_LENGTH]
    if isinstance(error, Retry):
        since = max(alert.made, output.failing_since or now)
        wait = max(pause(output.tries + 1, spread), timedelta(seconds=error.retry_after or 0))
        if now - since >= PATIENCE:
            return Settled(output.id, alert.seq, DeliveryState.DEAD, f"for three days: {words}", now)
        return Settled(output.id, alert.seq, DeliveryState.PENDING, words, now + wait)
    # a receiver that was down and is being set up again rejects for a while: its tries before do not count
    if tries > len(AGAIN) and last.startswith(REJECTED):
        return Settled(output.id, alert.seq, DeliveryState.DEAD, REJECTED + words, now)
    wait = AGAIN[min(tries, len(AGAIN)) - 1] * (1 + spread() / 4)
    return Settled(output.id, alert.seq, DeliveryState.PENDING, REJECTED + words, now + wait)
