"""The services of the tests are what they say: real, apart from each other, and can be harmed and healed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis as client

from tests.services import programs
from tests.services.base import NotStarted
from tests.services.fixtures import database, postgres_url
from tests.services.postgres import Postgres, postgres
from tests.services.redis import Redis, redis
from tests.services.wire import wire

ROOT = Path(__file__).parents[2]


def test_redis_keeps_what_it_confirmed_over_a_kill() -> None:
    with redis() as server, client.Redis.from_url(server.url) as asked:
        for harm in (server.kill, server.stop):
            asked.set(f"by {harm.__name__}", "kept")
            harm()
            with pytest.raises(client.ConnectionError):
                asked.get("by kill")
            server.start()
        assert [asked.get("by kill"), asked.get("by stop")] == [b"kept", b"kept"]
        server.pause()
        with (
            client.Redis(port=server.port, socket_timeout=0.2, retry=None) as hurried,
            pytest.raises(client.TimeoutError),
        ):
            hurried.get("by kill")
        server.resume()
        assert asked.get("by kill") == b"kept"


def test_a_wire_is_cut_and_mended(redis_url: str) -> None:
    with wire(redis_url) as line, client.Redis.from_url(line.url(redis_url), retry=None) as asked:
        asked.set("x", "y" * 1_000_000)
        assert asked.get("x") == b"y" * 1_000_000
        line.cut()
        for _ in range(3):
            with pytest.raises(client.ConnectionError):
                asked.get("x")
        line.mend()
        assert asked.get("x") == b"y" * 1_000_000
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", line.port), timeout=5)


@pytest.mark.parametrize("time", [1, 2])
def test_each_test_has_services_of_its_own(redis_url: str, postgres_url: str, time: int) -> None:
    """Whichever of the two comes second finds nothing of the first."""
    with client.Redis.from_url(redis_url) as asked:
        assert asked.keys("*") == []
        asked.set("left", "behind")
    with psycopg.connect(postgres_url) as conn:
        assert conn.execute("SELECT count(*) FROM sources").fetchone() == (0,)
        conn.execute("INSERT INTO sources (id, current) VALUES ('left', true)")


def test_a_database_is_gone_afterwards() -> None:
    with database() as url:
        name = url.rpartition("/")[2]
    with psycopg.connect(postgres_url()) as conn:
        assert conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    server = Redis(tmp_path)
    with (
        socket.create_server(("127.0.0.1", server.port)),
        pytest.raises(NotStarted, match=r"(?s)redis did not start.*bind"),
    ):
        server.start()
    with pytest.raises(NotStarted, match="unrecognized configuration parameter"), postgres({"no_such_thing": "1"}):
        pytest.fail("it started")


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "find", lambda program: None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(programs.Missing, match=r"the tests need initdb, postgres: .*apt-get install .* postgresql$"):
        programs.need("initdb", "postgres")


def test_a_server_of_nobody_but_us(tmp_path: Path) -> None:
    """It ends with its context, and leaves no process or folder."""
    with postgres() as server:
        assert isinstance(server, Postgres)
        folder, tree = server.folder, server._tree()
        assert len(tree) > 3
    assert not folder.exists()
    assert not any(process.is_running() for process in tree)


def checking(folder: Path, test: str) -> subprocess.Popen[str]:
    """The test command over one test file; Elasticsearch is not asked for."""
    (folder / "test_asks.py").write_text("import os, time\ndef test_it():\n" + test)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TEST_", "PYTEST_"))}
    environment["TEST_ELASTICSEARCH_URL"] = "http://127.0.0.1:9/"
    command = [sys.executable, "tests/check.py", str(folder), "-p", "no:randomly"]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=pipe, stderr=subprocess.STDOUT, text=True)


def test_the_test_command_names_what_it_started(tmp_path: Path) -> None:
    """As `./run test tests/…` does: servers are started once, and told to all processes of pytest."""
    seen = tmp_path / "seen"
    told = "os.environ['TEST_POSTGRES_URL'] + ' ' + os.environ['TEST_REDIS_URL']"
    command = checking(tmp_path, f"    open({str(seen)!r}, 'a').write({told})\n")
    said, _ = command.communicate(timeout=120)
    assert command.returncode == 0, said
    database_url, redis_url = seen.read_text().split()
    assert database_url.startswith("postgresql://wirewatch:")
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", urlsplit(redis_url).port or 0), timeout=5)


def test_the_test_command_that_is_ended_leaves_no_server(tmp_path: Path) -> None:
    command = checking(tmp_path, "    time.sleep(2)\n")
    assert command.stdout is not None
    line = next(line for line in command.stdout if "services: " in line)
    command.terminate()
    command.communicate(timeout=120)
    ports = [urlsplit(url).port or 0 for url in line.partition("services: ")[2].strip().split(", ")]
    assert len(ports) == 2
    for port in ports:
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=5)
