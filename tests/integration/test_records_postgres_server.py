"""What befalls an archive on PostgreSQL: its server goes and comes back, is full, is a standby, takes no more."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from urllib.parse import urlsplit

import psycopg
import pytest

from pipeline.errors import Away, DiskFull
from records import open_records
from tests.contract.records_kit import NOW, SOURCES, article, dump, entry, filed, put, robots
from tests.services.fixtures import database
from tests.services.postgres import Postgres, other, postgres
from tests.services.wire import Wire

SOON = timedelta(milliseconds=100)


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """A server of our own, to do harm to."""
    with postgres() as made:
        yield made


@pytest.fixture
def own(server: Postgres) -> Iterator[str]:
    """A database on it."""
    server.start()
    with database(server=server.url) as url:
        yield url
        server.start()


def test_a_restarted_server(server: Postgres, own: str) -> None:
    with closing(open_records(own)) as records:
        records.sync_sources(SOURCES)
        put(records, entry("alba", "one"))
        server.restart()
        put(records, entry("alba", "two"))
        server.stop()
        with pytest.raises(Away, match=r"database postgresql://127.0.0.1:\d+/\w+ does not answer .*refused"):
            robots(records)
        with pytest.raises(Away, match="does not answer"):
            records.totals()
        with pytest.raises(Away, match="does not answer"):
            open_records(own)
        server.start()
        assert records.totals().articles == 2, "the store works again by itself"
        server.kill()
        server.start()
        put(records, entry("alba", "three"))
        assert (records.totals().articles, records.check()) == (3, [])


def test_a_server_that_goes_within_a_transaction(server: Postgres, own: str) -> None:
    with closing(open_records(own)) as records:
        records.sync_sources(SOURCES)
        for going in (server.stop, server.kill):
            before = dump(records)
            with pytest.raises(Away), records._database.write() as conn:  # type: ignore[attr-defined]
                conn.exec_driver_sql("DELETE FROM feeds")
                going()
                conn.exec_driver_sql("DELETE FROM sources")
            server.start()
            assert dump(records) == before


def test_a_server_that_pauses(server: Postgres, own: str) -> None:
    """What is asked meanwhile is answered when it goes on."""
    with closing(open_records(own)) as records, ThreadPoolExecutor(1) as other:
        records.totals()
        server.pause()
        asked = other.submit(records.totals)
        time.sleep(0.5)
        waiting = not asked.done()
        server.resume()
        assert (waiting, asked.result(20).articles) == (True, 0)


def test_a_cut_wire(postgres_wire: tuple[Wire, str]) -> None:
    line, url = postgres_wire
    with closing(open_records(url)) as records:
        records.sync_sources(SOURCES)
        before = dump(records)
        with pytest.raises(Away, match="does not answer"), records._database.write() as conn:  # type: ignore[attr-defined]
            conn.exec_driver_sql("DELETE FROM feeds")
            line.cut()
            conn.exec_driver_sql("DELETE FROM sources")
        for _ in range(3):
            with pytest.raises(Away, match="does not answer"):
                records.totals()
            with pytest.raises(Away):
                robots(records)
        line.mend()
        assert dump(records) == before
        put(records, entry("alba", "one"))


def test_too_many_clients(own: str, server: Postgres) -> None:
    with psycopg.connect(server.url, autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {urlsplit(own).path[1:]} CONNECTION LIMIT 0")
        admin.execute("CREATE ROLE plain LOGIN PASSWORD 'plain'")
        with pytest.raises(Away, match="too many connections"):
            open_records(other(own, user="plain", password="plain"))
        admin.execute("DROP ROLE plain")


def test_a_standby(server: Postgres, own: str) -> None:
    """A server that follows another one, before it is promoted: it can be read."""
    with closing(open_records(own)) as records:
        records.sync_sources(SOURCES)
        put(records, entry("alba", "one"))
        server.stop()
        signal_file = server.folder / "data" / "standby.signal"
        signal_file.touch()
        try:
            server.start()
            for _ in range(2):
                assert records.totals().articles == 1
                with pytest.raises(Away, match="takes no writes"):
                    robots(records)
            with closing(open_records(own)) as second, pytest.raises(Away, match="takes no writes"):
                robots(second)
        finally:
            server.stop()
            signal_file.unlink()
            server.start()
        robots(records)


def test_a_full_disk(server: Postgres, own: str) -> None:
    """The tables on a file system of 24 MB, where this process may mount one; the server's own error elsewhere."""
    with closing(open_records(own)) as records, psycopg.connect(own, autocommit=True) as admin:
        records.sync_sources(SOURCES)
        put(records, entry("alba", "one"))
        small = server.folder / "small"
        small.mkdir()
        mounted = (
            os.geteuid() == 0
            and not subprocess.run(
                ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(small)], capture_output=True, check=False
            ).returncode
        )
        try:
            if mounted:
                os.chown(small, server.user() or 0, -1)
                admin.execute(f"CREATE TABLESPACE small LOCATION '{small}'")
                admin.execute("ALTER TABLE versions SET TABLESPACE small")
            else:
                admin.execute(
                    "CREATE FUNCTION full() RETURNS trigger LANGUAGE plpgsql AS "
                    "$$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$"
                )
                admin.execute("CREATE TRIGGER full BEFORE INSERT ON versions EXECUTE FUNCTION full()")
            before = dump(records)
            batch = [filed(article(entry("alba", f"big{k}"), os.urandom(300_000).hex())) for k in range(100)]
            with pytest.raises(
                DiskFull, match=r"no room left for the archive at postgresql://.*nothing collected is lost"
            ):
                for start in range(0, 100, 20):
                    records.commit(batch[start : start + 20], [], NOW)
                    before = dump(records)
            assert dump(records) == before
            if mounted:
                admin.execute("ALTER TABLE versions SET TABLESPACE pg_default")
                admin.execute("DROP TABLESPACE small")
            else:
                admin.execute("DROP FUNCTION full CASCADE")
            records.commit(batch[:5], [], NOW)
            assert records.check() == []
        finally:
            if mounted:
                subprocess.run(["umount", "-l", str(small)], check=True)


def test_a_role_whose_connection_is_gone(postgres_wire: tuple[Wire, str]) -> None:
    line, url = postgres_wire
    with closing(open_records(url)) as records:
        with records.hold("desk") as still:
            still()
            line.cut()
            for _ in range(2):
                with pytest.raises(Away, match=r"this process may not be the desk any more: .* does not answer"):
                    still()
            line.mend()
            with pytest.raises(Away):
                still()
            with records.hold("desk", timeout=timedelta(seconds=10)) as again:
                again()
        line.cut()
        with pytest.raises(Away, match="does not answer"), records.hold("desk"):
            pytest.fail("no server")


def test_a_role_is_waited_for_until_the_server_goes(server: Postgres, own: str) -> None:
    with closing(open_records(own)) as records, records.hold("desk"):
        looks = 0

        def stop() -> bool:
            nonlocal looks
            looks += 1
            if looks == 2:
                server.kill()
            return False

        with pytest.raises(Away, match="does not answer"), records.hold("desk", stop=stop):
            pytest.fail("two desks")
