"""One loopback server for many host names: plain HTTP on 127.0.0.1, the Host header says which site is meant."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType

from aiohttp import web

from replay.answers import Answer, Ending, Request, Site, not_modified, words
from replay.stats import Stats

CONTROL = "/__replay__/"
PIECE = 16 * 1024
"""Bytes handed to the socket at a time when an answer is slow or broken off."""
TICK = 0.05
"""Seconds between the drops of a slow answer."""


@dataclass(slots=True)
class World:
    """Sites by host name, and the controls that tests may pull at `/__replay__/NAME`.

    A control gets the query's arguments and returns something that JSON can hold; ValueError means a bad argument.
    """

    sites: Mapping[str, Site]
    controls: dict[str, Callable[[Mapping[str, str]], object]] = field(default_factory=dict)

    async def answer(self, request: Request) -> Answer:
        """The answer of the site that the request names, or 404 in words."""
        site = self.sites.get(request.host)
        if site is None:
            return words(404, f"No site called {request.host or '(no Host header)'} is served here.")
        return await site.answer(request)

    @property
    def hosts(self) -> list[str]:
        """The host names served, sorted."""
        return sorted(self.sites)


class ReplayServer:
    """Serves a world on 127.0.0.1. `port` is known once started; use it as an async context manager or start/stop."""

    def __init__(self, world: World, port: int = 0) -> None:
        self.world = world
        self.port = port
        self.stats = Stats()
        self._runner: web.ServerRunner | None = None

    async def start(self) -> None:
        """Begin to listen. Raises OSError when the port is taken."""
        server = web.Server(self._handle, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, backlog=1024)
        await site.start()
        self.port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Close every connection and stop listening. Harmless when not started."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> ReplayServer:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _handle(self, incoming: web.BaseRequest) -> web.StreamResponse:
        path, _, query = incoming.raw_path.partition("?")
        if path.startswith("http"):  # a client that takes us for its proxy sends the whole address
            path = "/" + path.partition("://")[2].partition("/")[2]
        headers = {name.lower(): value for name, value in incoming.headers.items()}
        host = headers.get("host", "").rsplit(":", 1)[0].lower()
        request = Request(host=host, path=path, query=query, method=incoming.method, headers=headers)
        if path.startswith(CONTROL):
            return self._control(path.removeprefix(CONTROL), request)
        with self.stats.watch(request) as seen:
            answer = await self.world.answer(request)
            if not_modified(request, answer):
                answer = Answer(304, headers=answer.headers, etag=answer.etag, last_modified=answer.last_modified)
            seen.status = answer.status
            return await _send(incoming, request, answer)

    def _control(self, name: str, request: Request) -> web.Response:
        if name == "stats":
            return _json(self.stats.told(request.arguments.get("host")))
        control = self.world.controls.get(name)
        if control is None:
            return _json({"error": f"no control {name!r}; there are: stats {' '.join(self.world.controls)}"}, 404)
        try:
            return _json(control(request.arguments))
        except ValueError as error:
            return _json({"error": str(error)}, 400)


def _json(told: object, status: int = 200) -> web.Response:
    return web.Response(status=status, text=json.dumps(told), content_type="application/json")


async def _send(incoming: web.BaseRequest, request: Request, answer: Answer) -> web.StreamResponse:
    """Put an answer on the wire, with all the misbehaviour it declares."""
    if answer.wait:
        await asyncio.sleep(answer.wait)
    if answer.ending is Ending.RESET:
        if incoming.transport is not None:
            incoming.transport.abort()
        return web.Response(status=answer.status)
    headers = dict(answer.headers)
    if answer.etag:
        headers["ETag"] = answer.etag
    if answer.last_modified:
        headers["Last-Modified"] = answer.last_modified
    body = answer.body
    if answer.zipped:
        headers["Vary"] = "Accept-Encoding"
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            body = answer.zipped
    if answer.status == 304:
        headers.pop("Content-Encoding", None)
        headers.pop("Content-Type", None)
        return web.Response(status=304, headers=headers)
    if answer.pieces is None and not answer.pace and answer.ending is Ending.WHOLE:
        return web.Response(status=answer.status, body=body, headers=headers)
    return await _drip(incoming, answer, body, headers)


async def _drip(
    incoming: web.BaseRequest, answer: Answer, body: bytes, headers: Mapping[str, str]
) -> web.StreamResponse:
    """Send a body in pieces: slowly, made on the fly, or broken off half way."""
    response = web.StreamResponse(status=answer.status, headers=headers)
    if answer.pieces is None:
        response.content_length = len(body)
    await response.prepare(incoming)
    try:
        if answer.pieces is not None:
            async for piece in answer.pieces():
                await response.write(piece)
        else:
            end = len(body) // 2 if answer.ending is Ending.CUT else len(body)
            step = max(1, int(answer.pace * TICK)) if answer.pace else PIECE
            for start in range(0, end, step):
                await response.write(body[start : min(end, start + step)])
                if answer.pace:
                    await asyncio.sleep(TICK)
        if answer.ending is Ending.CUT:
            await asyncio.sleep(0)
            if incoming.transport is not None:
                incoming.transport.close()
            return response
        await response.write_eof()
    except ConnectionError:
        pass  # the client had enough, which is its right
    return response
