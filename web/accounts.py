"""What is done with accounts and keys, alike from a page, the API and the command line."""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import datetime

from pipeline.errors import BadInput
from pipeline.outputs import Random
from pipeline.people import ApiKey, Role, User, checked_name, checked_password
from records.base import Records
from web.passwords import hashed, made_up, matches
from web.problems import NotThere, Taken
from web.sessions import KEY_PREFIX, new_token, token_hash


class Throttled(Exception):
    """Too many failures: `seconds` are to pass before the next try."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"too many tries; the next one in {seconds:.0f} s")
        self.seconds = seconds


class WrongPassword(BadInput):
    """Name and password do not belong together. `user` is who has that name, if anybody."""

    def __init__(self, user: User | None) -> None:
        super().__init__("name and password do not belong together")
        self.user = user


def known(records: Records, name: str) -> User:
    """The account of that name or id. Raise NotThere."""
    one = records.user(name)
    if one is None:
        raise NotThere(f"there is no account {name!r}")
    return one


def make(
    records: Records, random: Random, now: datetime, name: str, role: Role, password: str = "", *, bare: bool = False
) -> tuple[User, str]:
    """A new account, and its password if one was made up: none was given, and it is not `bare` (without one, for who
    signs in elsewhere). Raise BadInput, Taken."""
    name = checked_name(name)
    if records.user(name) is not None:
        raise Taken(f"somebody is called {name!r} already: take another name")
    invented = "" if password or bare else made_up(random)
    hash = "" if bare else hashed(checked_password(password or invented, name), random)
    one = records.add_user(User(name, role), now, hash)
    assert one is not None
    return one, invented


def set_password(records: Records, random: Random, one: User, password: str = "", keep_session: str = "") -> str:
    """Give them a new password, made up (and returned) where none is given; their sessions end. Raise BadInput."""
    invented = "" if password else made_up(random)
    records.set_password(one.id, hashed(checked_password(password or invented, one.name), random), keep_session)
    return invented


def make_key(records: Records, random: Random, now: datetime, owner: User, name: str, role: Role) -> tuple[ApiKey, str]:
    """A new key of theirs, and what is to be sent, which nobody can look up later. Raise BadInput."""
    token = KEY_PREFIX + new_token(random)
    one = ApiKey(f"k{token_hash(token)[:12]}", owner.id, name.strip()[:100], role, now)
    records.add_key(token_hash(token), one)
    return one, token


def signed_in(records: Records, name: str, password: str, address: str, now: datetime) -> User:
    """Whose name and password these are, the try counted. Raise Throttled, WrongPassword, or BadInput when disabled.

    It takes as long for a name that nobody has, and such a name is throttled alike.
    """
    folded = unicodedata.normalize("NFC", name.strip()).casefold()
    keys = _key(folded), _key(address)
    if wait := records.try_login(*keys, now):
        raise Throttled(wait)
    one = records.user(folded)
    if one is not None and one.name.casefold() != folded:  # by its id
        one = None
    if not matches(records.password(one.id if one else ""), password) or one is None:
        raise WrongPassword(one)
    records.login_succeeded(*keys)
    if one.disabled:
        raise BadInput("this account is disabled: an admin can let it in again")
    return one


def _key(text: str) -> str:
    """People type passwords where names belong: what was typed is not kept."""
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=16).hexdigest()
