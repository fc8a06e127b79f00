"""The story in a browser: from a copy to what it cut and what people say of it; by keyboard, without scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from pipeline.ids import article_id
from tests.browser.conftest import Looking
from tests.browser.looks import Eyes
from tests.browser.pages import EDITED, STORY
from tests.integration.web_house import WebHouse

PATH = f"/stories/{STORY}"
JADE = article_id("https://jade.example/forty-drones")


def copies(page: Page) -> int:
    """As the page counts them."""
    told = re.search(r"(\d+) cop", page.locator(".lead").inner_text())
    assert told
    return int(told[1])


def test_from_a_copy_to_what_it_added_and_back(eyes: Eyes) -> None:
    page = eyes.open(PATH)
    expect(page.get_by_role("heading", level=1)).to_have_text("Ministry buys forty drones for harbour")
    node = page.locator(f"#c-{JADE} > .copy")
    node.get_by_text("Why here").click()
    expect(node.locator("ins")).to_contain_text("Our correspondent saw twelve")
    node.get_by_role("link", name=re.compile(r"kept \d+ %")).click()
    expect(page).to_have_url(re.compile(rf"/diff\?a=\w+&b={JADE}"))
    old, new = page.locator(".text-a ins, .text-a del"), page.locator(".text-b ins")
    expect(new.first).to_contain_text("Our correspondent saw twelve")
    expect(old.first).to_be_visible()
    page.get_by_role("link", name="In one column").click()
    expect(page.locator(".compare .text-a").nth(1)).to_be_hidden()
    expect(page.locator(".text-b del").first).to_be_visible()
    page.get_by_role("link", name="The story").click()
    expect(page).to_have_url(re.compile(rf"article={JADE}"))
    expect(page.locator(".body mark").first).to_have_text("twelve")
    eyes.look(page, "story-of-a-copy")


def test_the_list_sorts_as_soon_as_an_order_is_chosen(eyes: Eyes) -> None:
    page = eyes.open(PATH)
    page.get_by_role("link", name="List").click()
    page.wait_for_url(re.compile("show=list"))  # and for its scripts, which come after its HTML
    page.get_by_label("in order of").select_option(label="most added")
    expect(page).to_have_url(re.compile("sort=added"))
    expect(page.locator("table.copies tbody th").first).to_contain_text("The Dunes Daily")
    page.get_by_label("Find").fill("fjord")
    page.get_by_label("Find").press("Enter")
    expect(page.locator("table.copies tbody tr")).to_have_count(1)


def test_versions_of_an_edited_copy(eyes: Eyes) -> None:
    page = eyes.open(f"{PATH}?article={EDITED}")
    page.get_by_role("link", name="2 versions").click()
    expect(page.locator("table.facts")).to_contain_text("forty-two")
    page.get_by_label("Version 2 as A").check()
    page.get_by_label("Version 1 as B").check()
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".compare .text-a del").first).to_have_text("two")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "noscript"])
@pytest.mark.parametrize(("scheme", "width"), [("light", 1600), ("dark", 390)])
def test_a_copy_is_parted_from_its_story_and_put_back(
    looking: Looking, own_house: WebHouse, scheme: str, width: int, scripts: bool
) -> None:
    eyes = looking(own_house, scheme, width, scripts=scripts)
    page = eyes.open(PATH)
    before = copies(page)
    page.get_by_label("The other copy").select_option(JADE)
    page.get_by_label("Why (for those who read it later)").first.fill("another purchase")
    page.get_by_role("button", name="Not the same story").click()
    expect(page.get_by_role("status").first).to_contain_text("not the same reporting")
    assert copies(page) < before
    eyes.look(page, "story-parted")
    page.get_by_role("link", name="All labels", exact=True).click()
    expect(page.get_by_role("cell", name="another purchase")).to_be_visible()
    eyes.look(page, "labels-one")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("taken back")
    page.get_by_role("link", name="The Alba").first.click()
    assert copies(page) == before


def test_all_of_it_is_reached_by_keyboard(eyes: Eyes) -> None:
    page = eyes.open(PATH)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Is this one story?").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#same"))
    page.keyboard.press("Tab")
    expect(page.get_by_label("The other copy")).to_be_focused()
    node = page.locator(f"#c-{JADE} > .copy")
    node.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(node.locator("ins").first).to_be_visible()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/diff"))


def test_what_is_not_an_article_is_told_in_its_place(eyes: Eyes) -> None:
    page = eyes.open(PATH)
    page.get_by_label("Its id or address").fill("https://nowhere.example/")
    page.get_by_role("button", name="The same story", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("No article is called https://nowhere.example/")
    expect(page.get_by_label("Its id or address")).to_have_value("https://nowhere.example/")
