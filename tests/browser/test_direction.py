"""Headlines that turn the direction of text, in archives of earlier releases, turn nothing around them on a page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawlers.guard import Guard
from pipeline.ids import story_id
from tests.browser.conftest import Looking
from tests.contract.records_kit import SOURCES, entry
from tests.integration.web_house import WebHouse, web_house
from web.sourcing import Sourcing

TURNED = "Drones \u202efor the harbour"  # an override that is not closed
HEBREW = "רחפנים לנמל (2)!"
FIRST = entry("alba", "first", title=TURNED)
OTHERS = (entry("bern", "second", title=TURNED), entry("cork", "third", title=HEBREW))
# The texts of a page that run from right to left, by their first two letters, but for the headlines themselves.
BACKWARDS = """() => {
  const left = (node, at) => { const range = new Range(); range.setStart(node, at); range.setEnd(node, at + 1);
    return range.getBoundingClientRect(); };
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT), wrong = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const at = node.data.search(/[a-z]{2}/i);
    if (at < 0 || /[\u202e\u0590-\u05ff]/.test(node.data)) continue;
    const [first, second] = [left(node, at), left(node, at + 1)];
    if (first.width && first.top === second.top && first.left >= second.left) wrong.push(node.data);
  }
  return wrong;
}"""


@pytest.fixture
def turned(tmp_path: Path) -> Iterator[WebHouse]:
    sourcing = Sourcing({one.id: one for one in SOURCES}, tmp_path / "sources", Guard())
    with web_house(tmp_path, parts={"sourcing": sourcing}) as house:
        house.file(FIRST, title=TURNED, authors=("Ann \u202eExample", "Ben Example"))
        for one in OTHERS:
            house.file(one, story=FIRST, title=one.title, language="he" if one.title == HEBREW else "en")
        yield house


@pytest.mark.parametrize("width", [390, 1600])
def test_what_stands_beside_such_a_headline_runs_as_it_should(turned: WebHouse, looking: Looking, width: int) -> None:
    eyes, seen = looking(turned, width=width), 0
    id = story_id(FIRST.id)
    for path in ("/?q=drones", f"/stories/{id}", f"/stories/{id}?show=list", "/sources/alba", "/now"):
        page = eyes.open(path)
        page.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert page.evaluate(BACKWARDS) == [], path
        seen += page.get_by_text("for the harbour").count()
    assert seen >= 4, "the headline was there"


def test_a_hebrew_headline_begins_on_the_right(turned: WebHouse, looking: Looking) -> None:
    page = looking(turned).open("/?q=drones")
    page.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    left_of: str = """(one) => { const node = one.firstChild, range = new Range();
      const left = (at) => { range.setStart(node, at); range.setEnd(node, at + 1);
        return range.getBoundingClientRect().left; };
      return [left(0), left(node.data.length - 1)]; }"""
    first, last = page.locator("bdi", has_text="רחפנים").first.evaluate(left_of)
    assert first > last, "its exclamation mark stands at its left end"
