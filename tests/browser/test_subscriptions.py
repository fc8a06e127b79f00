"""From a search to a feed in a reader: with a mouse, with the keyboard alone, and without scripts."""

from __future__ import annotations

import feedparser
import pytest
from playwright.sync_api import Page, expect

from pipeline.watch import DeliveryState, OutputKind
from tests.browser.conftest import Looking
from tests.browser.furnished import put
from tests.contract.records_kit import entry
from tests.integration.web_house import WebHouse


def told_of(house: WebHouse, feed: str) -> list[str]:
    """The headlines that feedparser finds there, after another story came."""
    assert feedparser.parse(feed).entries == [], "it tells of what comes from now on"
    put(house, entry("alba", "zeppelins", title="Zeppelins return to the harbour"), "Two zeppelins came on Monday.")
    told = feedparser.parse(feed)
    assert not told.bozo
    return [one.title for one in told.entries]


def tabbed_to(page: Page, name: str) -> None:
    """Press Tab until what has this name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if name in str(page.evaluate("document.activeElement.innerText || document.activeElement.name || ''")):
            return
    raise AssertionError(f"Tab does not lead to {name!r}")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "noscript"])
@pytest.mark.parametrize("width", [390, 1600])
def test_from_a_search_to_a_feed(looking: Looking, own_house: WebHouse, width: int, scripts: bool) -> None:
    eyes = looking(own_house, width=width, scripts=scripts)
    page = eyes.open("/?q=harbour")
    page.get_by_role("link", name="Subscribe to this", exact=True).click()
    expect(page.get_by_text("It would have fired")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("harbour")
    page.get_by_label("Query", exact=True).fill("harbour zeppelins")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("It would not have fired")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("Airships")
    page.get_by_role("button", name="Save and subscribe").click()
    expect(page.get_by_role("heading", name="Airships")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("Saved")
    feed = page.get_by_label("RSS", exact=True).input_value()
    assert told_of(own_house, feed) == ["Zeppelins return to the harbour"]
    page.reload()
    expect(page.get_by_role("link", name="Zeppelins return to the harbour")).to_be_visible()
    eyes.look(page, "subscription-told")


def test_the_keyboard_alone_subscribes(looking: Looking, own_house: WebHouse) -> None:
    page = looking(own_house).open("/?q=harbour")
    tabbed_to(page, "Subscribe to this")
    page.keyboard.press("Enter")
    expect(page.get_by_text("It would have fired")).to_be_visible()
    tabbed_to(page, "Save and subscribe")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Saved")
    assert "harbour" in [one.name for one in own_house.records.subscriptions()]


def test_an_address_is_copied(looking: Looking, house: WebHouse) -> None:
    page = looking(house).open("/subscriptions/harbour%20drones")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the Atom address").click()
    copied = str(page.evaluate("navigator.clipboard.readText()"))
    assert copied == page.get_by_label("Atom", exact=True).input_value() and copied.endswith(".atom")


def test_a_dead_letter_is_sent_again(looking: Looking, own_house: WebHouse) -> None:
    records = own_house.records
    [dead] = records.deliveries(state=DeliveryState.DEAD)
    name = next(one.name for one in records.subscriptions() if one.id == dead.output.subscription_id)
    page = looking(own_house).open(f"/subscriptions/{name}")
    expect(page.get_by_text("hooks.example answered 410 Gone").first).to_be_visible()
    page.get_by_role("button", name="Send all given up again").click()
    expect(page.get_by_role("status")).to_contain_text("1 alert will be sent again")
    assert records.deliveries(state=DeliveryState.DEAD) == []


def test_a_webhook_is_added_changed_and_revoked(looking: Looking, own_house: WebHouse) -> None:
    page = looking(own_house).open("/subscriptions/paused%20since%20spring")
    page.get_by_label("Post each alert to").fill("https://hooks.example/new")
    page.get_by_role("button", name="Add the webhook").click()
    key = page.get_by_label("The webhook's key").input_value()
    [hook] = [one for one in own_house.records.outputs() if one.target.endswith("/new")]
    assert hook.kind is OutputKind.WEBHOOK and hook.secret == key
    page.get_by_role("button", name="New key").click()
    assert page.get_by_label("The webhook's key").input_value() != key
    page.get_by_role("button", name="Drop the old key").click()
    expect(page.get_by_role("status")).to_contain_text("newest key only")
    page.get_by_text("Revoke", exact=True).click()
    page.get_by_role("button", name="Revoke it").click()
    expect(page.get_by_role("status")).to_contain_text("Revoked")
    expect(page.get_by_text("Nowhere yet")).to_be_visible()


def test_it_is_removed_only_when_one_is_sure(looking: Looking, own_house: WebHouse) -> None:
    page = looking(own_house).open("/subscriptions/contracts")
    page.get_by_role("link", name="Remove").click()
    page.get_by_role("link", name="Keep it").click()
    page.get_by_role("link", name="Remove").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_role("status")).to_contain_text("removed")
    assert own_house.records.subscription("contracts") is None
