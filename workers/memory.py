"""Keeping memory flat: bodies of all sizes come and go, and glibc keeps what they leave behind unless told not to."""

from __future__ import annotations

import ctypes
import sys

M_MMAP_THRESHOLD = -3  # malloc.h
LARGE = 512 * 1024  # bytes from which a block is mapped by itself and goes back to the system when it is freed


def stay_lean() -> None:
    """Let large blocks go back to the system at once. glibc otherwise raises the limit to what it has seen freed.

    Measured over 2,500 pages: main process 203 MB without, 160 MB with; at 64 KB 142 MB, but 0.6 ms a page more.
    Does nothing on other C libraries.
    """
    if sys.platform.startswith("linux"):
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # glibc's; musl has none
        if mallopt is not None:
            mallopt(M_MMAP_THRESHOLD, LARGE)
