"""`wirewatch search` and `like` as a person sees them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.errors import BadInput
from search.tantivy_index import open_index
from tests.contract.records_kit import article, entry, filed, opened
from wirewatch.bootstrap import INDEX, RECORDS
from wirewatch.cli import app
from workers.indexer import catch_up

FIRST = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEXT = "The harbour drone flew over the naval yard while fishermen watched it from the quay."


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve stories about drones over three days, the first of them at two outlets."""
    folder = tmp_path_factory.mktemp("archive")
    with opened("sqlite", folder) as records:
        for number in range(12):
            seen = FIRST.replace(day=1 + number % 3 + number // 9)
            one = article(
                replace(entry("alba", f"story-{number}"), title=f"Drone {number} [bold]"),
                TEXT + " It rained." * number,
                published=seen,
                authors=("Ada Roe",) if number % 2 else (),
            )
            records.commit([filed(one)], [], seen)
            if number == 0:
                story = records.article(one.id)
                assert story
                copy = article(replace(entry("bern", "copy"), title="A copy"), TEXT, published=seen.replace(hour=13))
                records.commit([filed(copy, story.story_id, "near")], [], seen)
        index = open_index(folder / INDEX)
        catch_up(records, index)
        index.close()
    (folder / "archive.db").rename(folder / RECORDS)
    return folder


@pytest.fixture(autouse=True)
def _alone(nowhere: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")


def run(archive: Path, *arguments: str) -> str:
    result = CliRunner().invoke(app, ["--data", str(archive), *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout_bytes.decode("utf-8")


def test_a_page_ends_with_how_to_go_on_and_what_it_covers(archive: Path) -> None:
    output = run(archive, "search", "drone", "-n", "5")
    assert "13 matching articles of 13; 5 stories shown." in output
    assert "[bold]" in output, "what an outlet wrote is no markup"
    assert output.rstrip().endswith("1 of 3 sources was silent so far: The Cork (not polled yet).")
    shown = output.count("The Alba (GB)")
    cursor = output.split("--after ")[1].split()[0]
    for _ in range(2):
        output = run(archive, "search", "drone", "-n", "5", "--after", cursor)
        shown += output.count("The Alba (GB)")
        cursor = output.split("--after ")[1].split()[0] if "--after" in output else ""
    assert (shown, cursor) == (12, "")


def test_copies_are_folded_or_not(archive: Path) -> None:
    folded = run(archive, "search", "drone seen:2026-03-01", "-n", "20", "--newest")
    assert "2 copies at 2 outlets" in folded and "↳ The Bern (GB)" in folded
    unfolded = run(archive, "search", "drone seen:2026-03-01", "-n", "20", "--unfolded")
    assert unfolded.count("one of 2 copies at 2 outlets") == 2 and "↳" not in unfolded
    assert "articles shown" in unfolded


def test_facets_and_histogram_are_drawn(archive: Path) -> None:
    output = run(archive, "search", "drone", "-n", "1", "--facets", "outlet,author", "--histogram", "day")
    lines = [line.split() for line in output.splitlines()]
    assert ["outlet", "author"] in lines and ["The", "Alba", "12", "Ada", "Roe", "6"] in lines
    days = [line for line in output.splitlines() if line.startswith(("Sun", "Mon", "Tue", "Wed"))]
    assert [line.split()[1] for line in days] == [f"2026-03-0{day}" for day in (1, 2, 3, 4)]
    assert all("100.0% of" in line and "█" in line for line in days)
    assert "Nothing to draw" in run(archive, "search", "submarine", "--histogram", "hour")


def test_json_tells_the_same_and_last_of_all_the_answer(archive: Path) -> None:
    *stories, last = map(
        json.loads,
        run(archive, "search", "drone", "-n", "2", "--json", "--facets", "all", "--histogram", "week").splitlines(),
    )
    assert [len(story["copies"]) for story in stories] in ([1, 1], [2, 1], [1, 2])
    told = last["answer"]
    assert (told["total"], told["held"], told["coverage"]["sources"]) == (13, 13, 3)
    assert told["facets"]["outlet"] == [{"value": "The Alba", "count": 12}, {"value": "The Bern", "count": 1}]
    assert [bar["count"] for bar in told["histogram"]] == [4, 9]
    [story, _] = map(
        json.loads, run(archive, "search", "drone", "-n", "1", "--json", "--after", told["next"]).splitlines()
    )
    assert story["id"] not in {one["id"] for one in stories}


def test_nothing_found_is_no_absence(archive: Path) -> None:
    output = run(archive, "search", "drone seen:2027")
    assert "Nothing found in 13 articles." in output
    assert "3 of 3 sources were silent in this window" in output


def test_all_of_it_goes_into_a_file(archive: Path, tmp_path: Path) -> None:
    assert run(archive, "search", "drone", "-n", "1", "--export", "csv", "-o", str(tmp_path / "found.csv")) == ""
    assert (tmp_path / "found.csv").read_bytes().count(b"\r\n") == 13
    assert len(run(archive, "search", "drone", "--unfolded", "--export", "jsonl").splitlines()) == 13
    assert run(archive, "search", "drone", "--export", "bibtex").count("@article{alba:2026:") == 12
    with pytest.raises(BadInput, match="--export takes csv, json, jsonl, ris, bibtex, not 'pdf'"):
        run(archive, "search", "drone", "--export", "pdf")
    with pytest.raises(BadInput, match="cannot be written"):
        run(archive, "search", "drone", "--export", "csv", "-o", str(tmp_path / "none" / "found.csv"))


def test_like_is_another_story(archive: Path) -> None:
    output = run(archive, "like", "https://alba.example/story-3", "-n", "20")
    assert "Drone 3 " not in output and "10 matching" not in output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["drone", "--histogram", "year"], "--histogram takes hour, day, week, month, not 'year'"),
        (["drone", "--facets", "colour"], "no facet 'colour'"),
        (["drone", "--after", "x"], "cursor is damaged"),
        (["(drone", "--export", "csv"], r"unclosed parenthesis at 1(.|\n)*\^"),
    ],
)
def test_mistakes_are_told(archive: Path, arguments: list[str], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        run(archive, "search", *arguments)


@pytest.fixture(scope="module", autouse=True)
def _untouched(archive: Path) -> Iterator[None]:
    """Reading an archive writes nothing."""
    before = (archive / RECORDS).read_bytes()
    yield
    assert (archive / RECORDS).read_bytes() == before
