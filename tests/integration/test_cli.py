"""The command line as a person meets it: mistakes are answered in words, and nothing ends in a stack trace."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.outlets import Served, serving
from tests.shared import ROOT


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("config"), "--frozen", only=("harbour-courier", "capitol-ledger")) as one:
        yield one


@pytest.fixture(scope="module")
def archive(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("archive")
    served.wirewatch(data, "run", "--once", "--quiet")
    return data


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ('anthropic "pentagon', "unclosed quote"),
        ("titel:drone", "did you mean"),
        ("(army OR navy", "("),
    ],
)
def test_a_mistake_in_a_query_is_pointed_at(served: Served, archive: Path, query: str, words: str) -> None:
    output = served.wirewatch(archive, "search", query, code=2)
    assert words in output and "^" in output and "Traceback" not in output


def test_search_without_an_archive_says_how_to_get_one(served: Served, tmp_path: Path) -> None:
    output = served.wirewatch(tmp_path / "none", "search", "drone", code=2)
    assert "there is no archive at" in output and "wirewatch demo" in output


def test_a_typo_in_a_source_stops_the_start_with_file_line_and_key(tmp_path: Path) -> None:
    with serving(tmp_path / "config", "--frozen", only=("harbour-courier",)) as served:
        path = served.config.parent / "sources" / "harbour-courier.toml"
        lines = path.read_text(encoding="utf8").splitlines()
        at = next(n for n, line in enumerate(lines) if line.startswith("feeds"))
        lines[at] = lines[at].replace("feeds", "feedz")
        path.write_text("\n".join(lines), encoding="utf8")
        output = served.wirewatch(tmp_path / "data", "run", "--once", code=2)
    assert "harbour-courier.toml" in output and f"line {at + 1}" in output
    assert "feedz" in output and "did you mean 'feeds'" in output


def test_an_unknown_source_is_named(served: Served, tmp_path: Path) -> None:
    output = served.wirewatch(tmp_path, "run", "--once", "--only", "harbor", code=2)
    assert "no source is called harbor" in output


def test_show_and_list_and_doctor(served: Served, archive: Path) -> None:
    found = json.loads(served.wirewatch(archive, "search", "anthropic AND pentagon", "--json").splitlines()[0])
    shown = served.wirewatch(archive, "show", found["id"])
    assert found["title"] in shown and "known from" in shown
    article = json.loads(served.wirewatch(archive, "show", found["copies"][0]["url"], "--json"))
    assert article["text"] and article["story"] == found["id"] and article["published_how"]
    rows = [json.loads(line) for line in served.wirewatch(archive, "sources", "list", "--json").splitlines()]
    assert {row["state"] for row in rows} == {"healthy"} and all(row["articles"] for row in rows)
    assert "nothing is known of" in served.wirewatch(archive, "show", "a0123", code=2)
    checked = served.wirewatch(archive, "doctor", code=1)  # connect_to is set: no outlet is reached
    assert "connect_to" in checked and checked.count("ok  ") >= 6


def test_sources_add_finds_feeds_and_shows_them_before_saving(tmp_path: Path) -> None:
    with serving(tmp_path / "config", "--frozen", only=("capitol-ledger",)) as served:
        output = served.wirewatch(tmp_path, "sources", "add", "https://www.harbour-courier.example", "--yes")
        assert "Harbour Courier" in output and "entries" in output and "Saved as" in output
        listed = served.wirewatch(tmp_path, "sources", "list")
        assert "harbour-courier" in listed
        failed = served.wirewatch(tmp_path, "sources", "add", "https://nothing.example", "--yes", code=2)
        assert "Traceback" not in failed


def test_sources_check_says_what_works(served: Served, tmp_path: Path) -> None:
    output = served.wirewatch(tmp_path, "sources", "check", "harbour-courier")
    assert "✓" in output and "entries" in output and "0 addresses do not work" in output


def test_opml_goes_out_and_comes_in(served: Served, tmp_path: Path) -> None:
    path = tmp_path / "sources.opml"
    served.wirewatch(tmp_path, "sources", "export", str(path))
    assert b"harbour-courier.example" in path.read_bytes()
    with serving(tmp_path / "config", "--frozen", only=("polder-signal",)) as empty:
        output = empty.wirewatch(tmp_path, "sources", "import", str(path))
        assert "2 sources added" in output
        again = empty.wirewatch(tmp_path, "sources", "import", str(path))
        assert "0 sources added" in again and "there already" in again


def test_a_damaged_archive_says_how_to_recover(served: Served, archive: Path, tmp_path: Path) -> None:
    with sqlite3.connect(archive / "records.db") as source, sqlite3.connect(tmp_path / "records.db") as copy:
        source.backup(copy)
    copy.close()
    source.close()
    with (tmp_path / "records.db").open("r+b") as file:
        file.seek(20_000)
        file.write(b"\xff" * 200_000)
    output = served.wirewatch(tmp_path, "run", "--once", code=1)
    assert "Traceback" not in output
    assert "damaged" in output or "recover" in output


def test_an_archive_held_by_another_process_is_named(served: Served, archive: Path, tmp_path: Path) -> None:
    with sqlite3.connect(archive / "records.db") as source, sqlite3.connect(tmp_path / "records.db") as copy:
        source.backup(copy)
    copy.execute("BEGIN EXCLUSIVE")
    try:
        output = served.wirewatch(tmp_path, "quarantine", "replay", code=1)
    finally:
        copy.rollback()
        copy.close()
        source.close()
    assert "another process" in output and "Traceback" not in output


def test_a_page_asked_for_by_a_person_is_fetched_by_the_next_run(served: Served, archive: Path, tmp_path: Path) -> None:
    data = tmp_path / "copy"
    shutil.copytree(archive, data)
    url = json.loads(served.wirewatch(data, "search", "*", "--json").splitlines()[0])["copies"][0]["url"]
    assert "it was known already" in served.wirewatch(data, "fetch", url)
    asked = f"{url.partition('?')[0]}?page=asked"
    assert "it was known already" not in served.wirewatch(data, "fetch", asked)
    told = json.loads(served.wirewatch(data, "trace", asked, "--json"))
    assert [step["stage"] for step in told] == ["listed", "page"]
    assert "by a person" in told[0]["words"] and "pending" in told[1]["words"]
    served.wirewatch(data, "run", "--once", "--quiet")
    told = json.loads(served.wirewatch(data, "trace", asked, "--json"))
    assert "pending" not in told[1]["words"]
    plain = url.replace("://www.", "://").rstrip("/")  # as the archive knows it, which the outlet need not answer to
    assert f"{url}: of " in served.wirewatch(data, "fetch", plain)
    words = served.wirewatch(data, "fetch", "https://nobody.example/1", code=2)
    assert "no source is of the site of https://nobody.example/1" in words


def test_pages_are_read_from_addresses_with_the_crawlers_manners(served: Served, archive: Path, tmp_path: Path) -> None:
    url = json.loads(served.wirewatch(archive, "search", "*", "--json").splitlines()[0])["copies"][0]["url"]
    nothing = f"{url.rsplit('/', 1)[0]}/there-is-no-such-page"
    output = served.wirewatch(tmp_path, "read", "--jsonl", url, nothing, "http://169.254.1.1/", url, code=1)
    one, two, three, four = (json.loads(line) for line in output.splitlines() if line.startswith("{"))
    assert (one["id"], one["url"], one["grade"]) == (url, url, "full") and one == four | {"known": one["known"]}
    assert (two["id"], two["error"]["kind"]) == (nothing, "Gone")
    assert three["error"]["kind"] == "Refused"
    assert "2 of 4 pages could not be read" in output
    assert not list(tmp_path.iterdir()), "no archive is made"


def test_pages_are_read_by_several_processes_in_order(served: Served, tmp_path: Path) -> None:
    pages = sorted((ROOT / "tests" / "data" / "pages").glob("*.html"))
    for number in range(12):
        shutil.copy(pages[number % len(pages)], tmp_path / f"{number:02}.html")
    (tmp_path / "05.html").write_bytes(b"%PDF")
    when = ("--fetched", "2026-03-01")
    one, two = (served.wirewatch(tmp_path, "read", "--jsonl", str(tmp_path), *when, "--jobs", n, code=1) for n in "12")
    assert one == two
    told = [json.loads(line) for line in one.splitlines() if line.startswith("{")]
    assert [row["id"] for row in told] == [f"{number:02}" for number in range(12)]
