"""Several processes on one socket: who dies is replaced and takes no more than its own requests along; all end."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from pipeline.errors import BadInput
from tests.integration.test_web_stream import listening
from tests.integration.web_child import opened, refused
from tests.integration.web_house import ask
from web.processes import serve_many
from web.serving import listen

COUNT = 2


def until(what: Callable[[], object], seconds: float = 60) -> None:
    """Wait for a condition."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)


def pids() -> set[int]:
    """Our web processes."""
    return {one.pid for one in psutil.Process().children() if "spawn_main" in " ".join(one.cmdline())}


@contextmanager
def serving_many(folder: Path, where: socket.socket, count: int = COUNT) -> Iterator[str]:
    stop, began = threading.Event(), threading.Event()
    thread = threading.Thread(
        target=serve_many, args=(partial(opened, folder), where, count, stop, lambda: None, began.set)
    )
    thread.start()
    try:
        assert began.wait(60)
        yield f"http://127.0.0.1:{where.getsockname()[1]}"
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with closing(listen("127.0.0.1", 0)) as where, serving_many(tmp_path, where) as address:
        until(lambda: len({ask(address, "/pid").json() for _ in range(10)}) == COUNT)
        yield address


def test_each_of_them_answers_and_a_burst_is_shared(url: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        asked = list(pool.map(lambda _: ask(url, "/slow").json(), range(40)))
    assert len(set(asked)) == COUNT and min(asked.count(pid) for pid in set(asked)) >= 4


def test_connections_that_are_kept_are_shared_evenly(url: str) -> None:
    asked = []
    with ExitStack() as kept:
        for _ in range(8):
            one = kept.enter_context(closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)))
            one.request("GET", "/pid")
            asked.append(json.loads(one.getresponse().read()))
    told = [asked.count(pid) for pid in set(asked)]
    assert len(told) == COUNT and max(told) - min(told) <= 2


def test_an_answer_does_not_wait_for_the_acknowledgement_of_its_head() -> None:
    with closing(listen("127.0.0.1", 0)) as where, closing(socket.create_connection(where.getsockname())):
        taken, _ = where.accept()
        assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        taken.close()


def test_who_is_killed_under_load_loses_no_more_than_its_open_requests(url: str) -> None:
    victim = ask(url, "/pid").json()
    lost: list[str] = []
    answered: list[int] = []
    clients = 8

    def client(_: int) -> None:
        for _ in range(40):
            try:
                answered.append(ask(url, "/slow").json())
            except (OSError, http.client.HTTPException) as error:
                lost.append(type(error).__name__)

    with ThreadPoolExecutor(clients) as pool:
        running = [pool.submit(client, n) for n in range(clients)]
        until(lambda: len(answered) > 30)
        os.kill(victim, signal.SIGKILL)
        for one in running:
            one.result()
    assert len(lost) <= clients, lost
    assert len(answered) == clients * 40 - len(lost)
    until(lambda: len({ask(url, "/pid").json() for _ in range(10)} - {victim}) == COUNT)


def test_writes_of_several_processes_wait_for_each_other(url: str) -> None:
    def save(number: int) -> int:
        given = {"name": f"watch {number}", "query": "drones"}
        return ask(url, "/api/v1/subscriptions", "POST", given=given).status

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(save, range(80))) == [201] * 80
    told = ask(url, "/api/v1/subscriptions").json()
    assert len(told["subscriptions"] if isinstance(told, dict) else told) == 80


def test_a_link_that_one_made_leads_to_a_stream_of_any(url: str) -> None:
    ask(url, "/api/v1/subscriptions", "POST", given={"name": "ours", "query": "drones"})
    made = ask(url, "/api/v1/subscriptions/ours/outputs", "POST", given={"kind": "link"}).json()
    for _ in range(2 * COUNT):
        with listening(url, made["addresses"]["stream"]) as reader:
            assert reader.answer.status == 200


def test_all_of_them_end_when_they_are_told_to(tmp_path: Path) -> None:
    with closing(listen("127.0.0.1", 0)) as where:
        with serving_many(tmp_path, where) as url:
            until(lambda: len({ask(url, "/pid").json() for _ in range(10)}) == COUNT)
            ours = pids()
        assert len(ours) >= COUNT and not ours & pids()


def test_what_cannot_be_opened_is_told_at_the_start(tmp_path: Path) -> None:
    with closing(listen("127.0.0.1", 0)) as where, pytest.raises(BadInput, match="there is nothing at"):
        serve_many(partial(refused, tmp_path), where, COUNT, threading.Event())


# --- as a command ---------------------------------------------------------------------------
@contextmanager
def command(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    config = folder / "wirewatch.toml"
    config.write_text("shipped_sources = false\n")
    line = [sys.executable, "-m", "wirewatch", "--config", str(config), "--data", str(folder / "data")]
    (folder / "data").mkdir()
    process = subprocess.Popen(
        [*line, "web", "--port", "0", "--processes", str(COUNT)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        said = process.stdout.readline()
        assert "Wirewatch answers at" in said
        yield process, said.split()[3]
    finally:
        process.kill()
        process.wait(20)
        process.stdout.close()


def children(of: subprocess.Popen[Any]) -> list[psutil.Process]:
    return psutil.Process(of.pid).children(recursive=True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_signal_to_the_command_ends_all(tmp_path: Path, number: signal.Signals) -> None:
    with command(tmp_path) as (process, url):
        assert json.loads(ask(url, "/api/v1/search").body)["total"] == 0
        until(lambda: len(children(process)) > COUNT)  # and what multiprocessing keeps beside them
        ours = children(process)
        process.send_signal(number)
        assert process.wait(30) == (-9 if number is signal.SIGKILL else 0)
        _, alive = psutil.wait_procs(ours, timeout=30)
        assert alive == []


def test_a_process_may_have_processes_of_its_own(tmp_path: Path) -> None:
    with command(tmp_path) as (_, url):
        html = "<html><head><title>Drones</title></head><body><article>" + "<p>They were sold.</p>" * 30
        given = {"url": "https://alba.example/drones", "html": html}
        assert ask(url, "/api/v1/read", "POST", given=given).status == 200
