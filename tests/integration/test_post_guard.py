"""Webhooks reach public addresses only, however they are spelled, resolved or redirected."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import aiohttp
import pytest

from crawlers.guard import Guard
from crawlers.post import Poster
from pipeline.errors import BadInput, Refused
from pipeline.outputs import ready
from pipeline.watch import Output, OutputKind
from tests.integration.test_crawl_guard import Names
from tests.services.receiver import Receiver, receiver
from wirewatch import bootstrap
from wirewatch.config import Settings

SPELLED = (  # loopback and other addresses that are not public, in all the ways in which they can be written
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001",
    "0x7f.1", "127.0.0.1.", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:0001]",
    "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1]", "[fd00::1]", "[::]", "0.0.0.0", "0",
    "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "168.63.129.16", "100.64.0.1", "224.0.0.1",
    "255.255.255.255", "localhost", "localhost.", "LOCALHOST", "a.localhost", "a.localhost.", "printer", "nas.local",
    "nas.local.", "metadata.google.internal", "metadata.google.internal.", "router.home.arpa",
)  # fmt: skip


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as one:
        yield one


def post(url: str, guard: Guard, *addresses: str, times: int = 1) -> list[Exception | None]:
    """What comes of posting there so many times with one poster, for which the name resolves to these by turns."""

    async def all_of_them() -> list[Exception | None]:
        resolver = Names(*addresses) if addresses else None
        poster = Poster(guard, lambda: datetime.now(UTC), user_agent="test", timeout=10, resolver=resolver)
        came: list[Exception | None] = []
        async with poster:
            for _ in range(times):
                try:
                    await poster.post(url, {}, b"{}")
                    came.append(None)
                except Exception as error:
                    came.append(error)
                assert poster._session is not None and isinstance(poster._session.connector, aiohttp.TCPConnector)
                poster._session.connector.clear_dns_cache()  # as after the ten seconds that it lasts
        return came

    return asyncio.run(all_of_them())


@pytest.mark.parametrize("host", SPELLED)
def test_an_address_that_is_not_public_gets_no_post(there: Receiver, host: str) -> None:
    (error,) = post(f"http://{host}:{there.port}/hook", Guard())
    assert isinstance(error, Refused), error
    assert there.posts == []


@pytest.mark.parametrize("host", SPELLED)
def test_an_output_to_it_is_not_even_saved(host: str) -> None:
    check = bootstrap.check_output(Settings())
    with pytest.raises(BadInput):
        check(ready(Output("w1", OutputKind.WEBHOOK, f"https://{host}/hook"), bytes))


@pytest.mark.parametrize(
    "target",
    [
        "http://desk@hooks.example.org/x",
        "http://desk:word@hooks.example.org/x",
        "http://hooks.example.org@127.0.0.1/x",
        "http://127.0.0.1#@hooks.example.org/",
        "http://127.0.0.1\\@hooks.example.org/",
        "http://hooks.example.org:99999/",
        "http://hooks.example.org:port/",
        "ftp://hooks.example.org/x",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "//hooks.example.org/x",
        "http:///x",
        "http://１２７.0.0.1/x",
        "http://ⓛocalhost/x",
    ],
)
def test_a_target_with_credentials_another_scheme_or_a_mask_is_not_saved(target: str) -> None:
    with pytest.raises(BadInput):
        bootstrap.check_output(Settings())(ready(Output("w1", OutputKind.WEBHOOK, target), bytes))


@pytest.mark.parametrize(
    "target", ["https://hooks.example.org:8443/x", "http://203.0.114.9:6379/x", "https://hooks.example.org./x"]
)
def test_unusual_ports_and_a_last_dot_of_public_addresses_are_let_be(target: str) -> None:
    bootstrap.check_output(Settings())(ready(Output("w1", OutputKind.WEBHOOK, target), bytes))


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "10.0.0.1"])
def test_a_public_name_that_leads_to_such_an_address_gets_no_post(there: Receiver, address: str) -> None:
    (error,) = post(f"http://hooks.example.org:{there.port}/hook", Guard(), address)
    assert isinstance(error, Refused) and "not public" in error.message
    assert there.posts == []


def test_a_name_that_turns_private_after_it_was_looked_up_gets_no_more(there: Receiver) -> None:
    """DNS rebinding. 127.0.0.1 stands for a public address here; 127.0.0.2 reaches the same machine and does not."""
    there.answer = lambda _: (204, {"Connection": "close"})
    guard = Guard(exempt=("127.0.0.1", there.port))
    url = f"http://hooks.example.org:{there.port}/hook"
    first, second = post(url, guard, "127.0.0.1", "127.0.0.2", times=2)
    assert first is None and isinstance(second, Refused), (first, second)
    assert len(there.posts) == 1


@pytest.mark.parametrize(
    "to", ["http://127.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[::1]/", "/elsewhere"]
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(there: Receiver, to: str, status: int) -> None:
    there.answer = lambda _: (status, {"Location": to})
    (error,) = post(f"http://hooks.example.org:{there.port}/hook", Guard(exempt=("127.0.0.1", there.port)), "127.0.0.1")
    assert isinstance(error, Refused) and "redirects" in error.message
    assert [one.path for one in there.posts] == ["/hook"]
