"""What people meet: a locked, damaged or foreign file, a full disk, no permission, another release."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.errors import BadInput, Busy, Corrupt, DiskFull, Trouble
from records import open_records
from records.base import Records
from tests.contract.records_kit import NOW, SOURCES, article, dump, entry, filed, put

SOON = timedelta(milliseconds=50)
BROKEN = [  # what is done to an archive of a hundred articles, and what a check then says, on any database
    ("INSERT INTO stories (id, first_seen) VALUES ('s1', 0)", "1 stories without an article, for example s1"),
    ("DELETE FROM versions", "100 articles without the text of their version"),
    ("DELETE FROM fingerprints", "100 articles without a fingerprint"),
    ("DELETE FROM changes", "100 articles that the change log does not know"),
    ("UPDATE articles SET source_id = 'gone'", "100 articles of an unknown source"),
    ("UPDATE entries SET article_id = 'a0'", "100 entries that name an article which is not there"),
    ("UPDATE entries SET state = 'fetched'", "100 entries called fetched without a page on the spool"),
    ("UPDATE entries SET state = 'quarantined'", "100 entries called quarantined without a page kept"),
    ("UPDATE entries SET due = 0", "100 entries that are settled and yet want their page"),
    ("UPDATE entries SET state = 'pending'", "100 pending entries that will never be fetched"),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An archive with a hundred articles, closed."""
    path = tmp_path / "archive.db"
    records = open_records(path)
    records.sync_sources(SOURCES)
    put(records, *(entry("alba", f"n{k}") for k in range(100)))
    records.close()
    return path


@pytest.fixture
def records(path: Path) -> Iterator[Records]:
    store = open_records(path, busy_timeout=SOON)
    yield store
    store.close()


def test_a_locked_archive(path: Path, records: Records) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Busy, match=f"another process holds the archive at {path}: close it, or wait"):
        records.put_robots("https://alba.example", 200, b"", NOW)
    assert records.totals().articles == 100, "reading goes on"
    other.execute("ROLLBACK")
    other.close()
    records.put_robots("https://alba.example", 200, b"", NOW)


def test_an_archive_locked_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Busy, match="another process holds the archive"):
        open_records(path, busy_timeout=SOON)
    other.close()
    open_records(path).close()


def test_a_full_disk(path: Path, records: Records) -> None:
    engine = records._database._engine  # type: ignore[attr-defined]
    before = dump(records)
    with engine.connect() as conn:
        pages = conn.exec_driver_sql("PRAGMA page_count").scalar()
        conn.exec_driver_sql(f"PRAGMA max_page_count = {pages + 3}")
    batch = [filed(article(entry("alba", f"big{k}"), "word " * 5000)) for k in range(20)]
    with pytest.raises(DiskFull, match=f"no room left for the archive at {path}: free space and start again"):
        records.commit(batch, [], NOW)
    assert dump(records) == before
    with engine.connect() as conn:
        conn.exec_driver_sql("PRAGMA max_page_count = 1000000")
    records.commit(batch, [], NOW)
    assert records.totals().articles == 120


def test_a_damaged_page(path: Path) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        for offset in range(size // 16384 * 12288, size, 8192):  # behind what is read when it is opened
            file.seek(offset)
            file.write(b"\xde\xad\xbe\xef" * 1024)
    records = open_records(path)
    with pytest.raises(Corrupt, match=r"damaged .*wirewatch doctor.*restore a backup.*sqlite3 archive.db .recover"):
        records.articles("", 1000)
    assert records.check() != []
    records.close()


def test_a_destroyed_file(path: Path) -> None:
    path.write_bytes(b"this was an archive once, until somebody saved a letter under its name " * 100)
    with pytest.raises(Corrupt, match="is damaged"):
        open_records(path)


def test_a_truncated_file(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(Corrupt):
        records = open_records(path)
        try:
            assert records.check() != []
            records.articles("", 1000)
        finally:
            records.close()


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        *BROKEN,
        ("DELETE FROM stories", "a row of articles refers to a row of stories that is not there"),
        ("DELETE FROM sources", "a row of feeds refers to a row of sources"),
    ],
)
def test_what_a_check_finds(path: Path, records: Records, broken: str, words: str) -> None:
    assert records.check() == []
    other = sqlite3.connect(path)
    other.execute(broken)
    other.commit()
    other.close()
    assert any(words in found for found in records.check()), records.check()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(Trouble, match=r"the folder .*file for the archive cannot be made"):
        open_records(tmp_path / "file" / "archive.db")
    with pytest.raises(Trouble, match="is a folder: name a file"):
        open_records(tmp_path)


def test_there_is_no_archive_to_read(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match=r"there is no archive at .*: collect first with `wirewatch run`"):
        open_records(tmp_path / "none.db", read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_a_reader_does_not_write(path: Path) -> None:
    records = open_records(path, read_only=True)
    with pytest.raises(Trouble, match="opened for reading only"):
        records.put_robots("https://alba.example", 200, b"", NOW)
    assert records.totals().articles == 100
    records.close()


def test_an_archive_of_a_newer_release(path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("UPDATE alembic_version SET version_num = '0099'")
    other.execute("UPDATE about SET value = '7.5.0'")
    other.commit()
    other.close()
    for read_only in (False, True):
        with pytest.raises(Trouble, match=r"Wirewatch 7\.5\.0 \(schema 0099\); this is Wirewatch \d\S*, .*upgrade"):
            open_records(path, read_only=read_only)


def test_an_archive_of_a_schema_nobody_knows(path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("UPDATE alembic_version SET version_num = '0000'")
    other.commit()
    other.close()
    with pytest.raises(Trouble, match=r"of an older release.*wirewatch run"):
        open_records(path, read_only=True)
    with pytest.raises(Trouble, match="cannot be brought up to date"):
        open_records(path)


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE recipes (name TEXT)")
    other.commit()
    other.close()
    before = path.read_bytes()
    with pytest.raises(Trouble, match="not an archive of Wirewatch"):
        open_records(path)
    assert path.read_bytes() == before


def test_addresses(tmp_path: Path) -> None:
    open_records(f"sqlite:///{tmp_path}/by%20address.db").close()
    open_records(tmp_path / "with space & ünïcode?.db").close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["by address.db", "with space & ünïcode?.db"]
    with pytest.raises(BadInput, match="mysql is no database this release knows"):
        open_records("mysql://localhost/archive")
    with pytest.raises(BadInput, match="is no database URL"):
        open_records("://")
