"""The search page over HTTP: what it shows, and where its links lead."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from lxml import html

from pipeline.types import Tag, Tagging
from search.parse import parse
from tests.contract.records_kit import SOURCES
from tests.integration.web_house import Answer, WebHouse, story
from web.grammar import CHAPTERS

ORCHARD = "An orchard in the valley was sold to a family of growers.\n\nThey will press cider there."


@pytest.fixture
def full(web: WebHouse) -> WebHouse:
    """Three stories on drones, a day apart, the first at two outlets; one on cider, in Switzerland."""
    web.records.sync_sources([replace(one, country="CH") if one.id == "bern" else one for one in SOURCES])
    for number in range(3):
        web.file(story(number), wire="Reuters" if number else "")
        web.clock.pass_(days=1)
    web.file(story(5, source="cork"), story=story(0), wire="")
    web.file(story(6, source="bern"), ORCHARD, title="Cider", wire="")
    return web


class Seen:
    """A page as read."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.tree = html.document_fromstring(answer.body.decode())
        self.text = " ".join(self.tree.text_content().split())

    def links(self, words: str) -> list[str]:
        """Where links with these words lead."""
        found = [(" ".join(one.text_content().split()), one.get("href")) for one in self.tree.iter("a")]
        return [href for text, href in found if text.startswith(words)]

    def query_of(self, words: str) -> str:
        """The query that the first link with these words asks."""
        return parse_qs(urlsplit(self.links(words)[0]).query).get("q", [""])[0]

    def titles(self) -> list[str]:
        return [" ".join(one.text_content().split()) for one in self.tree.xpath("//article//h2")]


def look(house: WebHouse, query: str = "", status: int = 200, **more: str) -> Seen:
    asked = "&".join(f"{name}={quote(value)}" for name, value in {"q": query, **more}.items())
    answer = house.ask(f"/?{asked}")
    assert answer.status == status, answer.body
    return Seen(answer)


def test_stories_come_with_their_outlets_copies_and_agency(full: WebHouse) -> None:
    page = look(full, "drones")
    assert len(page.titles()) == 3 and "4 matching articles" in page.text and "of 5 in the archive" in page.text
    assert "2 copies at 2 outlets" in page.text and "Reuters" in page.text
    assert page.tree.xpath("//details[@class='carriers']//li//span[@class='outlet']/text()") == ["The Alba", "The Cork"]
    each = look(full, "drones", each="1")
    assert len(each.titles()) == 4


def test_a_facet_adds_a_clause_and_takes_it_away(full: WebHouse) -> None:
    page = look(full, "drones OR cider")
    assert page.query_of("CH") == "(drones OR cider) country:CH"
    assert page.query_of("−without CH") == "(drones OR cider) -country:CH"
    assert page.query_of("Reuters") == "(drones OR cider) wire:Reuters"
    narrowed = look(full, page.query_of("CH"))
    assert narrowed.titles() == ["Cider"]
    assert narrowed.query_of("CH ×") == "drones OR cider"
    assert narrowed.query_of("country:CH ×") == "drones OR cider", "the clause above the stories"
    without = look(full, page.query_of("−without CH"))
    assert "Cider" not in without.titles()
    assert without.query_of("-country:CH ×") == "drones OR cider"
    assert look(full, "").query_of("CH") == "country:CH"


def test_values_with_spaces_and_signs_can_be_chosen(full: WebHouse) -> None:
    odd = Tagging((), (Tag("name:o", 'O"Neil (Dublin) OR -x', kind="person"),))
    full.file(story(9, source="cork"), tagging=odd, title="Odd", wire="")
    page = look(full, "title:odd")
    narrowed = look(full, page.query_of('O"Neil'))
    assert narrowed.titles() == ["Odd"]


