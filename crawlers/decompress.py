"""Undo a Content-Encoding as the bytes arrive, never holding more than the limit.

Each decoder hands out at most what is asked for, so that a bomb costs its limit and not its size.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable
from typing import Protocol

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ACCEPT_ENCODING = "gzip, deflate, br, zstd"

# Pages and feeds shrink 4 to 30 times. deflate can reach 1032, brotli and zstd far more.
MAX_RATIO = 200
RATIO_FROM = 1 << 20  # bytes of output below which any ratio is harmless


class Undecodable(Exception):
    """The bytes are not what Content-Encoding says, or end early."""


class TooLarge(Exception):
    """More than the limit comes out; the message says by which measure."""


class _Step(Protocol):
    """Feed bytes, get at most `room` bytes; call again with b"" while it says there is more."""

    def take(self, data: bytes, room: int) -> tuple[bytes, bool]: ...
    def done(self) -> bool: ...


class _Plain:
    def take(self, data: bytes, room: int) -> tuple[bytes, bool]:
        return data[:room], len(data) > room

    def done(self) -> bool:
        return True


class _Zlib:
    """gzip (also of several members), zlib, and the headless deflate that some servers send for "deflate"."""

    def __init__(self, gzip: bool) -> None:
        self._wbits = 31 if gzip else 15
        self._engine = zlib.decompressobj(self._wbits)
        self._fresh = True
        self._rest = b""

    def take(self, data: bytes, room: int) -> tuple[bytes, bool]:
        data = self._rest + data
        if self._engine.eof:
            if not data.startswith(b"\x1f\x8b"):  # padding behind the last member
                self._rest = b""
                return b"", False
            self._engine = zlib.decompressobj(self._wbits)
        try:
            out = self._engine.decompress(data, room)
        except zlib.error:
            if not self._fresh or self._wbits != 15:
                raise
            self._wbits = -15
            self._engine = zlib.decompressobj(-15)
            out = self._engine.decompress(data, room)
        self._fresh = False
        self._rest = self._engine.unconsumed_tail or self._engine.unused_data
        return out, bool(self._rest)

    def done(self) -> bool:
        return self._engine.eof


class _Brotli:
    def __init__(self) -> None:
        self._engine = brotli.Decompressor()

    def take(self, data: bytes, room: int) -> tuple[bytes, bool]:
        out: bytes = self._engine.process(data, output_buffer_limit=room)
        return out, not self._engine.can_accept_more_data()

    def done(self) -> bool:
        return bool(self._engine.is_finished())


class _Zstd:
    def __init__(self) -> None:
        # RFC 9659: a window of 8 MB is what a server may count on.
        self._engine = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: 23})

    def take(self, data: bytes, room: int) -> tuple[bytes, bool]:
        if self._engine.eof:
            return b"", False
        out = self._engine.decompress(data, room)
        return out, not self._engine.needs_input and not self._engine.eof

    def done(self) -> bool:
        return self._engine.eof


_STEPS: dict[str, Callable[[], _Step]] = {
    "": _Plain,
    "identity": _Plain,
    "none": _Plain,  # these two are mistakes often met: the body is not encoded
    "utf-8": _Plain,
    "gzip": lambda: _Zlib(gzip=True),
    "x-gzip": lambda: _Zlib(gzip=True),
    "deflate": lambda: _Zlib(gzip=False),
    "br": _Brotli,
    "zstd": _Zstd,
}


class Decoder:
    """Collects one body. `limit` bytes at most come out; with `cut` the rest is left, else `TooLarge` is raised."""

    def __init__(self, encoding: str, limit: int, *, cut: bool = False) -> None:
        make = _STEPS.get(encoding.strip().lower())
        if make is None:
            raise Undecodable(f"Content-Encoding {encoding} was not asked for")
        self._step = make()
        self._plain = isinstance(self._step, _Plain)
        self._limit = limit
        self._cut = cut
        self._came = 0
        self._out = bytearray()

    def feed(self, data: bytes) -> bool:
        """Add bytes as they came. False when the limit is reached and the rest is not wanted."""
        self._came += len(data)
        try:
            more = True
            while more:
                out, more = self._step.take(data, self._limit + 1 - len(self._out))
                data = b""
                self._out += out
                if len(self._out) > self._limit:
                    return self._full()
                self._weigh()
        except (zlib.error, brotli.error, zstd.ZstdError) as why:
            raise Undecodable(str(why)) from why
        return True

    def _full(self) -> bool:
        if not self._cut:
            raise TooLarge(f"larger than {self._limit:,} bytes")
        del self._out[self._limit :]
        return False

    def _weigh(self) -> None:
        if not self._plain and len(self._out) > max(RATIO_FROM, MAX_RATIO * self._came):
            raise TooLarge(f"a decompression bomb: over {MAX_RATIO} times its compressed size")

    def finish(self) -> bytes:
        """The whole body; raises `Undecodable` if the compressed stream did not end."""
        if self._came and not self._step.done():
            raise Undecodable("the compressed body ends early")
        return bytes(self._out)

    def so_far(self) -> bytes:
        """What came out until now (a body that was cut)."""
        return bytes(self._out)
