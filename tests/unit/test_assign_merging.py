"""The story desk: stories that are found to be one, what persons say, and pages that take the place of headlines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pipeline.assign import StoryDesk
from pipeline.fingerprint import fingerprint
from pipeline.ids import story_id
from pipeline.types import Article, Assignment
from tests.unit.test_assign import OTHER, REPORT, make


def filed_in_order(desk: StoryDesk, *articles: Article) -> list[Assignment]:
    return [desk.assign([(one, fingerprint(one))])[0] for one in articles]


def test_two_stories_that_a_third_copy_shows_to_be_one_are_merged() -> None:
    """The beginning and the end of a report have nothing in common; the whole has both."""
    beginning = make("alba", REPORT[:3])
    end = make("bern", REPORT[3:], "Council of Port Ellery finds the money")
    whole = make("cork", REPORT, "Guard of Port Ellery takes nine boats")
    first, second, third = filed_in_order(StoryDesk(), beginning, end, whole)
    assert first.story_id != second.story_id
    assert (third.story_id, third.merged) == (first.story_id, (second.story_id,))


def test_a_brief_held_by_two_reports_does_not_merge_them() -> None:
    brief = REPORT[:1]
    one = make("alba", REPORT)
    roundup = make("bern", [OTHER[0], REPORT[0], OTHER[1], OTHER[2]], "The day in brief, from here and there")
    *_, last = filed_in_order(StoryDesk(), one, roundup, make("cork", brief, "Nine boats for the guard of Ellery"))
    assert last.merged == ()


def test_a_person_keeps_stories_apart_and_articles_in_place() -> None:
    desk = StoryDesk()
    one, other = make("alba", REPORT), make("bern", REPORT[:4])
    first, second = filed_in_order(desk, one, other)
    assert first.story_id == second.story_id
    desk.move(other.id, story_id(other.id))
    desk.heed({one.id, other.id}, [(first.story_id, story_id(other.id))])
    [again] = filed_in_order(desk, replace(other, text="\n\n".join(REPORT)))
    assert again.story_id == story_id(other.id), "it stays where the person put it"
    [third] = filed_in_order(desk, make("cork", REPORT))
    assert third.merged == ()
    desk.heed((), ())
    [fourth] = filed_in_order(desk, make("dale", REPORT))
    assert len(fourth.merged) == 1, "once nobody objects, the two are one"


def test_the_page_of_a_headline_takes_its_place_and_its_story() -> None:
    desk = StoryDesk()
    headline = make("alba", "", at=timedelta())
    company = make("bern", "")
    page = make("alba-page", REPORT)
    first, second = filed_in_order(desk, headline, company)
    assert first.story_id == second.story_id
    [done] = desk.assign([(page, fingerprint(page))], {page.id: headline.id})
    assert (done.story_id, done.method, len(desk)) == (first.story_id, "kept", 2)
    lonely, own = (
        make("cork", "", "One headline that nobody else has"),
        make("cork-page", OTHER, "A court orders forecasts published"),
    )
    [alone] = filed_in_order(desk, lonely)
    [done] = desk.assign([(own, fingerprint(own))], {own.id: lonely.id})
    assert done.story_id == alone.story_id
    told, known = (
        make("dale", "", "Another headline that nobody has"),
        make("dale-page", OTHER[:3], "Forecasts for all"),
    )
    [bare] = filed_in_order(desk, told)
    [done] = desk.assign([(known, fingerprint(known))], {known.id: told.id})
    assert (done.story_id, done.merged) == (alone.story_id, (bare.story_id,)), "its page was a copy: the id leads there"
