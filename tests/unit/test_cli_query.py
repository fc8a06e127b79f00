"""`wirewatch query`: what it prints, and what it says of queries that are wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.errors import BadInput, BadQuery
from search.json_form import from_json
from search.parse import parse
from wirewatch.cli import app

pytestmark = pytest.mark.usefixtures("nowhere")


def query(*arguments: str, given: str = "") -> str:
    result = CliRunner().invoke(app, ["query", *arguments], input=given, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def told(*arguments: str, given: str = "") -> dict[str, Any]:
    made: dict[str, Any] = json.loads(query("--json", *arguments, given=given))
    return made


def test_tells_how_it_is_understood() -> None:
    lines = query('drone [a] navy OR search:"port watch"').splitlines()
    assert lines[0] == 'query  drone [a] navy OR search:"port watch"'
    assert from_json(json.loads(lines[1].removeprefix("json   "))) == parse(lines[0].removeprefix("query  "))
    assert lines[2:] == ["uses   the saved query port watch"]


@pytest.mark.parametrize(
    ("origin", "text", "ours", "notes"),
    [
        ("wirewatch", "a b", "a b", 0),
        ("json", '{"word": "a"}', "a", 0),
        ("google", "a b OR c", "a (b OR c)", 1),
        ("freshrss", "search:x", "search:x", 0),
        ("miniflux", "EntryTitle=(?i)\\bdrone\\b", "title:=drone", 0),
        ("miniflux-block", "EntryTitle=(?i)\\bdrone\\b", "-title:=drone", 0),
    ],
)
def test_reads_other_languages(origin: str, text: str, ours: str, notes: int) -> None:
    for made in (told(text, "--from", origin), told("-", "--from", origin, given=text)):
        assert (made["query"], len(made["notes"])) == (ours, notes)
        assert from_json(made["form"]) == parse(ours)


def test_prints_notes() -> None:
    assert query("drone", "--from", "google").splitlines()[-1].startswith("note   Google looks into")


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        (["a (b"], BadQuery, "unclosed parenthesis at 3"),
        (["f:12", "--from", "freshrss"], BadQuery, "outlet:example"),
        (["{", "--from", "json"], BadInput, "no JSON"),
        (["[" * 100_000, "--from", "json"], BadInput, "no JSON"),
        (['{"word": 1}', "--from", "json"], BadQuery, "word: a text belongs here"),
    ],
)
def test_says_what_is_wrong(arguments: list[str], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        CliRunner().invoke(app, ["query", *arguments], catch_exceptions=False)
