"""A full disk, a locked and a damaged archive while a run is on: it waits, or stops with words and loses nothing."""

from __future__ import annotations

import contextlib
import resource
import sqlite3
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from pipeline.errors import Corrupt, DiskFull, Trouble
from tests.integration.crawling import NOON
from tests.integration.pipeline_house import PipelineHouse, Town, house_over, serving_here, until
from tests.integration.press import Press
from workers.pool import StagePool
from workers.runner import Runner


@pytest.mark.parametrize("how", ["no room left", "cannot be opened or written"])
def test_a_disk_that_fills_up_loses_nothing(
    town: Town, press: Press, pool: StagePool, tmp_path: Path, how: str
) -> None:
    """The database finds no room, as on a full disk; or the system refuses to let its files grow."""
    press.listed(*range(1, 13))
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
    press.listed(1, 2)
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
    assert press.ledgers(house) == ["/1", "/2"]


def test_an_archive_damaged_while_it_runs_says_how_to_recover(
    town: Town, press: Press, pool: StagePool, tmp_path: Path
) -> None:
    press.listed(*range(1, 31))
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
