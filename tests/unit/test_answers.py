"""Answers over real records and a real index: pages, what is told beside them, coverage, and exports."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.errors import BadInput, BadQuery
from pipeline.watch import Subscription
from records.base import Records
from search.base import Order
from search.over_time import Interval
from search.tantivy_index import TantivyIndex, open_index
from tests.contract.records_kit import NOW, SOURCES, article, entry, filed, opened, poll, source
from web.answers import Answer, Ask, answer, every, to_json
from web.coverage import Coverage
from web.export import COLUMNS, Format, export
from workers.indexer import catch_up

HOUR = timedelta(hours=1)
TEXT = "The harbour drone flew over the naval yard.\n\nFishermen watched the harbour drone from the quay."


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    with opened("sqlite", tmp_path) as store:
        store.sync_sources([*SOURCES, source("dole", blocked="pages blocked")])
        yield store


@pytest.fixture
def index(tmp_path: Path) -> Iterator[TantivyIndex]:
    made = open_index(tmp_path / "index")
    yield made
    made.close()


def put(
    records: Records, index: TantivyIndex, source: str, slug: str, text: str = TEXT, story: str = "", **changes: object
) -> str:
    """File an article, of a story of its own or of one that is there; returns its id."""
    one = article(replace(entry(source, slug), title=str(changes.pop("title", f"Of {slug}"))), text, **changes)
    records.commit([filed(one, story)], [], changes.get("now", NOW))  # type: ignore[arg-type]
    catch_up(records, index)
    return one.id


def story_of(records: Records, id: str) -> str:
    view = records.article(id)
    assert view
    return view.story_id


def ask(records: Records, index: TantivyIndex, query: str = "drone", **more: object) -> Answer:
    return answer(records, index, Ask(query=query, **more), NOW + HOUR)  # type: ignore[arg-type]


def titles(told: Answer) -> list[str]:
    return [one.article.title for one in told.found]


def test_pages_follow_one_another_and_relative_times_stay_put(records: Records, index: TantivyIndex) -> None:
    for number in range(7):
        put(records, index, "alba", f"story-{number}", "A drone. " + "Harbour. " * number)
    shown, after = [], ""
    for turn in range(4):
        told = answer(records, index, Ask(query="drone seen:PT90M", limit=2, after=after), NOW + (1 + turn) * HOUR)
        shown += titles(told)
        after = told.next
        assert (told.total, told.query) == (7, "drone seen:PT90M")
    assert (len(set(shown)), len(shown), after) == (7, 7, "")


def test_folded_the_earliest_matching_copy_stands_for_the_story(records: Records, index: TantivyIndex) -> None:
    first = put(records, index, "alba", "first", "Nothing of the kind.")
    put(records, index, "bern", "copy", TEXT, story=story_of(records, first), published=NOW + HOUR)
    told = ask(records, index)
    [one] = told.found
    assert (one.article.title, len(one.story.copies), len(one.matching)) == ("Of copy", 2, 1)
    assert any("drone" in fragment.text for fragment in one.shown.fragments)
    put(records, index, "cork", "third", TEXT, story=story_of(records, first), published=NOW + 2 * HOUR)
    assert [len(one.matching) for one in ask(records, index).found] == [2]
    assert sorted(titles(ask(records, index, folded=False))) == ["Of copy", "Of third"]


def test_what_is_gone_or_merged_since_it_was_indexed_is_left_out(records: Records, index: TantivyIndex) -> None:
    one, two = put(records, index, "alba", "one"), put(records, index, "bern", "two")
    records.say(one, two, True, "me", "", NOW)
    told = ask(records, index)
    assert len(told.found) == 1 and told.behind > 0, "the index holds two stories still"
    catch_up(records, index)
    assert ask(records, index).behind == 0


def test_facets_histogram_and_totals(records: Records, index: TantivyIndex) -> None:
    put(records, index, "alba", "one", authors=("Ada Roe",))
    put(records, index, "bern", "two", authors=("Ada Roe", "Bo Lee"))
    put(records, index, "bern", "three", "Something else.")
    told = ask(records, index, facets=("outlet", "author", "entity"), histogram=Interval.DAY)
    assert told.facets == {
        "outlet": (("The Alba", 1), ("The Bern", 1)),
        "author": (("Ada Roe", 2), ("Bo Lee", 1)),
        "entity": (("Anthropic", 2),),
    }
    assert [(bar.count, bar.of) for bar in told.histogram] == [(2, 3)]
    assert (told.total, told.held) == (2, 3)
    plain = json.loads(json.dumps(to_json(told)))
    assert plain["facets"]["author"][0] == {"value": "Ada Roe", "count": 2}
    assert plain["histogram"][0] | {"begin": ""} == {"begin": "", "count": 2, "of": 3, "share": 0.666667}


def test_an_answer_says_who_was_silent(records: Records, index: TantivyIndex) -> None:
    put(records, index, "alba", "one", published=NOW - timedelta(days=400))
    records.record_polls(
        [poll("bern", last_success=None, failures=3, error="answered 500", error_kind="ServerFault")], NOW
    )
    records.record_polls([poll("cork", last_new=NOW)], NOW)
    told = ask(records, index).coverage
    assert told.line() == "2 of 3 sources were silent so far: The Bern (failing), The Cork."
    assert [one.last_error for one in told.silent] == ["answered 500", ""]
    later = ask(records, index, "drone seen:2026-03-02..").coverage
    assert later.line().startswith("3 of 3 sources were silent in this window: The Alba (not polled yet), The Bern")
    dated = ask(records, index, f"date:{NOW.year - 1}").coverage
    assert (dated.window.field, [one.source_id for one in dated.silent]) == ("date", ["bern", "cork"])
    assert told.to_json()["silent"][0] == {
        "source": "bern", "outlet": "The Bern", "state": "failing", "last_success": None, "error": "answered 500",
    }  # fmt: skip


def test_coverage_in_words(records: Records, index: TantivyIndex) -> None:
    for name in ("alba", "bern", "cork"):
        put(records, index, name, "one")
    whole = ask(records, index, "nothing-of-it").coverage
    assert whole.line() == "None of 3 sources was silent so far."
    assert replace(whole, sources=0).line() == "No source is collected."
    one = ask(records, index, "seen:2027").coverage.silent[0]
    assert Coverage(whole.window, 9, (one,) * 6).line().endswith("(not polled yet) and 2 more.")
    assert "1 of 1 source was silent" in Coverage(whole.window, 1, (one,)).line()


def test_more_like_this(records: Records, index: TantivyIndex) -> None:
    first = put(records, index, "alba", "one", title="Harbour drone")
    copy = put(records, index, "bern", "copy", story=story_of(records, first))
    put(records, index, "cork", "akin", "A naval yard, a quay, and fishermen who watched drones.")
    for number in range(30):
        put(records, index, "cork", f"other-{number}", f"A harbour council met {number} times on parking and rates.")
    for what in (first, copy, story_of(records, first), "https://alba.example/one"):
        told = ask(records, index, "", like=what)
        assert titles(told) == ["Of akin"], what
    assert titles(ask(records, index, "outlet:bern", like=first)) == []
    with pytest.raises(BadInput, match="nothing is known of a0"):
        ask(records, index, "", like="a0")


def test_saved_queries_are_used_by_name(records: Records, index: TantivyIndex) -> None:
    put(records, index, "alba", "one")
    put(records, index, "bern", "two", "A submarine.")
    records.subscribe(Subscription("port watch", "drone OR ship"), NOW)
    told = ask(records, index, 'search:"port watch"')
    assert (titles(told), told.query) == (["Of one"], 'search:"port watch"')
    with pytest.raises(BadQuery, match="did you mean 'port watch'"):
        ask(records, index, 'search:"port wach"')


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"limit": 0}, "limit is a number from 1 to 1000"),
        ({"top": 5000}, "top is a number"),
        ({"offset": -1}, "offset is 0 or more"),
        ({"facets": ("colour",)}, "no facet 'colour'; there are outlet, country"),
        ({"by": "changed"}, "goes by seen or date"),
        ({"after": "nonsense"}, "cursor is damaged"),
    ],
)
def test_what_cannot_be_asked_is_told(
    records: Records, index: TantivyIndex, more: dict[str, object], words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        ask(records, index, **more)


# --- exports --------------------------------------------------------------------------------
ODD = "=cmd|' /C calc'!A0, \"50% off\" & {braces} $5 #1 a_b ~x ^y \\z"


@pytest.fixture
def exported(records: Records, index: TantivyIndex) -> Iterator[tuple[Records, TantivyIndex]]:
    first = put(
        records, index, "alba", "one", title=ODD, authors=("Ada {Roe", "Lee, Bo", "Simon and Sons"), wire="Reuters"
    )
    put(records, index, "bern", "copy", story=story_of(records, first), published=NOW + HOUR)
    put(
        records,
        index,
        "cork",
        "two",
        title="Drôle de drone\n人工智能",
        authors=(),
        wire="",
        published=None,
        language="fr",
    )
    yield records, index


def written(exported: tuple[Records, TantivyIndex], format: Format, **more: object) -> str:
    found = every(*exported, Ask(query="drone", order=Order.NEWEST, **more), NOW)  # type: ignore[arg-type]
    return "".join(export(found, format, NOW))


def test_csv_is_safe_to_open(exported: tuple[Records, TantivyIndex]) -> None:
    text = written(exported, Format.CSV)
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert tuple(rows[0]) == COLUMNS and len(rows) == 2 and text.count("\r\n") == 3
    by_title = {row["title"]: row for row in rows}
    assert "'" + ODD in by_title, "no formula"
    odd = by_title["'" + ODD]
    assert (odd["authors"], odd["copies"], odd["outlets"]) == (
        "Ada {Roe; Lee, Bo; Simon and Sons",
        "2",
        "The Alba; The Bern",
    )
    assert by_title["Drôle de drone 人工智能"]["published"] == ""
    for sign in "=+-@＝":
        assert f"'{sign}1" in "".join(_csv_of(exported, f"{sign}1"))


def _csv_of(exported: tuple[Records, TantivyIndex], title: str) -> Iterator[str]:
    one = next(every(*exported, Ask(query="drone"), NOW))
    yield from export([replace(one, article=replace(one.article, title=title))], Format.CSV, NOW)


def test_json_and_lines_are_the_same_rows(exported: tuple[Records, TantivyIndex]) -> None:
    rows = json.loads(written(exported, Format.JSON))
    assert rows == [json.loads(line) for line in written(exported, Format.JSONL).splitlines()]
    assert tuple(rows[0]) == COLUMNS and {row["copies"] for row in rows} == {1, 2}
    assert len(json.loads(written(exported, Format.JSON, folded=False))) == 3
    assert "".join(export([], Format.JSON, NOW)) == "[\n]\n"
    assert "text" not in rows[0] and TEXT.split("\n")[0] not in str(rows), "metadata only"


def test_ris_as_readers_want_it(exported: tuple[Records, TantivyIndex]) -> None:
    text = written(exported, Format.RIS)
    lines = text.split("\r\n")
    assert all(not line or re.fullmatch(r"[A-Z][A-Z0-9]  - .*", line) for line in lines) and "\n" not in "".join(lines)
    one, two = (
        part.split("\r\n") for part in sorted(text.strip().split("\r\n\r\n"), key=lambda part: "AU" not in part)
    )
    assert one[0] == "TY  - NEWS" and one[-1].startswith("ER  -")
    assert [line for line in one if line.startswith("AU")] == [
        "AU  - Ada {Roe",
        "AU  - Lee, Bo",
        "AU  - Simon and Sons",
    ]
    assert {
        "T2  - The Alba",
        "PY  - 2026",
        "DA  - 2026/03/01/",
        "Y2  - 2026/03/01/",
        "UR  - https://alba.example/one",
    } <= set(one)
    assert any("wire copy of Reuters; 2 copies at 2 outlets" in line for line in one)
    assert (
        "LA  - fr" in two and "TI  - Drôle de drone 人工智能" in two and not any(line.startswith("PY") for line in two)
    )


def test_bibtex_is_balanced_and_escaped(exported: tuple[Records, TantivyIndex]) -> None:
    text = written(exported, Format.BIBTEX)
    entries = re.findall(r"^@article\{([^,\s]+),\n(.*?)\n\}$", text, re.MULTILINE | re.DOTALL)
    assert len(entries) == 2 and len({key for key, _ in entries}) == 2
    assert text.count("{") == text.count("}"), "readers count braces, escaped or not"
    odd = next(body for _, body in entries if "author" in body)
    assert "author = {{Ada \\textbraceleft{}Roe} and {Lee, Bo} and {Simon and Sons}}" in odd
    assert "\\textbraceleft{}braces\\textbraceright{} \\$5 \\#1 a\\_b" in odd
    assert "\\textasciitilde{}x \\textasciicircum{}y \\textbackslash{}z" in odd
    assert "50\\% off" in odd and "month = mar" in odd and "urldate = {2026-03-01}" in odd
    assert "year" not in next(body for _, body in entries if "author" not in body)


def test_an_address_with_signs_of_its_own_is_encoded(exported: tuple[Records, TantivyIndex]) -> None:
    one = next(every(*exported, Ask(query="drone"), NOW))
    odd = replace(one, article=replace(one.article, url="https://x.example/a{b}\\c d?q=%20é"))
    for format in (Format.RIS, Format.BIBTEX):
        assert "https://x.example/a%7Bb%7D%5Cc%20d?q=%20%C3%A9" in "".join(export([odd], format, NOW))
