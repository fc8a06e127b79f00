"""Serves from several processes, for Python's interpreter lock lets one of them use one core only.

They share the listening socket: who has the fewest connections takes the next, and what waits in its queue outlives
any of them. They are started anew (spawned, never forked: index and database hold threads and locks), each opens
records and index for itself, and another takes the place of one that dies. They end with their parent, however that
ends, and may have processes of their own, so multiprocessing does not know them as daemons.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import pickle
import signal
import socket
import time
from collections.abc import Callable, MutableSequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from threading import Event

from fastapi import FastAPI

from pipeline.errors import Retry, Trouble, WirewatchError
from web.serving import ABSENT, LEFT, TURN, Share, serve

HASTY = 10.0  # seconds: who dies earlier is not replaced at once
SLOWEST = 30.0  # seconds between two tries, at most
GRACE = LEFT + 5.0  # seconds in which a process must have ended
Make = Callable[[], AbstractContextManager[FastAPI]]
log = logging.getLogger("wirewatch.web")
_spawn = multiprocessing.get_context("spawn")


@dataclass
class _One:
    """A place for a process, and who has it now."""

    process: BaseProcess
    said: Connection
    began: float
    tries: int = 0  # in a row that ended at once
    due: float = 0.0  # when another may be started; 0 while one runs
    served: bool = False


def serve_many(
    make: Make,
    where: socket.socket,
    count: int,
    stop: Event,
    turn: Callable[[], object] = lambda: None,
    began: Callable[[], object] = lambda: None,
) -> None:
    """Answer on this socket from `count` processes until `stop` is set; `make` (to be pickled) opens the application.

    `began` is called when the first of them answers; `turn` about ten times a second. Raise what `make` raises if it
    cannot be opened at the start; later it is tried again, and again after an error that passes by itself.
    """
    counts = _spawn.Array("i", count, lock=False)  # of connections
    start = partial(_start, make, where, counts)
    places = [start(at) for at in range(count)]
    try:
        while not stop.is_set():
            turn()
            _hear(places, began)
            _replace(places, start, counts)
            wait([one.process.sentinel for one in places if not one.due] or [places[0].said], TURN)
    finally:
        _end(places)


def _start(make: Make, where: socket.socket, counts: MutableSequence[int], at: int, tries: int = 0) -> _One:
    counts[at] = ABSENT
    ours, theirs = _spawn.Pipe(duplex=False)
    process = _spawn.Process(target=_child, args=(make, where, (counts, at), theirs), name="wirewatch-web")
    process.start()
    theirs.close()
    return _One(process, ours, time.monotonic(), tries)


def _hear(places: list[_One], began: Callable[[], object]) -> None:
    """What they say of their start. Raise an error that does not pass by itself while none has ever served."""
    for one in places:
        try:
            told = one.said.recv() if not one.served and one.said.poll() else None
        except EOFError:
            continue  # died before it could say anything
        if isinstance(told, WirewatchError) and not isinstance(told, Retry) and not any(o.served for o in places):
            raise told
        if told == "serving":
            one.served, one.tries = True, 0
            if sum(o.served for o in places) == 1:
                began()


def _replace(places: list[_One], start: Callable[[int, int], _One], counts: MutableSequence[int]) -> None:
    now = time.monotonic()
    for at, one in enumerate(places):
        if one.due:
            if now >= one.due:
                one.said.close()
                places[at] = start(at, one.tries)
        elif not one.process.is_alive():
            counts[at] = ABSENT
            hasty = now - one.began < HASTY
            tries = one.tries + 1 if hasty else 0
            one.tries, one.due = tries, now + min(SLOWEST, 2.0 ** (tries - 1) if tries > 1 else 0.0)
            log.warning("web process %s ended (%s); another takes its place", one.process.pid, one.process.exitcode)


def _end(places: list[_One]) -> None:
    """Ask all of them to end, and make those that do not."""
    for one in places:
        if one.process.is_alive():
            one.process.terminate()
    until = time.monotonic() + GRACE
    for one in places:
        one.process.join(max(0.0, until - time.monotonic()))
        if one.process.is_alive():
            one.process.kill()
            one.process.join()
        one.said.close()


# --- in the child ---------------------------------------------------------------------------
def _child(make: Make, where: socket.socket, share: Share, said: Connection) -> None:
    """One process: until SIGTERM, or until its parent is gone. A Ctrl-C is for the parent, who asks the rest to end."""
    stop, parent = Event(), multiprocessing.parent_process()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: stop.set())

    def turn() -> None:
        if parent is not None and not parent.is_alive():
            stop.set()

    try:
        with make() as app:
            gc.collect()
            gc.freeze()  # what is there now stays: no need to go through it again and again while pages are made
            said.send("serving")
            serve(app, where, stop, turn, share=share)
    except WirewatchError as error:
        log.warning("a web process cannot begin: %s", error)
        said.send(_sendable(error))
        raise SystemExit(1) from None


def _sendable(error: WirewatchError) -> WirewatchError:
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  # our own
    except Exception:  # an error that wants more than its message
        return Trouble(str(error))
    return error
