"""What goes wrong out there, through the whole pipeline: each mishap costs itself, and what came of it is told."""

from __future__ import annotations

import contextlib
import resource
import sqlite3
import threading
import zlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import event

from pipeline.errors import Corrupt, DiskFull, Trouble
from pipeline.types import Grade
from pipeline.urls import canonical_url
from replay.answers import Answer, redirect, words
from replay.faults import Fault
from tests.integration.crawling import NOON
from tests.integration.pipeline_house import (
    PipelineHouse,
    Story,
    Town,
    house_over,
    serving_here,
    story,
    until,
    warm_pool,
)
from workers import pool as stage_pool
from workers.pool import StagePool
from workers.progress import Progress
from workers.runner import Runner

pytestmark = pytest.mark.xdist_group("bad input")
MB = 1_000_000
LITTLE = 120 * MB  # of growth while hundreds are sent
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
RSS = "application/rss+xml"


@pytest.fixture(scope="module")
def pool() -> Iterator[StagePool]:
    pool = warm_pool()
    yield pool
    pool.close()


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
def house(town: Town, pool: StagePool, tmp_path: Path) -> Iterator[PipelineHouse]:
    with serving_here(town.world) as port, house_over(port, pool, tmp_path) as house:
        yield house
        house.sound()


class Press:
    """Two outlets: the ledger, whose stories go wrong, and the gazette, which must not suffer for it."""

    def __init__(self, town: Town) -> None:
        self.ledger, self.gazette = town["www.ledger.example"], town["www.gazette.example"]
        self.good = self.print("gazette", 90), self.print("gazette", 91)
        self.gazette.feed(*(one.item(self.gazette.url(f"/{one.number}")) for one in self.good))
        self.sources = self.ledger.source(), self.gazette.source()

    def print(self, outlet: str, number: int, *head: str) -> Story:
        """A story as a page at /number."""
        one = story(number)
        getattr(self, outlet).page(f"/{number}", one.html(*head))
        return one

    def run(self, house: PipelineHouse) -> Progress:
        """A round over both; the gazette's stories must be there."""
        progress = house.run(*self.sources)
        for one in self.good:
            assert house.article(self.gazette.url(f"/{one.number}")).title == one.title
        return progress


@pytest.fixture
def press(town: Town) -> Press:
    return Press(town)


# --- feeds --------------------------------------------------------------------------------------


def listed(press: Press, *numbers: int) -> bytes:
    """Print these stories in the ledger; its feed's bytes."""
    items = [press.print("ledger", number).item(press.ledger.url(f"/{number}")) for number in numbers]
    return press.ledger.feed(*items).encode()


def serve_feed(press: Press, body: bytes, kind: str = RSS) -> None:
    press.ledger.answers["/feed.xml"] = Answer(body=body, headers={"Content-Type": kind})


def ledgers(house: PipelineHouse) -> list[str]:
    """The paths of the ledger's articles."""
    return sorted(url.split("example")[1] for url in house.articles() if "ledger" in url)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace(b"</item>", b"</item> & <br> &eacute; ", 1),
        lambda text: text.replace(b"<channel>", b"<channel><unclosed>", 1),
        lambda text: b"\n\n<!-- a template's remark -->\n" + text,
        lambda text: text.replace(b"<description>", b"<description>\x00\x0b", 1),
    ],
    ids=["bare ampersand", "element not closed", "remark before the declaration", "control characters"],
)
def test_a_malformed_feed_gives_its_whole_entries(house: PipelineHouse, press: Press, spoil) -> None:  # type: ignore[no-untyped-def]
    serve_feed(press, spoil(listed(press, 1, 2, 3)))
    press.run(house)
    assert ledgers(house) == ["/1", "/2", "/3"]
    assert house.state(press.ledger.url("/feed.xml")).error == ""


def test_a_feed_that_breaks_now_and_then_goes_on(house: PipelineHouse, press: Press) -> None:
    listed(press, 1, 2)
    press.ledger.faults.append(Fault("malformed", path="feed", times=1))
    press.run(house)
    first = house.state(press.ledger.url("/feed.xml"))
    assert ledgers(house) == ["/1"], "its last third was missing"
    assert first.error == ""
    listed(press, 1, 2, 3)
    house.clock.now = first.next_due or NOON
    press.run(house)
    assert ledgers(house) == ["/1", "/2", "/3"]


def test_a_truncated_feed_keeps_the_entries_that_came_whole(house: PipelineHouse, press: Press) -> None:
    text = listed(press, 1, 2, 3)
    serve_feed(press, text[: text.rindex(b"<item>") + 60])
    progress = press.run(house)
    assert ledgers(house) == ["/1", "/2"]
    assert progress.counts["odd"] == 1
    assert any("cut short" in note and "ledger.example/feed.xml" in note for note in progress.notes)


