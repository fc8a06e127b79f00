"""A program of somebody else's, run for tests: a free port of loopback, data of its own, and ways to do it harm."""

from __future__ import annotations

import abc
import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import psutil

from tests.services.ports import free_ports

READY_WITHIN = 60.0  # seconds; a loaded machine of two cores takes three
GONE_WITHIN = 30.0


class NotStarted(RuntimeError):
    """The program ended or never answered; the message ends with what it logged."""


class Service(abc.ABC):
    """One server process and its children. It keeps its port and its data from one start to the next."""

    name: str

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        [self.port] = free_ports(1)
        self.log = folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    @abc.abstractmethod
    def url(self) -> str:
        """Where clients find it."""

    @abc.abstractmethod
    def command(self) -> Sequence[str]:
        """What to run."""

    @abc.abstractmethod
    def answers(self) -> bool:
        """Whether it serves; False while it is starting."""

    def environment(self) -> Mapping[str, str]:
        """Nothing of the developer's own settings."""
        return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "HOME": str(self.folder)}

    def user(self) -> int | None:
        """Whom to run it as; None = as we are."""
        return None

    @property
    def running(self) -> bool:
        """Whether the server process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Of the server process. Raise NotStarted."""
        if self._process is None:
            raise NotStarted(f"{self.name} does not run")
        return self._process.pid

    def start(self) -> None:
        """Spawn it and wait until it serves. Raise NotStarted."""
        if self.running:
            return
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                list(self.command()), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                env=dict(self.environment()), start_new_session=True, **self._as_user(),
            )  # fmt: skip
        until = time.monotonic() + READY_WITHIN
        while self.running and time.monotonic() < until:
            if self.answers():
                return
            time.sleep(0.02)
        self.kill()
        tail = self.log.read_text("utf-8", "replace")[-2000:]
        raise NotStarted(f"{self.name} did not start in {self.folder}: {tail}")

    def stop(self) -> None:
        """Ask it to end in good order, and wait."""
        if self._process is None:
            return
        self.resume()
        self._process.send_signal(self.stopping())
        try:
            self._process.wait(GONE_WITHIN)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def stopping(self) -> signal.Signals:
        """The signal that asks it to end."""
        return signal.SIGTERM

    def kill(self) -> None:
        """kill -9 of the server and all its children, at once."""
        for process in self._tree():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        if self._process is not None:
            self._process.wait(GONE_WITHIN)
        self._process = None

    def restart(self) -> None:
        """Stop and start over the same data."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """It is there, its connections stay open, and it does not move."""
        for process in self._tree():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.suspend()

    def resume(self) -> None:
        """It goes on."""
        for process in self._tree():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()

    def _tree(self) -> list[psutil.Process]:
        """The server first, so that it cannot start children anew."""
        if self._process is None or self._process.poll() is not None:
            return []
        server = psutil.Process(self._process.pid)
        with contextlib.suppress(psutil.NoSuchProcess):
            return [server, *server.children(recursive=True)]
        return []

    def _as_user(self) -> dict[str, Any]:
        user = self.user()
        return {} if user is None else {"user": user, "group": user_group(user), "extra_groups": []}


Made = TypeVar("Made", bound=Service)


@contextlib.contextmanager
def serving(name: str, make: Callable[[Path], Made]) -> Iterator[Made]:
    """A server in a folder of its own, serving; gone with its data afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=f"wirewatch-{name}-"))
    try:
        server = make(folder)
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def user_group(user: int) -> int:
    """The first group of a user."""
    return pwd.getpwuid(user).pw_gid
