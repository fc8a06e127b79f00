"""What the streams share: a bell that looks only while somebody listens, and readers who are let go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.exceptions import HTTPException

from pipeline.errors import Away
from web import stream
from web.bell import Bell


class Outbox:
    """Counts how often it was looked at."""

    def __init__(self) -> None:
        self.last, self.looks, self.away = 7, 0, False

    def newest(self) -> int:
        self.looks += 1
        if self.away:
            raise Away("the database does not answer")
        return self.last


def test_one_look_wakes_all_who_listen_and_nobody_looks_when_nobody_does() -> None:
    outbox = Outbox()

    async def run() -> None:
        bell = Bell(outbox.newest, pause=0.001)
        with bell.listening(), bell.listening():
            assert await bell.wait(0, 5) and bell.last == 7
            waiting = [asyncio.create_task(bell.wait(7, 5)) for _ in range(2)]
            assert not await bell.wait(7, 0.02)
            outbox.last = 8
            assert await asyncio.gather(*waiting) == [True, True]
        assert bell._ringer is not None
        await bell._ringer  # it ends by itself
        looked = outbox.looks
        await asyncio.sleep(0.02)
        assert outbox.looks == looked

    asyncio.run(run())


def test_an_outbox_that_is_away_is_asked_again() -> None:
    outbox = Outbox()
    outbox.away = True

    async def run() -> None:
        bell = Bell(outbox.newest, pause=0.001)
        with bell.listening():
            waiting = asyncio.create_task(bell.wait(0, 5))
            while outbox.looks < 3:
                await asyncio.sleep(0.001)
            outbox.away = False
            assert await waiting

    asyncio.run(run())


def test_a_closed_bell_lets_all_go_and_nobody_in() -> None:
    async def run() -> None:
        bell = Bell(Outbox().newest, pause=0.001)
        with bell.listening():
            waiting = asyncio.create_task(bell.wait(7, 5))
            await asyncio.sleep(0)
            await bell.close()
            assert await waiting is False
        with pytest.raises(HTTPException) as refused, bell.listening():
            pass
        assert refused.value.status_code == 503

    asyncio.run(run())


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield b"data: x\n\n"


async def never() -> dict[str, Any]:
    await asyncio.Event().wait()
    raise AssertionError


def test_a_reader_who_takes_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "PATIENCE", 0.02)
    sent = []

    async def send(message: Any) -> None:
        sent.append(message["type"])
        if len(sent) > 3:
            await asyncio.Event().wait()

    async def run() -> None:
        bell = Bell(Outbox().newest, most=1)
        async with asyncio.timeout(5):
            await stream._Stream(bell, endless())({"type": "http"}, never, send)
        with bell.listening():
            """The place is free again."""

    asyncio.run(run())
    assert sent == ["http.response.start", *["http.response.body"] * 3]


def test_a_reader_who_left_is_let_go() -> None:
    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        await asyncio.sleep(0)

    async def run() -> None:
        async with asyncio.timeout(5):
            await stream._Stream(Bell(Outbox().newest), endless())({"type": "http"}, gone, send)

    asyncio.run(run())
