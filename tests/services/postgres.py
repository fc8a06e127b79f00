"""A real PostgreSQL for the tests, from Debian's binaries."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from tests.services.base import Service, serving, user_group
from tests.services.programs import need

USER, PASSWORD = "wirewatch", "not-a-secret"
SETTINGS = {  # a test's data need not outlive the machine; what kill -9 leaves is the same
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "autovacuum_naptime": "5s",
    "log_min_messages": "warning",
}


class Postgres(Service):
    """One server with a superuser; passwords are asked for, and the default collation is a person's, not bytes'."""

    name = "postgres"

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        super().__init__(folder)
        self._initdb, self._program = need("initdb", "postgres")
        self._settings = settings
        self._data = folder / "data"
        user = self.user()
        if user is not None:
            os.chown(folder, user, user_group(user))
        if not self._data.exists():
            self._create()

    @property
    def url(self) -> str:
        """Of the superuser, to the database `postgres`."""
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def command(self) -> Sequence[str]:
        """On loopback alone."""
        fixed = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "port": str(self.port)}
        options = [f"--{name}={value}" for name, value in {**self._settings, **fixed}.items()]
        return [str(self._program), "-D", str(self._data), *options]

    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            psycopg.connect(self.url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def user(self) -> int | None:
        """PostgreSQL refuses to run as root."""
        if os.geteuid() != 0:
            return None
        for name in ("postgres", "nobody"):
            try:
                return pwd.getpwnam(name).pw_uid
            except KeyError:
                continue
        raise SystemExit("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")

    def stopping(self) -> signal.Signals:
        """Fast: sessions are ended, not waited for."""
        return signal.SIGINT

    def _create(self) -> None:
        password = self.folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o644)
        locale = ("--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US")
        made = subprocess.run(
            [str(self._initdb), "-D", str(self._data), "-U", USER, "-A", "scram-sha-256", f"--pwfile={password}",
             "--no-sync", *locale],
            cwd=self.folder, env=dict(self.environment()), capture_output=True, text=True, check=False,
            **self._as_user(),
        )  # fmt: skip
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stderr or made.stdout}")


def postgres(settings: Mapping[str, str] = SETTINGS) -> AbstractContextManager[Postgres]:
    """A server in a folder of its own, serving; gone with its data afterwards."""
    return serving(Postgres.name, lambda folder: Postgres(folder, settings))


def other(url: str, **parts: str) -> str:
    """The address with another user, password or database."""
    split = urlsplit(url)
    user, password = parts.get("user", USER), parts.get("password", PASSWORD)
    path = "/" + parts.get("database", split.path[1:])
    return urlunsplit(split._replace(netloc=f"{user}:{password}@{split.hostname}:{split.port}", path=path))
