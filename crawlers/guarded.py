"""The guard for calls of libraries that make their own sockets and take no socket of ours: Apprise is one.

What a thread does inside `guarded` is judged where Python itself reports it, by an audit hook (PEP 578): each connect
and each datagram, whatever library asked for it and however the address was come by, so a name that turns private
after it was looked up and a redirect gain nothing. A host name is refused where an address is due, since the C library
has looked it up by itself. Programs are refused as well. Threads that the call begins are under the same guard where
Python reports them, which is from 3.12 on: before, whatever connects from a thread of its own is not for this.

It holds back honest code that is given a bad address. Code that wants to get around it can.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from crawlers.guard import Guard, PrivateAddress

REACHES = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
STARTS = frozenset({"_thread.start_new_thread", "_thread.start_joinable_thread"})  # of Python 3.12, and of 3.13
# Of https://docs.python.org/3/library/audit_events.html, what runs a program or speaks to the machine's own services.
RUNS = frozenset(
    {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn"}
    | {"syslog.openlog", "syslog.syslog"}
)
WATCHED = REACHES | STARTS | RUNS


class NotHere(PermissionError):
    """Raised where a guarded call would start a program."""


@dataclass(slots=True)
class Watch:
    """`refused` tells afterwards whether an address was not public: libraries often say only that they failed."""

    guard: Guard
    refused: bool = False


_watches: WeakKeyDictionary[threading.Thread, Watch] = WeakKeyDictionary()


@contextmanager
def guarded(guard: Guard) -> Iterator[Watch]:
    """Within it, this thread and those that it begins reach only what the guard permits."""
    watch = Watch(guard)
    if guard.allow_private:
        yield watch
        return
    _hook()
    thread = threading.current_thread()
    _watches[thread] = watch
    try:
        yield watch
    finally:
        del _watches[thread]


@cache
def _hook() -> None:
    sys.addaudithook(_judge)  # for good: Python takes none back


def _judge(event: str, args: tuple[Any, ...]) -> None:
    if event not in WATCHED or not _watches:
        return
    watch = _watches.get(threading.current_thread())
    if watch is None:
        return
    if event in REACHES:
        if not watch.guard.permits(args[1]):
            watch.refused = True
            raise PrivateAddress
    elif event in STARTS:
        begun = getattr(args[0], "__self__", None)
        if not isinstance(begun, threading.Thread):
            raise NotHere("no thread is begun here but by threading.Thread")
        _watches[begun] = watch
    else:
        raise NotHere(f"no program is started here ({event})")
