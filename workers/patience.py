"""Waiting for what comes right by itself: a database that restarts, a queue that is away, a disk that is full."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

from pipeline.errors import DiskFull, Retry

T = TypeVar("T")

log = logging.getLogger("wirewatch.patience")
FIRST, LONGEST = 0.2, 15.0  # seconds
Spread = Callable[[], float]  # a random number from 0 to 1


class Stopped(Exception):
    """The service was asked to stop while it waited."""


def pauses(spread: Spread, first: float = FIRST, longest: float = LONGEST) -> Iterator[float]:
    """Seconds to wait before each further try, for ever: doubling, with jitter of a quarter either way."""
    pause = first
    while True:
        yield pause * (0.75 + spread() / 2)
        pause = min(longest, pause * 2)


def patiently(work: Callable[[], T], stop: threading.Event, spread: Spread) -> T:
    """The result of `work`, tried again for as long as it raises Retry or DiskFull. Raise Stopped when `stop` is set.

    The first trouble of a row is logged, and its end.
    """
    troubled = False
    for pause in pauses(spread):
        try:
            result = work()
        except (Retry, DiskFull) as error:
            if not troubled:
                log.warning("waiting: %s", error)
            troubled = True
            if stop.wait(pause):
                raise Stopped from error
        else:
            if troubled:
                log.warning("going on")
            return result
    raise AssertionError("unreachable")
