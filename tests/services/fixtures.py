"""The services as pytest fixtures: those that `tests/check.py` started, or our own for as long as this process lives.

A pytest plugin, loaded by `tests/conftest.py`. Isolation: each test has a database of its own, copied from one that
is migrated already, and each process of pytest-xdist a Redis database that is emptied before each test.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import redis as client

from records import open_records
from records.migrate import SCHEMA
from tests.services.postgres import postgres
from tests.services.redis import redis
from tests.services.wire import Wire, wire

_ours = ExitStack()
_urls: dict[str, str] = {}
_TEMPLATE = f"wirewatch_{SCHEMA}"


def postgres_url() -> str:
    """A superuser's address of the server of this run."""
    if "postgres" not in _urls:
        _urls["postgres"] = os.environ.get("TEST_POSTGRES_URL") or _ours.enter_context(postgres()).url
    return _urls["postgres"]


def redis_url() -> str:
    """Of this process's own database of the server of this run."""
    if "redis" not in _urls:
        base = os.environ.get("TEST_REDIS_URL") or _ours.enter_context(redis()).url
        number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
        _urls["redis"] = urlunsplit(urlsplit(base)._replace(path=f"/{number}"))
    return _urls["redis"]


def named(url: str, database: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


@contextmanager
def database(*, migrated: bool = True, server: str = "") -> Iterator[str]:
    """The address of a new database, with empty tables or with none; gone afterwards, whoever still uses it."""
    server = server or postgres_url()
    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as admin:
        if migrated:
            _make_template(admin, server)
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE if migrated else 'template0'}")
    try:
        yield named(server, name)
    finally:
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _make_template(admin: psycopg.Connection, server: str) -> None:
    """Once a server, whichever process is first; under another name until it is whole."""
    there = "SELECT 1 FROM pg_database WHERE datname = %s"
    if admin.execute(there, [_TEMPLATE]).fetchone():
        return
    admin.execute("SELECT pg_advisory_lock(1)")
    try:
        if not admin.execute(there, [_TEMPLATE]).fetchone():
            making = f"{_TEMPLATE}_making"
            admin.execute(f"DROP DATABASE IF EXISTS {making} WITH (FORCE)")
            admin.execute(f"CREATE DATABASE {making} TEMPLATE template0")
            open_records(named(server, making)).close()
            admin.execute(f"ALTER DATABASE {making} RENAME TO {_TEMPLATE}")
    finally:
        admin.execute("SELECT pg_advisory_unlock(1)")


@pytest.fixture(name="postgres_url")
def _postgres_url() -> Iterator[str]:
    """A database of the test's own, migrated."""
    with database() as url:
        yield url


@pytest.fixture(name="postgres_wire")
def _postgres_wire(postgres_url: str) -> Iterator[tuple[Wire, str]]:
    """A wire that can be cut, and the address of the test's database by way of it."""
    with wire(postgres_url) as made:
        yield made, made.url(postgres_url)


@pytest.fixture(name="redis_url")
def _redis_url() -> str:
    """An empty Redis database that no other process of this run uses."""
    url = redis_url()
    with client.Redis.from_url(url) as asked:
        asked.flushdb()
    return url


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what we started."""
    _ours.close()
    _urls.clear()
