"""Brings a database to the schema of this release, and refuses one of a newer release."""

from __future__ import annotations

import importlib.metadata

import sqlalchemy as sa

from pipeline.errors import Trouble
from records.dialect import upsert
from records.engine import Database
from records.tables import about

SCHEMA = "0008"  # the newest of migrations/versions; they are numbered, so that newer and older can be told


def prepare(database: Database, *, read_only: bool) -> None:
    """Create or migrate the tables, in one transaction; raise Trouble when this release cannot use the database."""
    with database.read() as conn:
        database.kind.usable(conn, database.name)
        found = _schema(conn)
        release = _release(conn) if found else ""
        foreign = not found and bool(sa.inspect(conn).get_table_names())
    if foreign:
        raise Trouble(f"{database.name} is a database, but not an archive of Wirewatch: name another file")
    if found > SCHEMA:
        raise Trouble(
            f"the archive at {database.name} was written by Wirewatch {release} (schema {found}); this is Wirewatch "
            f"{_ours()}, which knows schema {SCHEMA}: upgrade Wirewatch, or name another archive"
        )
    if not read_only:
        database.tune()
    if found == SCHEMA:
        return
    if read_only:
        raise Trouble(
            f"the archive at {database.name} is of an older release (schema {found or 'none'}, this one has {SCHEMA}): "
            "start `wirewatch run` once to bring it up to date"
        )
    with database.write(durable=True, patient=True) as conn:
        if _schema(conn) != SCHEMA:  # another process may have been first
            _upgrade(conn, database.name)
            conn.execute(upsert(conn, about), {"key": "release", "value": _ours()})


def _schema(conn: sa.Connection) -> str:
    if not sa.inspect(conn).has_table("alembic_version"):
        return ""
    return conn.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() or ""


def _release(conn: sa.Connection) -> str:
    return conn.execute(sa.select(about.c.value).where(about.c.key == "release")).scalar() or "of a later date"


def _ours() -> str:
    return importlib.metadata.version("wirewatch")


def _upgrade(conn: sa.Connection, name: str) -> None:
    from alembic import command  # here, for it is needed once in an archive's life and takes its time
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "records:migrations")
    config.attributes["connection"] = conn
    try:
        command.upgrade(config, SCHEMA)
    except CommandError as error:
        raise Trouble(f"the archive at {name} cannot be brought up to date: {error}") from error
