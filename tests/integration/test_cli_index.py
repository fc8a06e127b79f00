"""`wirewatch index`: an archive whose index is behind, wrong, or of another version is compared and mended."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from records import open_records
from search.tantivy_index import open_index
from tests.contract.index_backends import article
from tests.contract.index_truth import file
from tests.contract.records_kit import SOURCES
from tests.integration.outlets import quiet
from tests.shared import ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An archive of 30 articles and no index yet."""
    records = open_records(tmp_path / "records.db")
    records.sync_sources(SOURCES)
    file(records, range(30))
    records.close()
    return tmp_path


def wirewatch(folder: Path, *arguments: str, code: int = 0) -> str:
    command = [sys.executable, "-m", "wirewatch", "--data", str(folder), "index", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, env=quiet())
    assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_verify_tells_and_mends(folder: Path) -> None:
    assert "0 articles in the index, 0 differ; 30 articles are not indexed yet" in wirewatch(folder, "verify")
    assert "30 articles indexed" in wirewatch(folder, "rebuild")
    assert "30 articles in the index, 0 differ" in wirewatch(folder, "verify")
    index = open_index(folder / "index")
    lost = next(index.contents())[0]
    index.apply([article(1, "a stranger")], [lost], index.position())
    index.close()
    told = wirewatch(folder, "verify", code=1)
    assert f"1 missing from the index: {lost}" in told and "1 in the index but not in the records: a0001" in told
    assert "0 differ now" in wirewatch(folder, "verify", "--repair")
    assert "30 articles in the index, 0 differ" in wirewatch(folder, "verify")


def test_migrate_makes_anew_only_what_is_of_another_version(folder: Path) -> None:
    assert "30 articles indexed" in wirewatch(folder, "rebuild")
    assert "nothing to do" in wirewatch(folder, "migrate")
    (folder / "index" / "wirewatch-index").write_text("1\n")
    assert "30 articles indexed" in wirewatch(folder, "migrate")
    assert "0 differ" in wirewatch(folder, "verify") and "nothing to do" in wirewatch(folder, "migrate")
