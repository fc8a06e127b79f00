"""PostgreSQL, Redis and Elasticsearch go away, come back, fill up, or lose what they had."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import LONG, PAGES, Servers, same
from tests.integration.stack import Stack, stack, until
from tests.services.elasticsearch import Cluster, ask, elasticsearch
from tests.services.fixtures import database

pytestmark = pytest.mark.faults
MINUTE = 60.0


@pytest.mark.parametrize("name", ["redis", "postgres"])
def test_restarted(name: str, servers: Servers, house: Stack, quiet_run: dict[str, Any]) -> None:
    house.start()
    for share in (0.1, 0.4):
        house.reach(int(PAGES * share))
        getattr(servers, name).restart()
    same(house, quiet_run)


@pytest.mark.parametrize("name", ["redis", "postgres"])
def test_unreachable_for_a_minute(name: str, servers: Servers, house: Stack, quiet_run: dict[str, Any]) -> None:
    house.start()
    house.reach(PAGES // 5)
    wire = getattr(servers, f"to_{name}")
    wire.cut()
    try:
        time.sleep(MINUTE)
        assert [one.name for one in house.running if one.popen.poll() is not None] == [], "they wait, they do not end"
        status, body = house.the("desk").asked("/readyz")
        part = {"redis": "redis", "postgres": "records"}[name]
        assert status == 503 and body["parts"][part]["up"] is False, body
        assert house.the("desk").asked("/healthz")[0] == 200
    finally:
        wire.mend()
    same(house, quiet_run)


def test_redis_loses_everything_it_had(servers: Servers, house: Stack, quiet_run: dict[str, Any]) -> None:
    import redis as client

    house.start()
    with client.Redis.from_url(servers.redis.url) as asked:
        for share in (0.1, 0.4):
            house.reach(int(PAGES * share))
            asked.flushall()
    same(house, quiet_run)


def test_elasticsearch_restarted(servers: Servers, house: Stack, quiet_run: dict[str, Any]) -> None:
    house.start()
    house.reach(PAGES // 5)
    [node] = servers.elasticsearch.nodes
    node.kill()
    node.start()
    servers.elasticsearch.wait()
    same(house, quiet_run)


def test_elasticsearch_unreachable_for_long(servers: Servers, house: Stack, quiet_run: dict[str, Any]) -> None:
    house.start()
    house.reach(PAGES // 5)
    servers.to_elasticsearch.cut()
    try:
        time.sleep(LONG)
        assert house.articles() >= PAGES * 0.9, "filing goes on without an index"
        assert house.the("indexer").popen.poll() is None
    finally:
        servers.to_elasticsearch.mend()
    same(house, quiet_run)


def test_a_disk_that_reached_its_flood_stage(servers: Servers, house: Stack, quiet_run: dict[str, Any]) -> None:
    """What Elasticsearch does then is to block writes on each index; it releases them when there is room again."""
    house.start()
    house.reach(PAGES // 5)
    block(servers.elasticsearch, house.prefix, blocked=True)
    until(lambda: "" if "waiting" in house.the("indexer").log.read_text("utf8") else "the indexer has not met it", 60)
    time.sleep(10)
    block(servers.elasticsearch, house.prefix, blocked=False)
    same(house, quiet_run)


def block(cluster: Cluster, prefix: str, *, blocked: bool) -> None:
    """Set or release the block of the flood stage."""
    import json
    import urllib.request

    body = json.dumps({"index.blocks.read_only_allow_delete": True if blocked else None}).encode()
    url = f"{cluster.nodes[0].url}/{prefix}*/_settings?expand_wildcards=all"
    request = urllib.request.Request(url, body, {"content-type": "application/json"}, method="PUT")
    urllib.request.urlopen(request, timeout=30).close()


def test_the_index_deleted_and_rebuilt(servers: Servers, house: Stack, quiet_run: dict[str, Any]) -> None:
    import urllib.request

    house.start()
    house.reach(PAGES // 2)
    names = ask(f"{servers.elasticsearch.nodes[0].url}/_alias")
    for name in [name for name in names if name.startswith(house.prefix)]:
        request = urllib.request.Request(f"{servers.elasticsearch.nodes[0].url}/{name}", method="DELETE")
        urllib.request.urlopen(request, timeout=30).close()
    house.wirewatch("index", "rebuild")
    same(house, quiet_run)


@pytest.fixture
def three_nodes(servers: Servers, outlets: int, tmp_path: Path) -> Iterator[tuple[Stack, Cluster]]:
    with elasticsearch(tmp_path / "nodes", nodes=3) as cluster, database(server=servers.postgres.url) as url:
        folder = tmp_path / "house"
        folder.mkdir()
        made = stack(folder, outlets, url, servers.redis.url, cluster.url, "three")
        with made as house:
            house.more["WIREWATCH_ELASTICSEARCH_REPLICAS"] = "1"
            yield house, cluster


def test_one_node_of_three_killed_while_writing(three_nodes: tuple[Stack, Cluster], quiet_run: dict[str, Any]) -> None:
    house, cluster = three_nodes
    house.start()
    house.reach(PAGES // 5)
    cluster.nodes[1].kill()
    house.reach(PAGES // 2)
    cluster.nodes[1].start()
    same(house, quiet_run)
