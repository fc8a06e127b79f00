"""`wirewatch watch` and `why` over a small archive of invented stories."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from pipeline.errors import BadInput
from pipeline.watch import Mode
from records import open_records
from search.tantivy_index import open_index
from tests.contract.records_kit import MINUTE, SOURCES, article, entry, filed
from wirewatch import bootstrap
from wirewatch.bootstrap import INDEX, RECORDS
from wirewatch.cli import app
from workers.indexer import catch_up

REPORT = "The port of Velm opened its dock to drone ferries on Monday.\n\nNine thousand passengers had tried them."
PAGE = """<html lang="en"><head><title>Navy tests drone boats</title></head><body><article>
<h1>Navy tests drone boats</h1><p>OSLO, Nov 3 (Reuters) - The navy tested twelve drone boats in the fjord on Monday, and
its engineers said that all of them came home without a scratch after nine hours at sea.</p>
<p>The ministry will buy forty more of the boats before the spring, an official said on Tuesday.</p></article></body>"""


@pytest.fixture
def archive(tmp_path: Path, nowhere: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two copies of one story, two days ago, and one report of yesterday."""
    monkeypatch.setenv("COLUMNS", "120")
    now = bootstrap.now()
    folder = tmp_path / "archive"
    folder.mkdir()
    with closing(open_records(folder / RECORDS)) as records, closing(open_index(folder / INDEX)) as index:
        records.sync_sources(SOURCES)
        first = filed(article(entry("alba", "ferries", title="Drone ferries [bold]"), REPORT, notices=()))
        copy = filed(article(entry("bern", "ferries"), REPORT, notices=()), first.assignment.story_id, "near")
        other = filed(article(entry("cork", "dock", title="A dock in Velm"), "It was closed.", notices=()))
        for one, ago in ((first, timedelta(days=2)), (copy, timedelta(days=2) - MINUTE), (other, timedelta(days=1))):
            records.commit([one], [], now - ago)
        catch_up(records, index)
    return folder


