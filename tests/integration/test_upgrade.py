"""What becomes of a story as days go by: headlines get their text, texts change, permissions end."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import timedelta

from pipeline.errors import StageFailed
from pipeline.types import Fetched, FetchTask, Grade, Storage
from records.base import Records
from replay.answers import Answer, words
from replay.faults import Fault
from tests.integration.crawling import NOON
from tests.integration.pipeline_house import (
    Host,
    PipelineHouse,
    Story,
    Town,
    story,
    until,
)
from workers.progress import Arrival
from workers.runner import Runner

SHUT = words(403, "This page is for readers in a browser.")


def printed(host: Host, *stories: Story, page: Answer | None = None) -> list[str]:
    """Print stories at /number and list them; `page` is answered instead of each page. Their addresses."""
    for one in stories:
        host.page(f"/{one.number}", page or one.html())
    host.feed(*(one.item(host.url(f"/{one.number}")) for one in stories))
    return [host.url(f"/{one.number}") for one in stories]


def fetched(task: FetchTask, one: Story) -> Fetched:
    """A page as the crawler hands it over."""
    return Fetched(task, task.url, 200, {"content-type": "text/html; charset=utf-8"}, one.html().encode(), NOON)


def changed(records: Records, since: int) -> list[str]:
    """Ids in the change log after a position."""
    return [change.article_id for change in records.changes(since, 1000)]


def rare_word(one: Story) -> str:
    """A word of the last paragraphs that is in no headline or summary: found only if the body was read."""
    shown = f"{one.title} {one.paragraphs[0]}".lower()
    names = [word.strip(".,”“’'") for text in one.paragraphs[-2:] for word in text.split() if word[0].isupper()]
    return next(name for name in names if len(name) > 8 and name.isalpha() and name.lower() not in shown)


def test_blocked_pages_are_headlines_until_they_are_let_in(house: PipelineHouse, town: Town) -> None:
    shut, other = town["www.ledger.example"], town["www.gazette.example"]
    sources = shut.source(), other.source()
    urls = printed(shut, story(1), story(2), page=SHUT)
    printed(other, story(1))
    house.run(*sources)
    before = {url: house.article(url) for url in urls}
    for url, one in zip(urls, (story(1), story(2)), strict=True):
        article = before[url]
        assert (article.grade, article.title, article.text) == (Grade.HEADLINE, one.title, "")
        assert article.summary == one.paragraphs[0]
        assert "the page was not read: not let in (status 403)" in article.storage_why
    assert house.found(rare_word(story(2))) == []

    printed(shut, story(1), story(2))
    house.clock.turn(hours=20)
    house.run(*sources)
    assert house.article(urls[0]).grade is Grade.HEADLINE, "blocked means blocked for a day"

    position = house.records.totals().last_change
    house.clock.turn(hours=12)
    progress = house.run(*sources)
    after = {url: house.article(url) for url in urls}
    for url in urls:
        assert after[url].id == before[url].id
        assert after[url].first_seen == before[url].first_seen == NOON
        assert after[url].grade is Grade.FULL and after[url].storage_why == ""
    assert after[urls[1]].text == "\n\n".join(story(2).paragraphs)
    assert sorted(changed(house.records, position)) == sorted(article.id for article in after.values())
    assert house.found(rare_word(story(2))) == [[after[urls[1]].id]]
    views = [house.records.article(url) for url in (urls[0], other.url("/1"))]
    assert len({view.story_id for view in views if view}) == 1, "both outlets' copies are one story"
    assert house.records.totals().stories == 2
    assert progress.errors == {}


def test_an_upgrade_is_told_as_one(house: PipelineHouse, town: Town) -> None:
    host = town["www.ledger.example"]
    (url,) = printed(host, story(1), page=SHUT)
    arrivals: list[Arrival] = []

    async def later(runner: Runner) -> None:
        runner.progress.listeners.append(arrivals.append)
        await until(lambda: len(arrivals) == 1)
        printed(host, story(1))
        house.clock.turn(days=2)
        await until(lambda: len(arrivals) == 2)

    progress = house.run(host.source(), during=later)
    assert [(one.article.url, one.upgraded) for one in arrivals] == [(url, False), (url, True)]
    assert progress.counts["upgraded"] == 1 and progress.source("ledger-example").articles == 1


def test_a_page_that_stays_shut_is_asked_for_a_few_times_only(house: PipelineHouse, town: Town) -> None:
    host = town["www.ledger.example"]
    (url,) = printed(host, story(1), page=SHUT)
    for _ in range(8):
        house.run(host.source())
        house.clock.turn(days=9)
    assert host.asked.count("/1") == 4
    assert house.article(url).grade is Grade.HEADLINE
    assert house.records.article(url) is not None and house.records.totals().pending == 0


def test_a_noarchive_that_turns_up_later_blanks_the_text(house: PipelineHouse, town: Town) -> None:
    host, one = town["www.ledger.example"], story(1)
    (url,) = printed(host, one)
    house.run(host.source())
    before = house.article(url)
    assert before.text and house.found(rare_word(one)) == [[before.id]]
    host.page("/1", one.html('<meta name="robots" content="noarchive">'))
    host.feed(one.item(url, title=one.title + ", with a correction", updated=NOON + timedelta(hours=20)))
    house.clock.turn(days=1)
    house.run(host.source())
    after = house.article(url)
    assert (after.id, after.text, after.summary, after.storage) == (before.id, "", "", Storage.HEADLINE)
    assert "noarchive" in after.storage_why
    assert house.found(rare_word(one)) == []
    with contextlib.closing(sqlite3.connect(house.archive.folder / "records.db")) as kept:
        told = "\n".join(kept.iterdump())
    assert one.title in told
    assert not any(text in told for text in one.paragraphs[1:]), "a row still holds the text"


def test_an_edited_entry_makes_a_second_version(house: PipelineHouse, town: Town) -> None:
    host, one = town["www.ledger.example"], story(1)
    (url,) = printed(host, one)
    house.run(host.source())
    before = house.records.article(url)
    host.page("/1", one.html(title="Corrected: " + one.title, more=["A spokesman of Quorumville denied it all."]))
    host.feed(one.item(url, title="Corrected: " + one.title, updated=NOON + timedelta(hours=20)))
    house.clock.turn(days=1)
    progress = house.run(host.source())
    after = house.records.article(url)
    assert before is not None and after is not None
    assert (before.versions, after.versions) == (1, 2)
    assert after.article.title == "Corrected: " + one.title
    assert (after.article.id, after.story_id, after.article.first_seen) == (before.article.id, before.story_id, NOON)
    assert progress.counts["edited"] == 1
    assert house.found("Quorumville") == [[after.article.id]]
    house.clock.turn(days=1)
    position = house.records.totals().last_change
    house.run(host.source())
    assert house.records.totals().last_change == position, "a third look finds nothing new"
    assert host.asked.count("/1") == 2


def test_a_page_put_back_from_quarantine_is_read_while_the_run_goes_on(house: PipelineHouse, town: Town) -> None:
    host = town["www.ledger.example"]
    (url,) = printed(host, story(1))
    source = host.source()
    house.records.sync_sources([source])
    house.run(source, pages=False)
    (task,) = house.records.take_pages(NOON, 1, timedelta(minutes=15))
    (spooled,) = house.records.spool([fetched(task, story(1))])
    error = StageFailed("not read within 20 s", source_id=source.id, url=url)
    house.records.quarantine("page", error, NOON, spool_id=spooled.id)

    async def replay(runner: Runner) -> None:
        await until(lambda: house.records.article(url) is not None)
        assert house.article(url).grade is Grade.HEADLINE
        assert house.records.replay() == 1
        await until(lambda: house.article(url).grade is Grade.FULL)

    house.run(source, during=replay, headline_after=timedelta())
    assert house.records.quarantined() == []
    assert house.article(url).text == "\n\n".join(story(1).paragraphs)
    assert "/1" not in host.asked, "it was read from what had been kept"


def test_a_page_that_hangs_is_shown_by_its_headline_and_upgraded_when_it_comes(
    house: PipelineHouse, town: Town
) -> None:
    host = town["www.ledger.example"]
    (url,) = printed(host, story(1))
    host.faults.append(Fault("slow", path="/1", wait=2.5, pace=10_000_000))
    seen: list[Grade] = []

    async def watch(runner: Runner) -> None:
        runner.progress.listeners.append(lambda arrival: seen.append(arrival.article.grade))
        await until(lambda: "/feed.xml" in host.asked and house.records.totals().entries == 1)
        house.clock.turn(seconds=61)
        await until(lambda: len(seen) == 2)

    progress = house.run(host.source(), during=watch)
    assert seen == [Grade.HEADLINE, Grade.FULL]
    assert progress.counts["upgraded"] == 1
    article = house.article(url)
    assert article.first_seen == NOON and article.text
    assert house.records.totals().articles == 1
