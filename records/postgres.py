"""PostgreSQL's side of the records: its connections, how a transaction begins, what its errors mean.

Writers take one advisory lock at the start of a transaction, and so come one after another as they do on SQLite: no
deadlock, nothing that fails half way, and the numbers of the change log become visible in their order. Readers see
one moment and never wait.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

import psycopg
import sqlalchemy as sa
from sqlalchemy import event

from pipeline.errors import Away, Busy, Corrupt, DiskFull, Trouble, WirewatchError

OLDEST = 15  # the release that the tests run on; older ones are no longer maintained
READING = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
WRITING = {"isolation_level": "READ COMMITTED"}  # each statement sees what the writer before has committed
STATEMENT = timedelta(minutes=1)  # longer than any statement of ours by far; migrations and checks may take their time
IDLE = timedelta(minutes=1)  # in a transaction: a client that hangs must not keep the lock of all writers
_SPACE = 0x57495245  # "WIRE": the first half of our advisory locks
_WRITERS = 0
_CLIENT = {  # a server that vanished is noticed within a minute, not after the system's two hours
    "connect_timeout": 10,  # seconds
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,  # milliseconds
    "application_name": "wirewatch",
    "client_encoding": "utf8",
}
_SERVER = {
    "tcp_keepalives_idle": 30,
    "tcp_keepalives_interval": 10,
    "tcp_keepalives_count": 3,
    "idle_session_timeout": 0,
}
_TAKE = f"SELECT pg_advisory_xact_lock({_SPACE}, {_WRITERS}), "
_LAZY = _TAKE + "set_config('synchronous_commit', 'off', true)"
_DURABLE = _TAKE + (  # a stricter setting of the server is left alone
    "CASE current_setting('synchronous_commit') WHEN 'off' THEN set_config('synchronous_commit', 'on', true) END"
)
_MEANING = {
    "55P03": "busy",  # lock_timeout
    "57014": "slow",  # statement_timeout
    "40001": "busy",
    "40P01": "busy",
    "53100": "full",
    "XX001": "corrupt",
    "XX002": "corrupt",
    "58030": "corrupt",  # the disk cannot be read
    "25006": "standby",
    "0A000": "standby",  # a transaction that may write, begun while the server follows another one
    "25P03": "away",  # idle in a transaction
    "3D000": "login",
    "42501": "denied",
}
_CLASSES = {"08": "away", "28": "login", "53": "away", "57": "away", "58": "away"}
_LOGIN = re.compile(r'password|authentication|role ".*"|database ".*" does not exist|pg_hba\.conf|permission denied')


def engine(url: sa.URL, busy_timeout: timedelta, **settings: Any) -> sa.Engine:
    """A pool of connections that are asked whether they live before they are used."""
    made = sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        pool_use_lifo=True,
        pool_size=3,
        max_overflow=7,
        pool_timeout=max(busy_timeout.total_seconds(), 1.0),
        use_native_hstore=False,
        connect_args=_connect_args(url, busy_timeout),
        **settings,
    )

    @event.listens_for(made, "begin")
    def _begun(conn: sa.Connection) -> None:
        options = conn.get_execution_options()
        if options.get("writes"):
            conn.exec_driver_sql(_DURABLE if options.get("durable") else _LAZY)
        if options.get("patient"):
            conn.exec_driver_sql("SET LOCAL statement_timeout = 0")

    return made


def _connect_args(url: sa.URL, busy_timeout: timedelta) -> dict[str, Any]:
    """What the address does not say itself."""
    wait = max(busy_timeout // timedelta(milliseconds=1), 1)  # 0 would be for ever
    server = {
        **_SERVER,
        "lock_timeout": wait,
        "statement_timeout": STATEMENT // timedelta(milliseconds=1) + wait,
        "idle_in_transaction_session_timeout": IDLE // timedelta(milliseconds=1),
    }
    options = " ".join(f"-c {name}={value}" for name, value in server.items())
    theirs = url.query.get("options", "")
    merged = f"{options} {theirs if isinstance(theirs, str) else ' '.join(theirs)}".strip()
    return {**{name: value for name, value in _CLIENT.items() if name not in url.query}, "options": merged}


def usable(conn: sa.Connection, name: str) -> None:
    """Raise Trouble if this server cannot keep an archive."""
    version = int(conn.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10000
    if version < OLDEST:
        raise Trouble(f"the server of {name} is PostgreSQL {version}: Wirewatch needs {OLDEST} or newer")
    encoding = conn.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        raise Trouble(
            f"the database {name} keeps text as {encoding}: make one with "
            "`createdb --encoding=UTF8 --template=template0` and name that"
        )


def tune(made: sa.Engine) -> None:
    """Nothing that the database itself keeps."""


def integrity(conn: sa.Connection) -> Sequence[str]:
    """What the database itself finds wrong: indexes left half made. Its foreign keys hold without being asked."""
    broken = conn.exec_driver_sql(
        "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
        "WHERE NOT i.indisvalid AND c.relnamespace = current_schema()::regnamespace ORDER BY 1"
    )
    return [f"the index {row[0]} is not valid: run `REINDEX INDEX {row[0]}`" for row in broken]


def ours(error: BaseException, name: str) -> WirewatchError | None:
    """The driver's error as ours, which says how to recover; None when it is not the driver's."""
    words = _said(error)
    match meaning(error):
        case "busy":
            return Busy(f"another process is writing to the archive at {name}: wait and try again")
        case "slow":
            return Busy(f"the database {name} took too long ({words}): see what else it does, and try again")
        case "away":
            return Away(f"the database {name} does not answer ({words}): see that it runs; this is tried again")
        case "standby":
            return Away(f"the database {name} takes no writes ({words}): it is a standby, or was made read-only")
        case "full":
            return DiskFull(
                f"no room left for the archive at {name}: free space on the disk of the database; nothing collected "
                "is lost"
            )
        case "corrupt":
            return Corrupt(
                f"the archive at {name} is damaged ({words}): run `wirewatch doctor`, then restore a backup, or save "
                "what `pg_dump` can still read"
            )
        case "login":
            return Trouble(
                f"the database {name} did not let us in ({words}): the address of the archive is "
                "postgresql://USER:PASSWORD@HOST/DATABASE, and both user and database must be there"
            )
        case "denied":
            return Trouble(
                f"the user may not do that in the database {name} ({words}): make it the owner of the database"
            )
    return None


def meaning(error: BaseException) -> str:
    """What the driver's error means, or "" for anything else."""
    if isinstance(error, sa.exc.TimeoutError):  # no connection of the pool became free
        return "away"
    if not isinstance(error, psycopg.Error):
        return ""
    state = error.sqlstate
    if state is not None:
        return _MEANING.get(state) or _CLASSES.get(state[:2], "")
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        # While connecting there is no code, only the server's words, in its own language: what is not known is tried
        # again, and said.
        return "login" if _LOGIN.search(str(error)) else "away"
    return ""


