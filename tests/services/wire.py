"""A piece of wire before a service: cut, the service is unreachable while it runs; mended, it is there again."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

PIECE = 65536


class Wire:
    """Passes TCP connections from a port of loopback to another one."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._guard = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self.port = 0
        self.mend()

    def url(self, of: str) -> str:
        """An address of the service, by way of this wire."""
        parts = urlsplit(of)
        user, at, _ = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=f"{user}{at}127.0.0.1:{self.port}"))

    def cut(self) -> None:
        """Connections break with a reset, new ones are refused."""
        with self._guard:
            listener, self._listener = self._listener, None
            ends, self._open = self._open, set()
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
            listener.close()
        for end in ends:
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """It passes on again, at the same port."""
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port), backlog=200)
            self.port = int(self._listener.getsockname()[1])
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._target), timeout=5)
            except OSError:
                near.close()  # the service itself is away
                continue
            far.settimeout(None)
            with self._guard:
                if listener is not self._listener:
                    near.close()
                    far.close()
                    return
                self._open |= {near, far}
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := one.recv(PIECE):
                other.sendall(piece)
        with contextlib.suppress(OSError):
            other.shutdown(socket.SHUT_WR)
        with self._guard:
            self._open.discard(one)
        one.close()


@contextlib.contextmanager
def wire(url: str) -> Iterator[Wire]:
    """A wire to the service at that address, whole."""
    port = urlsplit(url).port
    assert port is not None
    made = Wire(port)
    try:
        yield made
    finally:
        made.cut()