def test_a_feed_whose_connection_breaks_is_not_taken_for_whole(house: PipelineHouse, press: Press) -> None:
    listed(press, 1, 2, 3)
    press.ledger.faults.append(Fault("cut", path="feed"))
    press.run(house)
    state = house.state(press.ledger.url("/feed.xml"))
    assert ledgers(house) == []
    assert state.error_kind == "Unreachable" and state.failures == 1 and state.last_success is None


@pytest.mark.parametrize(
    ("declared", "really"), [("utf-8", "latin-1"), ("iso-8859-1", "utf-8"), ("us-ascii", "utf-8"), ("utf-16", "utf-8")]
)
def test_a_feed_in_another_encoding_than_it_says(
    house: PipelineHouse, press: Press, declared: str, really: str
) -> None:
    title = "Café owners of Århus protest: Jürgen says “nobody asked us”" if really == "utf-8" else "Café in Århus"
    one = press.print("ledger", 1)
    press.ledger.answers["/1"] = words(403, "Not for you.")
    text = press.ledger.feed(one.item(press.ledger.url("/1"), title=title, summary="Smørrebrød für alle."))
    serve_feed(press, text.replace("UTF-8", declared, 1).encode(really))
    press.run(house)
    article = house.article(press.ledger.url("/1"))
    assert article.title == title
    assert article.summary == "Smørrebrød für alle."


def test_a_feed_of_50_mb_is_refused_in_words(house: PipelineHouse, press: Press) -> None:
    press.ledger.faults.append(Fault("huge-feed", path="feed"))
    with peak() as grown:
        press.run(house)
    state = house.state(press.ledger.url("/feed.xml"))
    assert (state.error_kind, state.error) == ("Refused", "larger than 30,000,000 bytes")
    assert grown[0] < LITTLE


def test_of_a_feed_of_50_mb_that_is_let_in_the_newest_entries_are_read(house: PipelineHouse, press: Press) -> None:
    press.ledger.faults.append(Fault("huge-feed", path="feed"))
    house.crawl["max_feed_mb"] = 60
    with peak() as grown:
        progress = house.run(*press.sources, pages=False)
    assert house.state(press.ledger.url("/feed.xml")).error == ""
    assert house.records.totals().entries == 2000 + len(press.good)
    assert any("only the first 7 MB of 50 MB read" in note for note in progress.notes)
    assert grown[0] < 350 * MB


@pytest.mark.parametrize(
    ("declarations", "refused"),
    [
        (
            '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">'
            '<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;">',
            True,
        ),
        ('<!ENTITY e SYSTEM "https://www.ledger.example/secret">', False),
        ('<!ENTITY e SYSTEM "file:///etc/passwd">', False),
        ('<!ENTITY % x SYSTEM "https://www.ledger.example/secret"> %x; <!ENTITY e "harmless">', True),
    ],
    ids=["billion laughs", "from the net", "from the disk", "parameter"],
)
def test_an_entity_bomb_is_refused_and_nothing_is_fetched(
    house: PipelineHouse, press: Press, declarations: str, refused: bool
) -> None:
    text = listed(press, 1).replace(b"<rss", f"<!DOCTYPE rss [{declarations}]>\n<rss".encode(), 1)
    serve_feed(press, text.replace(b"<title>", b"<title>&e;"))
    press.ledger.answers["/1"] = words(403, "Subscribers only.")
    press.run(house)
    state = house.state(press.ledger.url("/feed.xml"))
    assert "/secret" not in press.ledger.asked
    if refused:
        assert (state.error_kind, ledgers(house)) == ("Refused", [])
        assert state.error == "an entity bomb: it declares entities that swell when they are read"
    else:
        assert house.article(press.ledger.url("/1")).title.removeprefix("&e;") == story(1).title


def test_html_where_a_feed_should_be(house: PipelineHouse, press: Press) -> None:
    listed(press, 1)
    announced = '<link rel="alternate" type="application/rss+xml" href="/news.rss">'
    press.ledger.page("/feed.xml", story(1).html(announced))
    press.run(house)
    state = house.state(press.ledger.url("/feed.xml"))
    assert state.error_kind == "NotNews"
    assert state.error == "an HTML page, not a feed; it announces https://www.ledger.example/news.rss"
    assert house.records.quarantined() == []


def test_a_feed_under_a_wrong_content_type_is_read(house: PipelineHouse, press: Press) -> None:
    listed(press, 1)
    press.ledger.faults.append(Fault("wrong-type", path="feed", content_type="text/html; charset=utf-8"))
    press.run(house)
    assert ledgers(house) == ["/1"]


