"""Processes of ours die at random moments; messages come twice; a page takes its worker down."""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import PAGES, Servers, same
from tests.integration.stack import Stack, until

pytestmark = pytest.mark.faults
KILLS = 4


@pytest.mark.parametrize("name", ["worker", "crawler", "desk", "scheduler", "indexer", "alerts"])
def test_kill_9_at_random_moments(name: str, house: Stack, quiet_run: dict[str, Any]) -> None:
    house.start()
    house.reach(PAGES // 20)
    for _ in range(KILLS):
        time.sleep(random.uniform(0.2, 4.0))
        house.the(name).kill()
        time.sleep(random.uniform(0.0, 1.0))
        house.restart(name)
    same(house, quiet_run)


def test_every_message_delivered_twice(house: Stack, quiet_run: dict[str, Any]) -> None:
    house.through = (sys.executable, "-m", "tests.faults.twice")
    house.start()
    same(house, quiet_run)


def test_a_page_that_takes_its_worker_down_three_times_ends_in_quarantine(
    house: Stack, quiet_run: dict[str, Any]
) -> None:
    poison = sorted(quiet_run["articles"])[PAGES // 2]
    house.through = (sys.executable, "-m", "tests.faults.poison", poison)
    house.start()
    house.wait(PAGES - 1, 600)
    house.stop()
    kept = house.wirewatch("quarantine", "list")
    assert kept.count("died 3 times") == 1 and "1 in quarantine" in kept
    house.through = (sys.executable, "-m", "wirewatch")
    assert "1 put back" in house.wirewatch("quarantine", "replay")
    house.start()
    same(house, quiet_run)


def test_two_schedulers_and_restarts_never_start_a_sweep_twice(
    house: Stack, outlets: int, quiet_run: dict[str, Any]
) -> None:
    house.more["WIREWATCH_LEASE_MINUTES"] = "15"
    before = asked_for(outlets)
    house.start("scheduler", "scheduler", "crawler", "worker", "desk", "indexer")
    for share in (0.1, 0.3, 0.5):
        house.reach(int(PAGES * share))
        first = next(one for one in house.running if one.name == "scheduler" and one.popen.poll() is None)
        first.stop()
        house.restart("scheduler")
    same(house, quiet_run)
    again = {path: count - before.get(path, 0) for path, count in asked_for(outlets).items()}
    twice = {path: count for path, count in again.items() if "/news/" in path and count > 1}
    assert twice == {}


def asked_for(port: int) -> dict[str, int]:
    """Address -> how often the outlets were asked for it."""
    import json
    import urllib.request

    with urllib.request.urlopen(f"http://127.0.0.1:{port}/__replay__/stats", timeout=30) as answer:
        hosts = json.load(answer)["hosts"]
    return {host + path: sum(by.values()) for host, row in hosts.items() for path, by in row["paths"].items()}


def test_the_queues_stay_within_their_bounds_while_the_desk_is_away(
    servers: Servers, house: Stack, quiet_run: dict[str, Any], tmp_path: Path
) -> None:
    import redis as client

    bound = 200
    house.more |= {"WIREWATCH_QUEUE_BOUND": str(bound), "WIREWATCH_HEADLINE_AFTER": "1"}  # a backlog of headlines, too
    house.start("scheduler", "crawler", "worker", "indexer")
    with client.Redis.from_url(servers.redis.url) as asked:
        until(lambda: "" if asked.llen("file") >= bound * 0.7 else f"{asked.llen('file')} wait for the desk", 120)
        time.sleep(10)  # as much again would come in this time
        waiting = asked.llen("read") + asked.llen("file") + asked.hlen("unacked")
        assert waiting <= bound + 400, "the batches under way when the bound was reached, and no more"
        assert asked.llen("headlines") <= 200
        assert asked.info("memory")["used_memory_dataset"] < 12e6
    house.start("desk")
    same(house, quiet_run, stories=False)
