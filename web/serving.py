"""Serves the web application with uvicorn until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Collection, Iterator, MutableSequence, Sequence
from threading import Event
from typing import Any

import uvicorn
from fastapi import FastAPI

from pipeline.errors import BadSetting

Application = FastAPI
LEFT = 5  # seconds that answers under way get when it stops
MOST = 500  # connections at a time; 503 beyond
BACKLOG = 512  # connections that wait to be taken
PASSES = 50  # turns of the loop (some 30 µs each) for which a connection is left to others
SETTLED = 3  # turns from taking a connection to its being counted
ABSENT = 1_000_000_000  # for the connections of a process that is not there
Share = tuple[MutableSequence[int], int]  # connections by process, in memory that they share; and which place is ours
TURN = 0.1  # seconds between two looks at `stop`


def listen(host: str, port: int) -> socket.socket:
    """The socket, so that its port is known before anybody asks. Raise BadSetting when it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        made = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise BadSetting(f"web_host = {host}, web_port = {port} cannot be served: {error.strerror or error}") from None
    # asyncio sets it only where the protocol is named, which it is not here; without it each answer waits 40 ms for the
    # acknowledgement of its head (Nagle's algorithm, RFC 896, against delayed ones, RFC 1122).
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def serve(
    app: FastAPI,
    where: socket.socket,
    stop: Event,
    turn: Callable[[], object] = lambda: None,
    *,
    share: Share | None = None,
) -> None:
    """Answer on this socket until `stop` is set; `turn` is called about ten times a second.

    With `share` the socket is shared with other processes: it is asked for one connection at a time, and those with the
    fewest take the next. Requests from the application's proxies come from whom X-Forwarded-For names.
    """
    proxies: Sequence[str] = app.state.parts.proxies
    settings = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,  # addresses of links are keys
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        timeout_graceful_shutdown=LEFT,
        limit_concurrency=MOST,
        lifespan="off",
        backlog=1 if share else BACKLOG,
    )
    server = _Server(settings)
    if share:
        where = _Shared(where, share, server.server_state.connections)
    asyncio.run(_serve(server, where, stop, turn))


async def _serve(server: _Server, where: socket.socket, stop: Event, turn: Callable[[], object]) -> None:
    async def watch() -> None:
        while not stop.is_set():
            turn()
            await asyncio.sleep(TURN)
        server.should_exit = True

    watching = asyncio.create_task(watch())
    try:
        await server.serve(sockets=[where])
    finally:
        watching.cancel()


class _Shared(socket.socket):
    """A socket at which other processes listen, too. A connection is left to one that has fewer than we have, for a
    while: browsers keep theirs, and chance would leave six with one process and two with the other."""

    def __init__(self, where: socket.socket, share: Share, connections: Collection[object]) -> None:
        super().__init__(fileno=where.detach())
        self._share, self._connections = share, connections
        self._passes = 0  # how often this one was left to others
        counts, own = share
        counts[own] = len(connections)
        self._settling = 0  # turns of the loop until one just taken is among the connections

    def accept(self) -> tuple[socket.socket, Any]:
        """As the loop calls it whenever a connection waits, turn for turn until somebody has taken it."""
        counts, own = self._share
        if self._settling:
            self._settling -= 1
            raise BlockingIOError
        counts[own] = len(self._connections)
        if counts[own] > min(counts) and self._passes < PASSES:
            self._passes += 1
            raise BlockingIOError
        self._passes = 0
        taken = super().accept()
        counts[own], self._settling = counts[own] + 1, SETTLED
        return taken


class _Server(uvicorn.Server):
    """Leaves signals to who started it, and ends the streams before it waits for what is under way."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for one in sockets or ():
            one.listen(BACKLOG)  # what asyncio takes at a time is not how many may wait

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self.config.app.state.bell.close()  # type: ignore[union-attr]
        await super().shutdown(sockets)