def test_a_picture_where_a_feed_should_be(house: PipelineHouse, press: Press) -> None:
    serve_feed(press, PNG, "image/png")
    press.run(house)
    state = house.state(press.ledger.url("/feed.xml"))
    assert (state.error_kind, state.error) == ("NotNews", "a feed was expected, not image/png")


def test_a_picture_that_calls_itself_a_feed_is_kept_in_quarantine(house: PipelineHouse, press: Press) -> None:
    serve_feed(press, PNG)
    press.run(house)
    (kept,) = house.records.quarantined()
    assert (kept.url, kept.error_kind, kept.size) == (press.ledger.url("/feed.xml"), "Unreadable", len(PNG))
    assert kept.error.startswith("not a feed")
    listed(press, 1)
    assert house.records.replay([kept.id]) == 1
    press.run(house)
    assert ledgers(house) == ["/1"] and house.records.quarantined() == []


def test_an_empty_and_valid_feed_is_no_error(house: PipelineHouse, press: Press) -> None:
    press.ledger.feed()
    progress = press.run(house)
    state = house.state(press.ledger.url("/feed.xml"))
    assert state.error == "" and state.last_success == NOON
    assert progress.errors == {} and progress.source("ledger-example").state == "healthy"
    health = {one.source_id: one.state for one in house.records.health(NOON)}
    assert health["ledger-example"] == "quiet"


def test_an_answer_of_no_bytes_is_an_error(house: PipelineHouse, press: Press) -> None:
    serve_feed(press, b"")
    press.run(house)
    assert "empty answer" in house.state(press.ledger.url("/feed.xml")).error


def test_two_feeds_with_the_same_stories(house: PipelineHouse, press: Press) -> None:
    items = [press.print("ledger", number).item(press.ledger.url(f"/{number}?utm_source=rss")) for number in (1, 2)]
    press.ledger.feed(*items)
    press.ledger.feed(*(story(n).item(press.ledger.url(f"/{n}?utm_source=top")) for n in (2, 1)), path="/top.xml")
    press.ledger.answers |= {
        f"/{number}?utm_source={where}": press.ledger.answers[f"/{number}"]
        for number in (1, 2)
        for where in ("rss", "top")
    }
    house.run(press.ledger.source("/feed.xml", "/top.xml"))
    assert house.records.totals().articles == house.records.totals().stories == 2
    assert sum(target.startswith(("/1", "/2")) for target in press.ledger.asked) == 2


def test_one_address_in_two_sources(house: PipelineHouse, press: Press) -> None:
    listed(press, 1, 2)
    press.gazette.feed(*(story(number).item(press.ledger.url(f"/{number}")) for number in (1, 2)))
    house.run(*press.sources)
    assert house.records.totals().articles == 2
    assert press.ledger.asked.count("/1") == press.ledger.asked.count("/2") == 1


# --- pages --------------------------------------------------------------------------------------


def test_a_page_without_text_leaves_the_headline(house: PipelineHouse, press: Press) -> None:
    listed(press, 1)
    press.ledger.page("/1", "<!DOCTYPE html><html><head></head><body><div id='app'></div></body></html>")
    press.run(house)
    article = house.article(press.ledger.url("/1"))
    assert (article.grade, article.title, article.text) == (Grade.HEADLINE, story(1).title, "")
    assert article.summary == story(1).paragraphs[0]


@pytest.mark.parametrize("kind", ["image/png", "application/pdf", "text/html; charset=utf-8", ""])
def test_a_picture_where_a_page_should_be_leaves_the_headline(house: PipelineHouse, press: Press, kind: str) -> None:
    listed(press, 1)
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
    serve_feed(press, (feed[:begin] + told.format("the day before") + feed[feed.index("</item>", begin) :]).encode())
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
    listed(press, 1)
    ledger.answers["/1"] = words(403, "Subscribers only.")
    press.run(house)
    assert house.article(ledger.url("/1")).grade is Grade.HEADLINE
    ledger.answers["/1"] = redirect(ledger.url("/moved/1"))
    ledger.page("/moved/1", story(1).html())
    house.clock.turn(days=2)
    press.run(house)
    assert ledgers(house) == ["/moved/1"]
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
    listed(press, 1)
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
    listed(press, 1)
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
    listed(press, 1)
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
    listed(press, 1)
    press.ledger.faults.append(Fault("unavailable", path="feed", times=1, retry_after=7200))
    press.run(house)
    state = house.state(press.ledger.url("/feed.xml"))
    assert state.error_kind == "Throttled" and state.next_due is not None
    assert state.next_due >= NOON + timedelta(seconds=7200)
    house.clock.now = state.next_due
    press.run(house)
    assert ledgers(house) == ["/1"]


# --- the stages' processes ----------------------------------------------------------------------