def test_windows_and_bars_set_the_time(full: WebHouse) -> None:
    page = look(full, "drones")
    assert page.query_of("24 hours") == "drones seen:P1D"
    assert page.query_of("All") == "drones"
    assert look(full, "drones seen:P1D").query_of("7 days") == "drones seen:P7D"
    assert look(full, "drones seen:P1D date:2026").query_of("All") == "drones"
    bars = page.tree.xpath("//figure//a[@data-count='1']")
    assert [one.get("data-begin") for one in bars][:2] == ["2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"]
    led = parse_qs(urlsplit(bars[0].get("href")).query)["q"][0]
    assert parse(led) and len(look(full, led).titles()) == 1
    share = look(full, "drones", share="1")
    assert "Share of all coverage by" in share.text
    by_day = look(full, "drones seen:2026-02-01..2026-04-01")
    assert len(by_day.tree.xpath("//figure//a[@data-begin]")) == 60 and "by day" in by_day.text
    table = [row.xpath("td//text()") for row in by_day.tree.xpath("//figure//tbody/tr")]
    assert table[0] == ["1 Mar 2026", "1", "1", "100 %"]


@pytest.mark.parametrize(
    ("query", "since", "until", "right"),
    [
        ("drones", "2026-03-01", "2026-03-02", "drones seen:2026-03-01..2026-03-02"),
        ("drones", "2026-03-02", "2026-03-01", "drones seen:2026-03-01..2026-03-02"),
        ("drones seen:P1D", "2026-03-01", "2026-03-01", "drones seen:2026-03-01"),
        (
            "drones",
            "2026-03-01T08:00:00Z",
            "2026-03-01T10:00:00Z",
            "drones seen:2026-03-01T08:00:00Z..2026-03-01T10:00:00Z",
        ),
        ("drones date:2026", "2026-03-01", "", "drones date:2026-03-01.."),
        ("a OR b", "", "2026-03-01", "(a OR b) seen:..2026-03-01"),
        ("drones", "yesterday", "", "drones"),
    ],
)
def test_a_stretch_of_time_is_put_into_the_query(
    full: WebHouse, query: str, since: str, until: str, right: str
) -> None:
    answer = full.ask(f"/?q={quote(query)}&order=newest&since={quote(since)}&until={quote(until)}")
    assert answer.status == 303
    led = parse_qs(urlsplit(answer.headers["location"]).query)
    assert (led["q"], led["order"]) == ([right], ["newest"])
    assert full.ask(answer.headers["location"]).status == 200


def test_a_wrong_query_is_answered_with_the_place(full: WebHouse) -> None:
    page = look(full, "海军 AND (drones", 400)
    [box] = page.tree.xpath("//input[@id='q']")
    assert (box.get("value"), box.get("aria-invalid"), box.get("data-column")) == ("海军 AND (drones", "true", "8")
    assert page.tree.xpath("//*[@class='pointer']/span/text()") == ["海军 AND "]
    assert "Unclosed parenthesis at 8: a ) is missing" in page.text
    assert look(full, "date:yesterday", 400, since="2026-03-01").answer.status == 400


def test_nothing_found_says_which_clause_is_to_blame(full: WebHouse) -> None:
    page = look(full, "drones zeppelin country:GB")
    assert "Nothing found" in page.text
    assert page.query_of("4 articles") == "drones country:GB"
    assert page.links("subscribe to this search") == ["/subscriptions/new?q=drones+zeppelin+country%3AGB"]
    assert "No article of the archive has that" in look(full, "zeppelin").text


def test_an_empty_archive_says_how_it_fills(web: WebHouse) -> None:
    page = look(web)
    assert "The archive is empty" in page.text and "3 sources are listed" in page.text
    web.records.sync_sources([])
    assert "No source is collected yet" in look(web).text


def test_an_index_behind_is_told(full: WebHouse) -> None:
    index, full.index = full.index, _Nowhere()  # type: ignore[assignment]
    full.file(story(8))
    full.index = index
    assert "behind the archive" in look(full, "drones").text


class _Nowhere:
    def apply(self, *given: object) -> None:
        """Lost."""


