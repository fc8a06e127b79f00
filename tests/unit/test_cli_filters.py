"""`wirewatch tag`: what it takes, what it prints, and what it says of items that are wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.errors import BadInput
from tests.shared import ROOT
from wirewatch.cli import app

ITEMS = [
    {
        "id": "one",
        "title": "Pentagon buys autonomous drones from Anduril",
        "text": "The Pentagon signed a contract for drones that find their way, guided by artificial intelligence.",
    },
    {"id": "two", "title": "Bakers of Halva count their loaves", "description": "It was a good year for rye."},
    {"id": "three", "title": "CLAUDE HELPS NATO PLAN", "text": ""},
]


pytestmark = pytest.mark.usefixtures("nowhere")


def lines(items: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(item) + "\n" for item in items)


def tag(*arguments: str, given: str = "") -> list[dict[str, Any]]:
    result = CliRunner().invoke(app, ["tag", "--jsonl", *arguments], input=given, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout_bytes.decode("utf-8").splitlines()]


def test_items_are_tagged_in_order_with_reasons(tmp_path: Path) -> None:
    file = tmp_path / "items.jsonl"
    file.write_text(lines(ITEMS), encoding="utf-8")
    one, two, three = told = tag(str(file))
    assert [item["id"] for item in told] == ["one", "two", "three"]
    assert [item["relevant"] for item in told] == [True, False, False]
    assert {"autonomous-weapons", "drones-unmanned"} & set(one["topics"]) and one["reasons"]
    assert {"Pentagon", "Anduril"} <= set(one["entities"])
    assert (two["topics"], two["entities"]) == ([], [])
    assert "NATO" in three["entities"]
    assert tag(given=lines(ITEMS)) == told, "standard input is read the same"


def test_mentions_are_told_by_their_characters() -> None:
    item = {"id": "a", "title": "Anduril shows a drone", "text": "It is of Anduril. So says Gen. Jane Roe of Lindmark."}
    [told] = tag("--names", given=lines([item]))
    assert told["mentions"]["org:anduril"] == {"title": [[0, 7]], "text": [[9, 16]]}
    assert told["mentions"]["name:jane-roe"] == {"kind": "person", "text": [[31, 39]]}
    [told] = tag("--no-names", "--only", "cyber", given=lines([item]))
    assert list(told["mentions"]) == ["org:anduril"]


def test_the_example_of_the_documents_does_what_they_say(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "taxonomy.md").read_text(encoding="utf-8")
    example = text[text.index("An example, `harbour.yaml`") :]
    file = tmp_path / "harbour.yaml"
    file.write_text(re.findall(r"```yaml\n(.*?)```", example, re.DOTALL)[0], encoding="utf-8")
    item, options, told = re.findall(r"echo '(.*?)' \|\s+wirewatch tag (.*?)\n(\{.*?\})\n```", example, re.DOTALL)[0]
    options = options.replace("harbour.yaml", str(file)).replace("--jsonl ", "")
    assert tag(*options.split(), given=item + "\n") == [json.loads(told)]
    file.write_text(file.read_text(encoding="utf-8").replace("org:saronic", "org:saronik"), encoding="utf-8")
    with pytest.raises(
        BadInput, match=r"harbour\.yaml, line \d+ \(org:saronik\): there is no such entry to extend; perhaps"
    ):
        tag("--taxonomy", str(file), given=item + "\n")


def test_topics_can_be_limited() -> None:
    assert tag("--only", "drones-unmanned", given=lines(ITEMS[:1]))[0]["topics"] == ["drones-unmanned"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ('{"id": "a", "title": "b"}\n{"id": "c"}\n', "standard input, line 2"),
        ("[1]\n", "an item is a JSON object"),
        ("{\n", "line 1"),
    ],
)
def test_a_bad_item_is_named(given: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        CliRunner().invoke(app, ["tag", "--jsonl"], input=given, catch_exceptions=False)


def test_a_bad_topic_is_named_with_those_there_are() -> None:
    with pytest.raises(BadInput, match=r"no topic is called droness; the taxonomy has .*drones-unmanned"):
        CliRunner().invoke(app, ["tag", "--only", "droness"], catch_exceptions=False)


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(BadInput, match=r"nothing\.jsonl cannot be read: No such file"):
        CliRunner().invoke(app, ["tag", "nothing.jsonl"], catch_exceptions=False)
