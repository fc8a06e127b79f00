"""`wirewatch run --web` and `wirewatch demo`: one process that collects, and serves what it collected."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import feedparser
import pytest
from lxml import html

from tests.integration.outlets import Served, quiet, serving
from tests.integration.test_alerts_sending import until
from tests.integration.web_house import ask
from tests.shared import ROOT
from web.serving import listen


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("config"), "--frozen", only=("harbour-courier", "capitol-ledger")) as one:
        yield one


@contextmanager
def running(command: Sequence[str], environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process, and the address that it says to open; it must end well when it is asked to."""
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        env=quiet() | environment,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        said = []
        for line in process.stdout:
            said.append(line)
            if line.startswith("Open http://127.0.0.1:"):
                break
        else:
            raise AssertionError("".join(said))
        yield process, said[-1].split()[1]
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
        assert process.returncode == 0, rest
    finally:
        process.kill()
        process.wait(20)
        process.stdout.close()


def subscribe(url: str, query: str) -> str:
    """The address of the feed that the form of a new subscription makes, as the README says."""
    page = html.fromstring(ask(url, "/?" + urlencode({"q": query})).body.decode())
    [subscribe] = page.xpath("//a[contains(text(), 'Subscribe')]/@href")
    form = next(one for one in html.fromstring(ask(url, subscribe).body.decode()).forms if one.method == "POST")
    values = {name: str(value).removeprefix("\n") for name, value in form.form_values()}
    saved = ask(url, form.action, "POST", form=values | {"do": "save"})
    assert saved.status == 303, saved.body
    page = html.fromstring(ask(url, saved.headers["location"]).body.decode())
    return str(page.xpath("//input[contains(@value, '.rss')]/@value")[0])


def test_from_the_first_command_to_a_story_in_a_reader(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "wirewatch", "--data", str(tmp_path), "demo", "--speed", "10"]
    with listen("127.0.0.1", 0) as taken:  # as 8080 often is
        port = str(taken.getsockname()[1])
        with running(command, {"WIREWATCH_WEB_PORT": port}) as (_, url):
            assert not url.endswith(f":{port}")
            feed = subscribe(url, "pentagon OR drones")
            assert feed.startswith(f"{url}/s/")
            until(lambda: feedparser.parse(feed).entries, seconds=90)


def test_a_run_serves_what_it_collects(served: Served, tmp_path: Path) -> None:
    with running(served.command(tmp_path, "run", "--web"), {"WIREWATCH_WEB_PORT": "0"}) as (_, url):
        until(lambda: b"Harbour Courier" in ask(url, "/?q=outlet:harbour-courier").body)


def test_a_port_that_is_taken_keeps_a_run_from_starting(served: Served, tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            served.command(tmp_path, "run", "--once", "--web"), cwd=ROOT, capture_output=True, text=True, timeout=60,
            env=quiet() | {"WIREWATCH_WEB_PORT": port},
        )  # fmt: skip
    assert done.returncode == 2 and f"web_port = {port} cannot be served" in done.stderr, done.stderr
