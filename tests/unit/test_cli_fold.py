"""`wirewatch fold`: what it takes, what it prints, and what it says of documents that are wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.errors import BadInput
from tests.unit.test_assign import OTHER, REPORT
from wirewatch.cli import app

pytestmark = pytest.mark.usefixtures("nowhere")
DATELINE = "PORT ELLERY (Reuters) - "


def doc(id: str, paragraphs: list[str], title: str, outlet: str = "", minute: int = 0) -> dict[str, Any]:
    when = f"2026-03-02T12:{minute:02}:00+00:00"
    return {"id": id, "title": title, "outlet": outlet or id, "published": when, "text": "\n\n".join(paragraphs)}


WIRE = doc("1", [DATELINE + REPORT[0], *REPORT[1:]], "Harbour guard buys autonomous boats after winter trial")
CUT = doc("2", REPORT[:3], "Port Ellery to get nine boats without crews", minute=1)
PADDED = doc("3", [*REPORT, *OTHER[:2]], "Boats without crews", minute=2)
BARE = {"id": "4", "title": "Harbour guard buys autonomous boats after winter trial", "text": ""}
APART = doc("5", OTHER, "Court orders weather office to publish forecasts", minute=3)


def run(*arguments: str, given: str = "") -> tuple[list[dict[str, Any]], str]:
    result = CliRunner().invoke(app, ["fold", "--jsonl", *arguments], input=given, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()], result.stderr


def lines(*docs: dict[str, Any]) -> str:
    return "".join(json.dumps(one) + "\n" for one in docs)


def test_copies_are_folded_and_told_what_they_are() -> None:
    told, _ = run(given=lines(WIRE, CUT, PADDED, BARE, APART))
    assert [one["id"] for one in told] == ["1", "2", "3", "4", "5"]
    assert len({one["story"] for one in told[:4]}) == 1 and told[4]["story"] != told[0]["story"]
    assert len({one["event"] for one in told[:4]}) == 1 and told[4]["event"] != told[0]["event"]
    assert [one["kind"] for one in told] == ["first", "cut", "padded", "headline", "first"]
    assert [one["wire"] for one in told] == ["Reuters"] * 4 + [None], "an agency named in one copy is that of all"
    assert all(0 < one["confidence"] <= 1 for one in told)


def test_a_late_copy_that_merges_two_stories_is_told_of_both() -> None:
    half, rest = doc("1", REPORT[:3], "Nine boats"), doc("21", REPORT[3:], "Council finds the money", minute=1)
    told, _ = run(given=lines(half, rest, doc("3", REPORT, "Harbour guard buys boats", minute=2)))
    assert len({one["story"] for one in told}) == len({one["event"] for one in told}) == 1


def test_ids_that_end_alike_do_not_mix() -> None:
    told, _ = run(given=lines({**WIRE, "id": "17"}, {**APART, "id": "27"}))
    assert told[0]["story"] != told[1]["story"]


def test_labels_are_held_against_it(tmp_path: Path) -> None:
    labels = tmp_path / "labels.jsonl"
    labels.write_text(
        lines(
            {"a": "1", "b": "2", "same": True}, {"a": "1", "b": "5", "same": True}, {"a": "1", "b": "9", "same": True}
        )
    )
    _, told = run("--against", str(labels), given=lines(WIRE, CUT, APART))
    assert told == "1 of 2 labels hold\n"
    labels.write_text(lines({"a": "1", "b": "2"}))
    with pytest.raises(BadInput, match=r"labels\.jsonl, line 1: a label is a JSON object"):
        run("--against", str(labels), given=lines(WIRE))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ('{"id": "a", "title": "b"}\n{"id": 7, "title": "c"}\n', "standard input, line 2: an item is a JSON object"),
        ('{"id": "a", "title": "b", "published": "yesterday"}\n', "published is a time like 2026-03-01T12:00:00Z"),
        ("no JSON\n", "standard input, line 1"),
    ],
)
def test_a_bad_document_is_told_by_its_line(given: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        run(given=given)


def test_nothing_gives_nothing() -> None:
    assert run(given="") == ([], "")
