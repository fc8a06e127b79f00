"""People in a real browser: the first account, signing in and out, keys, accounts for others, the log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Looking
from tests.integration.people_kit import PASSWORD, account
from tests.integration.web_house import WebHouse, web_house

WINDOWS = [("light", 1600, True), ("dark", 1600, False), ("dark", 390, True), ("light", 390, False)]


@pytest.fixture
def web(tmp_path: Path) -> Iterator[WebHouse]:
    """Where nobody has an account."""
    with web_house(tmp_path) as house:
        yield house


@pytest.mark.parametrize(("scheme", "width", "scripts"), WINDOWS)
def test_from_the_first_account_to_the_log(
    looking: Looking, web: WebHouse, scheme: str, width: int, scripts: bool
) -> None:
    eyes = looking(web, scheme, width, scripts=scripts)
    page = eyes.open("/people")
    eyes.look(page, "people-none")
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("status")).to_contain_text("ada has an account now")
    page.get_by_label("Name").fill("rea")
    page.get_by_role("button", name="Add").click()
    expect(page.locator("#invented")).to_be_visible()
    page.locator("summary").last.click()
    eyes.look(page, "people")
    page.goto("/account")
    page.get_by_label("What for").fill("the nightly export")
    page.get_by_role("button", name="Make a key").click()
    expect(page.locator("#new-key")).to_contain_text("wwk_")
    eyes.look(page, "account")
    page.goto("/audit")
    expect(page.get_by_role("row")).to_have_count(4)
    eyes.look(page, "audit")
    page.goto("/account")
    page.get_by_role("main").get_by_role("button", name="Sign out").first.click()
    expect(page.get_by_role("status")).to_have_text("You are signed out.")
    eyes.look(page, "login")


def test_who_is_not_signed_in_is_led_to_where_they_wanted_to_go(looking: Looking, web: WebHouse) -> None:
    account(web, "ada")
    eyes = looking(web)
    page = eyes.open("/?q=drones")
    expect(page).to_have_title("Sign in · Wirewatch")
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill("wrong")
    page.get_by_label("Password").press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Name and password do not belong together")
    eyes.seen[page].said.clear()  # that the answer was a 403
    eyes.look(page, "login-wrong")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    page.wait_for_url("**/?q=drones")
    expect(page.get_by_role("link", name="ada")).to_be_visible()
