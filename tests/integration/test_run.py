"""The main job, whole: outlets on loopback, the real crawler, and the archive that comes of it."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import pytest

from pipeline.urls import canonical_url
from tests.integration.outlets import Served, differences, dump, serving
from wirewatch import bootstrap
from wirewatch.config import Settings
from workers.runner import MOST_TRIES

REFERENCE = "anthropic-hegseth-ultimatum"  # our own telling of the reference story


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("config"), "--frozen") as one:
        yield one


@pytest.fixture(scope="module")
def truth(served: Served) -> dict[str, dict[str, Any]]:
    """Every published address -> which piece of reporting it is."""
    with urllib.request.urlopen(f"http://127.0.0.1:{served.port}/__replay__/truth", timeout=10) as answer:
        return {url: row for row in json.load(answer) for url in row["urls"]}


@pytest.fixture(scope="module")
def archive(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of one undisturbed run; tests must not write to it."""
    data = tmp_path_factory.mktemp("archive")
    served.wirewatch(data, "run", "--once")
    time.sleep(6.1)  # one outlet asks to be left alone for some seconds
    served.wirewatch(data, "run", "--once")
    return data


def stories(archive: Path) -> dict[str, list[str]]:
    """Story id -> addresses of its copies."""
    found: dict[str, list[str]] = {}
    with bootstrap.open_archive(Settings(data=archive), read_only=True) as opened:
        after = ""
        while page := opened.records.articles(after, 500):
            after = page[-1].article.id
            for view in page:
                found.setdefault(view.story_id, []).append(view.article.url)
    return found


def test_every_published_piece_is_in_the_archive(archive: Path, truth: dict[str, dict[str, Any]]) -> None:
    with bootstrap.open_archive(Settings(data=archive), read_only=True) as opened:
        pieces = {row["piece"] for row in truth.values()}
        found = {row["piece"] for url, row in truth.items() if opened.records.article(url) is not None}
    assert len(pieces) >= 64
    assert found == pieces


def test_no_story_holds_two_pieces_of_reporting(archive: Path, truth: dict[str, dict[str, Any]]) -> None:
    for copies in stories(archive).values():
        pieces = {truth[url]["piece"] for url in copies if url in truth}
        assert len(pieces) <= 1, copies


def test_the_reference_story_is_found_once_with_its_copies(
    served: Served, archive: Path, truth: dict[str, dict[str, Any]]
) -> None:
    lines = served.wirewatch(archive, "search", "anthropic AND pentagon", "--json", "--limit", "100").splitlines()
    *found, told = [json.loads(line) for line in lines]
    assert told["answer"]["total"] >= len(found)
    holding = [
        story for story in found
        if any(
            truth.get(copy["url"], {}).get("piece") == REFERENCE and copy["grade"] != "headline"
            for copy in story["copies"]
        )
    ]  # fmt: skip
    assert len(holding) == 1
    assert len(holding[0]["outlets"]) >= 8
    wires = {copy["wire"] for copy in holding[0]["copies"]}
    assert "Reuters" in wires
    shown = served.wirewatch(archive, "search", "anthropic AND pentagon")
    assert f"copies at {len(holding[0]['outlets'])} outlets" in shown
    assert shown.count("↳") >= 7


def test_the_reference_story_is_traced_to_its_agency_and_its_earliest_carrier(
    served: Served, archive: Path, truth: dict[str, dict[str, Any]]
) -> None:
    copies = [row for row in truth.values() if row["piece"] == REFERENCE]
    url = next(row["url"] for row in copies if row["wire"] == "Reuters" and row["kind"] != "headline")
    story = json.loads(served.wirewatch(archive, "story", url, "--json"))
    assert story["agency"]["name"] == "Reuters"
    assert story["agency"]["named_by"] >= 8
    told = {copy["id"]: copy for copy in story["copies"]}
    first = told[story["earliest"]]
    published = {canonical_url(url): datetime.fromisoformat(row["published"]) for url, row in truth.items()}
    times = [published[key] for copy in told.values() if (key := canonical_url(copy["url"])) in published]
    assert published[canonical_url(first["url"])] == min(times)
    assert first["clock"] == "published"
    assert {copy["parent"] for copy in told.values()} <= {"agency", *told}
    printed = served.wirewatch(archive, "story", story["id"])
    assert "\nReuters\n├── " in printed
    assert f"earliest  {first['outlet']}" in printed


def test_a_second_round_changes_nothing(served: Served, tmp_path: Path) -> None:
    only = steady_sources(served)
    served.wirewatch(tmp_path, "run", "--once", *only)
    before = dump(tmp_path)
    with bootstrap.open_archive(Settings(data=tmp_path), read_only=True) as opened:
        position = opened.records.totals().last_change
    time.sleep(6.1)  # the demo's longest poll interval
    served.wirewatch(tmp_path, "run", "--once", *only)
    assert differences(dump(tmp_path), before) == []
    with bootstrap.open_archive(Settings(data=tmp_path), read_only=True) as opened:
        assert opened.records.totals().last_change == position


