"""Serves the web application with uvicorn until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator, Sequence
from threading import Event

import uvicorn
from fastapi import FastAPI

from pipeline.errors import BadSetting

Application = FastAPI
LEFT = 5  # seconds that answers under way get when it stops
MOST = 500  # connections at a time; 503 beyond
BACKLOG = 512  # connections that wait to be taken
TURN = 0.1  # seconds between two looks at `stop`


def listen(host: str, port: int) -> socket.socket:
    """The socket, so that its port is known before anybody asks. Raise BadSetting when it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise BadSetting(f"web_host = {host}, web_port = {port} cannot be served: {error.strerror or error}") from None


def serve(
    app: FastAPI,
    where: socket.socket,
    stop: Event,
    turn: Callable[[], object] = lambda: None,
    *,
    shared: bool = False,
) -> None:
    """Answer on this socket until `stop` is set; `turn` is called about ten times a second.

    A socket that is `shared` with other processes is asked for one connection at a time, so that one of them does not
    take all that wait. Requests from the application's proxies come from whom X-Forwarded-For names.
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
        backlog=1 if shared else BACKLOG,
    )
    asyncio.run(_serve(_Server(settings), where, stop, turn))


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
