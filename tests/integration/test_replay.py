"""The replay server over real HTTP on loopback, and as a process of its own."""

from __future__ import annotations

import asyncio
import gzip
import json
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
import pytest

from replay.answers import Answer, Request, content
from replay.faults import Fault, FaultySite
from replay.made import feeds_world
from replay.server import ReplayServer, World
from tests.shared import ROOT

LONG = "<p>" + "a wire story " * 400 + "</p>"
Get = Callable[..., Awaitable[tuple[int, Mapping[str, str], bytes]]]


class Plain:
    async def answer(self, request: Request) -> Answer:
        return content(LONG, "text/html; charset=utf-8")


def served(test: Callable[[Get, ReplayServer], Awaitable[None]], world: World) -> None:
    """Run a test with a function that asks the started server for (host, path)."""

    async def run() -> None:
        async with ReplayServer(world) as server, aiohttp.ClientSession(auto_decompress=False) as session:

            async def get(
                host: str, path: str = "/", method: str = "GET", **headers: str
            ) -> tuple[int, Mapping[str, str], bytes]:
                sent = {
                    "Host": host,
                    "Accept-Encoding": "identity",
                    **{name.replace("_", "-"): value for name, value in headers.items()},
                }
                url = f"http://127.0.0.1:{server.port}{path}"
                async with session.request(method, url, headers=sent, allow_redirects=False) as response:
                    return response.status, response.headers, await response.read()

            await test(get, server)

    asyncio.run(run())


def faulty(**how: Any) -> World:
    return World({"a.example": FaultySite(Plain(), [Fault(**how)])})


def test_the_host_header_says_which_site_is_meant() -> None:
    async def test(get: Get, server: ReplayServer) -> None:
        assert (await get("a.example"))[0] == 200
        assert (await get("A.EXAMPLE:8080"))[0] == 200
        status, _, body = await get("b.example")
        assert status == 404
        assert b"No site called b.example" in body

    served(test, World({"a.example": Plain()}))


def test_conditional_requests_and_compression() -> None:
    async def test(get: Get, server: ReplayServer) -> None:
        _, headers, body = await get("a.example", Accept_Encoding="gzip")
        assert headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(body) == LONG.encode()
        status, again, nothing = await get("a.example", If_None_Match=headers["ETag"])
        assert (status, nothing, again["ETag"]) == (304, b"", headers["ETag"])
        _, plain, whole = await get("a.example", Accept_Encoding="identity")
        assert "Content-Encoding" not in plain
        assert whole == LONG.encode()
        status, head, nothing = await get("a.example", method="HEAD", Accept_Encoding="identity")
        assert (status, head["Content-Length"], nothing) == (200, str(len(LONG)), b"")

    served(test, World({"a.example": Plain()}))


def test_a_body_broken_off() -> None:
    async def test(get: Get, server: ReplayServer) -> None:
        with pytest.raises(aiohttp.ClientPayloadError):
            await get("a.example")
        assert (await get("a.example"))[2] == LONG.encode()

    served(test, faulty(kind="cut", times=1))


def test_a_connection_torn_down() -> None:
    async def test(get: Get, server: ReplayServer) -> None:
        with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)):
            await get("a.example", method="POST")
        assert (await get("a.example"))[0] == 200

    served(test, faulty(kind="reset", times=1))


def test_a_slow_body_arrives_whole() -> None:
    async def test(get: Get, server: ReplayServer) -> None:
        started = asyncio.get_running_loop().time()
        assert (await get("a.example"))[2] == LONG.encode()
        assert asyncio.get_running_loop().time() - started > 0.1

    served(test, faulty(kind="slow", pace=20_000, wait=0.01))


def test_a_client_may_leave_an_endless_body() -> None:
    async def run() -> None:
        world = faulty(kind="endless", path="/endless")
        async with ReplayServer(world) as server, aiohttp.ClientSession() as session:
            url = f"http://127.0.0.1:{server.port}/"
            async with session.get(url + "endless", headers={"Host": "a.example"}) as response:
                assert len(await response.content.readexactly(1_000_000)) == 1_000_000
                response.close()
            async with session.get(url, headers={"Host": "a.example"}) as response:
                assert response.status == 200

    asyncio.run(run())


def test_redirects_in_a_ring_never_end() -> None:
    async def test(get: Get, server: ReplayServer) -> None:
        path = "/"
        for step in range(1, 5):
            status, headers, _ = await get("a.example", path)
            assert (status, headers["Location"]) == (302, f"http://a.example/?step={step}")
            path = headers["Location"].removeprefix("http://a.example")

    served(test, faulty(kind="loop"))


def test_stats_are_told_on_any_host() -> None:
    async def test(get: Get, server: ReplayServer) -> None:
        _, headers, _ = await get("a.example", "/x?y=1")
        await get("a.example", "/x?y=1", If_None_Match=headers["ETag"])
        await get("nobody.example", "/")
        _, _, body = await get("whoever.example", "/__replay__/stats")
        told = json.loads(body)
        assert told["requests"] == 3
        assert told["hosts"]["a.example"]["paths"] == {"/x?y=1": {"200": 1, "304": 1}}
        assert told["hosts"]["a.example"]["conditional"] == 1
        _, _, one = await get("x", "/__replay__/stats?host=nobody.example")
        assert list(json.loads(one)["hosts"]) == ["nobody.example"]

    served(test, World({"a.example": Plain()}))


def test_controls() -> None:
    async def test(get: Get, server: ReplayServer) -> None:
        _, headers, _ = await get("www.f0001.example", "/feed.xml")
        status, _, body = await get("any", "/__replay__/advance?share=1")
        assert (status, json.loads(body)) == (200, {"advanced": 3})
        assert (await get("www.f0001.example", "/feed.xml", If_None_Match=headers["ETag"]))[0] == 200
        assert (await get("any", "/__replay__/advance?share=lots"))[0] == 400
        status, _, body = await get("any", "/__replay__/rewind")
        assert status == 404
        assert b"advance" in body

    served(test, feeds_world(feeds=3))


def test_many_at_once() -> None:
    async def test(get: Get, server: ReplayServer) -> None:
        answers = await asyncio.gather(*(get(f"www.f{n % 50 + 1:04d}.example", "/feed.xml") for n in range(300)))
        assert {status for status, _, _ in answers} == {200}

    served(test, feeds_world(feeds=50))


def start(*arguments: str) -> tuple[subprocess.Popen[str], dict[str, int]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "replay", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


def finish(process: subprocess.Popen[str]) -> int:
    try:
        return process.wait(10)
    finally:
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def test_as_a_process_it_tells_its_port_and_stops_when_its_parent_is_gone() -> None:
    process, told = start("--demo", "--until-eof")
    assert told["port"] > 0
    assert told["hosts"] >= 16
    assert process.stdin is not None
    process.stdin.close()
    assert finish(process) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_as_a_process_it_stops_when_told(number: signal.Signals) -> None:
    process, told = start("--feeds", "5")
    assert told["hosts"] == 5
    process.send_signal(number)
    assert finish(process) == 0


def test_as_a_process_it_stops_by_itself() -> None:
    process, told = start("--made", "10", "--hosts", "2", "--for", "0.05")
    assert told["hosts"] == 2
    assert finish(process) == 0
