"""Keeping memory flat: bodies of all sizes come and go, and glibc keeps what they leave behind unless told not to."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

M_MMAP_THRESHOLD = -3  # malloc.h
M_ARENA_MAX = -8
LARGE = 512 * 1024  # bytes from which a block is mapped by itself and goes back to the system when it is freed
ARENAS = 2  # heaps of the threads: each keeps its own largest moment


def stay_lean() -> None:
    """Let large blocks go back to the system at once. glibc otherwise raises the limit to what it has seen freed.

    Measured over 2,500 pages: main process 203 MB without, 160 MB with; at 64 KB 142 MB, but 0.6 ms a page more.
    Does nothing on other C libraries.
    """
    mallopt = _libc("mallopt")
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, LARGE)
        mallopt(M_ARENA_MAX, ARENAS)


def give_back() -> None:
    """Return what lies free inside the heap to the system; a few milliseconds, other Python threads run meanwhile.

    Measured after 5,000 pages: main process 163 MB before, 131 MB after. Does nothing on other C libraries.
    """
    trim = _libc("malloc_trim")
    if trim is not None:
        trim(0)


def _libc(name: str) -> Any:
    """A function that glibc has and others (musl, macOS) have not: None there."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform.startswith("linux") else None
