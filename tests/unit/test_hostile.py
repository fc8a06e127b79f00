"""Pages made to hurt: each ends in an article or one of our errors, in time and in little memory.

`tests/hostile.py` makes them; `tests/data/hostile` holds what the fuzzer found (`python -m tests.fuzz.pages`). All are
read in processes of their own, one after the other, by one subprocess.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from pipeline import errors
from pipeline.errors import StageFailed, WirewatchError
from pipeline.types import Grade
from tests.hostile import MB, cases
from tests.shared import ROOT

SECONDS = 4.0  # of CPU: two on the machine this was measured on, when nothing else runs there
GROWTH = 300 * MB  # 102 MB at most were measured, of which the page itself is up to 20
OURS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, WirewatchError)}
GRADES = {grade.value for grade in Grade}
EXPECTED = {
    "20 MB of paragraphs": "Unreadable",
    "20 MB of JSON-LD": "Unreadable",
    "20 MB of script": "full",
    "20 MB of nothing": "NotNews",
    "a million attributes": "Unreadable",
    "one long attribute": "full",
    "attributes on many": "full",
    "nested divs": "headline",
    "billion laughs": "headline",
    "outside entity": "headline",
    "utf-16 without marks": "full",
    "odd charsets": "full",
    "surrogates in JSON": "full",
    "a picture": "NotNews",
    "a picture that says html": "NotNews",
    "gzip": "NotNews",
    "nothing": "NotNews",
    "no text": "headline",
    "JSON-LD nested": "full",
}

PAGES = list(cases())


@pytest.fixture(scope="module")
def told() -> dict[str, dict[str, Any]]:
    """What came of every page."""
    command = [sys.executable, "-m", "tests.hostile"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, done.stderr
    return {row.pop("name"): row for row in map(json.loads, done.stdout.splitlines())}


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_a_hostile_page_costs_little(told: dict[str, dict[str, Any]], name: str) -> None:
    one = told[name]
    assert one["came"] in OURS | GRADES, one
    assert one["came"] != StageFailed.__name__, one
    assert one["seconds"] < SECONDS, one
    assert one["grown"] < GROWTH, one
    assert one["came"] == EXPECTED.get(name, one["came"]), one


def test_what_is_expected_is_tried() -> None:
    assert set(EXPECTED) <= set(cases())