def _said(error: BaseException) -> str:
    """The server's words on one line, without the client's list of addresses that it tried."""
    words = " ".join(str(error).split())
    return words.rpartition("FATAL: ")[2] if "FATAL: " in words else words.partition(" Multiple connection")[0]


def _key(role: str) -> int:
    """31 bits, and not that of the writers."""
    return int.from_bytes(hashlib.blake2b(role.encode(), digest_size=4).digest()) % 0x7FFFFFFE + 1


def taken(conn: sa.Connection, role: str) -> bool:
    """Whether a session has that role; asks without touching the lock."""
    found = conn.exec_driver_sql(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = %s AND objid = %s "
        "AND objsubid = 2 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        (_SPACE, _key(role)),
    )
    return bool(found.scalar())


class Role:
    """An advisory lock of a session of its own: the server drops it when the session ends, however it ends."""

    def __init__(self, made: sa.Engine, role: str) -> None:
        self._key = _key(role)
        pooled = made.raw_connection()
        pooled.detach()  # it is not the pool's any more, and ends when it is closed
        self._session = cast("psycopg.Connection[tuple[Any, ...]]", pooled.dbapi_connection)
        self._session.autocommit = True

    def take(self) -> bool:
        """Whether it is ours now; does not wait."""
        return bool(self._ask("SELECT pg_try_advisory_lock(%s, %s)", [_SPACE, self._key]))

    def still(self) -> None:
        """Raise the driver's error if the session is no more, and the lock with it."""
        self._ask("SELECT 1", [])

    def leave(self) -> None:
        """Free for the next one at once."""
        with contextlib.suppress(psycopg.Error), self._session as session:  # closes it
            session.execute("SELECT pg_advisory_unlock_all()")

    def _ask(self, question: str, values: list[int]) -> object:
        row = self._session.execute(question, values).fetchone()
        return row and row[0]
