"""Changing a source by its form: what is shown is changed, the rest of its file stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from lxml import html

from crawlers.registry import load_source, write_source
from pipeline.types import Rules, Source, Storage
from tests.contract.records_kit import SOURCES
from tests.integration.town import Town, sourcing
from tests.integration.web_forms import Pairs, fields, send, words
from tests.integration.web_house import WebHouse, web_house

EDIT = "/sources/alba/edit"
ALBA = replace(
    SOURCES[0],
    carries=("Reuters",),
    deny=("/sport/",),
    storage=Storage.SUMMARY,
    rules=Rules(title="h1"),
    poll_min=timedelta(minutes=7.5),
    confirmed=date(2026, 1, 2),
    confirmed_how="read in a list",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for one in (ALBA, *SOURCES[1:]):
        write_source(one, tmp_path / "sources")
    return tmp_path / "sources"


@pytest.fixture
def house(tmp_path: Path, folder: Path) -> Iterator[WebHouse]:
    with Town() as town, web_house(tmp_path, parts={"sourcing": sourcing(town, folder)}) as house:
        yield house


def shown(house: WebHouse) -> dict[str, str]:
    """The fields of the form."""
    return dict(fields(house.ask(EDIT), EDIT))


def changed(house: WebHouse, **changes: str) -> Pairs:
    return list((shown(house) | changes).items())


def saved(house: WebHouse, folder: Path, **changes: str) -> Source:
    answer = send(house.url, EDIT, changed(house, **changes))
    assert (answer.status, answer.headers.get("location")) == (303, "/sources/alba?saved=yes"), words(answer)
    return load_source(folder / "alba.toml")


def test_the_form_shows_a_source_as_it_is_and_changes_nothing_by_itself(house: WebHouse, folder: Path) -> None:
    assert EDIT in house.ask("/sources/alba").body.decode()
    told = shown(house)
    assert (told["name"], told["country"], told["language"]) == (ALBA.name, ALBA.country, ALBA.language)
    assert told["feeds"].strip() == "\n".join(ALBA.feeds)
    assert (told["poll_min"], told["poll_max"], told["blocked"]) == ("7.5", "720", "")
    assert saved(house, folder) == ALBA
    assert house.records.audited(limit=1)[0].what == "source saved"


def test_what_is_changed_is_saved_and_the_rest_stays(house: WebHouse, folder: Path) -> None:
    source = saved(house, folder, name="The Alba Post", country="IE", poll_min="10", poll_max="60", terms="ask first")
    wanted = replace(ALBA, name="The Alba Post", country="IE", terms="ask first")
    assert source == replace(wanted, poll_min=timedelta(minutes=10), poll_max=timedelta(hours=1))
    assert "The Alba Post" in words(house.ask("/sources/alba"))


def test_other_addresses_are_not_confirmed(house: WebHouse, folder: Path) -> None:
    feeds = ("https://alba.example/world", "https://alba.example/defence")
    source = saved(house, folder, feeds="\r\n".join(("", *feeds, "")))
    assert source == replace(ALBA, feeds=feeds, confirmed=None, confirmed_how="not confirmed")


def test_a_source_is_paused_and_taken_up_again(house: WebHouse, folder: Path) -> None:
    assert saved(house, folder, blocked="asked us to wait") == replace(ALBA, blocked="asked us to wait")
    assert "not collected" in words(house.ask("/sources/alba"))
    assert saved(house, folder, blocked="") == ALBA


@pytest.mark.parametrize(
    ("field", "value", "key", "said"),
    [
        ("name", " ", "name", "missing key 'name'"),
        ("country", "Scotland", "country", "'Scotland' is not known"),
        ("homepage", "nowhere", "homepage", "must be an address"),
        ("feeds", "https://alba.example/feed\nhttp://10.0.0.7/feed", "feeds", "http://10.0.0.7/feed is not asked"),
        ("feeds", "https://bern.example/feed", "feeds", "already among the feeds of bern"),
        ("poll_min", "often", "poll_minutes", "two numbers of minutes"),
        ("poll_max", "1", "poll_minutes", "7.5 comes before 1"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(
    house: WebHouse, folder: Path, field: str, value: str, key: str, said: str
) -> None:
    answer = send(house.url, EDIT, changed(house, **{field: value}))
    assert answer.status == 400
    page = html.fromstring(answer.body)
    [fault] = page.xpath("//*[@role='alert']")
    assert fault.get("id") == f"{key}-wrong" and said in fault.text_content()
    [wrong] = page.xpath(f"//*[@id='{field}']")
    assert wrong.get("aria-invalid") == "true" and fault.get("id") in wrong.get("aria-describedby")
    if wrong.tag != "select":
        assert dict(fields(answer, EDIT))[field].strip() == value.strip(), "what was written is still there"
    assert load_source(folder / "alba.toml") == ALBA


def test_a_source_needs_something_to_collect(house: WebHouse) -> None:
    answer = send(house.url, EDIT, changed(house, feeds=""))
    assert answer.status == 400 and "It was not saved: nothing to collect: give one of feeds" in words(answer)


def test_what_is_not_sent_stays(house: WebHouse, folder: Path) -> None:
    assert send(house.url, EDIT, [("name", "Alba")]).status == 303
    assert load_source(folder / "alba.toml") == replace(ALBA, name="Alba")


def test_nobody_else_can_change_it(house: WebHouse, folder: Path) -> None:
    assert send(house.url, EDIT, [("name", "Evil")], origin="http://evil.example").status == 403
    assert house.ask("/sources/nobody/edit").status == 404
    assert send(house.url, "/sources/nobody/edit", [("name", "New")]).status == 404
    assert load_source(folder / "alba.toml") == ALBA


def test_where_no_file_can_be_written_it_is_given(tmp_path: Path, folder: Path) -> None:
    with Town() as town:
        parts = {"sourcing": sourcing(town, folder, closed="the sources are kept outside")}
        with web_house(tmp_path, parts=parts) as house:
            answer = send(house.url, EDIT, changed(house, name="The Alba Post"))
            assert answer.status == 200
            assert "the sources are kept outside" in words(answer) and 'name = "The Alba Post"' in words(answer)
    assert load_source(folder / "alba.toml") == ALBA
