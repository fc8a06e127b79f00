"""`wirewatch read`: what it takes, what it prints, and what it says of pages and arguments that are wrong."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.errors import BadInput
from tests.shared import ROOT
from web.reading import time_json
from wirewatch.cli import app
from wirewatch.cli_read import MAX_FILE

PAGES = ROOT / "tests" / "data" / "pages"
FIELDS = {
    "id", "url", "title", "authors", "contributors", "published", "modified", "articleBody", "summary", "language",
    "section", "keywords", "image", "outlet", "paywalled", "grade", "wire", "credit", "dateline", "notices", "rights",
    "known",
}  # fmt: skip


pytestmark = pytest.mark.usefixtures("nowhere")


def read(*arguments: str | Path, code: int = 0, given: bytes = b"") -> list[dict[str, Any]]:
    """The objects that the command prints, one a line."""
    result = CliRunner().invoke(app, ["read", "--jsonl", *map(str, arguments)], input=given)
    assert result.exit_code == code, result.output + repr(result.exception)
    return [json.loads(line) for line in result.stdout_bytes.decode("utf-8").splitlines()]


def refused(*arguments: str | Path) -> str:
    """What a mistake in the arguments is answered with."""
    result = CliRunner().invoke(app, ["read", *map(str, arguments)])
    assert isinstance(result.exception, BadInput), result.output
    return str(result.exception)


def test_a_page_gives_every_field() -> None:
    [one] = read(PAGES / "wire-copy.html")
    assert set(one) == FIELDS
    assert (one["id"], one["wire"], one["outlet"], one["grade"]) == (
        "wire-copy",
        "Meridian Wire",
        "Halva Herald",
        "full",
    )
    assert one["url"] == "https://www.halvaherald.example/world/lab-holds-its-line", "as the page declares"
    assert one["published"] == "2026-02-25T10:04:00+08:00", "by the page's own clock"
    assert one["dateline"]["places"] == ["Port Halva", "Old Quay"]
    assert "\n\n" in one["articleBody"]
    assert one["paywalled"] is False
    assert one["known"]["paywalled"] == {"how": "json-ld", "confidence": 0.9}
    assert set(one["known"]) <= FIELDS


@pytest.mark.parametrize(
    ("offset", "said"),
    [
        (None, "2026-02-25T02:04:00+00:00"),
        (330, "2026-02-25T07:34:00+05:30"),
        (-300, "2026-02-24T21:04:00-05:00"),
        (9999, "2026-02-25T02:04:00+00:00"),
    ],
)
def test_times_are_by_the_pages_own_clock(offset: int | None, said: str) -> None:
    assert time_json(datetime(2026, 2, 25, 2, 4, tzinfo=UTC), offset) == said
    assert time_json(None, offset) is None


def test_without_jsonl_an_object_is_indented_and_is_the_same() -> None:
    result = CliRunner().invoke(app, ["read", str(PAGES / "wire-copy.html")])
    assert result.stdout.startswith('{\n  "id": "wire-copy"')
    assert json.loads(result.stdout) == read(PAGES / "wire-copy.html")[0]


def test_folders_are_read_in_order_and_ids_have_no_endings(tmp_path: Path) -> None:
    page = (PAGES / "about-newsletters.html").read_bytes()
    (tmp_path / "b").mkdir()
    for name, body in {"a.HTM": page, "b/c.html.gz": gzip.compress(page), "b/d.v2.html": page, "e.txt": page}.items():
        (tmp_path / name).write_bytes(body)
    assert [one["id"] for one in read(tmp_path)] == ["a", "c", "d.v2"]
    assert [one["id"] for one in read(tmp_path / "e.txt")] == ["e.txt"], "what is named is read, whatever it is called"


def test_standard_input_packed_or_not() -> None:
    page = (PAGES / "about-newsletters.html").read_bytes()
    [one], [two] = read("-", given=page), read("-", given=gzip.compress(page))
    assert one == two
    assert (one["id"], one["authors"]) == ("-", ["Ana Vidal", "Bo Lind"])


def test_a_given_address_and_time() -> None:
    body = b"<html><head><title>A buoy</title><meta property=og:image content=/b.jpg></head><body>"
    page = body + b"<p>" + b"Words of a story about a buoy that went away. " * 9 + b"</p></body></html>"
    [one] = read("-", "--url", "https://brine.example/2026/01/05/buoy", "--fetched", "2026-01-06", given=page)
    assert (one["url"], one["image"]) == ("https://brine.example/2026/01/05/buoy", "https://brine.example/b.jpg")
    assert one["published"].startswith("2026-01-05")
    [one] = read("-", "--url", "https://brine.example/2026/01/05/buoy", "--fetched", "2026-01-01", given=page)
    assert one["published"] is None, "it was not out yet"
    [one] = read("-", given=page)
    assert (one["url"], one["outlet"], one["image"]) == (None, None, "/b.jpg")


def test_a_reserved_page_is_shown_whole_unless_asked_for_as_archived() -> None:
    [whole] = read(PAGES / "reserved.html")
    assert whole["grade"] == "full" and len(whole["articleBody"]) > 250
    assert whole["rights"]["storage"] == "headline"
    assert (whole["rights"]["mining"], whole["rights"]["shown"]) == (False, "whole")
    assert "tdm-reservation" in whole["rights"]["why"]
    [kept] = read(PAGES / "reserved.html", "--as-archived")
    assert (kept["grade"], kept["articleBody"], kept["rights"]["shown"]) == ("headline", "", "as archived")


def test_pages_that_cannot_be_read_are_told_and_the_others_read(tmp_path: Path) -> None:
    page = (PAGES / "wire-copy.html").read_bytes()
    pages = {
        "a.html": b"%PDF-1.7", "b.html": page, "c.html.gz": gzip.compress(page)[:-200], "d.html": b"", "e.html": page,
        "f.html.gz": gzip.compress(bytes(MAX_FILE + 1)), "g.html.gz": b"\x1f\x8bno gzip at all",
    }  # fmt: skip
    for name, body in pages.items():
        (tmp_path / name).write_bytes(body)
    told = read(tmp_path, code=1)
    assert [one.get("error", {}).get("kind") for one in told] == [
        "NotNews", None, "Unreadable", "NotNews", None, "Refused", "Unreadable"
    ]  # fmt: skip
    assert set(told[0]) == {"id", "grade", "error"} and told[0]["grade"] is None
    assert all(one["error"]["message"] for one in told if "error" in one)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gone.html"], "there is no file or folder gone.html"),
        (["."], "the folder . holds no page"),
        (["-", "-", "--url", "https://a.example/"], "--url is the http(s) address of one file"),
        (["-", "--url", "a.example"], "--url is the http(s) address of one file"),
        (["-", "--fetched", "yesterday"], "--fetched yesterday is no time"),
        (["-", "--source", "nobody"], "no source is called nobody"),
    ],
)
def test_mistakes_are_answered_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert words in refused(*arguments)


def test_a_sources_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "brine.toml").write_text(
        'id = "brine"\nname = "Brine"\ncountry = "NL"\nlanguage = "en"\nhomepage = "https://brine.example/"\n'
        'blocked = "a test"\nstorage = "summary"\n[read]\nbody = ".x2"\ntitle = ".hl"\n',
        encoding="utf8",
    )
    monkeypatch.setenv("WIREWATCH_CONFIG", str(tmp_path / "wirewatch.toml"))
    [one] = read(PAGES / "ruled.html", "--source", "brine")
    assert (one["title"], one["outlet"]) == ("Pilots refuse to share the bridge with a machine", "Brine")
    assert one["rights"]["storage"] == "summary"


def test_no_half_of_a_surrogate_pair_and_no_nul_comes_out() -> None:
    told = '{"@type":"NewsArticle","headline":"A buoy \\ud83d lost\\u0000","description":"\\udc00"}'
    page = f"<html><head><title>x</title><script type='application/ld+json'>{told}</script></head><body></body></html>"
    [one] = read("-", given=page.encode())
    assert one["title"] == "A buoy lost" or one["title"] == "A buoy  lost"
    assert "\0" not in json.dumps(one, ensure_ascii=False)
