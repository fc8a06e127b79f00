"""The search page as a person uses it: journey, keys, completion, dragging, an error under its column, no scripts."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Looking
from tests.browser.looks import Eyes
from tests.integration.web_house import WebHouse

# How far the mark is from where the character stands; how far that is from the box's left side; how wide the box is.
PLACES = """() => {
  const box = document.getElementById("q");
  const style = getComputedStyle(box);
  const brush = document.createElement("canvas").getContext("2d");
  brush.font = style.font;
  const before = brush.measureText([...box.value].slice(0, box.dataset.column - 1).join("")).width;
  const left = box.getBoundingClientRect().left;
  const wanted = left + parseFloat(style.paddingLeft) + 1 + before - box.scrollLeft;
  const mark = document.createRange();
  mark.selectNodeContents(document.querySelector(".pointer").lastChild);
  return [mark.getBoundingClientRect().left - wanted, wanted - left, box.clientWidth];
}"""


def asked(page: Page) -> str:
    """The query that the page's address asks."""
    return parse_qs(urlsplit(page.url).query).get("q", [""])[0]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "noscript"])
def test_a_journey_from_a_word_to_a_narrow_search(looking: Looking, house: WebHouse, scripts: bool) -> None:
    page = looking(house, scripts=scripts).open("/")
    page.get_by_label("Search the coverage").fill("drones")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**q=drones**")
    expect(page.locator(".story").first).to_contain_text("8 copies at 8 outlets")
    page.locator(".carriers summary").first.click()
    expect(page.locator(".carriers li").first).to_be_visible()
    page.locator(".facets").get_by_role("link", name="CH", exact=True).click()
    expect(page.locator(".chip")).to_contain_text("country:CH")
    assert asked(page) == "drones country:CH"
    page.get_by_role("link", name="Newest").click()
    page.get_by_role("link", name="7 days").click()
    assert asked(page) == "drones country:CH seen:P7D"
    expect(page.get_by_role("link", name="Newest")).to_have_attribute("aria-current", "true")
    page.locator(".chip").filter(has_text="country:CH").click()
    assert asked(page) == "drones seen:P7D"
    page.get_by_label("From").fill("2026-02-20")
    page.get_by_label("to", exact=True).fill("2026-02-24")
    page.get_by_role("button", name="Set the time").click()
    page.wait_for_url("**2026-02-20**")
    assert asked(page) == "drones seen:2026-02-20..2026-02-24"
    page.go_back()
    assert asked(page) == "drones seen:P7D"


def test_a_bar_is_a_link(looking: Looking, house: WebHouse) -> None:
    for scripts in (True, False):
        page = looking(house, scripts=scripts).open("/?q=drones")
        page.locator(".over-time svg a").last.click()
        page.wait_for_url("**seen**")
        assert asked(page) == "drones seen:2026-03-01"


def test_keys_lead_through_the_stories(eyes: Eyes) -> None:
    page = eyes.open("/?q=drones&order=newest")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator(".story.here")).to_have_attribute("id", "story-2")
    expect(page.locator(".story.here")).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    eyes.look(page, "search-keys")
    page.keyboard.press("j")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".story.here")).to_have_attribute("id", "story-2")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("jks?")
    assert page.locator("#q").input_value() == "jks?"
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator("#q")).not_to_be_focused()
    there = page.locator("#story-2 [data-open]").get_attribute("href")
    page.keyboard.press("o")
    page.wait_for_url(f"**{there}")


def test_a_key_subscribes(eyes: Eyes) -> None:
    page = eyes.open("/?q=drones")
    page.keyboard.press("s")
    page.wait_for_url("**/subscriptions/new?q=drones")


def test_completion_by_keyboard(eyes: Eyes) -> None:
    page = eyes.open("/")
    box = page.get_by_role("combobox", name="Search the coverage")
    box.click()
    page.keyboard.type("drones ent")
    options = page.get_by_role("option")
    expect(options.first).to_contain_text("entity:")
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "suggestion-0")
    eyes.look(page, "search-completion")
    page.keyboard.press("Enter")
    expect(options.first).to_contain_text("Jane Roe")
    page.keyboard.type("anv")
    expect(options).to_contain_text(["Anvil Systems", "Anvil"])
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(box).to_have_value('drones entity:"Anvil Systems" ')
    expect(options).to_have_count(0)
    page.keyboard.press("Enter")
    page.wait_for_url("**Anvil**")
    assert asked(page).strip() == 'drones entity:"Anvil Systems"'


def test_completion_is_never_in_the_way(eyes: Eyes) -> None:
    page = eyes.open("/")
    page.locator("#q").click()
    page.keyboard.type("dro")
    expect(page.get_by_role("option").first).to_contain_text("topic:drones")
    page.keyboard.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("n")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**q=dron")


