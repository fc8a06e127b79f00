"""What robots.txt files mean, and how often they are asked for."""

from __future__ import annotations

import asyncio
import re
from ast import literal_eval
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from crawlers.robots import MAX_DELAY, Robots, Rules
from pipeline.errors import Blocked, Refused, ServerFault, Throttled, Unreachable, WirewatchError
from tests.shared import shared_data

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FORBID = b"User-agent: Wirewatch\nDisallow: /members/\nCrawl-delay: 7\n"


class Host:
    """A host whose robots.txt is asked for: a status and body, or an error. Also the store, the pacer and the clock."""

    def __init__(self, answer: tuple[int, bytes] | WirewatchError) -> None:
        self.answer = answer
        self.asked: list[str] = []
        self.paced: list[tuple[str, float]] = []
        self.kept: dict[str, tuple[int, bytes, datetime]] = {}
        self.now = NOON

    def get(self, origin: str) -> tuple[int, bytes, datetime] | None:
        return self.kept.get(origin)

    def put(self, origin: str, status: int, body: bytes, fetched: datetime) -> None:
        self.kept[origin] = (status, body, fetched)

    async def fetch(self, url: str) -> tuple[int, bytes]:
        self.asked.append(url)
        await asyncio.sleep(0)
        if isinstance(self.answer, WirewatchError):
            raise self.answer
        return self.answer

    def robots(self) -> Robots:
        return Robots(self, self.fetch, lambda host, delay: self.paced.append((host, delay)), lambda: self.now)


async def test_it_is_asked_for_once_however_many_tasks_wait_and_over_a_restart() -> None:
    host = Host((200, FORBID))
    robots = host.robots()
    await asyncio.gather(*[robots.check(f"https://ledger.example/{n}") for n in range(20)])
    await host.robots().check("https://ledger.example/after-a-restart")
    assert host.asked == ["https://ledger.example/robots.txt"]
    assert host.paced[0] == ("ledger.example", 7.0)


async def test_a_disallowed_address_is_blocked() -> None:
    robots = Host((200, FORBID)).robots()
    await robots.check("https://ledger.example/news/1")
    with pytest.raises(Blocked, match=r"robots\.txt of ledger\.example disallows this address"):
        await robots.check("https://ledger.example/members/1")


async def test_it_is_asked_for_again_after_a_day() -> None:
    host = Host((200, b""))
    robots = host.robots()
    await robots.check("https://ledger.example/members/1")
    host.answer, host.now = (200, FORBID), NOON + timedelta(hours=23)
    await robots.check("https://ledger.example/members/1")
    host.now = NOON + timedelta(hours=25)
    with pytest.raises(Blocked):
        await robots.check("https://ledger.example/members/1")
    assert len(host.asked) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
async def test_none_means_that_all_is_allowed(status: int) -> None:
    await Host((status, FORBID)).robots().check("https://ledger.example/members/1")


@pytest.mark.parametrize("answer", [(500, b""), (503, b""), (429, b""), ServerFault("down"), Unreachable("no address")])
async def test_one_that_cannot_be_had_forbids_for_the_time_being(answer: tuple[int, bytes] | WirewatchError) -> None:
    host = Host(answer)
    robots = host.robots()
    for _ in range(2):
        with pytest.raises(Unreachable) as raised:
            await robots.check("https://ledger.example/news/1")
        assert raised.value.retry_after == 600
    with pytest.raises(Unreachable):  # nor does a restart ask again at once
        await host.robots().check("https://ledger.example/news/1")
    assert len(host.asked) == 1
    host.answer, host.now = (404, b""), NOON + timedelta(minutes=11)
    await robots.check("https://ledger.example/news/1")


async def test_an_old_copy_serves_while_a_new_one_cannot_be_had() -> None:
    host = Host(Unreachable("timed out"))
    host.kept["https://ledger.example"] = (200, FORBID, NOON - timedelta(days=3))
    robots = host.robots()
    await robots.check("https://ledger.example/news/1")
    with pytest.raises(Blocked):
        await robots.check("https://ledger.example/members/1")
    assert host.kept["https://ledger.example"][0] == 200


async def test_a_pause_and_a_private_address_come_out_as_they_are() -> None:
    with pytest.raises(Throttled):
        await Host(Throttled("wait", retry_after=5)).robots().check("https://ledger.example/")
    host = Host(Refused("not public"))
    robots = host.robots()
    for _ in range(2):
        with pytest.raises(Refused):
            await robots.check("https://ledger.example/")
    assert len(host.asked) == 1


