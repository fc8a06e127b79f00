"""Nodes that restart, die and refuse while the index is written: nothing is lost or doubled against the records."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.errors import Away
from records.base import Records
from search.elastic_index import ElasticIndex, open_index
from search.parse import parse
from tests.contract.index_backends import article, ids_of
from tests.contract.index_truth import MONTH, file, follow
from tests.contract.records_kit import NOW
from tests.services.elasticsearch import Cluster, ask, elasticsearch
from workers.verify import Differences, verify

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One node whose queue for writes is as short as can be."""
    with elasticsearch(tmp_path_factory.mktemp("lone"), settings={"thread_pool.write.queue_size": "1"}) as cluster:
        yield cluster


def opened(cluster: Cluster, prefix: str, replicas: int = 0) -> ElasticIndex:
    return open_index(cluster.url, prefix, replicas=replicas, refresh_seconds=1.0)


class Following(threading.Thread):
    """The indexer, in a thread: it follows the log until told to stop, whatever the cluster does."""

    def __init__(self, records: Records, index: ElasticIndex) -> None:
        super().__init__(daemon=True)
        self.records, self.index = records, index
        self.away = 0
        self.done = threading.Event()
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.done.is_set():
                follow(self.records, self.index, troubled=self.trouble)
                self.done.wait(0.02)
        except BaseException as error:
            self.failure = error

    def trouble(self) -> None:
        self.away += 1


@contextmanager
def followed(records: Records, index: ElasticIndex) -> Iterator[Following]:
    """At the end the index has caught up and agrees with the records to the last article."""
    following = Following(records, index)
    following.start()
    try:
        yield following
    finally:
        following.done.set()
        following.join()
    assert following.failure is None
    follow(records, index)
    assert verify(records, index) == Differences()
    assert index.count() == records.totals().articles


def write(records: Records, batches: range, harm: dict[int, Callable[[], None]]) -> None:
    """File batches over three months, some articles again and again; at some batches something happens."""
    for batch in batches:
        harm.get(batch, lambda: None)()
        start = batch * 20
        file(records, range(start, start + 30), f"Batch {batch}.", now=NOW - (batch % 3) * MONTH)


def test_a_node_that_restarts_while_it_is_written(lone: Cluster, records: Records) -> None:
    (node,) = lone.nodes
    index = opened(lone, "restarted")

    def restart(end: Callable[[], None]) -> Callable[[], None]:
        return lambda: (end(), node.start(), None)[-1]

    with followed(records, index) as following:
        write(records, range(60), {15: restart(node.kill), 40: restart(node.stop)})
        lone.wait()
    assert following.away > 0
    index.close()


def test_a_node_that_stays_away(lone: Cluster, records: Records) -> None:
    (node,) = lone.nodes
    index = opened(lone, "stayed-away")
    file(records, range(50))
    follow(records, index)
    node.stop()
    for work in (index.position, lambda: index.search(parse("drone")), lambda: index.apply([article(1)], [], 99)):
        with pytest.raises(Away, match="does not answer"):
            work()
    node.start()
    lone.wait()
    file(records, range(50, 60))
    follow(records, index)
    assert verify(records, index) == Differences()
    index.close()


def test_a_node_that_has_no_room_in_its_queue(lone: Cluster, caplog: pytest.LogCaptureFixture) -> None:
    """Many writers at once: what is refused for now is sent again, item by item, and all of it arrives."""
    caplog.set_level(logging.INFO, logger="search.elastic_bulk")
    slept: list[float] = []
    away: list[int] = []

    def pause(seconds: float) -> None:
        slept.append(seconds)
        threading.Event().wait(seconds / 4)

    index = open_index(lone.url, "crowded", replicas=0, refresh_seconds=1.0, sleep=pause)
    index.apply([], [], 1)
    months = [NOW - number * MONTH for number in range(3)]
    index.apply([article(900_000 + number, "drone", first_seen=seen) for number, seen in enumerate(months)], [], 1)

    def crowd(writer: int) -> None:
        mine = open_index(lone.url, "crowded", replicas=0, refresh_seconds=1.0, sleep=pause)
        for part in range(4):
            numbers = range(writer * 10_000 + part * 300, writer * 10_000 + part * 300 + 300)
            text = "drone " + "word " * 300
            batch = [article(n, "crowd", text, first_seen=months[n % 3]) for n in numbers]
            while True:  # as the indexer does when it is told to come again
                try:
                    mine.apply(batch, [], 1)
                    break
                except Away:
                    away.append(writer)
        mine.close()

    with ThreadPoolExecutor(8) as crowds:
        list(crowds.map(crowd, range(8)))
    index.refresh()
    assert index.count() == len(list(index.contents())) == 8 * 1200 + 3
    assert slept and "has no room for" in caplog.text
    index.close()


def test_one_of_three_nodes_dies_while_it_is_written(tmp_path: Path, records: Records) -> None:
    """Each month has a copy on another node: searches and writes go on without the dead one, and it may come back."""
    with elasticsearch(tmp_path, nodes=3, heap="400m") as cluster:
        index = opened(cluster, "held-twice", replicas=1)
        write(records, range(5), {})
        follow(records, index)
        cluster.wait("green")
        victim = cluster.nodes[holder_of_a_primary(cluster)]
        with followed(records, index):
            write(records, range(5, 40), {12: victim.kill})
            cluster.wait("yellow")
            page = index.search(parse("batch"), limit=10_000)
            assert page.total == len(ids_of(page)) > 0
        victim.start()
        cluster.wait("green")
        assert verify(records, index) == Differences()
        index.close()


def holder_of_a_primary(cluster: Cluster) -> int:
    """The number of a node that has the first copy of some month."""
    shards = ask(f"{cluster.url.split(',')[0]}/_cat/shards/held-twice-*-m*?format=json")
    return int(next(one["node"] for one in shards if one["prirep"] == "p").removeprefix("node"))
