"""The store's part about people: every method is one transaction around a plain function."""

from __future__ import annotations

from datetime import datetime

from pipeline.people import ApiKey, Audited, Role, Session, User
from records import audits, people
from records.engine import Database


class PeopleStore:
    """See `records.peopling.Peopling` for what each method promises."""

    _database: Database

    # --- accounts ---------------------------------------------------------------------------
    def has_users(self) -> bool:
        """Whether anybody has to sign in."""
        with self._database.read() as conn:
            return people.any_of(conn)

    def has_admin(self) -> bool:
        """Whether somebody may do everything."""
        with self._database.read() as conn:
            return people.has_admin(conn)

    def users(self) -> list[User]:
        """All of them."""
        with self._database.read() as conn:
            return people.listed(conn)

    def user(self, name_or_id: str) -> User | None:
        """One of them."""
        with self._database.read() as conn:
            return people.found(conn, name_or_id)

    def user_of_subject(self, subject: str) -> User | None:
        """One of them."""
        with self._database.read() as conn:
            return people.of_subject(conn, subject)

    def password(self, user_id: str) -> str:
        """The hash."""
        with self._database.read() as conn:
            return people.password(conn, user_id)

    def add_user(self, one: User, now: datetime, password: str = "", *, only_first: bool = False) -> User | None:
        """A new account."""
        with self._database.write(durable=True) as conn:
            return people.add(conn, one, now, password, only_first)

    def change_user(
        self, user_id: str, now: datetime, *, role: Role | None = None, disabled: bool | None = None
    ) -> User:
        """What they may."""
        with self._database.write(durable=True) as conn:
            return people.change(conn, user_id, now, role, disabled)

    def set_password(self, user_id: str, password: str, keep_session: str = "") -> None:
        """A new hash."""
        with self._database.write(durable=True) as conn:
            people.set_password(conn, user_id, password, keep_session)

    def set_subject(self, user_id: str, subject: str) -> None:
        """Who they are elsewhere."""
        with self._database.write(durable=True) as conn:
            people.set_subject(conn, user_id, subject)

    def remove_user(self, user_id: str) -> None:
        """Remove one."""
        with self._database.write(durable=True) as conn:
            people.remove(conn, user_id)

    # --- sessions and keys ------------------------------------------------------------------
    def open_session(self, token: str, one: Session) -> None:
        """A new session."""
        with self._database.write(durable=True) as conn:
            people.open_session(conn, token, one)

    def session(self, token: str, now: datetime) -> tuple[Session, User] | None:
        """Whose it is."""
        with self._database.read() as conn:
            return people.session(conn, token, now)

    def saw_session(self, session_id: str, now: datetime) -> None:
        """It was used."""
        with self._database.write() as conn:
            people.saw_session(conn, session_id, now)

    def sessions(self, user_id: str, now: datetime) -> list[Session]:
        """Open ones."""
        with self._database.read() as conn:
            return people.sessions_of(conn, user_id, now)

    def end_sessions(self, user_id: str, *, only: str = "", keep: str = "") -> int:
        """End them. Durable: who signed out is not signed in again after a power cut."""
        with self._database.write(durable=True) as conn:
            return people.end_sessions(conn, user_id, only, keep)

    def add_key(self, token: str, one: ApiKey) -> None:
        """A new key."""
        with self._database.write(durable=True) as conn:
            people.add_key(conn, token, one)

    def key(self, token: str) -> tuple[ApiKey, User] | None:
        """Whose it is."""
        with self._database.read() as conn:
            return people.key(conn, token)

    def used_key(self, key_id: str, now: datetime) -> None:
        """It was used."""
        with self._database.write() as conn:
            people.used_key(conn, key_id, now)

    def keys(self, user_id: str = "") -> list[ApiKey]:
        """All of them."""
        with self._database.read() as conn:
            return people.keys(conn, user_id)

    def revoke_key(self, key_id: str, now: datetime) -> ApiKey:
        """Take it out of use."""
        with self._database.write(durable=True) as conn:
            return people.revoke_key(conn, key_id, now)

    # --- tries to sign in, and the log of what was changed ----------------------------------
    def try_login(self, name: str, address: str, now: datetime) -> float:
        """Count a failure, or say how long to wait."""
        with self._database.write() as conn:
            return audits.try_login(conn, name, address, now)

    def login_succeeded(self, name: str, address: str) -> None:
        """It was none."""
        with self._database.write() as conn:
            audits.succeeded(conn, name, address)

    def note(self, one: Audited) -> None:
        """Add a line."""
        with self._database.write(durable=True) as conn:
            audits.note(conn, one)

    def audited(self, *, before: int = 0, limit: int = 100, who: str = "", what: str = "") -> list[Audited]:
        """The log."""
        with self._database.read() as conn:
            return audits.listed(conn, before, limit, who, what)
