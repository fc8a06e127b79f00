"""Sources in a real browser: finding the one that needs a look, and adding one by pasting its address."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from crawlers.registry import load_source, write_source
from tests.browser.conftest import Looking
from tests.browser.looks import Eyes
from tests.contract.records_kit import SOURCES
from tests.integration.town import Town, sourcing
from tests.integration.web_house import WebHouse, web_house


@pytest.fixture
def town() -> Iterator[Town]:
    with Town() as one:
        one.lantern("lantern.example")
        yield one


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for one in SOURCES:
        write_source(one, tmp_path / "sources")
    return tmp_path / "sources"


@pytest.fixture
def adding(tmp_path: Path, town: Town, folder: Path) -> Iterator[WebHouse]:
    with web_house(tmp_path, parts={"sourcing": sourcing(town, folder)}) as house:
        yield house


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "noscript"])
@pytest.mark.parametrize("width", [390, 1600])
def test_an_outlet_is_added_by_its_address(
    looking: Looking, adding: WebHouse, folder: Path, width: int, scripts: bool
) -> None:
    eyes = looking(adding, width=width, scripts=scripts)
    page = eyes.open("/sources")
    page.get_by_role("link", name="Add a source").click()
    page.get_by_label("Address of the outlet").fill("http://lantern.example/")
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_text("Drones over the harbour")).to_be_visible()
    eyes.look(page, "source-preview")
    page.get_by_label("Country").select_option("SG")
    page.get_by_label("Id, which").fill("Not An Id")
    page.get_by_role("button", name="Save the source").click()
    expect(page.get_by_label("Id, which")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#id-wrong")).to_contain_text("lower-case letters")
    eyes.seen[page].said.clear()  # that the answer was a 400
    page.get_by_label("Id, which").fill("lantern")
    page.get_by_role("button", name="Save the source").click()
    expect(page.get_by_role("heading", name="The Lantern")).to_be_visible()
    eyes.look(page, "source-saved")
    assert load_source(folder / "lantern.toml").country == "SG"
    page.get_by_role("link", name="All sources").click()
    expect(page.get_by_role("link", name="The Lantern")).to_be_visible()


def test_an_address_that_is_not_public_is_refused_beside_the_field(looking: Looking, adding: WebHouse) -> None:
    eyes = looking(adding)
    page = eyes.open("/sources/new")
    page.get_by_label("Address of the outlet").fill("http://10.0.0.7/")
    page.get_by_role("button", name="Look at it").click()
    expect(page.locator("#address-wrong")).to_contain_text("not a public address")


def test_the_keyboard_leads_to_the_source_that_needs_a_look(eyes: Eyes) -> None:
    page = eyes.open("/sources")
    failing = page.get_by_role("navigation", name="By state").get_by_role("link", name="failing")
    failing.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/sources?state=failing")
    rows = page.get_by_role("rowheader")
    expect(rows).to_have_count(1)
    rows.get_by_role("link").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("failed", exact=False).first).to_be_visible()


def test_what_is_in_quarantine_is_tried_again(looking: Looking, own_house: WebHouse) -> None:
    kept = own_house.records.sizes().quarantined
    eyes = looking(own_house)
    page = eyes.open("/operations")
    page.get_by_role("link", name="in quarantine").click()
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Try those chosen again").click()
    expect(page.get_by_role("status")).to_contain_text("1 page or listing is tried again")
    eyes.look(page, "quarantine-tried")
    assert own_house.records.sizes().quarantined == kept - 1