async def test_each_scheme_and_port_has_its_own() -> None:
    host = Host((404, b""))
    robots = host.robots()
    for url in ("http://ledger.example/a", "https://LEDGER.example/a", "https://ledger.example:444/a"):
        await robots.check(url)
    assert len(host.asked) == 3


@pytest.mark.parametrize(
    ("body", "delay"),
    [
        (b"User-agent: *\nCrawl-delay: 2.5\n", 2.5),
        (b"User-agent: *\nCrawl-delay: 86400\n", MAX_DELAY),
        (b"User-agent: *\nCrawl-delay: soon\n", 0.0),
        (b"User-agent: *\nCrawl-delay: 9\n\nUser-agent: Wirewatch\nCrawl-delay: 3\n", 3.0),
        (b"", 0.0),
    ],
)
def test_crawl_delay(body: bytes, delay: float) -> None:
    assert Rules(body).delay == delay


@pytest.mark.parametrize("name", ["Wirewatch", "wirewatch/0.1", "WIREWATCH the crawler", "Wirewatch # us"])
def test_we_know_our_name(name: str) -> None:
    rules = Rules(f"User-agent: *\nAllow: /\n\nUser-agent: {name}\nDisallow: /\n".encode())
    assert not rules.allow("http://ledger.example/a")


def test_a_line_that_is_no_rule_does_not_end_a_list_of_agents() -> None:
    rules = Rules(b"User-agent: Wirewatch\nContent-Signal: ai-train=no\nUser-agent: *\nDisallow: /private/\n")
    assert not rules.allow("http://ledger.example/private/a")


def test_odd_bytes_do_not_hide_rules() -> None:
    assert not Rules(b"\xef\xbb\xbfUser-agent: *\nDisallow: /\n").allow("http://ledger.example/a")
    assert not Rules(b"\xef\xbbUser-agent: *\r\nDisallow: /\r\n").allow("http://ledger.example/a")
    assert not Rules(b"# \xff\xfe\x00\nUser-agent: *\rDisallow: /\r").allow("http://ledger.example/a")


def test_what_comes_after_half_a_megabyte_is_not_read() -> None:
    body = b"User-agent: *\n" + b"#" * (512 * 1024) + b"\nDisallow: /\n"
    assert Rules(body).allow("http://ledger.example/a")


# --- what Google expects of its own parser ---

_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')

# (test, agent, address) where we differ on purpose: we are at least as strict, or the case cannot come up.
DIFFERENT = {
    ("GoogleOnly_AcceptUserAgentUpToFirstSpace", "Foo Bar", "http://foo.bar/x/y"): "our token has no space",
    ("ID_Encoding", "FooBot", "http://foo.bar/foo/bar/ツ"): "addresses are percent-encoded before they are asked about",
    ("ID_Encoding", "FooBot", "http://foo.bar/foo/bar/baz"): "%62%61%7A and baz are the same path by RFC 3986",
}


def _text(literal: str) -> str:
    """What a C++ string literal holds."""
    if "\\x" in literal:
        return bytes(literal_eval("b" + literal)).decode("utf-8", "replace")
    return str(literal_eval(literal))


def _google() -> Iterator[tuple[str, str, str, str, bool]]:
    """(test, robots.txt, agent, address, allowed) of every expectation whose arguments are plain strings."""
    source = shared_data("robots-google", "robots_test.cc").read_text()
    source = re.sub(r"^\s*//.*$", "", source, flags=re.M)
    for name, body in re.findall(r"^TEST\(RobotsUnittest, (\w+)\) \{(.*?)^\}", source, flags=re.M | re.S):
        names: dict[str, str] = {}
        statements = re.findall(r'(?:"(?:[^"\\]|\\.)*"|[^;"])+;', body)
        for statement in statements:
            text = "".join(_text(one) for one in _LITERAL.findall(statement))
            made = re.search(r'(?:string_view|string) (\w+) =\s*"', statement)
            asked = re.search(r"EXPECT_(TRUE|FALSE)\(\s*IsUserAgentAllowed\((.*)\)\)", statement, flags=re.S)
            if made:
                names[made[1]] = text
            elif asked and "StrCat" not in statement:
                arguments = re.findall(r'"(?:[^"\\]|\\.)*"|\w+', asked[2])
                robots, agent, url = (_text(one) if one[0] == '"' else names[one] for one in arguments)
                yield name, robots, agent, url, asked[1] == "TRUE"


@pytest.mark.shared
def test_google_s_expectations_hold() -> None:
    seen = 0
    differences = {}
    for name, robots, agent, url, allowed in _google():
        seen += 1
        if Rules(robots.encode(), agent).allow(url) != allowed:
            differences[name, agent, url] = robots
    assert seen > 120
    assert set(differences) == set(DIFFERENT)
