"""Pages that go wrong, through the whole pipeline: each mishap costs itself, and its headline is kept."""

from __future__ import annotations

import zlib
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from pipeline.types import Grade
from pipeline.urls import canonical_url
from replay.answers import Answer, redirect, words
from replay.faults import Fault
from tests.integration.crawling import NOON
from tests.integration.pipeline_house import PipelineHouse, Town, house_over, serving_here, story, until
from tests.integration.press import LITTLE, MB, PNG, RSS, Press, peak
from workers import pool as stage_pool
from workers.pool import StagePool
from workers.runner import Runner


def test_a_page_without_text_leaves_the_headline(house: PipelineHouse, press: Press) -> None:
    press.listed(1)
    press.ledger.page("/1", "<!DOCTYPE html><html><head></head><body><div id='app'></div></body></html>")
    press.run(house)
    article = house.article(press.ledger.url("/1"))
    assert (article.grade, article.title, article.text) == (Grade.HEADLINE, story(1).title, "")
    assert article.summary == story(1).paragraphs[0]


@pytest.mark.parametrize("kind", ["image/png", "application/pdf", "text/html; charset=utf-8", ""])
def test_a_picture_where_a_page_should_be_leaves_the_headline(house: PipelineHouse, press: Press, kind: str) -> None:
    press.listed(1)
    press.ledger.page("/1", Answer(body=PNG, headers={"Content-Type": kind} if kind else {}))
    press.run(house)
    article = house.article(press.ledger.url("/1"))
    assert (article.grade, article.title) == (Grade.HEADLINE, story(1).title)
    assert "�" not in article.title + article.summary + article.text


def test_dates_ahead_and_dates_absent(house: PipelineHouse, press: Press) -> None:
    ahead = NOON + timedelta(days=700)
    claims = f'<meta property="article:published_time" content="{ahead.isoformat()}">'
    ledger, told = press.ledger, "<pubDate>{}</pubDate>"
    pages = {1: press.print("ledger", 1, claims), 2: press.print("ledger", 2), 3: press.print("ledger", 3)}
    feed = ledger.feed(
        pages[1].item(ledger.url("/1"), published=ahead), pages[2].item(ledger.url("/2"), published=ahead),
        pages[3].item(ledger.url("/3")),
    )  # fmt: skip
    begin = feed.index("<pubDate>", feed.index("/3</link>"))
    press.serve_feed((feed[:begin] + told.format("the day before") + feed[feed.index("</item>", begin) :]).encode())
    press.run(house)
    for number in pages:
        article = house.article(ledger.url(f"/{number}"))
        assert article.published is None, f"/{number} was dated {article.published} by {article.published_how}"
        assert article.first_seen == NOON


def test_a_page_that_moved_is_one_article(house: PipelineHouse, press: Press) -> None:
    """Listed at its old and at its new address, under tracking parameters, and as a page that names a third."""
    one, ledger = story(1), press.ledger
    home = f'<link rel="canonical" href="{ledger.url("/story/one")}">'
    ledger.page("/new", one.html(home))
    ledger.page("/story/one", one.html(home))
    ledger.answers["/old"] = redirect(ledger.url("/new"))
    ledger.feed(*(one.item(ledger.url(path), guid=path) for path in ("/old", "/new", "/story/one?utm_medium=rss")))
    ledger.answers["/story/one?utm_medium=rss"] = ledger.answers["/story/one"]
    press.run(house)
    mine = [article for url, article in house.articles().items() if "ledger" in url]
    assert [article.canonical_url for article in mine] == [canonical_url(ledger.url("/story/one"))]
    assert house.records.totals().articles == house.records.totals().entries - 2 == 3


def test_a_headline_whose_page_moved_is_one_article(house: PipelineHouse, press: Press) -> None:
    ledger = press.ledger
    press.listed(1)
    ledger.answers["/1"] = words(403, "Subscribers only.")
    press.run(house)
    assert house.article(ledger.url("/1")).grade is Grade.HEADLINE
    ledger.answers["/1"] = redirect(ledger.url("/moved/1"))
    ledger.page("/moved/1", story(1).html())
    house.clock.turn(days=2)
    press.run(house)
    assert press.ledgers(house) == ["/moved/1"]
    article = house.article(ledger.url("/moved/1"))
    assert article.grade is Grade.FULL and article.first_seen == NOON
    assert house.records.article(ledger.url("/1")) is None or house.article(ledger.url("/1")).id == article.id


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault("endless", path="/1"), "Refused"),
        (Fault("loop", path="/1"), "Refused"),
        (Fault("reset", path="/1"), "Unreachable"),
        (Fault("cut", path="/1"), "Unreachable"),
        (Fault("unavailable", path="/1", retry_after=600), "Throttled"),
        (Fault("unavailable", path="/1"), "ServerFault"),
        (Fault("throttle", path="/1", retry_after=600), "Throttled"),
        (Fault("forbidden", path="/1"), "Blocked"),
        (Fault("moved", path="/1", to="http://127.0.0.2/inside"), "Refused"),
        (Fault("moved", path="/1", to="file:///etc/passwd"), "Refused"),
    ],
    ids=lambda given: f"{given.kind} {given.to}".strip() if isinstance(given, Fault) else "",
)
def test_a_page_that_cannot_be_had_leaves_its_headline(
    house: PipelineHouse, press: Press, fault: Fault, kind: str
) -> None:
    press.listed(1)
    press.ledger.faults.append(fault)
    with peak() as grown:
        progress = press.run(house)
    assert house.article(press.ledger.url("/1")).grade is Grade.HEADLINE
    assert progress.errors == {kind: 1}
    assert len(progress.source("ledger-example").words.split()) >= 3
    assert grown[0] < LITTLE


