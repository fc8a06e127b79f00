"""What the records promise of people: a part of the Records Protocol (see `records.base`).

Tokens and passwords come as hashes; none of them is given out again but a password's, for comparison. At least one
admin who is not disabled stays, once there is one: what would leave none raises BadInput.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from pipeline.people import ApiKey, Audited, Role, Session, User


class Peopling(Protocol):
    """Accounts, sessions, keys, tries to sign in, and the log of what was changed."""

    # --- accounts ---------------------------------------------------------------------------
    def has_users(self) -> bool:
        """Whether there is any account: from then on everybody has to sign in."""

    def has_admin(self) -> bool:
        """Whether there is an admin who is not disabled."""

    def users(self) -> list[User]:
        """All of them, by name."""

    def user(self, name_or_id: str) -> User | None:
        """One of them; names are alike in whatever case."""

    def user_of_subject(self, subject: str) -> User | None:
        """The one who is that at the OpenID provider."""

    def password(self, user_id: str) -> str:
        """The hash of their password; "" when there is none, or no such account."""

    def add_user(self, one: User, now: datetime, password: str = "", *, only_first: bool = False) -> User | None:
        """A new account; `password` is a hash. Raise BadInput when the name is taken, or the first is no admin.

        With `only_first` nothing happens, and None is returned, when there is an account already.
        """

    def change_user(
        self, user_id: str, now: datetime, *, role: Role | None = None, disabled: bool | None = None
    ) -> User:
        """Change their role, shut them out (their sessions end) or let them in. Raise BadInput."""

    def set_password(self, user_id: str, password: str, keep_session: str = "") -> None:
        """A new hash; all their sessions but the one of that id end. Raise BadInput for an unknown account."""

    def set_subject(self, user_id: str, subject: str) -> None:
        """Who they are at the OpenID provider from now on. Raise BadInput."""

    def remove_user(self, user_id: str) -> None:
        """The account with its sessions and keys; an unknown one changes nothing. Raise BadInput."""

    # --- sessions and keys ------------------------------------------------------------------
    def open_session(self, token: str, one: Session) -> None:
        """A new session by the hash of its token; expired ones of everybody go. Raise BadInput."""

    def session(self, token: str, now: datetime) -> tuple[Session, User] | None:
        """Whose token that is, unless it expired, was idle too long, or its owner is disabled."""

    def saw_session(self, session_id: str, now: datetime) -> None:
        """It was used."""

    def sessions(self, user_id: str, now: datetime) -> list[Session]:
        """Those that are open, the last used first."""

    def end_sessions(self, user_id: str, *, only: str = "", keep: str = "") -> int:
        """End theirs: all, only that one, or all but that one (ids). Returns how many."""

    def add_key(self, token: str, one: ApiKey) -> None:
        """A new key by the hash of what is sent. Raise BadInput when its role is above its owner's."""

    def key(self, token: str) -> tuple[ApiKey, User] | None:
        """Whose key that is, unless it was revoked or its owner is disabled."""

    def used_key(self, key_id: str, now: datetime) -> None:
        """It was used."""

    def keys(self, user_id: str = "") -> list[ApiKey]:
        """One person's or everybody's, revoked ones too, oldest first."""

    def revoke_key(self, key_id: str, now: datetime) -> ApiKey:
        """It opens nothing from now on. Raise BadInput for an unknown id."""

    # --- tries to sign in -------------------------------------------------------------------
    def try_login(self, name: str, address: str, now: datetime) -> float:
        """Count one more failure for name and address, before the password is looked at, and return 0.

        Or count nothing and return the seconds that are to pass before the next try. Both are hashes.
        """

    def login_succeeded(self, name: str, address: str) -> None:
        """It was no failure: the name begins anew, the address has one failure less."""

    # --- the log of what was changed --------------------------------------------------------
    def note(self, one: Audited) -> None:
        """Add a line."""

    def audited(self, *, before: int = 0, limit: int = 100, who: str = "", what: str = "") -> list[Audited]:
        """Newest first: those before that `seq` (0 = the newest), by who, and of what (how it begins)."""