def ask(archive: Path, *arguments: str, code: int = 0) -> str:
    result: Result = CliRunner().invoke(app, ["--data", str(archive), *arguments], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.stdout_bytes.decode("utf-8")


def test_a_back_test_comes_before_a_subscription_is_saved(archive: Path) -> None:
    told = ask(archive, "watch", "add", "boats", "drone OR dock", "--mode", "every", "--yes", "--note", "N [red]")
    assert "would have fired 3 times in 30 days (the archive goes back 3 days): 2 stories, 1 copy" in told
    assert "one more copy · The Alba (GB) · 2 copies · Drone ferries [bold]" in told
    assert "saved 'boats'" in told
    shown = ask(archive, "watch", "show", "boats")
    assert "drone OR dock" in shown and "N [red]" in shown and "It has told of nothing yet" in shown
    assert "boats" in ask(archive, "watch", "list")
    with pytest.raises(BadInput, match="there is a subscription called 'boats' already"):
        ask(archive, "watch", "add", "boats", "x", "--yes")


def test_nothing_is_saved_when_nobody_can_be_asked(archive: Path) -> None:
    with pytest.raises(BadInput, match="nobody is there to be asked: say --yes"):
        ask(archive, "watch", "add", "boats", "drone")
    assert "No subscriptions yet" in ask(archive, "watch", "list")


def test_a_bad_query_is_pointed_at(archive: Path) -> None:
    with pytest.raises(BadInput) as raised:
        ask(archive, "watch", "add", "boats", 'drone "navy', "--yes")
    assert str(raised.value).splitlines()[1:] == ['  drone "navy', "        ^"]
    with pytest.raises(BadInput, match="no saved query 'boat'"):
        ask(archive, "watch", "test", "search:boat")


def test_why_nothing_would_have_come(archive: Path) -> None:
    told = ask(archive, "watch", "test", "drone title:zeppelin")
    assert "would not have fired in 30 days" in told
    assert "! title:zeppelin is in no article of these days" in told
    assert "! without title:zeppelin it would match 2 articles" in told
    tried = json.loads(ask(archive, "watch", "test", "drone", "--json", "--days", "5"))
    assert (tried["fired"], tried["stories"], tried["copies"], tried["days"]) == (1, 1, 1, 5)
    assert tried["examples"][0]["title"] == "Drone ferries [bold]"


def test_samples_are_checked_before_and_after(archive: Path) -> None:
    told = ask(
        archive, "watch", "add", "boats", "drone -ferry", "--yes",
        "--must", "https://alba.example/ferries", "--must", "Drones fly", "--must-not", "Drone boats",
    )  # fmt: skip
    assert "✗ must match: “https://alba.example/ferries” is not matched: ferry is excluded, and is there" in told
    assert "✗ must not match: “Drone boats” is matched" in told
    checked = ask(archive, "watch", "check", code=1)
    assert "✗ boats  3 samples" in checked and "1 subscription, 1 with problems" in checked
    ask(archive, "watch", "edit", "boats", "--query", "drone -boat", "--yes")
    assert "✓ boats  3 samples" in ask(archive, "watch", "check")
    [one] = [json.loads(line) for line in ask(archive, "watch", "list", "--json").splitlines()]
    assert (one["query"], len(one["must"]), one["mode"]) == ("drone -boat", 2, str(Mode.STORY))


def test_who_uses_a_query_is_told_when_it_goes(archive: Path) -> None:
    ask(archive, "watch", "add", "boats", "drone", "--yes", "--paused")
    ask(archive, "watch", "add", "english boats", "search:boats lang:en", "--yes")
    assert "used by  english boats" in ask(archive, "watch", "show", "boats")
    assert "boats (paused)" in ask(archive, "watch", "list")
    assert "tells of what comes from now on" in ask(archive, "watch", "resume", "boats")
    assert "is paused" in ask(archive, "watch", "pause", "boats")
    assert "! 'english boats' uses it and will match nothing" in ask(
        archive, "watch", "edit", "boats", "--rename", "ships", "--yes"
    )
    assert "no saved query 'boats'" in ask(archive, "watch", "list")
    ask(archive, "watch", "remove", "english boats", "--yes")
    with pytest.raises(BadInput, match="no subscription is called 'english boats'"):
        ask(archive, "watch", "show", "english boats")


def test_why_is_told_in_words_and_as_json(archive: Path) -> None:
    ask(archive, "watch", "add", "boats", "drone (navy OR dock)", "--yes")
    told = ask(archive, "why", "https://bern.example/ferries", "--subscription", "boats")
    assert "→ the query matches, but the article was filed at" in told
    assert "✓ drone  in body" in told and "✗ navy" in told and "2 copies at 2 outlets" in told
    known = json.loads(ask(archive, "why", "https://cork.example/dock", "--subscription", "boats", "--json"))
    assert known["verdict"] == ["the query does not match: drone does not match"]
    assert {step["stage"] for step in known["steps"]} >= {"read", "filed", "index"}


def test_without_a_subscription_all_that_it_concerns_answer(archive: Path) -> None:
    assert "none of 0 subscriptions matches it" in ask(archive, "why", "https://bern.example/ferries")
    for name, query in (("boats", "drone"), ("zeppelins", "zeppelin"), ("docks", "dock")):
        ask(archive, "watch", "add", name, query, "--yes")
    told = ask(archive, "why", "https://bern.example/ferries")
    assert "query of 'boats' matches" in told and "query of 'docks' matches" in told and "zeppelins" not in told
    assert told.count("filed  ") == 1, "its way is told once"
    assert len(ask(archive, "why", "https://bern.example/ferries", "--json").splitlines()) == 2
    assert "never heard of" in ask(archive, "why", "https://nowhere.example/x")


def test_an_index_that_cannot_be_asked_hinders_neither_saving_nor_explaining(archive: Path) -> None:
    (archive / INDEX / "wirewatch-index").write_text("1\n")
    told = ask(archive, "watch", "add", "boats", "drone", "--yes")
    assert "! no back-test: the index in" in told and "saved 'boats'" in told
    assert "the index cannot be asked" in ask(archive, "why", "https://bern.example/ferries", "--subscription", "boats")


def test_a_file_is_checked_without_an_archive(tmp_path: Path, nowhere: None) -> None:
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    file = tmp_path / "watch.yaml"
    good = """
        subscriptions:
          - name: boats
            query: drone NEAR/2 boat wire:reuters dateline:oslo -toy
            must: [{file: page.html}, {title: Drone boats, text: OSLO (Reuters) - Here they are.}]
            must_not: [{title: Toy drone boats, text: OSLO (Reuters) - Here they are.}]
          - {name: more, query: 'search:boats OR zeppelin'}
    """
    file.write_text(good, encoding="utf-8")
    none = tmp_path / "none"
    assert "2 subscriptions, 0 with problems" in ask(none, "watch", "check", str(file))
    assert not none.exists()
    file.write_text(good.replace("Toy drone", "Drone").replace("zeppelin'", "\"zeppelin'"), encoding="utf-8")
    told = ask(none, "watch", "check", str(file), code=1)
    assert f"{file}:6: must not match: “Drone boats" in told.replace("\n", "")
    assert f"{file}:7: unclosed quote at 17" in told.replace("\n", "")
    [boats, more] = json.loads(ask(none, "watch", "check", str(file), "--json", code=1))
    assert (boats["failed"][0]["line"], more["problems"][0]["line"]) == (6, 7)
    file.write_text("subscriptions: [{name: a, query: b, must: ['https://a.example/x']}]", encoding="utf-8")
    assert "cannot be looked up without an archive" in ask(none, "watch", "check", str(file), code=1)


def test_a_file_is_applied_and_written(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(archive, "watch", "add", "old", "zeppelin", "--yes")
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    file = tmp_path / "watch.yaml"
    file.write_text(
        "subscriptions:\n"
        "  - {name: boats, query: drone, must: [{file: page.html}], outputs: [link, {webhook: 'env:HOOK'}]}\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("HOOK", "https://hooks.example/secret")
    told = ask(archive, "watch", "apply", str(file), "--dry-run")
    assert "+ boats" in told and "+ webhook https://hooks.example/…" in told and "old  is not in the file" in told
    assert "boats" not in ask(archive, "watch", "list")
    told = ask(archive, "watch", "apply", str(file), "--yes")
    assert "  whsec_" in told and ".atom" in told and "example/secret" not in told
    assert "= boats" in ask(archive, "watch", "apply", str(file)), "nothing to do, so nobody is asked"
    text = ask(archive, "watch", "export", "--output", str(tmp_path / "out.yaml"))
    text = (tmp_path / "out.yaml").read_text(encoding="utf-8")
    assert "title: Navy tests drone boats" in text and "secret" not in text and "name: old" in text
    assert "- old" in ask(archive, "watch", "apply", str(file), "--prune", "--yes")
    assert "old" not in ask(archive, "watch", "list")
    file.write_text("subscriptions: [{name: boats, query: '\"drone'}]", encoding="utf-8")
    assert "unclosed quote" in ask(archive, "watch", "apply", str(file), code=1)
    assert "drone" in ask(archive, "watch", "list")