def test_completion_by_mouse_beyond_the_basic_plane(eyes: Eyes) -> None:
    page = eyes.open("/")
    page.locator("#q").click()
    page.keyboard.insert_text("𝔡𝔯𝔬𝔫𝔢 防衛省 OR wire:kyo")
    page.get_by_role("option").first.click()
    assert page.locator("#q").input_value() == "𝔡𝔯𝔬𝔫𝔢 防衛省 OR wire:Kyodo "


def test_time_is_dragged_over_the_bars(eyes: Eyes) -> None:
    page = eyes.open("/?q=drones&order=newest")
    bars = page.locator(".over-time svg a")
    first, last = bars.nth(3).bounding_box(), bars.nth(6).bounding_box()
    assert first and last
    for begin, end in ((first, last), (last, first)):
        page.mouse.move(begin["x"] + begin["width"] / 2, begin["y"] + 20)
        page.mouse.down()
        page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 20, steps=5)
        expect(page.locator(".over-time .within")).to_have_count(4)
        page.mouse.up()
        page.wait_for_url("**seen**")
        assert asked(page) == "drones seen:2026-02-11..2026-02-14"
        assert "order=newest" in page.url
        page.go_back()
        page.wait_for_url("**q=drones&order=newest")


def test_time_is_chosen_by_keyboard(eyes: Eyes) -> None:
    page = eyes.open("/?q=drones")
    slider = page.get_by_role("slider", name="Stretch of time")
    slider.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    for _ in range(2):
        page.keyboard.press("Shift+ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^9 Feb 2026 to 11 Feb 2026: [0-9]+ articles"))
    page.keyboard.press("Enter")
    page.wait_for_url("**seen**")
    assert asked(page) == "drones seen:2026-02-09..2026-02-11"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "noscript"])
def test_on_a_phone_the_stories_come_first(looking: Looking, house: WebHouse, scripts: bool) -> None:
    eyes = looking(house, width=390, scripts=scripts)
    page = eyes.open("/?q=drones+-country:US&order=newest")
    expect(page.get_by_role("status")).to_be_in_viewport()
    expect(page.locator("#story-1 .meta")).to_be_in_viewport()
    newest = page.get_by_role("link", name="Newest")
    expect(newest).to_be_hidden()
    expect(page.locator(".over-time")).to_be_hidden()
    page.get_by_text("Order and time").click()
    expect(newest).to_be_visible()
    expect(page.locator(".over-time")).to_be_visible()
    eyes.look(page, "search-unfolded")
    page.get_by_role("link", name="7 days").click()
    page.wait_for_url("**seen**")
    expect(page.locator(".fold small")).to_have_text("newest, copies folded, last 7 days")


def test_what_a_phone_folds_away_is_open_on_a_wide_screen(looking: Looking, house: WebHouse) -> None:
    page = looking(house, scripts=False).open("/?q=drones")
    expect(page.get_by_text("Order and time")).to_be_hidden()
    expect(page.locator(".over-time")).to_be_visible()
    expect(page.get_by_role("link", name="Newest")).to_be_visible()
    page.get_by_label("From").focus()
    expect(page.get_by_label("From")).to_be_focused()


def test_time_is_dragged_by_touch(looking: Looking, house: WebHouse) -> None:
    page = looking(house, width=390).open("/?q=drones")
    page.get_by_text("Order and time").click()
    box = page.locator(".over-time svg").bounding_box()
    assert box
    session = page.context.new_cdp_session(page)
    for kind, share in (("touchStart", 0.25), ("touchMove", 0.3), ("touchMove", 0.5), ("touchEnd", None)):
        points = [] if share is None else [{"x": box["x"] + share * box["width"], "y": box["y"] + 20}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    page.wait_for_url("**seen**")
    assert asked(page).startswith("drones seen:2026-02-13..2026-02-1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("query", "column"),
    [("drones AND (harbour", 12), ("海军 AND 防衛省 (x", 12), ("a " * 120 + "titel:b", 241), ("Ａ̈é🙂 titel:x", 6)],
    ids=["plain", "wide", "long", "odd"],
)
def test_an_error_stands_under_its_column(
    looking: Looking, house: WebHouse, query: str, column: int, scheme: str
) -> None:
    eyes = looking(house, scheme)
    page = eyes.open(f"/?q={query}", status=400)
    assert page.locator("#q").get_attribute("data-column") == str(column)
    expect(page.locator("#q")).to_be_focused()
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    far = page.evaluate(PLACES)
    assert abs(far[0]) < 3, "it is where the character is"
    assert 0 <= far[1] <= far[2], "which is in sight"
    eyes.look(page, f"search-wrong-{column}-{len(query)}")
    page.keyboard.type("x")
    expect(page.locator(".pointer")).to_have_count(0)
