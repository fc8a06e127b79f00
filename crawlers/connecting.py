"""What all connections of ours share: names looked up in threads of their own, and foreign errors made ours."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from crawlers.guard import PrivateAddress
from pipeline.errors import Refused, Unreachable, WirewatchError


class Resolver(AbstractResolver):
    """getaddrinfo in daemon threads: dead name servers hold up neither other work nor the end of the process."""

    def __init__(self, at_once: int) -> None:
        self._room = asyncio.Semaphore(at_once)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[Any]] = loop.create_future()

        def look_up() -> None:
            found: list[Any] = []
            error: Exception | None = None
            try:
                found = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
            except (OSError, UnicodeError) as why:
                error = why
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(_settle, answer, found, error)

        async with self._room:
            threading.Thread(target=look_up, name="dns", daemon=True).start()
            infos = await answer
        return [
            ResolveResult(hostname=host, host=str(at[0]), port=port, family=kind, proto=proto, flags=0)
            for kind, _, proto, _, at in infos
        ]

    async def close(self) -> None:
        """Nothing to close: threads end with their look-up."""


def _settle(answer: asyncio.Future[list[Any]], found: list[Any], error: Exception | None) -> None:
    if answer.done():
        return
    if error is not None:
        answer.set_exception(error)
    else:
        answer.set_result(found)


def translated(why: Exception) -> WirewatchError:
    """Our error for one of aiohttp's or the system's."""
    if isinstance(why, aiohttp.InvalidURL | UnicodeError):
        return Refused(f"not an address: {why}")
    if isinstance(why, aiohttp.ClientConnectorError) and isinstance(why.os_error, PrivateAddress):
        return Refused(f"{why.host} leads to an address that is not public")
    if isinstance(why, aiohttp.ClientConnectorDNSError):
        return Unreachable(f"no address for {why.host}")
    if isinstance(why, aiohttp.ClientConnectorCertificateError):
        return Unreachable(f"the certificate of {why.host} is not valid: {why.certificate_error}")
    if isinstance(why, aiohttp.ClientConnectorError):
        return Unreachable(f"no connection to {why.host}: {why.os_error}")
    if isinstance(why, aiohttp.ServerDisconnectedError | aiohttp.ClientPayloadError | ConnectionResetError):
        return Unreachable("the answer was cut short")
    return Unreachable(f"no valid answer: {why or type(why).__name__}")
