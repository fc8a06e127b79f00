"""`wirewatch retag` on an archive on disk: killed, gone on with, and found by the search afterwards."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from records import open_records
from tests.contract.records_kit import NOW, SOURCES, article, entry, filed, listed, log
from tests.integration.outlets import quiet
from tests.shared import ROOT

OWN = """
entries:
  - {id: "topic:tides", name: Tides, description: The sea., aliases: [spring tide]}
"""
MANY = 3000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An archive of articles about tides, tagged when there was no such topic, and a taxonomy that has it."""
    with closing(open_records(tmp_path / "records.db")) as records:
        records.sync_sources(SOURCES)
        entries = [entry("alba", f"story-{n}") for n in range(MANY)]
        listed(records, *entries)
        text = "The spring tide reached the quay. " + "Nobody was surprised by it. " * 40
        records.commit([filed(article(one, text=text)) for one in entries], [], NOW)
    (tmp_path / "own.yaml").write_text(OWN, encoding="utf-8")
    return tmp_path


def command(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "wirewatch", "--data", str(folder), *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=quiet() | {"WIREWATCH_TAXONOMY": json.dumps([str(folder / "own.yaml")])},
    )


def run(folder: Path, *arguments: str) -> str:
    told, _ = (process := command(folder, *arguments)).communicate(timeout=120)
    assert process.returncode == 0, told
    return told


@pytest.mark.slow
def test_a_killed_one_goes_on_and_the_index_follows(folder: Path) -> None:
    process = command(folder, "retag", "--quiet")
    with closing(open_records(folder / "records.db", read_only=True)) as records:
        while len(log(records, MANY)) == 0:  # the first batch is written
            with pytest.raises(subprocess.TimeoutExpired):  # it goes on
                process.wait(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        written = records.totals().last_change - MANY
        assert 0 < written < MANY
    told = run(folder, "retag", "--quiet")
    assert f"going on after {written} articles" in told
    assert f"{MANY} articles, {MANY} of them with other tags than before" in told
    with closing(open_records(folder / "records.db", read_only=True)) as records:
        assert records.totals().last_change == 2 * MANY, "each was logged once"
    assert f"{MANY} articles in the index, 0 differ" in run(folder, "index", "verify")
    assert "Headline of story" in run(folder, "search", "topic:tides", "-n", "1")
    assert "nothing to do" in run(folder, "retag")
