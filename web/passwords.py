"""Passwords as argon2id hashes (RFC 9106; argon2-cffi). Their salts come from the randomness that is passed in."""

from __future__ import annotations

import base64
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from pipeline.outputs import Random

AT_ONCE = 2  # of 64 MiB each: a hundred people who sign in must not take all memory
_HASHER = PasswordHasher()  # RFC 9106's second choice: 3 passes over 64 MiB, 4 lanes
_TURN = threading.BoundedSemaphore(AT_ONCE)
_NOBODYS = (  # of no password that anybody knows, at the same cost
    "$argon2id$v=19$m=65536,t=3,p=4$d2lyZXdhdGNoLW5vYm9keQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)


def hashed(password: str, random: Random) -> str:
    """Its hash, with the parameters in it."""
    with _TURN:
        return _HASHER.hash(password, salt=random(_HASHER.salt_len))


def matches(hash: str, password: str) -> bool:
    """Whether that is the password of this hash; takes as long for "" (no password, nobody) as for any other."""
    try:
        with _TURN:
            return _HASHER.verify(hash or _NOBODYS, password) and bool(hash)
    except VerifyMismatchError:
        return False
    except (VerificationError, InvalidHashError):
        return False


def made_up(random: Random) -> str:
    """A new password that can be read out: four groups of four, of 80 bits."""
    letters = base64.b32encode(random(10)).decode().lower()
    return "-".join(letters[at : at + 4] for at in range(0, 16, 4))
