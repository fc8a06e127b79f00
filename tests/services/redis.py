"""A real Redis for the tests, append-only, so that it keeps what it was told over a restart."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import redis as client

from tests.services.base import Service, serving
from tests.services.programs import need

DATABASES = 64  # one a process of pytest-xdist


class Redis(Service):
    """One server, told to write through each command: what it confirmed survives kill -9."""

    name = "redis"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        [self._program] = need("redis-server")

    @property
    def url(self) -> str:
        """Of database 0."""
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> Sequence[str]:
        """On loopback alone."""
        settings = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "dir": str(self.folder),
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
            "databases": str(DATABASES),
        }
        return [str(self._program), *(word for name, value in settings.items() for word in (f"--{name}", value))]

    def answers(self) -> bool:
        """Whether it takes commands; not while it reads its file."""
        try:
            with client.Redis(port=self.port, socket_timeout=5, retry=None) as asked:
                return bool(asked.ping())
        except client.RedisError:
            return False


def redis() -> AbstractContextManager[Redis]:
    """A server in a folder of its own, serving; gone with its data afterwards."""
    return serving(Redis.name, Redis)
