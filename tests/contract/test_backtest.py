"""A back-test says what the subscription, had it been there, was told: the same archive shows both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.types import Filed
from pipeline.watch import Mode, Reason, Subscription
from records.base import Records
from search.base import Index
from search.parse import parse
from tests.contract.index_backends import BACK_ENDS, PARAMS
from tests.contract.records_kit import MINUTE, NOW, article, entry, filed, opened
from web import backtest as tried
from web.backtest import backtest
from workers.indexer import catch_up

DAY = timedelta(days=1)
START = NOW - 40 * DAY
REPORT = (
    "The port authority of Velm opened its northern dock to drone ferries on Monday after a trial of six weeks.\n\n"
    "Ferries without a crew carried nine thousand passengers during the trial, its engineers told the town council."
)
NEWS = (
    "\n\nInspector Maro Telquist later withdrew the licences of forty seven ferries because their batteries had "
    "overheated twice in heavy rain.\n\nMinister Olga Brandvik promised an inquiry by judges from Harrowgate."
)
QUERIES = ("drone", "drone seen:P1D", "ferry OR harbour", "title:drone -harbour", "changed:P1D OR dock")


@dataclass(frozen=True)
class House:
    records: Records
    index: Index


@pytest.fixture(params=PARAMS)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    with opened("sqlite", tmp_path) as records:
        index = BACK_ENDS[request.param](tmp_path / "index")
        yield House(records, index)
        index.close()


def story(
    slug: str, source: str = "alba", title: str = "Drone ferries at Velm", text: str = REPORT, like: str = ""
) -> Filed:
    """A report; a copy of the one of the slug `like`, if given."""
    one = entry(source, slug, title=title, summary="")
    told = article(one, text, notices=(), source_id=source)
    first = filed(told)
    if not like:
        return first
    [source, other] = like.split("/")
    return filed(told, filed(article(entry(source, other))).assignment.story_id, "near")


def history() -> list[tuple[int, Filed]]:
    """What was filed on which day."""
    return [
        (2, story("old")),
        (20, story("old-copy", "bern", like="alba/old")),
        (21, story("one")),
        (21, story("one-copy", "bern", like="alba/one")),
        (22, story("one-news", "cork", text=REPORT + NEWS, like="alba/one")),
        (23, story("harbour", "bern", "Harbour fees rise", "The harbour of Velm raises its fees.")),
        (24, corrected(story("one-corrected", "cork", like="alba/one"))),
        (39, story("two", "bern", "Drone over the dock", "A dock in Velm was closed for an hour.")),
    ]


def corrected(one: Filed) -> Filed:
    told = replace(one.read.article, notices=("Correction: an earlier version named the wrong harbour.",))
    return replace(one, read=replace(one.read, article=told))


def test_it_counts_what_was_really_told(house: House) -> None:
    records, index = house.records, house.index
    saved = {}
    for number, query in enumerate(QUERIES):
        for mode in Mode:
            saved[query, mode] = records.subscribe(Subscription(f"{mode} {number}", query, mode), START).id
    fill(house)
    since = START + 10 * DAY
    for (query, mode), id in saved.items():
        result = backtest(parse(query), mode, index, records, NOW, days=30)
        told = [(one.made, one.reason, one.article_id) for one in records.alerts(id, limit=1000) if one.made >= since]
        fired = sorted((one.when, one.reason, one.copy.article_id) for one in result.examples)
        assert fired == sorted(told), (query, mode)
        assert (result.fired, len(result.per_day)) == (len(told), 31)
        assert sum(count for _, count in result.per_day) == len(told)
        assert not result.bounds


def test_it_tells_stories_copies_and_the_loudest_day(house: House) -> None:
    fill(house)
    result = backtest(parse("drone"), Mode.NEWS, house.index, house.records, NOW)
    assert (result.stories, result.copies, result.fired, result.covered) == (3, 3, 4, 30)
    assert result.loudest == ((START + 24 * DAY).date(), 1) or result.loudest == ((START + 39 * DAY).date(), 1)
    assert [one.reason for one in result.examples] == [Reason.STORY, Reason.CORRECTION, Reason.NEWS, Reason.STORY]
    newest = result.examples[0]
    assert (newest.copy.title, newest.copies, newest.when) == ("Drone over the dock", 1, START + 39 * DAY + 7 * MINUTE)
    assert result.warnings == ()


def test_it_warns_of_too_much(house: House) -> None:
    fill(house)
    loud = backtest(parse("*"), Mode.EVERY, house.index, house.records, NOW, budget=1)
    assert loud.warnings == ("on 1 day more than 1 alerts; the most were 2 on 2026-02-10",)
    assert backtest(parse("*"), Mode.EVERY, house.index, house.records, NOW, budget=0.1).warnings == (
        "0.2 alerts a day on average are more than 0.1: narrow the query, or fold its stories",
    )


def test_it_says_why_nothing_was_found(house: House) -> None:
    records, index = house.records, house.index
    assert backtest(parse("drone"), Mode.STORY, index, records, NOW).warnings == (
        "the archive has no articles of these 30 days",
    )
    fill(house)
    result = backtest(parse("drone harbour submarine"), Mode.STORY, index, records, NOW)
    assert result.warnings == ("nothing matches in 30 days", "submarine is in no article of these days")
    result = backtest(parse("drone title:harbour"), Mode.STORY, index, records, NOW)
    assert result.warnings == (
        "nothing matches in 30 days",
        "without title:harbour it would match 6 articles",
        "without drone it would match 1 article",
    )
    result = backtest(parse("ferries"), Mode.STORY, index, records, NOW, days=5)
    assert result.warnings == ("nothing matches in 5 days, though 6 articles of before would",)
    assert (result.fired, result.loudest, result.examples) == (0, None, ())


def test_what_it_looks_at_is_bounded_and_said(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(house)
    monkeypatch.setattr(tried, "MOST_STORIES", 2)
    monkeypatch.setattr(tried, "MOST_COMPARED", 0)
    monkeypatch.setattr(tried, "_TOGETHER", 1)
    result = backtest(parse("dock"), Mode.NEWS, house.index, house.records, NOW)
    assert result.bounds == (
        "only the newest 2 stories were looked at, back to 2026-02-10",
        "repeats were looked for in 0 copies only",
    )
    monkeypatch.setattr(tried, "MOST_STORIES", 1)
    result = backtest(parse("dock"), Mode.STORY, house.index, house.records, NOW, budget=0.9)
    assert result.warnings[0].startswith("1.0 alerts a day on average"), "of the day that was looked at, not of thirty"


def fill(house: House) -> None:
    for minute, (day, one) in enumerate(history()):
        house.records.commit([one], [], START + day * DAY + minute * MINUTE)
    catch_up(house.records, house.index)
    house.index.refresh()
