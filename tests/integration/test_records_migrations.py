"""The migrations make what tables.py says, whole or not at all."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from pipeline.errors import Trouble
from records import migrate, open_records
from records.schema import metadata
from tests.contract.records_kit import NOW, SOURCES, article, entry, filed
from tests.services.fixtures import database


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


def test_an_archive_of_the_second_schema_keeps_its_articles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "archive.db"
    monkeypatch.setattr(migrate, "SCHEMA", "0002")
    open_records(path).close()
    monkeypatch.undo()
    with sqlite3.connect(path) as conn:
        told = article(entry("alba", "one"))
        conn.execute("INSERT INTO stories VALUES ('s1', 0)")
        row = {
            "id": told.id, "url": told.url, "source_id": "alba", "title": told.title, "grade": "full", "authors": "[]",
            "published_confidence": 0.5, "first_seen": 0, "keywords": "[]", "dateline_places": "[]", "storage": "full",
            "topics": "[]", "entities": "[]", "relevance": 0, "reasons": "[]", "story_id": "s1", "score": 1,
        }  # fmt: skip
        conn.execute(f"INSERT INTO articles ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", (*row.values(),))
    conn.close()
    records = open_records(path)
    records.sync_sources(SOURCES)
    view = records.article(told.id)
    assert view is not None
    kept = view.article
    assert (kept.title, kept.paywalled, kept.notices, dict(kept.known)) == (told.title, None, (), {})
    records.commit([filed(told)], [], NOW)
    view = records.article(told.id)
    assert view is not None
    assert view.article.known == told.known
    assert records.check() == []
    records.close()


def test_postgresql_has_the_same_tables() -> None:
    with database() as url:
        engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
        with engine.connect() as conn:
            assert compare_metadata(MigrationContext.configure(conn), metadata) == []
            collations = (
                "SELECT DISTINCT collation_name FROM information_schema.columns WHERE data_type = 'text' "
                "AND table_schema = 'public'"
            )
            assert conn.exec_driver_sql(collations).scalars().all() == ["C"], "ordered alike everywhere"
            stored = "SELECT attstorage FROM pg_attribute WHERE attrelid = 'spool'::regclass AND attname = 'body'"
            assert conn.exec_driver_sql(stored).scalar() == "e", "what is compressed is not compressed again"
        engine.dispose()


def test_a_migration_of_postgresql_cut_short_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "_ours", lambda: 1 / 0)
    with database(migrated=False) as url:
        with pytest.raises(ZeroDivisionError):
            open_records(url)
        with psycopg.connect(url) as conn:
            assert conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall() == []
        monkeypatch.undo()
        records = open_records(url)
        assert records.check() == []
        records.close()


def test_releases_are_told_apart_on_postgresql() -> None:
    with database() as url, psycopg.connect(url, autocommit=True) as admin:
        admin.execute("UPDATE alembic_version SET version_num = '0099'")
        admin.execute("UPDATE about SET value = '7.5.0'")
        with pytest.raises(Trouble, match=r"Wirewatch 7\.5\.0 \(schema 0099\); this is Wirewatch"):
            open_records(url)
        admin.execute("UPDATE alembic_version SET version_num = '0001'")
        with pytest.raises(Trouble, match=r"of an older release \(schema 0001.*wirewatch run"):
            open_records(url, read_only=True)
