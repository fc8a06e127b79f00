"""`wirewatch story` and `diff` over a small archive of invented copies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.align import Span, pack
from pipeline.errors import BadInput
from pipeline.ids import version_id
from pipeline.types import EventAssignment, Grade
from records import open_records
from tests.contract.records_kit import MINUTE, NOW, SOURCES, article, entry, filed, source
from wirewatch.bootstrap import RECORDS
from wirewatch.cli import app

LEAD = "Ministers from thirty countries agreed on Tuesday to limit the use of autonomous weapons after days of talks."
QUOTE = "“Nobody wants a machine to decide who lives,” the secretary, Ines Calder, told reporters outside the old hall."
COST = "The programme will cost 12,000 crowns a year, and 340 inspectors will visit laboratories from early March."
PAST = "Earlier talks failed in the spring when four delegations walked out over the question of verification."
OWN = "Fishermen in our own harbour said that they had seen no inspector since the lighthouse burned down in June."
STORY = "s-talks"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("archive")
    with closing(open_records(folder / RECORDS)) as records:
        records.sync_sources([*SOURCES, source("dorn")])
        for at, (outlet, paragraphs, fields) in enumerate(
            (
                ("alba", (LEAD, QUOTE, COST, PAST), {}),
                ("bern", (LEAD, QUOTE, OWN, COST.replace("340", "410")), {"title": "A deal on weapons [bold]"}),
                ("cork", (LEAD, QUOTE, OWN), {"wire": "", "wire_how": "", "credit": ""}),
                ("dorn", (), {"grade": Grade.HEADLINE}),
            )
        ):
            one = entry(outlet, "talks", published=NOW + at * MINUTE)
            told = article(one, "\n\n".join(paragraphs), **({"title": "Ministers agree"} | fields))
            made = filed(told, STORY, "near" if at else "first")
            spans = pack([Span(0, 9, 5, 14)]) if at == 1 else None
            records.commit([replace(made, spans=spans)], [], NOW + at * MINUTE)
        one = entry("alba", "talks", published=NOW)
        better = article(
            one, "\n\n".join((LEAD, QUOTE, COST.replace("12,000", "14,000"), PAST)), title="Ministers agree"
        )
        records.commit([filed(better, STORY, "kept")], [], NOW + timedelta(hours=1))
    yield folder


@pytest.fixture(autouse=True)
def _alone(nowhere: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")


def run(archive: Path, *arguments: str) -> str:
    result = CliRunner().invoke(app, ["--data", str(archive), *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout_bytes.decode("utf-8")


def told(archive: Path, *arguments: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run(archive, *arguments, "--json").splitlines()]


def test_the_tree_names_agency_earliest_carrier_and_what_each_did(archive: Path) -> None:
    output = run(archive, "story", STORY)
    assert "Reuters · 99% sure · named by 3 of 4 copies" in output
    assert "dateline in 3: “LONDON/PARIS (Reuters)”" in output
    assert "The Alba (GB)" in output.split("earliest")[1].splitlines()[0]
    lines = output.splitlines()
    at = {name: next(n for n, line in enumerate(lines) if "── " in line and name in line) for name in ("Bern", "Cork")}
    assert "+19" in lines[at["Bern"]] and "−" in lines[at["Bern"]]
    assert lines[at["Cork"]].index("└") > lines[at["Bern"]].index("─"), "below the outlet whose words it took"
    assert "19 words put in as in The Bern's copy" in output
    assert "1 figure (410)" in output
    assert "revised" in output and "1 figure" in output
    assert "headline only" in output
    assert "“A deal on weapons [bold]”" in output, "what an outlet wrote is no markup"


def test_full_shows_the_passages(archive: Path) -> None:
    short, full = run(archive, "story", STORY), run(archive, "story", STORY, "--full")
    assert "+ Fishermen in our own harbour" in full and "− Earlier talks failed" in full
    assert "− Earlier talks failed" not in short


def test_the_tree_as_json(archive: Path) -> None:
    [story] = told(archive, "story", STORY)
    assert (story["id"], story["agency"]["name"], story["agency"]["named_by"]) == (STORY, "Reuters", 3)
    copies = {copy["outlet"]: copy for copy in story["copies"]}
    assert story["earliest"] == copies["The Alba"]["id"]
    assert copies["The Cork"]["parent"] == copies["The Bern"]["id"]
    assert copies["The Bern"]["parent"] == "agency"
    assert [one["text"] for one in copies["The Bern"]["added"]] == [OWN]
    assert copies["The Dorn"]["share"] is None
    assert copies["The Bern"]["method"] == "near"
    assert (copies["The Bern"]["matched_spans"], copies["The Cork"]["matched_spans"]) == ([[0, 9, 5, 14]], None)
    assert [one["text"] for one in copies["The Bern"]["new"]["figures"]] == ["410"]
    assert copies["The Alba"]["revisions"][0]["figures"][0] | {"sentence": ""} == {
        "old": "12,000", "new": "14,000", "sentence": "",
    }  # fmt: skip


@pytest.mark.parametrize("what", [STORY, entry("cork", "talks").id, entry("cork", "talks").url + "?utm_source=mail"])
def test_a_story_is_found_by_its_id_and_by_its_articles(archive: Path, what: str) -> None:
    assert told(archive, "story", what)[0]["id"] == STORY


def test_two_articles_compared(archive: Path) -> None:
    a, b = entry("alba", "talks").url, entry("bern", "talks").id
    output = run(archive, "diff", a, b)
    assert "− Earlier talks failed" in output and "+ Fishermen" in output
    assert "[-340-]{+410+}" in output and "340 → 410" in output
    [found] = told(archive, "diff", a, b)
    assert [piece["act"] for piece in found["pieces"]] == ["kept", "added", "kept", "cut"]
    assert [one["new"] for one in found["changes"]["figures"]] == ["12,000", "410"]
    text, (start, end) = found["b"]["text"], found["pieces"][1]["b"]
    assert text[start:end] == OWN


def test_versions_compared(archive: Path) -> None:
    output = run(archive, "diff", entry("alba", "talks").id, "--versions")
    assert "version 1" in output and "version 2, current" in output
    assert "12,000 → 14,000" in output and "[-12,000-]{+14,000+}" in output


def test_long_passages_that_were_kept_are_shown_by_their_ends(archive: Path) -> None:
    a, b = entry("bern", "talks").id, entry("cork", "talks").id
    short, full = run(archive, "diff", a, b), run(archive, "diff", a, b, "--full")
    assert "words kept" in short and "told reporters" not in short.replace("\n", " ")
    assert "words kept" not in full and "told" in full


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("story", "s-none"), "nothing is known of s-none"),
        (("story", "https://nowhere.example/"), "nothing is known of https://nowhere.example/"),
        (("diff", STORY, "a-none"), "nothing is known of a-none"),
        (("diff", STORY), "give two articles, or one article and --versions"),
        (("diff", STORY, STORY, "--versions"), "give two articles, or one article and --versions"),
        (("diff", STORY, entry("dorn", "talks").id), "only the headline of"),
        (("diff", entry("cork", "talks").id, "--versions"), "has only one version whose text is known"),
    ],
)
def test_mistakes_are_answered_in_words(archive: Path, arguments: tuple[str, ...], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        run(archive, *arguments)


@pytest.mark.parametrize("arguments", [("story", "s1"), ("diff", "a1", "a2"), ("show", "s1")])
def test_without_an_archive_they_say_how_to_get_one(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with pytest.raises(BadInput, match="there is no archive at"):
        run(tmp_path, *arguments)


@pytest.mark.parametrize("width", ["80", "120", "40"])
def test_no_line_is_wider_than_the_terminal(archive: Path, monkeypatch: pytest.MonkeyPatch, width: str) -> None:
    monkeypatch.setenv("COLUMNS", width)
    for arguments in (("story", STORY, "--full"), ("diff", entry("alba", "talks").id, entry("bern", "talks").id)):
        assert max(map(len, run(archive, *arguments).splitlines())) <= int(width)


def test_a_story_of_one_headline(tmp_path: Path) -> None:
    with closing(open_records(tmp_path / RECORDS)) as records:
        records.sync_sources(SOURCES)
        one = entry("alba", "alone", published=None)
        bare = replace(article(one, "", wire="", wire_how="", grade=Grade.HEADLINE), version=version_id("x", ""))
        records.commit([filed(bare, "s-one")], [], NOW)
    output = run(tmp_path, "story", "s-one")
    assert "no copy names an agency" in output and "first seen" in output
    assert told(tmp_path, "story", "s-one")[0]["agency"] is None


def test_other_stories_on_the_event_and_what_persons_said(tmp_path: Path) -> None:
    one, other, alone = (entry(outlet, "talks") for outlet in ("alba", "bern", "cork"))
    event = EventAssignment("e-talks")
    with closing(open_records(tmp_path / RECORDS)) as records:
        records.sync_sources(SOURCES)
        for number, (made, title) in enumerate(((one, "Ministers agree"), (other, "A night of talks [bold]"))):
            told_here = filed(article(made, LEAD, title=title))
            records.commit([replace(told_here, event=replace(event, score=1 - number / 2))], [], NOW + number * MINUTE)
        records.commit([filed(article(alone, PAST, title="Something else"))], [], NOW)
        label = records.say(one.id, alone.id, False, "ann", "", NOW)
    output = run(tmp_path, "story", one.id)
    assert "Other reporting on the same event (e-talks):" in output
    assert "A night of talks [bold]" in output and "Something else" not in output
    assert f"{label.words} (label 1, by ann)" in " ".join(output.split())
    [story] = told(tmp_path, "story", one.id)
    assert story["event"]["id"] == "e-talks"
    assert [beside["title"] for beside in story["event"]["stories"]] == ["A night of talks [bold]"]
    assert story["labels"] == [{"id": 1, "a": one.id, "b": alone.id, "same": False, "by": "ann"}]
    assert "Other reporting" not in run(tmp_path, "story", alone.id)
    assert told(tmp_path, "story", alone.id)[0]["event"] is None
