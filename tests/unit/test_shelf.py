"""Sources are read anew when their files change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from crawlers.registry import load_sources, write_source
from crawlers.shelf import LOOK, Shelf
from pipeline.errors import BadSource
from tests.contract.records_kit import source


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_source(source("alba"), tmp_path)
    return tmp_path


def test_a_new_file_is_noticed_by_whoever_asks(folder: Path) -> None:
    clock = Clock()
    shelf = Shelf(lambda: load_sources(folder), folder, clock)
    write_source(source("bern"), folder)
    assert list(shelf) == ["alba"]
    assert shelf.changed() is None
    clock.now += LOOK
    assert list(shelf) == ["alba", "bern"]
    assert [one.id for one in shelf.changed() or ()] == ["alba", "bern"]
    assert shelf.changed() is None, "told once"


def test_one_that_is_not_known_yet_is_looked_for_at_once(folder: Path) -> None:
    shelf = Shelf(lambda: load_sources(folder), folder, Clock())
    write_source(source("bern"), folder)
    assert shelf["bern"].name == "The Bern"
    assert "cork" not in shelf


def test_a_source_that_is_gone_can_be_looked_up_still(folder: Path) -> None:
    clock = Clock()
    shelf = Shelf(lambda: load_sources(folder), folder, clock)
    (folder / "alba.toml").unlink()
    clock.now += LOOK
    assert (list(shelf), len(shelf), shelf.changed()) == ([], 0, [])
    assert shelf["alba"].id == "alba"


def test_a_fault_changes_nothing_until_it_is_mended(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    shelf = Shelf(lambda: load_sources(folder), folder, clock)
    (folder / "bern.toml").write_text("id = ")
    clock.now += LOOK
    assert list(shelf) == ["alba"]
    assert "bern.toml: line 1" in shelf.problem
    assert "bern.toml" in caplog.text
    write_source(replace(source("bern"), name="Mended"), folder)
    clock.now += LOOK
    assert shelf["bern"].name == "Mended"
    assert shelf.problem == ""


def test_a_fault_at_the_start_is_raised_unless_it_may_be(folder: Path) -> None:
    (folder / "bern.toml").write_text("id = ")
    with pytest.raises(BadSource):
        Shelf(lambda: load_sources(folder), folder, Clock())
    lenient = Shelf(lambda: load_sources(folder), folder, Clock(), lenient=True)
    assert (len(lenient), "bern.toml" in lenient.problem) == (0, True)


def test_a_folder_that_is_not_there_is_no_fault(tmp_path: Path) -> None:
    missing = tmp_path / "none"
    clock = Clock()
    shelf = Shelf(lambda: load_sources(missing), missing, clock)
    assert len(shelf) == 0
    write_source(source("alba"), missing)
    clock.now += LOOK
    assert len(shelf) == 1