def test_a_gzip_bomb_is_refused(house: PipelineHouse, press: Press) -> None:
    packer, zeros = zlib.compressobj(6, wbits=31), bytes(MB)
    bomb = b"".join(packer.compress(zeros) for _ in range(400)) + packer.flush()
    press.listed(1)
    for path, kind in (("/1", "text/html"), ("/feed.xml", RSS)):
        answer = Answer(body=bomb, headers={"Content-Type": kind, "Content-Encoding": "gzip"})
        kept = press.ledger.answers[path]
        press.ledger.answers[path] = answer
        with peak() as grown:
            progress = press.run(house)
        assert progress.errors == {"Refused": 1}, path
        assert grown[0] < LITTLE
        press.ledger.answers[path] = kept
        house.clock.turn(days=2)


def test_a_host_that_asks_for_a_pause_gets_it(house: PipelineHouse, press: Press) -> None:
    press.listed(1)
    press.ledger.faults.append(Fault("unavailable", path="/1", times=1, retry_after=600))
    press.run(house)
    house.clock.turn(minutes=9)
    press.run(house)
    assert "/1" not in press.ledger.asked, "the pause is not over"
    house.clock.turn(minutes=10)
    press.run(house)
    assert press.ledger.asked.count("/1") == 1
    assert house.article(press.ledger.url("/1")).grade is Grade.FULL


def test_a_feed_that_asks_for_a_pause_gets_it(house: PipelineHouse, press: Press) -> None:
    press.listed(1)
    press.ledger.faults.append(Fault("unavailable", path="feed", times=1, retry_after=7200))
    press.run(house)
    state = house.state(press.ledger.url("/feed.xml"))
    assert state.error_kind == "Throttled" and state.next_due is not None
    assert state.next_due >= NOON + timedelta(seconds=7200)
    house.clock.now = state.next_due
    press.run(house)
    assert press.ledgers(house) == ["/1"]


# --- the stages' processes ----------------------------------------------------------------------


def heavy(press: Press, number: int = 1, **how: float) -> None:
    """A page that takes the stages more than a second: not wrong, only as large as a page may be."""
    lines = "".join(f'<li><a href="/{n}">Line {n}</a>, and more words of that sort</li>' for n in range(14_000))
    page = f"<!DOCTYPE html><html lang='en'><head><title>A list</title></head><body><ul>{lines}</ul></body></html>"
    press.ledger.page(f"/{number}", Answer(body=page.encode(), headers={"Content-Type": "text/html"}, **how))  # type: ignore[arg-type]


def test_a_page_that_takes_too_long_costs_itself(
    house: PipelineHouse, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    press.listed(1, 2, 3)
    heavy(press)
    monkeypatch.setattr(stage_pool, "PAGE_SECONDS", 0.5)
    press.run(house)
    assert [(kept.url, kept.error) for kept in house.records.quarantined()] == [
        (press.ledger.url("/1"), "not read within 0.5 s")
    ]
    assert house.article(press.ledger.url("/1")).grade is Grade.HEADLINE
    assert all(house.article(press.ledger.url(f"/{number}")).grade is Grade.FULL for number in (2, 3))


def test_a_page_whose_process_is_killed_costs_itself(town: Town, press: Press, tmp_path: Path) -> None:
    """The process that reads an immense page is killed, as the system's memory killer would."""
    press.listed(1, 2, 3)
    heavy(press, wait=0.5)
    others = grandchildren()
    pool = StagePool(1)
    try:
        with serving_here(town.world) as port, house_over(port, pool, tmp_path) as house:

            async def kill(runner: Runner) -> None:
                await until(lambda: len(house.articles()) >= 4)
                (process,) = grandchildren() - others
                before = process.cpu_times().user
                await until(lambda: process.cpu_times().user > before + 0.3)
                process.kill()
                await until(lambda: house.records.totals().quarantined == 1)
                await until(lambda: house.records.totals().articles == 5)

            house.run(*press.sources, during=kill, headline_after=timedelta())
            (kept,) = house.records.quarantined()
            assert kept.url == press.ledger.url("/1")
            assert kept.error == "the reading process died (exit code -9)"
            grades = {number: house.article(press.ledger.url(f"/{number}")).grade for number in (1, 2, 3)}
            assert grades == {1: Grade.HEADLINE, 2: Grade.FULL, 3: Grade.FULL}
            press.listed(1)
            assert house.records.replay() == 1
            press.run(house)
            assert house.article(press.ledger.url("/1")).grade is Grade.FULL
            house.sound()
    finally:
        pool.close()


def grandchildren() -> set[psutil.Process]:
    """The processes of pools: children of the fork server, our child."""
    me = psutil.Process()
    return set(me.children(recursive=True)) - set(me.children())
