"""Waiting for what comes right by itself."""

from __future__ import annotations

import threading
from itertools import islice

import pytest

from pipeline.errors import Away, Busy, DiskFull, Trouble
from workers.patience import Stopped, patiently, pauses


def test_pauses_double_to_a_bound_with_jitter_either_way() -> None:
    middle = list(islice(pauses(lambda: 0.5, first=1.0, longest=10.0), 6))
    assert middle == [1, 2, 4, 8, 10, 10]
    assert list(islice(pauses(lambda: 0.0, first=1.0), 2)) == [0.75, 1.5]
    assert list(islice(pauses(lambda: 1.0, first=1.0), 2)) == [1.25, 2.5]


def test_what_is_away_busy_or_full_is_tried_again_until_it_works() -> None:
    troubles = iter([Away("gone"), Busy("locked"), DiskFull("full")])

    def work() -> str:
        for trouble in troubles:
            raise trouble
        return "done"

    assert patiently(work, threading.Event(), lambda: 0.0) == "done"


def test_other_trouble_is_not_waited_for() -> None:
    def work() -> None:
        raise Trouble("no such database")

    with pytest.raises(Trouble, match="no such database"):
        patiently(work, threading.Event(), lambda: 0.0)


def test_a_stop_ends_the_waiting() -> None:
    stop = threading.Event()

    def work() -> None:
        stop.set()
        raise Away("gone")

    with pytest.raises(Stopped):
        patiently(work, stop, lambda: 1.0)
