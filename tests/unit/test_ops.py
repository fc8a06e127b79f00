"""What a service tells about itself, asked over HTTP."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from prometheus_client.parser import text_string_to_metric_families

from pipeline.errors import Away, NotNews
from workers.ops import GIVEN_UP_AFTER, STUCK_AFTER, Gauges, Ops, Pulse, serving_ops, watch_over
from workers.progress import Progress


class House:
    """A service whose clock and database the test controls."""

    def __init__(self) -> None:
        self.now, self.away = 0.0, False
        self.pulse = Pulse(lambda: self.now)
        self.progress = Progress(datetime(2026, 3, 1, tzinfo=UTC))
        gauges = Gauges(
            self.progress, lambda: {("wirewatch_queue_depth", "queue", "read"): 7, ("wirewatch_x", "", ""): 2}
        )
        self.app = Ops("desk", self.pulse, {"records": self.records, "redis": lambda: None}, gauges)
        self.port = 0

    def records(self) -> str:
        if self.away:
            raise Away("PostgreSQL does not answer")
        return "12 articles"

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


@pytest.fixture
def house() -> Iterator[House]:
    house = House()
    with serving_ops(house.app, "127.0.0.1", 0) as house.port:
        yield house


def test_a_service_whose_loop_turns_is_healthy_and_one_that_hangs_is_not(house: House) -> None:
    assert house.get("/healthz")[0] == 200
    house.now = STUCK_AFTER + 1
    status, body = house.get("/healthz")
    assert status == 503 and json.loads(body)["words"] == f"its loop has not turned for {STUCK_AFTER + 1:.0f} s"
    house.pulse.beat()
    assert house.get("/healthz")[0] == 200


def test_a_service_that_hangs_ends_itself_and_one_that_turns_does_not(house: House) -> None:
    left: list[int] = []
    watch_over(house.pulse, "desk", left.append)
    time.sleep(0.2)
    assert left == []
    house.now = GIVEN_UP_AFTER + 1
    watch_over(house.pulse, "desk", left.append)
    for _ in range(100):
        if left:
            break
        time.sleep(0.05)
    assert left[:1] == [70]


def test_readiness_names_each_part_and_what_is_wrong_with_it(house: House) -> None:
    status, body = house.get("/readyz")
    assert (status, json.loads(body)["parts"]["records"]) == (200, {"up": True, "words": "12 articles"})
    house.away = True
    status, body = house.get("/readyz")
    told = json.loads(body)
    assert status == 503 and told["ready"] is False
    assert told["parts"]["records"] == {"up": False, "words": "PostgreSQL does not answer"}
    assert told["parts"]["redis"]["up"] is True
    assert house.get("/healthz")[0] == 200, "starting it again would not bring the database back"


def test_metrics_are_prometheus_text_with_stages_outcomes_and_errors(house: House) -> None:
    house.progress.outcomes["file", "near"] += 3
    house.progress.spend("extract", 1.5)
    house.progress.failed("a", NotNews("none"))
    status, body = house.get("/metrics")
    assert status == 200
    found = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(body)
        for sample in family.samples
    }
    assert found["wirewatch_outcomes_total", (("outcome", "near"), ("stage", "file"))] == 3
    assert found["wirewatch_stage_seconds_total", (("stage", "extract"),)] == 1.5
    assert found["wirewatch_errors_total", (("kind", "NotNews"),)] == 1
    assert found["wirewatch_queue_depth", (("queue", "read"),)] == 7
    assert found["wirewatch_x", ()] == 2
    assert found["process_resident_memory_bytes", ()] > 1e6


def test_another_address_says_which_there_are(house: House) -> None:
    status, body = house.get("/")
    assert status == 404 and "/readyz" in body