def heavy(press: Press, number: int = 1, **how: float) -> None:
    """A page that takes the stages more than a second: not wrong, only as large as a page may be."""
    lines = "".join(f'<li><a href="/{n}">Line {n}</a>, and more words of that sort</li>' for n in range(14_000))
    page = f"<!DOCTYPE html><html lang='en'><head><title>A list</title></head><body><ul>{lines}</ul></body></html>"
    press.ledger.page(f"/{number}", Answer(body=page.encode(), headers={"Content-Type": "text/html"}, **how))  # type: ignore[arg-type]


def test_a_page_that_takes_too_long_costs_itself(
    house: PipelineHouse, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed(press, 1, 2, 3)
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
    listed(press, 1, 2, 3)
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
            listed(press, 1)
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


# --- the house itself ---------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["no room left", "cannot be opened or written"])
def test_a_disk_that_fills_up_loses_nothing(
    town: Town, press: Press, pool: StagePool, tmp_path: Path, how: str
) -> None:
    """The database finds no room, as on a full disk; or the system refuses to let its files grow."""
    listed(press, *range(1, 13))
    with serving_here(town.world) as port:
        with house_over(port, pool, tmp_path / "calm") as calm:
            press.run(calm)
            wanted = {url: article.version for url, article in calm.articles().items()}
        with house_over(port, pool, tmp_path / "full") as house:
            house.records.sync_sources(press.sources)
            full = no_more_pages(house) if how == "no room left" else no_larger_files(tmp_path / "full")
            with full, pytest.raises(Trouble, match=rf"{how}.*: (free space and start again|see that )") as told:
                house.run(*press.sources)
            assert isinstance(told.value, DiskFull) == (how == "no room left")
            assert house.records.totals().articles < len(wanted)
        with house_over(port, pool, tmp_path / "full") as house:
            house.clock.turn(days=1)
            press.run(house)
            assert {url: article.version for url, article in house.articles().items()} == wanted
            house.sound()


@contextlib.contextmanager
def no_more_pages(house: PipelineHouse) -> Iterator[None]:
    """Let no connection grow the database by more than 12 pages: to SQLite that is a full disk."""
    engine = house.records._database._engine  # type: ignore[attr-defined]
    with engine.connect() as conn:
        most = conn.exec_driver_sql("PRAGMA page_count").scalar() + 12
    engine.dispose()

    def limit(connection: Any, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {most}").close()

    event.listen(engine, "connect", limit)
    yield
    event.remove(engine, "connect", limit)
    engine.dispose()


@contextlib.contextmanager
def no_larger_files(folder: Path) -> Iterator[None]:
    """Let no file of this process grow beyond the largest in the folder."""
    most = max(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_locked_archive_is_waited_for(house: PipelineHouse, press: Press) -> None:
    listed(press, 1, 2)
    other = sqlite3.connect(house.archive.folder / "records.db", isolation_level=None, check_same_thread=False)
    house.records.sync_sources(press.sources)
    release = threading.Timer(2.0, other.execute, ["ROLLBACK"])

    async def hold(runner: Runner) -> None:
        await until(lambda: "/feed.xml" in press.ledger.asked)
        other.execute("BEGIN EXCLUSIVE")
        release.start()
        await until(lambda: len(house.articles()) == 4)

    try:
        house.run(*press.sources, during=hold)
    finally:
        release.join()
        other.close()
    assert ledgers(house) == ["/1", "/2"]


def test_an_archive_damaged_while_it_runs_says_how_to_recover(
    town: Town, press: Press, pool: StagePool, tmp_path: Path
) -> None:
    listed(press, *range(1, 31))
    path = tmp_path / "records.db"
    with serving_here(town.world) as port:
        with house_over(port, pool, tmp_path) as house:
            press.run(house)
        size = path.stat().st_size
        with path.open("r+b") as file:
            for offset in range(4096 * 2, size, 4096):
                file.seek(offset)
                file.write(b"\xde\xad\xbe\xef" * 1024)
        recover = pytest.raises(Corrupt, match=r"damaged .*wirewatch doctor.*restore a backup.*\.recover")
        with recover, house_over(port, pool, tmp_path, NOON + timedelta(days=1)) as house:
            house.run(*press.sources)


# --- memory -------------------------------------------------------------------------------------


class peak:  # noqa: N801
    """How many bytes this process and its pools grow by at most while something runs; told as `[bytes]`."""

    def __enter__(self) -> list[int]:
        self._grown, self._over = [0], threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()
        return self._grown

    def _look(self) -> None:
        before = self._size()
        while not self._over.wait(0.01):
            self._grown[0] = max(self._grown[0], self._size() - before)

    def _size(self) -> int:
        me = psutil.Process()
        total = me.memory_info().rss
        for child in me.children(recursive=True):
            try:
                total += child.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        return total

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watch.join()
