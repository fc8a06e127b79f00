"""Who really wrote it, measured on `tests/data/wire`: precision, recall, and every wrong case by name."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.agencies import agencies
from pipeline.attribute import attribute
from pipeline.byline import people
from pipeline.types import Article

TABLE = Path(__file__).parent.parent / "data" / "wire" / "cases.toml"
RAW = tomllib.loads(TABLE.read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = [case for group in RAW["cases"].values() for case in group]
FETCHED = datetime(2026, 2, 26, 9, tzinfo=UTC)


def page(case: dict[str, Any]) -> Article:
    """The article as extraction hands it over: body, and the agency of byline or JSON-LD."""
    names, credit = people(case.get("by", ()), "The Harbour Gazette")
    wire, how = agencies().named(credit), "byline"
    if not wire:
        wire, how = next((w for o in case.get("org", ()) if (w := agencies().named(o))), ""), "json-ld"
    address = case.get("url", "https://gazette.example/1")
    return Article(
        id="a1",
        url=address,
        canonical_url=case.get("canonical", address),
        source_id="gazette",
        title="T",
        text=case["text"].replace("{s}", RAW["story"][case["lang"]]),
        authors=names,
        fetched=FETCHED,
        wire=wire,
        wire_how=how if wire else "",
        credit=credit,
    )


def measured() -> tuple[float, float, list[str]]:
    """(precision, recall, the wrong cases) of the whole table."""
    right = given = wanted = 0
    wrong = []
    for case in CASES:
        want, got = case.get("wire", ""), attribute(page(case)).wire
        right += bool(want) and got == want
        given += bool(got)
        wanted += bool(want)
        if got != want:
            wrong.append(f"{want or 'none'} read as {got or 'none'}: {case['text']!r} {case.get('by', '')}")
    return right / given, right / wanted, wrong


def test_the_table_is_broad() -> None:
    assert len(CASES) >= 200
    assert sum("wire" not in case for case in CASES) >= 70
    assert len({case["lang"] for case in CASES}) >= 10


def test_precision_and_recall() -> None:
    precision, recall, wrong = measured()
    report = "\n".join([f"precision {precision:.4f}, recall {recall:.4f}", *wrong])
    assert precision >= 0.99, report
    assert recall >= 0.95, report


@pytest.mark.parametrize("case", [c for c in CASES if c.keys() & {"places", "day", "credit", "notices"}])
def test_what_else_the_lines_say(case: dict[str, Any]) -> None:
    done = attribute(page(case))
    found = {
        "places": list(done.dateline_places),
        "day": done.dateline_date,
        "credit": done.credit,
        "notices": list(done.notices),
    }
    assert {k: v for k, v in found.items() if k in case} == {k: v for k, v in case.items() if k in found}


@pytest.mark.parametrize("case", CASES)
def test_attributing_twice_changes_nothing(case: dict[str, Any]) -> None:
    once = attribute(page(case))
    assert attribute(once) == once


LINES = sorted({line for case in CASES for line in case["text"].split("\n\n") if line != "{s}"})


@given(st.lists(st.sampled_from(LINES), max_size=8))
@example(["((ana.vidal@thomsonreuters.com; +44 20 7946 0000))", "Por Ana Vidal / EFE"])
def test_any_lines_in_any_order_settle_at_once(lines: list[str]) -> None:
    once = attribute(page({"lang": "en", "text": "\n\n".join(lines)}))
    assert attribute(once) == once


@given(st.text(max_size=400))
def test_never_raises(text: str) -> None:
    once = attribute(page({"lang": "en", "text": text}))
    assert attribute(once) == once


def test_an_outlets_own_desk_line_is_not_reuters() -> None:
    done = attribute(page({"lang": "en", "text": "{s}\n\nReporting by Ana Vidal. Editing by Bo Lind."}))
    assert done.wire == ""


def test_how_each_is_known() -> None:
    done = attribute(page({"lang": "en", "text": "OSLO, Feb 24 (Reuters) - Ministers met.\n\n{s} REUTERS"}))
    assert done.dateline_agency == "Reuters"
    assert {name: known.how for name, known in done.known.items()} == {
        "wire": "dateline",
        "dateline": "text",
        "credit": "credit",
    }
    assert all(0 < known.confidence < 1 for known in done.known.values())
    weak = attribute(page({"lang": "en", "text": "{s}\n\n(With inputs from PTI)"}))
    assert (weak.wire, weak.credit, weak.known["credit"].how) == ("", "With inputs from PTI", "weak")


def test_the_serial_of_a_headline_is_a_notice() -> None:
    article = replace(page({"lang": "en", "text": "{s}"}), title="UPDATE 2-Ministers meet in Oslo")
    done = attribute(article)
    assert (done.notices, done.title) == (("UPDATE 2",), article.title)
    assert attribute(done) == done
