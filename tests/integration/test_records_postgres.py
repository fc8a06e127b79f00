"""An archive on PostgreSQL: addresses that are not right, sessions that end or hang, what each transaction is told."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from urllib.parse import urlsplit

import psycopg
import pytest
from sqlalchemy import event

import records as records_room
from pipeline.errors import Away, BadInput, Busy, Trouble
from records import open_records
from records import postgres as side
from records.base import Records
from tests.contract.records_kit import SOURCES, entry, put, robots
from tests.integration.test_records_errors import BROKEN
from tests.services.fixtures import database, named
from tests.services.postgres import PASSWORD, USER, other

SOON = timedelta(milliseconds=100)


@pytest.fixture
def records(postgres_url: str) -> Iterator[Records]:
    """An archive with a hundred articles, on the server that all tests share."""
    with closing(open_records(postgres_url, busy_timeout=SOON)) as store:
        store.sync_sources(SOURCES)
        put(store, *(entry("alba", f"n{k}") for k in range(100)))
        yield store


def test_a_session_that_is_ended(records: Records, postgres_url: str) -> None:
    """As an administrator does, or a server that is told to shut down."""
    with pytest.raises(Away, match="terminating connection"), records._database.write() as conn:  # type: ignore[attr-defined]
        number = conn.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        with psycopg.connect(postgres_url, autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(%s, 5000)", [number])
        conn.exec_driver_sql("DELETE FROM feeds")
    robots(records)


def test_a_client_that_hangs_does_not_keep_the_others_waiting(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(side, "IDLE", SOON)
    with closing(open_records(postgres_url)) as hanging, closing(open_records(postgres_url)) as records:
        with pytest.raises(Away, match="idle-in-transaction"), hanging._database.write() as conn:  # type: ignore[attr-defined]
            conn.exec_driver_sql("DELETE FROM feeds")
            began = time.monotonic()
            robots(records)
            assert time.monotonic() - began < 5
            conn.exec_driver_sql("DELETE FROM sources")
        robots(hanging)


def test_an_archive_that_another_process_writes_to(records: Records, postgres_url: str) -> None:
    with closing(open_records(postgres_url)) as second, second._database.write():  # type: ignore[attr-defined]
        with pytest.raises(Busy, match=r"another process is writing to the archive at postgresql://127"):
            robots(records)
        assert records.totals().articles == 100, "reading goes on"
    robots(records)


def test_a_statement_without_end(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side, "STATEMENT", timedelta(0))
    with closing(open_records(postgres_url, busy_timeout=SOON)) as records:
        database = records._database  # type: ignore[attr-defined]
        with pytest.raises(Busy, match="took too long"), database.read() as conn:
            conn.exec_driver_sql("SELECT pg_sleep(5)")
        with database.read(patient=True) as conn:
            conn.exec_driver_sql("SELECT pg_sleep(0.3)")


def test_no_connection_is_free(postgres_url: str) -> None:
    with closing(open_records(postgres_url, busy_timeout=SOON)) as records:
        held = [records._database.read() for _ in range(10)]  # type: ignore[attr-defined]
        for one in held:
            one.__enter__()
        with pytest.raises(Away, match="does not answer"):
            records.totals()
        for one in held:
            one.__exit__(None, None, None)
        assert records.totals().articles == 0


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"password": "wrong-secret"}, r"did not let us in \(password authentication failed.*USER:PASSWORD@HOST"),
        ({"user": "nobody-here"}, "did not let us in .password authentication failed"),
        ({"database": "not-there"}, r'did not let us in \(database "not-there" does not exist.*must be there'),
    ],
)
def test_an_address_that_is_not_right(postgres_url: str, parts: dict[str, str], words: str) -> None:
    with pytest.raises(Trouble, match=words) as caught:
        open_records(other(postgres_url, **parts))
    assert PASSWORD not in str(caught.value)
    assert "wrong-secret" not in str(caught.value)


def test_addresses_that_are_none() -> None:
    right = "use postgresql://user:password@host/database, sqlite:///path, or a path"
    for address, words in (
        ("postgresql://user:secret@host", "names no database"),
        ("postgresql://user:secret@host:port/archive", "is no database URL"),
        ("mysql://user:secret@host/archive", "mysql is no database this release knows"),
    ):
        with pytest.raises(BadInput, match=words) as caught:
            open_records(address)
        assert str(caught.value).endswith(right)
        assert "secret" not in str(caught.value)


def test_other_spellings_of_an_address(postgres_url: str) -> None:
    rest = postgres_url.partition("://")[2]
    for scheme in ("postgres", "postgresql+psycopg"):
        address = f"{scheme}://{rest}?application_name=mine&options=-c%20work_mem%3D8MB"
        asked = "SELECT current_setting('application_name'), current_setting('work_mem')"
        with closing(open_records(address)) as records, records._database.read() as conn:  # type: ignore[attr-defined]
            assert tuple(conn.exec_driver_sql(asked).one()) == ("mine", "8MB")


def test_a_server_or_database_that_will_not_do(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with database(migrated=False) as url, psycopg.connect(url, autocommit=True) as admin:
        admin.execute("CREATE TABLE recipes (name TEXT)")
        with pytest.raises(Trouble, match="not an archive of Wirewatch"):
            open_records(url)
        tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        assert admin.execute(tables).fetchall() == [("recipes",)]
        latin = f"{urlsplit(url).path[1:]}latin"
        admin.execute(f"CREATE DATABASE {latin} TEMPLATE template0 ENCODING LATIN1 LOCALE 'C' LOCALE_PROVIDER libc")
        with pytest.raises(Trouble, match=r"keeps text as LATIN1: make one with `createdb --encoding=UTF8"):
            open_records(named(url, latin))
        admin.execute(f"DROP DATABASE {latin} WITH (FORCE)")
    monkeypatch.setattr(side, "OLDEST", 99)
    with pytest.raises(Trouble, match=r"is PostgreSQL \d\d: Wirewatch needs 99 or newer"):
        open_records(postgres_url)


def test_a_user_who_may_not_make_tables() -> None:
    with database(migrated=False) as url, psycopg.connect(url, autocommit=True) as admin:
        admin.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        role = f"r{urlsplit(url).path[1:]}"
        admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'plain'")
        with pytest.raises(Trouble, match=r"may not do that .*permission denied.*make it the owner"):
            open_records(other(url, user=role, password="plain"))
        admin.execute(f"ALTER DATABASE {urlsplit(url).path[1:]} OWNER TO {role}")
        admin.execute("GRANT CREATE ON SCHEMA public TO " + role)
        open_records(other(url, user=role, password="plain")).close()
        admin.execute(f"REASSIGN OWNED BY {role} TO {USER}")
        admin.execute(f"DROP OWNED BY {role}")
        admin.execute(f"DROP ROLE {role}")


def test_a_reader_does_not_write(records: Records, postgres_url: str) -> None:
    with closing(open_records(postgres_url, read_only=True)) as reader:
        with pytest.raises(Trouble, match="opened for reading only"):
            robots(reader)
        assert reader.totals().articles == 100
    with database(migrated=False) as url, pytest.raises(Trouble, match=r"of an older release \(schema none"):
        open_records(url, read_only=True)


@pytest.mark.parametrize(("broken", "words"), BROKEN)
def test_what_a_check_finds(records: Records, postgres_url: str, broken: str, words: str) -> None:
    assert records.check() == []
    with psycopg.connect(postgres_url) as admin:
        admin.execute("SET session_replication_role = replica")  # foreign keys look away
        admin.execute(broken)
    assert any(words in found for found in records.check()), records.check()


def test_a_check_names_an_index_that_is_not_valid(records: Records, postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        with pytest.raises(psycopg.errors.UniqueViolation):
            admin.execute("CREATE UNIQUE INDEX CONCURRENTLY half ON articles (source_id)")
        assert records.check() == ["the index half is not valid: run `REINDEX INDEX half`"]
        admin.execute("DROP INDEX half")


def test_what_each_transaction_is_told(postgres_url: str) -> None:
    with closing(open_records(postgres_url)) as records:
        database = records._database  # type: ignore[attr-defined]
        asked = (
            "SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only'), "
            "current_setting('synchronous_commit')"
        )
        for _ in range(2):
            with database.write(durable=True) as conn:
                assert tuple(conn.exec_driver_sql(asked).one()) == ("read committed", "off", "on")
            with database.write() as conn:
                assert tuple(conn.exec_driver_sql(asked).one()) == ("read committed", "off", "off")
            with database.read() as conn:
                assert tuple(conn.exec_driver_sql(asked).one()) == ("repeatable read", "on", "on")


def test_a_durable_write_is_durable_whatever_the_database_is_told(postgres_url: str) -> None:
    asked = "SHOW synchronous_commit"
    for setting, expected in (("off", "on"), ("local", "local"), ("remote_apply", "remote_apply")):
        address = f"{postgres_url}?options=-c%20synchronous_commit%3D{setting}"
        with (
            closing(open_records(address)) as records,
            records._database.write(durable=True) as conn,  # type: ignore[attr-defined]
        ):
            assert conn.exec_driver_sql(asked).scalar() == expected


def test_a_reader_sees_one_moment(records: Records) -> None:
    with records._database.read() as conn:  # type: ignore[attr-defined]
        count = "SELECT count(*) FROM articles"
        assert conn.exec_driver_sql(count).scalar() == 100
        put(records, entry("bern", "later"))
        assert conn.exec_driver_sql(count).scalar() == 100
    assert records.totals().articles == 101


def test_many_rows_go_in_few_round_trips(postgres_url: str) -> None:
    """A batch of 500 articles in no more statements than one of 5: rows are many, round trips are not."""
    with closing(open_records(postgres_url)) as records:
        records.sync_sources(SOURCES)
        counts: list[int] = []
        for size in (5, 500):
            seen: list[str] = []

            def before(conn: object, cursor: object, statement: str, *rest: object, seen: list[str] = seen) -> None:
                seen.append(statement)

            engine = records._database.engine  # type: ignore[attr-defined]
            event.listen(engine, "before_cursor_execute", before)
            put(records, *(entry("alba", f"{size}-{k}") for k in range(size)))
            event.remove(engine, "before_cursor_execute", before)
            counts.append(len(seen))
        assert counts[1] <= counts[0] + 2, counts


def test_a_driver_that_is_not_installed(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """psycopg comes with the extra `services`; the archive in a file does without."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.delitem(sys.modules, "records.postgres")
    monkeypatch.delattr(records_room, "postgres")
    with pytest.raises(Trouble, match=r"needs a driver that is not installed .*pip install 'wirewatch\[services\]'"):
        open_records(postgres_url)
