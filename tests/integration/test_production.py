"""Production, whole: every service a process, over real PostgreSQL, Redis and Elasticsearch."""

from __future__ import annotations

import json
import random
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.integration.outlets import Served, differences, dump, quiet, serving
from tests.integration.stack import Process, Stack, made_outlets, stack, until
from tests.integration.subscribers import subscribe
from tests.integration.web_house import ask
from tests.services.elasticsearch import shared_url
from tests.services.fixtures import database
from tests.services.ports import free_ports
from tests.services.postgres import postgres
from tests.services.receiver import receiver
from tests.services.redis import redis
from wirewatch import bootstrap

REFERENCE = "anthropic-hegseth-ultimatum"  # our own telling of the reference story
PAGES = 2000
QUERIES = ("*", "copies:>1", "title:the OR title:of", "country:GB -wire:reuters")
GRADE = 2  # its place in what a dump tells of an article


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("config"), "--frozen") as one:
        yield one


@pytest.fixture(scope="module")
def embedded(served: Served, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the embedded runner makes of the demo's outlets."""
    data = tmp_path_factory.mktemp("embedded")
    served.wirewatch(data, "run", "--once")
    time.sleep(6.1)  # one outlet asks to be left alone for some seconds
    served.wirewatch(data, "run", "--once")
    return dump(data)


@pytest.fixture(scope="module")
def demo(served: Served, embedded: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The demo's outlets, collected by all services, which still run."""
    folder = tmp_path_factory.mktemp("demo")
    with (
        database() as url,
        redis() as broker,
        own_index() as prefix,
        stack(folder, served.port, url, broker.url, shared_url(), prefix) as one,
    ):
        one.more["WIREWATCH_HEADLINE_AFTER"] = "5"
        one.start()
        one.wait(len(embedded["articles"]), 240, pending=embedded["pending"])
        yield one


@contextmanager
def own_index() -> Iterator[str]:
    """A prefix on the shared node, emptied afterwards."""
    from search.elastic_index import remove_index

    prefix = f"production-{random.randrange(10**9)}"
    try:
        yield prefix
    finally:
        remove_index(shared_url(), prefix)


def test_what_production_files_is_what_the_embedded_runner_files(demo: Stack, embedded: dict[str, Any]) -> None:
    """As far as both have read it: of a few pages that a host asked to leave alone, one has a headline only."""
    whole = dump(demo.settings)
    alike = {
        url for url, told in embedded["articles"].items() if told[GRADE] == whole["articles"].get(url, told)[GRADE]
    }
    assert len(alike) >= 0.75 * len(embedded["articles"]) and set(whole["articles"]) == set(embedded["articles"])
    assert differences(only(embedded, alike), only(whole, alike)) == []


def only(found: dict[str, Any], urls: set[str]) -> dict[str, Any]:
    """The part of a dump about these addresses."""
    stories = sorted(kept for story in found["stories"] if (kept := [url for url in story if url in urls]))
    articles = {url: told for url, told in found["articles"].items() if url in urls}
    return {**found, "articles": articles, "stories": stories}


def test_the_reference_story_is_found_once_with_its_copies(served: Served, demo: Stack) -> None:
    lines = demo.wirewatch("search", "anthropic AND pentagon", "--json", "--limit", "100").splitlines()
    with urllib.request.urlopen(f"http://127.0.0.1:{served.port}/__replay__/truth", timeout=10) as answer:
        truth = {url: row["piece"] for row in json.load(answer) for url in row["urls"]}
    telling = []
    for line in lines[:-1]:  # the last one tells of the answer
        story = json.loads(line)
        pieces = [truth[copy["url"]] for copy in story["copies"] if copy["url"] in truth]
        if REFERENCE in pieces:
            telling.append(pieces)
    assert len(telling) == 1
    assert len(telling[0]) >= 8 and set(telling[0]) == {REFERENCE}


def test_every_service_is_healthy_ready_and_tells_its_numbers(demo: Stack) -> None:
    for process in demo.running:
        assert process.asked("/healthz")[0] == 200, process.name
        assert process.asked("/readyz")[0] == 200, process.asked("/readyz")
    desk, scheduler = (str(demo.the(name).asked("/metrics")[1]) for name in ("desk", "scheduler"))
    assert 'wirewatch_outcomes_total{outcome="full",stage="read"}' in desk
    assert 'wirewatch_stage_seconds_total{stage="extract"}' in desk
    assert 'wirewatch_queue_depth{queue="file"} 0.0' in scheduler
    assert 'wirewatch_sources{state="healthy"}' in scheduler
    catches_up(demo.the("indexer"))


def catches_up(service: Process) -> None:
    """In the end it tells that the index is as far as the records."""
    told = "wirewatch_index_lag_changes 0.0"
    until(lambda: "" if told in str(service.asked("/metrics")[1]) else "the index is behind", 60)


def test_the_service_web_answers_and_is_watched_like_the_others(demo: Stack) -> None:
    [port] = free_ports(1)
    url, token = f"http://127.0.0.1:{port}", {"authorization": "Bearer correct-horse-battery"}
    demo.more |= {"WIREWATCH_WEB_PORT": str(port), "WIREWATCH_API_TOKEN": "correct-horse-battery"}
    [service] = demo.start("web")
    until(lambda: "" if service.log.exists() and "web answers at" in service.log.read_text("utf8") else "silent", 60,
          demo.told)  # fmt: skip
    for path in ("/healthz", "/readyz"):
        assert service.asked(path)[0] == 200, service.asked(path)
    catches_up(service)
    assert ask(url, "/api/v1/subscriptions").status == 401
    found = ask(url, "/api/v1/search?q=anthropic%20AND%20pentagon&facets=outlet", headers=token).json()
    assert found["total"] >= 8 and found["coverage"]["sources"] > 10
    given = {"name": "ours", "query": "anthropic"}
    place = ask(url, "/api/v1/subscriptions", "POST", token, given).headers["location"]
    links = ask(url, f"{place}/outputs", "POST", token, {"kind": "link"}).json()["addresses"]
    assert ask(url, links["atom"]).status == 200
    assert ask(url, place, "DELETE", token).status == 204
    assert ask(url, links["atom"]).status == 404
    assert service.stop() == 0
    demo.running.remove(service)


def test_one_id_follows_a_page_through_all_services(demo: Stack) -> None:
    url = next(iter(dump(demo.settings)["articles"]))
    told = {step["stage"]: step["words"] for step in map(dict, json.loads(demo.wirewatch("trace", url, "--json")))}
    assert {"listed", "page", "read", "tagged", "filed", "index"} <= set(told)
    assert "in the index" in told["index"]
    trace = told["filed"].split()[1]  # of most pages the id of the entry is that of the article
    logs = {one.name: one.log.read_text("utf8") for one in demo.running}
    assert all(trace in logs[name] for name in ("scheduler", "crawler", "worker", "desk"))


def test_a_page_that_a_person_asks_for_goes_ahead_and_is_filed_again(demo: Stack, embedded: dict[str, Any]) -> None:
    url = next(url for url, told in embedded["articles"].items() if told[GRADE] == "full")
    before = demo.the("crawler").log.read_text("utf8").count("fetch page fetched")
    assert "the crawlers fetch it next" in demo.wirewatch("fetch", url)
    until(
        lambda: "" if demo.the("crawler").log.read_text("utf8").count("fetch page fetched") > before else "not fetched",
        30, demo.told,
    )  # fmt: skip
    demo.wait(len(embedded["articles"]), 60, pending=embedded["pending"])


def test_doctor_looks_at_every_part(demo: Stack) -> None:
    import subprocess
    import sys

    command = [sys.executable, "-m", "wirewatch", "doctor"]
    for _ in range(10):  # a message is on its way now and then
        told = subprocess.run(command, capture_output=True, text=True, env=demo.environment(), timeout=60).stdout
        if "nothing waits" in told:
            break
    assert "ok   records" in told and "ok   index" in told and "ok   queues: nothing waits" in told, told
    away = demo.environment() | {
        "WIREWATCH_DATABASE_URL": "postgresql://nobody:sesame@127.0.0.1:9/x",
        "WIREWATCH_REDIS_URL": "redis://127.0.0.1:9/0",
    }
    done = subprocess.run(command, capture_output=True, text=True, env=away, timeout=60)
    assert done.returncode == 1
    assert "bad  records" in done.stdout and "bad  queues: Redis does not answer" in done.stdout
    assert "sesame" not in done.stdout + done.stderr


@pytest.mark.slow
def test_a_storm_of_faults_leaves_the_archive_of_a_quiet_run(tmp_path: Path) -> None:
    """Each fault by itself, at length: `./run faults`."""
    with made_outlets(PAGES) as port, postgres() as pg, redis() as broker, own_index() as prefix:
        folder = tmp_path / "storm"
        folder.mkdir()
        with (
            database(server=pg.url) as url,
            stack(folder, port, url, broker.url, shared_url(), prefix) as house,
            receiver() as desk,
        ):
            with closing(bootstrap.open_the_records(house.settings)) as records:
                subscribe(records, QUERIES, bootstrap.now(), desk.url)
            house.receiver = desk
            house.start()
            for number, name in enumerate(("worker", "crawler", "desk", "scheduler", "alerts", "indexer"), 1):
                house.reach(PAGES * number // 10)
                house.the(name).kill()
                house.restart(name)
            broker.restart()
            house.reach(int(PAGES * 0.6))
            pg.restart()
            house.wait(PAGES, 900)  # a worker that hangs is ended by its watch after 300 s
            house.all_told()
            house.stop()
            stormy = dump(house.settings)
            assert house.wirewatch("index", "verify").strip() == f"{PAGES} articles in the index, 0 differ"
        served = Served(port, folder / "wirewatch.toml")
        served.wirewatch(tmp_path / "quiet", "run", "--once")
    assert differences(dump(tmp_path / "quiet"), stormy) == []


def test_a_service_without_its_addresses_says_what_it_needs(tmp_path: Path) -> None:
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "wirewatch", "--data", str(tmp_path), "serve", "desk"],
        capture_output=True, text=True, env=quiet(), timeout=60,
    )  # fmt: skip
    assert done.returncode == 2 and "needs database_url" in done.stderr