def test_pages_lead_to_all_stories(web: WebHouse) -> None:
    for number in range(45):
        web.file(story(number), wire="")
    met, page = [], look(web, "drones", order="newest")
    while True:
        met += page.titles()
        more = page.links("More stories")
        if not more:
            break
        page = Seen(web.ask(more[0]))
        assert parse_qs(urlsplit(page.links("To the first page")[0]).query) == {"q": ["drones"], "order": ["newest"]}
    assert len(met) == len(set(met)) == 45


def test_what_was_counted_is_counted_anew_when_the_archive_grows(full: WebHouse) -> None:
    assert "4 matching articles in 3 stories, of 5" in look(full, "drones").text
    assert "4 matching articles in 3 stories, of 5" in look(full, "drones").text
    full.file(story(8, source="bern"))
    page = look(full, "drones")
    assert "5 matching articles in 4 stories, of 6" in page.text
    assert page.query_of("CH") == "drones country:CH"


def test_more_like_this_and_exports(full: WebHouse) -> None:
    text = ORCHARD + "\n\nThe harvest was good."
    full.file(story(7, source="cork"), text, title="Growers press cider", wire="")
    page = look(full, "title:cider -title:growers")
    like = Seen(full.ask(page.links("More like this")[0]))
    assert like.titles() == ["Growers press cider"] and "More like “Cider”" in like.text
    assert parse_qs(urlsplit(like.links("More like “")[0]).query) == {}
    for name in ("CSV", "JSON", "JSON lines", "RIS", "BibTeX"):
        answer = full.ask(like.links(name)[0])
        assert answer.status == 200 and b"Growers press cider" in answer.body and b"bern.example" not in answer.body
    assert not like.links("Subscribe to this")
    assert look(full, "", 400, like="a-unknown").text
    for name in ("CSV", "JSON", "JSON lines", "RIS", "BibTeX"):
        answer = full.ask(page.links(name)[0])
        assert answer.status == 200 and b"Cider" in answer.body
    assert page.links("Subscribe to this") == ["/subscriptions/new?q=title%3Acider+-title%3Agrowers"]


def test_more_values_of_one_facet(web: WebHouse) -> None:
    for number in range(12):
        web.file(story(number), authors=(f"Writer {number:02}",), wire="")
    page = look(web, "drones")
    assert len(page.links("Writer ")) == 8
    whole = Seen(web.ask(page.links("More authors")[0]))
    assert len(whole.links("Writer ")) == 12 and not whole.links("More authors")


def test_hostile_text_is_only_text(full: WebHouse) -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    told = {"title": f"Odd {hostile}", "authors": (hostile,), "wire": hostile}
    full.file(story(9, source="cork"), f"Odd {hostile}", **told)
    page = look(full, "title:odd")
    assert not page.tree.xpath("//*[@onerror] | //img | //script[not(@src)]")
    query = f'"{hostile}"'
    shown = look(full, query)
    assert shown.tree.xpath("//input[@id='q']")[0].get("value") == query
    assert not shown.tree.xpath("//*[@onerror] | //script[not(@src)]")


def test_the_help_tells_every_field_with_examples_that_can_be_read(web: WebHouse) -> None:
    answer = web.ask("/help")
    assert answer.status == 200
    page = Seen(answer)
    for chapter in CHAPTERS:
        for one in chapter.examples:
            assert parse(one.query)
            assert page.query_of(one.query) == one.query
    fields = {name for chapter in CHAPTERS for one in chapter.examples for name in re.findall(r"([a-z]+):", one.query)}
    assert fields >= {
        "outlet",
        "author",
        "wire",
        "topic",
        "entity",
        "country",
        "lang",
        "site",
        "seen",
        "date",
        "search",
    }


def test_policy_and_method(full: WebHouse) -> None:
    answer = full.ask("/?q=drones")
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert full.ask("/?q=drones", "HEAD").status == 200
    assert full.ask("/?q=drones&order=sideways").status == 422
    assert not re.search(r"\sstyle=|<style", unescape(answer.body.decode()))
