"""Who uses Wirewatch, what they may do, and how they are known: by a session, a key, or an account elsewhere.

Nothing here holds a password or a token: the records keep a password's hash (argon2id) and a token's (SHA-256).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum

from pipeline.errors import BadInput

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 500  # characters
LONGEST_NAME = 80
RESERVED = frozenset({"you", "api_token", "settings", "nobody"})  # what the log of changes calls who has no account
SESSION_LONGEST = timedelta(days=30)  # after that one signs in again
SESSION_IDLE = timedelta(days=7)  # without a request
FREE_OF_NAME, FREE_OF_ADDRESS = 5, 30  # failures without a wait; many people may share an address
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=2), timedelta(minutes=15)
FORGOTTEN = timedelta(hours=12)  # after the last failure


class Role(IntEnum):
    """Each may do all that the ones before it may."""

    READER = 1  # search, read, export
    EDITOR = 2  # subscriptions and their outputs, labels, sources, quarantine
    ADMIN = 3  # people and their keys, the log of what was changed

    @property
    def word(self) -> str:
        """As people write it."""
        return self.name.lower()


ROLES = tuple(one.word for one in Role)


def role_of(word: str) -> Role:
    """The role that a person named. Raise BadInput."""
    try:
        return Role[word.strip().upper()]
    except KeyError:
        raise BadInput(f"{word!r} is no role: {', '.join(ROLES)}") from None


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks for something. `name` is what the log of changes says; `user_id` is "" for who has no account."""

    name: str
    role: Role
    user_id: str = ""
    key: str = ""  # the name of the API key by which they ask
    session_id: str = ""  # of the session by which they ask

    def may(self, role: Role) -> bool:
        """Whether what wants this role is open to them."""
        return self.role >= role


@dataclass(frozen=True, slots=True)
class User:
    """An account. `subject` is who that is at the OpenID provider: issuer, a space, its `sub`."""

    name: str
    role: Role
    id: str = ""
    created: datetime | None = None
    disabled: datetime | None = None
    subject: str = ""
    has_password: bool = False
    last_seen: datetime | None = None  # by a session or a key


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that somebody signed in with. `origin` is the address and browser of then."""

    id: str
    user_id: str
    created: datetime
    seen: datetime
    expires: datetime
    origin: str = ""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What a program of somebody's sends. It may do what its role may, and never more than its owner."""

    id: str
    user_id: str
    name: str
    role: Role
    created: datetime
    used: datetime | None = None
    revoked: datetime | None = None


@dataclass(frozen=True, slots=True)
class Audited:
    """One line of the log of what was changed. `seq` counts up."""

    at: datetime
    who: str
    what: str
    to: str = ""
    detail: Mapping[str, object] = field(default_factory=dict)
    seq: int = 0


def checked_name(name: str) -> str:
    """A name that an account may have. Raise BadInput."""
    name = unicodedata.normalize("NFC", name.strip())
    if not re.fullmatch(rf"\w[\w.@+-]{{0,{LONGEST_NAME - 1}}}", name):
        raise BadInput(
            f"a name is of 1 to {LONGEST_NAME} letters, digits and . _ - @ +, and begins with a letter or digit"
        )
    if name.casefold() in RESERVED:
        raise BadInput(f"nobody can be called {name!r}: the log of changes uses that word for who has no account")
    return name


def checked_password(password: str, name: str = "") -> str:
    """A password that may be set. Raise BadInput, which does not repeat it.

    Length counts, kinds of characters do not (NIST SP 800-63B, 3.1.1.2).
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise BadInput(f"a password is of {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters: a few words, say")
    if len(set(password)) < 5 or (name and password.casefold() in (name.casefold() * 12)):
        raise BadInput("that password is guessed at once: take a few words that do not belong together")
    return password


def wait_after(failures: int, free: int) -> timedelta:
    """How long the next try has to wait after so many failures in a row, of which `free` cost nothing."""
    if failures < free:
        return timedelta(0)
    return min(FIRST_WAIT * (1 << min(failures - free, 20)), LONGEST_WAIT)
