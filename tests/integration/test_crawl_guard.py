"""Requests reach public addresses only, however they are spelled, redirected or resolved."""

from __future__ import annotations

import socket

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from crawlers.crawl import Crawler, CrawlSettings
from crawlers.guard import Guard
from pipeline.errors import Refused
from pipeline.types import Fetched, FetchFailed
from tests.integration.crawling import Clock, Outlets, RobotsInMemory, crawler, fetch, fetch_one, task


class Names(AbstractResolver):
    """Answers each look-up with the next of its addresses."""

    def __init__(self, *addresses: str) -> None:
        self.left = list(addresses)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        address = self.left.pop(0)
        kind = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing to close."""


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.0.0.7",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "017700000001",
        "127.1",
        "[::1]",
        "[fd00:ec2::254]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "localhost",
        "printer",
        "nas.local",
        "metadata.google.internal",
        "１２７.0.0.1",
    ],
)
async def test_an_address_that_is_not_public_is_refused_without_a_request(host: str) -> None:
    async with Outlets() as outlets:
        ours = Crawler(CrawlSettings(delay=0), RobotsInMemory(), Clock())
        (outcome,) = await fetch(ours, task(f"http://{host}:{outlets.port}/feed"))
        assert isinstance(outcome, FetchFailed)
        assert isinstance(outcome.error, Refused)
        assert outlets.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "ftp://ledger.example/feed",
        "file:///etc/passwd",
        "gopher://x.example/",
        "http:///x",
        "http://user:word@ledger.example/feed",
        "http://ledger.example:99999/",
        "//x",
    ],
)
async def test_other_schemes_and_credentials_are_refused(url: str) -> None:
    async with Outlets() as outlets:
        outcome = await fetch_one(outlets, url)
        assert isinstance(outcome, FetchFailed)
        assert isinstance(outcome.error, Refused)
        assert outlets.asked == []


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://localhost/", "file:///etc/hosts"],
)
async def test_a_redirect_to_what_is_not_public_is_refused(target: str) -> None:
    async with Outlets() as outlets:
        outlets.on("ledger.example/feed", status=302, Location=target)
        outcome = await fetch_one(outlets, "ledger.example/feed")
        assert isinstance(outcome, FetchFailed)
        assert isinstance(outcome.error, Refused)
        assert outlets.paths() == ["ledger.example/robots.txt", "ledger.example/feed"]


async def test_a_public_name_with_a_private_address_is_refused() -> None:
    async with Outlets() as outlets:
        ours = Crawler(CrawlSettings(delay=0), RobotsInMemory(), Clock(), resolver=Names("127.0.0.1"))
        (outcome,) = await fetch(ours, task(f"http://ledger.example:{outlets.port}/feed"))
        assert isinstance(outcome, FetchFailed)
        assert isinstance(outcome.error, Refused)
        assert "not public" in outcome.error.message
        assert outlets.asked == []


async def test_a_name_that_turns_private_after_it_was_looked_up_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the look-up for robots.txt gives a "public" address, the next one a private one."""
    async with Outlets() as outlets:
        host = f"ledger.example:{outlets.port}"
        outlets.on(f"{host}/feed", b"secret")
        outlets.on(f"{host}/robots.txt", b"", Connection="close")
        ours = Crawler(CrawlSettings(delay=0), RobotsInMemory(), Clock(), resolver=Names("127.0.0.1", "127.0.0.2"))
        # 127.0.0.1 stands for a public address here; 127.0.0.2 reaches the same machine and does not.
        monkeypatch.setattr(ours, "_guard", Guard(exempt=("127.0.0.1", outlets.port)))
        monkeypatch.setattr("crawlers.transport.DNS_KEPT", 0)
        (outcome,) = await fetch(ours, task(f"http://{host}/feed"))
        assert isinstance(outcome, FetchFailed)
        assert isinstance(outcome.error, Refused)
        assert outlets.paths() == [f"{host}/robots.txt"]


async def test_private_addresses_are_fetched_when_allowed() -> None:
    async with Outlets() as outlets:
        outlets.on(f"127.0.0.1:{outlets.port}/feed", b"<rss/>")
        ours = crawler(outlets, connect_to="", allow_private=True)
        (outcome,) = await fetch(ours, task(f"http://127.0.0.1:{outlets.port}/feed"))
        assert isinstance(outcome, Fetched)
