"""Production for tests: every service a process of its own, over real PostgreSQL, Redis and index, and made outlets."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.pipeline import served
from bench.tree import replaying
from crawlers.registry import write_source
from pipeline.errors import Retry
from tests.integration.outlets import quiet
from tests.integration.subscribers import got_all, hold_together, waiting
from tests.services.ports import free_ports
from tests.services.receiver import Receiver
from tests.shared import ROOT
from wirewatch import bootstrap
from wirewatch.config import Settings

SERVICES = ("scheduler", "crawler", "worker", "desk", "indexer", "alerts")
CONFIG = """
connect_to = "127.0.0.1:{port}"
delay = 0.0
per_host = 8
shipped_sources = false
headline_after = 600
lease_minutes = 0.4
resend_minutes = 0.1
allow_private = true
"""


@dataclass(slots=True)
class Process:
    """One service process, in a process group of its own."""

    name: str
    popen: subprocess.Popen[bytes]
    log: Path
    ops: int  # its port of /healthz

    def kill(self) -> None:
        """kill -9 of it and all that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait(30)

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        self.popen.send_signal(signal.SIGTERM)
        try:
            return self.popen.wait(60)
        finally:
            self.kill()

    def asked(self, path: str) -> tuple[int, Any]:
        """Status and body of an address of its ops port; JSON decoded where it is JSON."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ops}{path}", timeout=30) as answer:
                status, body = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, body = error.code, error.read()
        return status, json.loads(body) if body[:1] == b"{" else body.decode()


@dataclass(slots=True)
class Stack:
    """The services of one archive. Whatever a test kills, it may start again."""

    folder: Path
    database_url: str
    redis_url: str
    elasticsearch_url: str
    prefix: str = "wirewatch"
    more: dict[str, str] = field(default_factory=dict)  # further settings, by environment variable
    through: tuple[str, ...] = (sys.executable, "-m", "wirewatch")  # how the services are started
    running: list[Process] = field(default_factory=list)
    receiver: Receiver | None = None  # of the webhooks of its subscribers

    @property
    def settings(self) -> Settings:
        """For reading the archive from the test itself."""
        return Settings(
            data=self.folder / "data",
            database_url=self.database_url,
            redis_url=self.redis_url,
            elasticsearch_url=self.elasticsearch_url,
            elasticsearch_prefix=self.prefix,
        )

    def environment(self) -> dict[str, str]:
        """What the services are told."""
        told = {
            "WIREWATCH_CONFIG": str(self.folder / "wirewatch.toml"),
            "WIREWATCH_DATA": str(self.folder / "data"),
            "WIREWATCH_DATABASE_URL": self.database_url,
            "WIREWATCH_REDIS_URL": self.redis_url,
            "WIREWATCH_ELASTICSEARCH_URL": self.elasticsearch_url,
            "WIREWATCH_ELASTICSEARCH_PREFIX": self.prefix,
        }
        return quiet() | told | self.more

    def start(self, *names: str, options: tuple[str, ...] = ()) -> list[Process]:
        """Start these services (all, when none is named); returns their processes."""
        made = []
        for name in names or SERVICES:
            log = self.folder / f"{name}.log"
            [port] = free_ports(1)
            more = ("--processes", "2", *options) if name == "worker" else options
            with log.open("ab") as out:
                popen = subprocess.Popen(
                    [*self.through, "serve", name, *more],
                    cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
                    env=self.environment() | {"WIREWATCH_OPS_PORT": str(port)},
                )  # fmt: skip
            made.append(Process(name, popen, log, port))
        self.running += made
        return made

    def the(self, name: str) -> Process:
        """The newest process of a service."""
        return next(one for one in reversed(self.running) if one.name == name)

    def restart(self, name: str) -> Process:
        """Start it again after it was killed."""
        return self.start(name)[0]

    def stop(self) -> None:
        """End all, those that fetch first."""
        for one in self.running:
            if one.popen.poll() is None:
                one.popen.send_signal(signal.SIGTERM)
        for one in self.running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                one.popen.wait(40)
            one.kill()

    def wirewatch(self, *arguments: str) -> str:
        """Run the command to its end; what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "wirewatch", *arguments],
            cwd=ROOT, capture_output=True, text=True, timeout=120, env=self.environment(),
        )  # fmt: skip
        assert done.returncode == 0, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def wait(self, articles: int, within: float = 180.0, *, pending: int = 0) -> None:
        """Until so many articles are filed and indexed, and nothing is under way.

        `pending` pages at most wait for another day: blocked ones, which are looked at again.
        """
        with bootstrap.open_archive(self.settings) as archive:

            def unsettled() -> str:
                totals, position = archive.records.totals(), archive.index.position()
                done = totals.articles >= articles and totals.pending <= pending and not totals.spooled
                return "" if done and position == totals.last_change else f"{totals}, index at {position}"

            until(unsettled, within, self.told)

    def all_told(self) -> None:
        """Once nothing waits to be sent: subscribers were told what search finds, and the receiver got all of it."""
        assert self.receiver
        with bootstrap.open_archive(self.settings) as archive:
            until(lambda: waiting(archive.records), 120.0, self.told)
            archive.index.refresh()
            assert hold_together(archive.records, archive.index, bootstrap.now())
            got_all(archive.records, self.receiver)

    def articles(self) -> int:
        """Filed so far."""
        with contextlib.closing(bootstrap.open_the_records(self.settings)) as records:
            return records.totals().articles

    def reach(self, articles: int, within: float = 120.0) -> None:
        """Until so many are filed, while the rest is under way."""
        with contextlib.closing(bootstrap.open_the_records(self.settings)) as records:
            until(lambda: "" if (n := records.totals().articles) >= articles else f"{n} articles", within, self.told)

    def told(self) -> str:
        """The end of every log, for a failed test."""
        return "\n".join(
            f"--- {path.name}\n{path.read_text('utf8', 'replace')[-1500:]}"
            for path in sorted(self.folder.glob("*.log"))
        )


def until(unmet: Callable[[], str], within: float, told: Callable[[], str] = lambda: "") -> None:
    """Wait until `unmet` is empty; fail with it, and with what `told` has to say, after `within` seconds.

    A part that is away at the moment is one more thing to be waited for.
    """

    def words() -> str:
        try:
            return unmet()
        except Retry as error:
            return str(error)

    end = time.monotonic() + within
    while said := words():
        assert time.monotonic() < end, f"not within {within:g} s: {said}\n{told()}"
        time.sleep(0.2)


@contextlib.contextmanager
def stack(
    folder: Path, port: int, database_url: str, redis_url: str, elasticsearch_url: str, prefix: str
) -> Iterator[Stack]:
    """Services (none started yet) over the outlets served at `port`; all ended afterwards."""
    for source in served(port).values():
        polite = replace(source, poll_min=timedelta(minutes=1), poll_max=timedelta(minutes=2))
        write_source(polite, folder / "sources")
    (folder / "wirewatch.toml").write_text(CONFIG.format(port=port), encoding="utf8")
    made = Stack(folder, database_url, redis_url, elasticsearch_url, prefix)
    try:
        yield made
    finally:
        made.stop()


@contextlib.contextmanager
def made_outlets(pages: int, hosts: int = 20) -> Iterator[int]:
    """Generated outlets with so many pages in all; yields the port."""
    with replaying("--made", str(pages), "--hosts", str(hosts)) as port:
        yield port