def test_the_index_can_be_made_anew(served: Served, archive: Path, tmp_path: Path) -> None:
    subprocess.run(["cp", "-r", f"{archive}/.", str(tmp_path)], check=True)
    query = ("search", "defence OR army", "--json", "--limit", "200")
    before = set(served.wirewatch(tmp_path, *query).splitlines())
    assert len(before) >= 20
    subprocess.run(["rm", "-r", str(tmp_path / "index")], check=True)
    assert "articles indexed" in served.wirewatch(tmp_path, "index", "rebuild")
    assert set(served.wirewatch(tmp_path, *query).splitlines()) == before


def test_what_an_outlet_does_not_let_us_keep_is_not_kept(archive: Path) -> None:
    with bootstrap.open_archive(Settings(data=archive), read_only=True) as opened:
        views = opened.records.articles("", 1000)
    reasons = {why for view in views for why in [view.article.storage_why] if why}
    assert any("tdm" in why.lower() for why in reasons), reasons
    assert any("noarchive" in why.lower() for why in reasons), reasons
    for view in views:
        if view.article.storage == "headline":
            assert view.article.text == ""
    assert {"headline", "full"} <= {str(view.article.grade) for view in views}


def test_killed_at_random_moments_it_loses_nothing(served: Served, archive: Path, tmp_path: Path) -> None:
    """kill -9 again and again while it collects; what comes out in the end is what an undisturbed run brings.

    Once less often than makes a page suspect that was on the spool each time: such pages go to quarantine.
    """
    chance = random.Random(os.environ.get("PYTEST_XDIST_TESTRUNUID", "1"))
    only = steady_sources(served)
    calm, stormy = tmp_path / "calm", tmp_path / "stormy"
    begin = time.monotonic()
    served.wirewatch(calm, "run", "--once", "--quiet", *only)
    whole = time.monotonic() - begin
    killed = 0
    for _ in range(16):
        if killed == MOST_TRIES - 1:
            break
        process = served.start(stormy, "run", "--once", "--quiet", *only)
        try:
            process.wait(timeout=whole * (0.25 + 0.6 * chance.random()))
        except subprocess.TimeoutExpired:
            process.kill()
            killed += 1
        process.communicate(timeout=30)
        assert left_behind(process.pid) == []
        if process.returncode == 0 and killed < 3:  # quicker than the calm run: nothing is left to be killed
            shutil.rmtree(stormy)
            killed, whole = 0, 0.7 * whole
    assert killed >= 3
    time.sleep(6.1)
    served.wirewatch(stormy, "run", "--once", "--quiet", *only)
    assert differences(dump(stormy), dump(calm)) == []
    query = ("search", "anthropic OR army OR contract", "--json", "--limit", "500")
    assert served.wirewatch(stormy, *query).count("\n") == served.wirewatch(calm, *query).count("\n") > 0


def left_behind(session: int, patience: float = 10.0) -> list[int]:
    """Processes of a killed run that are still there: they must leave by themselves."""
    until = time.monotonic() + patience
    while True:
        alive = []
        for pid in psutil.pids():
            with contextlib.suppress(ProcessLookupError, psutil.NoSuchProcess):
                if os.getsid(pid) == session and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                    alive.append(pid)
        if not alive or time.monotonic() > until:
            return alive
        time.sleep(0.1)


def steady_sources(served: Served) -> list[str]:
    """Options that leave out the outlets whose answers differ from one request to the next."""
    flaky = {"gulf-meridian", "cape-observer", "kowloon-evening-mail", "prairie-sentinel"}
    names = sorted(path.stem for path in (served.config.parent / "sources").glob("*.toml"))
    return [option for name in names if name not in flaky for option in ("--only", name)]


def test_ctrl_c_stops_cleanly_and_the_next_start_goes_on(served: Served, tmp_path: Path) -> None:
    process = served.start(tmp_path, "run")
    assert process.stdout is not None
    for _ in range(5):
        assert process.stdout.readline()
    process.send_signal(signal.SIGINT)
    begin = time.monotonic()
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 0, output
    assert time.monotonic() - begin < 15
    assert "Stopped. The archive is at" in output
    with bootstrap.open_archive(Settings(data=tmp_path), read_only=True) as opened:
        so_far = opened.records.totals().articles
        assert so_far >= 1
        assert opened.index.count() == so_far
    served.wirewatch(tmp_path, "run", "--once", "--quiet")
    with bootstrap.open_archive(Settings(data=tmp_path), read_only=True) as opened:
        assert opened.records.totals().articles > so_far


def test_two_collectors_cannot_share_an_archive(served: Served, tmp_path: Path) -> None:
    with bootstrap.collecting(tmp_path):
        words = served.wirewatch(tmp_path, "run", "--once", code=1)
    assert "another wirewatch is collecting into" in words
