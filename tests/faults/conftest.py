"""Servers of our own to be harmed, outlets with enough pages, and the archive of a run in which nothing happened."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis as client

from tests.integration.outlets import differences, dump
from tests.integration.stack import Stack, made_outlets, stack
from tests.integration.subscribers import subscribe
from tests.services.elasticsearch import Cluster, elasticsearch
from tests.services.fixtures import database
from tests.services.postgres import Postgres, postgres
from tests.services.receiver import Receiver, receiver
from tests.services.redis import Redis, redis
from tests.services.wire import Wire, wire
from wirewatch import bootstrap

PAGES = int(os.environ.get("TEST_FAULT_PAGES", "2000"))
QUERIES = ("*", "copies:>1", "title:the OR title:of", "country:GB -wire:reuters")
LONG = float(os.environ.get("TEST_FAULT_MINUTES", "10")) * 60  # seconds that Elasticsearch is unreachable


@dataclass(slots=True)
class Servers:
    """Those of others, each with a wire that can be cut."""

    postgres: Postgres
    redis: Redis
    elasticsearch: Cluster
    to_postgres: Wire
    to_redis: Wire
    to_elasticsearch: Wire

    @contextmanager
    def house(self, folder: Path, port: int) -> Iterator[Stack]:
        """An empty archive and an empty Redis; no service of ours runs yet."""
        with client.Redis.from_url(self.redis.url) as asked:
            asked.flushall()
        with database(server=self.postgres.url) as url, ExitStack() as open_:
            prefix = f"fault-{random.randrange(10**9)}"
            made = stack(
                folder, port, self.to_postgres.url(url), self.to_redis.url(self.redis.url),
                self.to_elasticsearch.url(self.elasticsearch.nodes[0].url), prefix,
            )  # fmt: skip
            yield open_.enter_context(made)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    folder = tmp_path_factory.mktemp("elasticsearch")
    with postgres() as pg, redis() as broker, elasticsearch(folder) as index, ExitStack() as wires:
        urls = (pg.url, broker.url, index.nodes[0].url)
        yield Servers(pg, broker, index, *(wires.enter_context(wire(url)) for url in urls))


@pytest.fixture(scope="session")
def outlets() -> Iterator[int]:
    with made_outlets(PAGES) as port:
        yield port


@pytest.fixture(scope="session")
def quiet_run(servers: Servers, outlets: int, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The archive of an undisturbed run."""
    with servers.house(tmp_path_factory.mktemp("quiet"), outlets) as house:
        house.start()
        house.wait(PAGES, 600)
        house.stop()
        found = dump(house.settings)
    assert len(found["articles"]) == PAGES and found["problems"] == []
    return found


@pytest.fixture
def desk() -> Iterator[Receiver]:
    """Who is told of it."""
    with receiver() as one:
        yield one


@pytest.fixture
def house(servers: Servers, outlets: int, desk: Receiver, tmp_path: Path) -> Iterator[Stack]:
    with servers.house(tmp_path, outlets) as made:
        with closing(bootstrap.open_the_records(made.settings)) as records:
            subscribe(records, QUERIES, bootstrap.now(), desk.url)
        made.receiver = desk
        yield made


def same(house: Stack, quiet_run: dict[str, Any], *, stories: bool = True) -> None:
    """The house is at rest; nothing was lost, nothing doubled, nothing told otherwise; subscribers were told it all.

    Without `stories` only the articles are compared: one whose headline was filed long before its page may have
    founded a story that the desk does not give up again.
    """
    house.wait(PAGES, 600)
    house.all_told()
    house.stop()
    found = dump(house.settings)
    told = differences(quiet_run, found if stories else {**found, "stories": quiet_run["stories"]})
    assert told == [], "\n".join(told[:20])
    assert house.wirewatch("index", "verify").strip() == f"{PAGES} articles in the index, 0 differ"
