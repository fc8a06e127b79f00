"""Who uses Wirewatch, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Role(IntEnum):
    """Each may do all that the ones before it may."""

    READER = 1  # search, read, export
    EDITOR = 2  # subscriptions and their outputs, labels, sources, quarantine
    ADMIN = 3  # people and their keys, the log of what was changed

    @property
    def word(self) -> str:
        """As people write it."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks for something. `name` is what the log of changes says; `user_id` is "" for who has no account."""

    name: str
    role: Role
    user_id: str = ""

    def may(self, role: Role) -> bool:
        """Whether what wants this role is open to them."""
        return self.role >= role
