"""Names, passwords, waits: what may be set, and how long who guesses has to wait."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipeline.errors import BadInput
from pipeline.people import ROLES, Person, Role, checked_name, checked_password, role_of, wait_after
from web.passwords import hashed, made_up, matches
from web.sessions import browser_of


@pytest.mark.parametrize("name", ["ada", "Ada.Lovelace", "a", "zoë", "李", "ada@wire.example", "9lives", "a" * 80])
def test_names_of_people_may_be_had(name: str) -> None:
    assert checked_name(f" {name} ") == name


@pytest.mark.parametrize(
    "name", ["", " ", ".ada", "-x", "a b", "a\nb", "a\0", "<b>", "a/b", "a" * 81, "You", "api_token", "nobody"]
)
def test_other_names_may_not(name: str) -> None:
    with pytest.raises(BadInput, match=r"name is of|can be called"):
        checked_name(name)


def test_a_name_is_one_however_it_was_typed() -> None:
    assert checked_name("zoe\u0308") == checked_name("zoë") == "zoë"


@pytest.mark.parametrize(
    ("password", "name"),
    [
        ("", ""),
        ("eleven char", ""),
        ("x" * 501, ""),
        ("aaaabbbbccccdddd", ""),
        ("1212121212121", ""),
        ("lovelacelovelace", "lovelace"),
    ],
)
def test_a_password_that_is_guessed_at_once_is_refused_without_being_repeated(password: str, name: str) -> None:
    with pytest.raises(BadInput) as refused:
        checked_password(password, name)
    assert not password or password not in str(refused.value)


@pytest.mark.parametrize(
    "password", ["twelve chars", "correct horse battery staple", "пароль из слов", "🛰️ over the harbour"]
)
def test_long_passwords_of_any_characters_will_do(password: str) -> None:
    assert checked_password(password, "ada") == password


def test_roles_are_told_by_their_words() -> None:
    assert ROLES == ("reader", "editor", "admin") and role_of(" Editor ") is Role.EDITOR
    with pytest.raises(BadInput, match="reader, editor, admin"):
        role_of("root")
    assert Person("ada", Role.EDITOR).may(Role.READER) and not Person("ada", Role.EDITOR).may(Role.ADMIN)


def test_waits_double_up_to_a_quarter_of_an_hour() -> None:
    waits = [wait_after(failures, 5) // timedelta(seconds=1) for failures in range(16)]
    assert waits == [0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]
    assert wait_after(10**9, 5) == timedelta(minutes=15)


def test_a_hash_is_of_one_password_and_salted() -> None:
    hash, salts = hashed("green harbour", bytes), iter((b"\1" * 16, b"\2" * 16))
    assert hash.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert matches(hash, "green harbour") and not matches(hash, "green harbours")
    assert hashed("same", lambda size: next(salts)) != hashed("same", lambda size: next(salts))
    for nothing in ("", "x", "$argon2id$v=19$m=65536,t=3,p=4$AAAA"):
        assert not matches(nothing, "") and not matches(nothing, "green harbour")


def test_what_is_made_up_may_be_set_and_read_out() -> None:
    assert made_up(lambda size: bytes(range(size))) == "aaaq-eaye-auda-ocaj" and checked_password(
        made_up(lambda size: bytes(range(size)))
    )


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari on iPhone"),
        ("curl/8.5.0", "curl"),
        ("", "A browser"),
    ],
)  # fmt: skip
def test_browsers_are_told_in_words(agent: str, told: str) -> None:
    assert browser_of(agent) == told
