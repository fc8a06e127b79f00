"""An outlet's furniture from the page to the archive: learned by the desk, left out by the reader, taken back."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from html import escape
from pathlib import Path
from typing import Any

import pytest

from pipeline.paragraphs import paragraph_key
from pipeline.tag import TagRules
from pipeline.types import Fetched, FetchTask, Grade, Kind, Read
from records.base import Records
from tests.contract.records_kit import BACKENDS, NOW, opened, source, unchanged_by
from tests.integration.outlets import quiet
from tests.integration.pipeline_house import Story, Town, house_over, serving_here
from tests.shared import ROOT
from workers import stages
from workers.furniture import EVERY, Furniture
from workers.pool import StagePool
from workers.reading import Done
from workers.remember import Memory

BANNER = "The Halva Herald reaches you every morning at breakfast, with all that the harbour needs to know."
BACKGROUND = "The laboratory had refused in February to let its models steer weapons without a person."
WINDOW = timedelta(days=30)


def told(number: int, title: str = "", shared: str = "") -> Story:
    """A story in words of its own, `shared` words strewn over it."""
    chance = random.Random(number)

    def words(count: int) -> str:
        return " ".join("".join(chance.choices("abcdefgilmnoprstu", k=chance.randint(4, 9))) for _ in range(count))

    paragraphs = tuple(f"{words(25)} {shared}, {words(8)}.".capitalize() for _ in range(6))
    return Story(number, title or words(6).capitalize(), paragraphs)


class Newsroom:
    """The stages and the desk over records, one page after the other."""

    def __init__(self, records: Records) -> None:
        stages.prepare(TagRules())
        self.records, self.now = records, NOW
        self.furniture = Furniture(records, lambda: self.now, timedelta(0))
        self.restart()

    def restart(self) -> None:
        """What the desk held in memory is lost."""
        self.desk = Memory(WINDOW)
        self.desk.restore(self.records, self.now)

    def read(self, one: Story, outlet: str, more: Sequence[str]) -> Read:
        """A page through the stages."""
        url = f"https://{outlet}.example/{one.number}"
        page = Fetched(FetchTask(url, outlet, Kind.PAGE), url, 200, {"content-type": "text/html"},
                       one.html(more=[escape(line) for line in more]).encode(), self.now)  # fmt: skip
        read = stages.page(page, None, source(outlet), self.furniture.fresh(outlet))
        assert isinstance(read, Read)
        assert read.article.grade is Grade.FULL
        return read

    def file(self, one: Story, *more: str, outlet: str = "alba") -> str:
        """A page all the way; its text as it is kept. The message comes twice, and the second changes nothing."""
        self.now += timedelta(minutes=1)
        read = self.read(one, outlet, more)
        self._commit(read)
        unchanged_by(self.records, lambda: self._commit(read))
        view = self.records.article(read.article.id)
        assert view is not None
        return view.article.text

    def _commit(self, read: Read) -> None:
        made = self.desk.file(self.records, [Done(read, None, "")], self.now)
        self.records.commit(made.filed, made.spool_ids, self.now, made.learned)


@pytest.fixture(params=BACKENDS)
def newsroom(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    with opened(request.param, tmp_path) as records:
        yield Newsroom(records)


@pytest.mark.parametrize("restarts", [False, True])
def test_unlike_stories_lose_their_banner_from_the_fifth_on(newsroom: Newsroom, restarts: bool) -> None:
    texts = []
    for n in range(10):
        texts.append(newsroom.file(told(n), BANNER))
        if restarts:
            newsroom.restart()
    assert [BANNER in text for text in texts] == [True] * 4 + [False] * 6
    assert texts[9].split("\n\n") == list(told(9).paragraphs), "and nothing else"
    [learned] = newsroom.records.furniture("alba")
    assert (learned.sample, learned.dropped, len(learned.witnesses)) == (BANNER, True, 4)
    assert BANNER not in newsroom.file(told(0), BANNER), "an article from before, read again"


def test_a_wire_story_at_ten_outlets_loses_nothing(newsroom: Newsroom) -> None:
    outlets = [source(f"outlet{n}") for n in range(10)]
    newsroom.records.sync_sources(outlets)
    for one in outlets:
        assert BANNER in newsroom.file(told(1), BANNER, outlet=one.id)
    assert newsroom.records.furniture() == []


def test_follow_ups_keep_their_background(newsroom: Newsroom) -> None:
    for n in range(8):
        title = f"Halva laboratory {told(n).title.lower()}"
        assert BACKGROUND in newsroom.file(told(n, title, "the Port Halva laboratory said"), BACKGROUND)
    assert not any(one.dropped for one in newsroom.records.furniture())


def test_what_a_person_says_is_text_comes_back(newsroom: Newsroom) -> None:
    for n in range(6):
        newsroom.file(told(n), BANNER)
    assert newsroom.records.keep_paragraph("alba", paragraph_key(BANNER), newsroom.now)
    assert all(BANNER in newsroom.file(told(n), BANNER) for n in range(4, 12))
    newsroom.restart()
    assert all(BANNER in newsroom.file(told(n), BANNER) for n in range(12, 18))


def test_readers_ask_the_records_now_and_then(tmp_path: Path) -> None:
    with opened("sqlite", tmp_path) as records:
        room = Newsroom(records)
        reader = Furniture(records, lambda: room.now)
        for n in range(4):
            room.file(told(n), BANNER)
            reader.fresh("alba")
        assert reader.fresh("alba") == frozenset(), "looked up a moment ago"
        room.now += EVERY
        assert reader.fresh("alba") == {paragraph_key(BANNER)}
        assert reader.fresh("bern") == frozenset()


def test_a_run_leaves_out_what_the_runs_before_learned(town: Town, pool: StagePool, tmp_path: Path) -> None:
    """The embedded runner over real pages; then the command lists it and takes it back."""
    host = town["www.halva.example"]
    for n in range(8):
        host.page(f"/{n}", told(n).html(more=[BANNER]))
    with serving_here(town.world) as port, house_over(port, pool, tmp_path) as house:
        for count in (4, 8):
            host.feed(*(told(n).item(host.url(f"/{n}")) for n in range(count)))
            house.run(host.source())
            house.clock.turn(days=1)
        with_banner = [BANNER in house.article(host.url(f"/{n}")).text for n in range(8)]
        house.sound()
    assert with_banner == [True] * 4 + [False] * 4
    key = paragraph_key(BANNER).to_bytes(8, "big", signed=True).hex()
    listed = furniture(tmp_path, "halva-example")
    assert key in listed and BANNER[:40] in listed and "left out, 4 unlike stories" in listed
    assert '"state": "left out"' in furniture(tmp_path, "--json")
    assert "16 hex digits" in furniture(tmp_path, "halva-example", "--keep", "no key", code=2)
    assert "has no paragraph" in furniture(tmp_path, "halva-example", "--keep", "0" * 16, code=2)
    assert "name the source" in furniture(tmp_path, "--keep", key, code=2)
    assert "is text from now on" in furniture(tmp_path, "halva-example", "--keep", key)
    assert "text, 4 unlike stories" in furniture(tmp_path)


def furniture(folder: Path, *arguments: str, code: int = 0) -> str:
    """What the command prints."""
    command = [sys.executable, "-m", "wirewatch", "--data", str(folder), "sources", "furniture", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, env=quiet())
    assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr
