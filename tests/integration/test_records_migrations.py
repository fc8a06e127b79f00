"""The migrations make what tables.py says, whole or not at all."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from records import migrate, open_records
from records.tables import metadata
from tests.contract.records_kit import NOW


def shapes(path: Path) -> dict[str, str]:
    """Index definitions and column lists, as the file tells them."""
    with sqlite3.connect(path) as conn:
        made = {name: " ".join(sql.split()) for name, sql in conn.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")}  # fmt: skip
        for table in metadata.tables:
            made[table] = str(conn.execute(f"PRAGMA table_info({table})").fetchall())
            made[table + " refers to"] = str(conn.execute(f"PRAGMA foreign_key_list({table})").fetchall())
    conn.close()
    return made


def test_the_migrations_make_the_tables(tmp_path: Path) -> None:
    open_records(tmp_path / "migrated.db").close()
    engine = sa.create_engine(f"sqlite:///{tmp_path}/made.db")
    metadata.create_all(engine)
    engine.dispose()
    assert shapes(tmp_path / "migrated.db") == shapes(tmp_path / "made.db")
    engine = sa.create_engine(f"sqlite:///{tmp_path}/migrated.db")
    with engine.connect() as conn:
        assert compare_metadata(MigrationContext.configure(conn), metadata) == []
    engine.dispose()


def test_the_newest_migration_is_the_schema() -> None:
    folder = Path(migrate.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == migrate.SCHEMA


def test_a_migration_cut_short_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "archive.db"
    monkeypatch.setattr(migrate, "_ours", lambda: 1 / 0)  # after the tables, before the end
    with pytest.raises(ZeroDivisionError):
        open_records(path)
    with sqlite3.connect(path) as conn:
        assert conn.execute("SELECT name FROM sqlite_master").fetchall() == []
    conn.close()
    monkeypatch.undo()
    records = open_records(path)
    assert records.check() == []
    records.close()


def test_an_archive_of_the_first_schema_keeps_what_it_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spooled pages stay, and their numbers are never given twice."""
    path = tmp_path / "archive.db"
    monkeypatch.setattr(migrate, "SCHEMA", "0001")
    records = open_records(path)
    records.close()
    monkeypatch.undo()
    with sqlite3.connect(path) as conn:
        assert conn.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
        row = "'', 'page', NULL, '{}', '', 200, '{}', 0, '', '', x'28b52ffd2000010000', 0, 2"
        conn.execute(f"INSERT INTO spool VALUES (7, 'https://alba.example/seven', {row})")
        conn.execute(f"INSERT INTO spool VALUES (9, 'https://alba.example/nine', {row})")
        conn.execute("DELETE FROM spool WHERE id = 9")
    conn.close()
    records = open_records(path)
    [kept] = records.spooled(9)
    assert (kept.id, kept.page.task.url, kept.tries) == (7, "https://alba.example/seven", 2)
    [new] = records.spool([kept.page.__class__(kept.page.task, "", 200, {}, b"new", NOW)])
    assert new.id == 10, "nine was in use"
    assert records.check() == []
    records.close()
    with sqlite3.connect(path) as conn:
        assert conn.execute("SELECT version_num FROM alembic_version").fetchall() == [(migrate.SCHEMA,)]
    conn.close()
