"""Accounts, sessions, keys, tries to sign in, and the log of what was changed: on every back end."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.errors import BadInput
from pipeline.people import FREE_OF_ADDRESS, FREE_OF_NAME, ApiKey, Audited, Role, Session, User
from records.base import Records
from tests.contract.records_kit import MINUTE, NOW, unchanged_by

DAY = timedelta(days=1)


def add(records: Records, name: str, role: Role = Role.ADMIN, **more: str) -> User:
    made = records.add_user(User(name, role, subject=more.pop("subject", "")), NOW, **more)
    assert made is not None
    return made


def opened(records: Records, of: User, token: str = "t1", **changes: object) -> Session:
    values = {"id": f"id-{token}", "created": NOW, "seen": NOW, "expires": NOW + 30 * DAY, "origin": "a browser"}
    one = Session(user_id=of.id, **{**values, **changes})  # type: ignore[arg-type]
    records.open_session(token, one)
    return one


def test_the_first_account_is_an_admins_and_names_are_alike_in_any_case(records: Records) -> None:
    assert not records.has_users() and not records.has_admin()
    with pytest.raises(BadInput, match="first account is an admin's"):
        records.add_user(User("eve", Role.EDITOR), NOW)
    ada = add(records, "Ada", password="hash-1")
    assert records.has_users() and records.has_admin()
    assert records.user("aDA") == records.user(ada.id) == ada and ada.has_password
    assert records.password(ada.id) == "hash-1" and records.password("nobody") == ""
    with pytest.raises(BadInput, match="called 'ada' already"):
        records.add_user(User("ada", Role.READER), NOW + MINUTE)
    bob = add(records, "bob", Role.READER)
    assert [one.name for one in records.users()] == ["Ada", "bob"] and not bob.has_password
    unchanged_by(records, lambda: records.add_user(User("root", Role.ADMIN), NOW, only_first=True))


def test_of_many_that_make_the_first_account_one_does(records: Records) -> None:
    made: list[User | None] = []

    def make(number: int) -> None:
        made.append(records.add_user(User(f"root{number}", Role.ADMIN), NOW, only_first=True))

    threads = [threading.Thread(target=make, args=(number,)) for number in range(5)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(made) == 5 and [one for one in made if one] == records.users()


def test_the_last_admin_stays(records: Records) -> None:
    ada, bob = add(records, "ada"), add(records, "bob", Role.READER)
    attempts = (
        lambda: records.remove_user(ada.id),
        lambda: records.change_user(ada.id, NOW, role=Role.EDITOR),
        lambda: records.change_user(ada.id, NOW, disabled=True),
    )
    for attempt in attempts:
        with pytest.raises(BadInput, match="last admin"):
            attempt()
    assert records.change_user(bob.id, NOW, role=Role.ADMIN).role is Role.ADMIN
    assert records.change_user(bob.id, NOW, disabled=True).disabled == NOW
    with pytest.raises(BadInput, match="last admin"):  # a disabled one is no help
        records.remove_user(ada.id)
    assert records.change_user(bob.id, NOW, disabled=False).disabled is None
    records.remove_user(ada.id)
    assert [one.name for one in records.users()] == ["bob"]
    unchanged_by(records, lambda: records.remove_user(ada.id))
    with pytest.raises(BadInput, match="no account"):
        records.change_user(ada.id, NOW, role=Role.READER)


def test_a_subject_is_one_persons(records: Records) -> None:
    ada, bob = add(records, "ada"), add(records, "bob", Role.READER)
    assert records.user_of_subject("") is None
    records.set_subject(bob.id, "https://id.example 7")
    assert records.user_of_subject("https://id.example 7") == replace(bob, subject="https://id.example 7")
    with pytest.raises(BadInput, match="'bob' is that person already"):
        records.set_subject(ada.id, "https://id.example 7")


def test_a_session_lasts_until_it_expires_idles_or_is_ended(records: Records) -> None:
    ada = add(records, "ada")
    one = opened(records, ada)
    assert records.session("t1", NOW) == (one, ada)
    assert records.session("id-t1", NOW) is None
    assert records.session("t1", NOW + 7 * DAY) is None, "idle"
    for day in range(6, 30, 6):
        records.saw_session(one.id, NOW + day * DAY)
        assert records.session("t1", NOW + day * DAY) is not None
    assert records.session("t1", NOW + 30 * DAY - MINUTE) is not None
    assert records.session("t1", NOW + 30 * DAY) is None, "expired, though it was used"
    assert records.users()[0].last_seen == NOW + 24 * DAY
    opened(records, ada, "t2", created=NOW + 31 * DAY, seen=NOW + 31 * DAY, expires=NOW + 60 * DAY)
    assert records.end_sessions(ada.id) == 1, "the expired one was gone"


def test_sessions_end_with_a_new_password_a_shut_account_and_a_removed_one(records: Records) -> None:
    ada, bob = add(records, "ada"), add(records, "bob", Role.READER)
    for token in ("t1", "t2", "t3"):
        opened(records, ada, token)
    opened(records, bob, "b1")
    assert records.end_sessions(bob.id, only="id-t1") == 0, "nobody ends another's"
    assert records.end_sessions(ada.id, only="id-t3") == 1
    records.set_password(ada.id, "hash-2", keep_session="id-t2")
    assert [one.id for one in records.sessions(ada.id, NOW)] == ["id-t2"]
    records.set_password(ada.id, "hash-3")
    assert records.sessions(ada.id, NOW) == []
    records.change_user(bob.id, NOW, disabled=True)
    assert records.sessions(bob.id, NOW) == [] and records.session("b1", NOW) is None
    with pytest.raises(BadInput, match="disabled"):
        opened(records, bob, "b2")
    records.change_user(bob.id, NOW, disabled=False)
    opened(records, bob, "b3")
    records.remove_user(bob.id)
    assert records.session("b3", NOW) is None


def test_a_key_is_its_owners_until_it_is_revoked(records: Records) -> None:
    ada, bob = add(records, "ada"), add(records, "bob", Role.EDITOR)
    one = ApiKey("k1", bob.id, "desk", Role.READER, NOW)
    records.add_key("hash", one)
    with pytest.raises(BadInput, match="that one or a lower one"):
        records.add_key("other", replace(one, id="k2", role=Role.ADMIN))
    assert records.key("hash") == (one, bob) and records.key("k1") is None
    records.used_key("k1", NOW + MINUTE)
    assert records.keys(bob.id) == records.keys() == [replace(one, used=NOW + MINUTE)] and records.keys(ada.id) == []
    records.change_user(bob.id, NOW, disabled=True)
    assert records.key("hash") is None
    records.change_user(bob.id, NOW, disabled=False)
    assert records.revoke_key("k1", NOW).revoked == NOW
    assert records.key("hash") is None
    unchanged_by(records, lambda: records.revoke_key("k1", NOW + MINUTE))
    with pytest.raises(BadInput, match="no key"):
        records.revoke_key("k9", NOW)
    records.remove_user(bob.id)
    assert records.keys() == []


def test_tries_of_a_name_wait_longer_and_longer_wherever_they_come_from(records: Records) -> None:
    for number in range(FREE_OF_NAME):
        assert records.try_login("ada", f"10.0.0.{number}", NOW) == 0
    assert records.try_login("ada", "10.0.0.99", NOW) == 2
    assert records.try_login("bob", "10.0.0.99", NOW) == 0
    later, waits = NOW, []
    for _ in range(12):
        wait = records.try_login("ada", "10.1.0.1", later)
        later += timedelta(seconds=wait)
        waits.append(wait)
        assert records.try_login("ada", "10.1.0.1", later) == 0
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]
    records.login_succeeded("ada", "10.1.0.1")
    assert records.try_login("ada", "10.1.0.1", later) == 0


def test_tries_of_an_address_wait_whatever_the_name_and_are_forgotten_in_time(records: Records) -> None:
    for number in range(FREE_OF_ADDRESS - 1):
        assert records.try_login(f"name{number}", "10.0.0.1", NOW) == 0
        if number % 2:
            records.login_succeeded(f"name{number}", "10.0.0.1")
    for number in range(FREE_OF_ADDRESS // 2):
        assert records.try_login(f"other{number}", "10.0.0.1", NOW) == 0
    assert records.try_login("ada", "10.0.0.1", NOW) > 0, "an own account does not buy more tries"
    assert records.try_login("ada", "10.0.0.2", NOW) == 0
    assert records.try_login("ada", "10.0.0.1", NOW + timedelta(hours=12)) == 0
    assert records.try_login("ada", "10.0.0.1", NOW + timedelta(hours=12)) == 0


def test_tries_at_the_same_time_are_counted_each(records: Records) -> None:
    waits: list[float] = []
    threads = [
        threading.Thread(target=lambda: waits.append(records.try_login("ada", "10.0.0.1", NOW))) for _ in range(12)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(waits) == [0.0] * FREE_OF_NAME + [2.0] * (12 - FREE_OF_NAME)


def test_the_log_is_read_from_its_end(records: Records) -> None:
    for number in range(5):
        who = "ada" if number % 2 else "bob"
        records.note(
            Audited(NOW, who, "subscription changed" if number else "signed in", f"s{number}", {"ü": [number]})
        )
    first = records.audited(limit=2)
    assert [one.to for one in first] == ["s4", "s3"] and first[0].detail == {"ü": [4]} and first[0].at == NOW
    assert [one.to for one in records.audited(before=first[-1].seq)] == ["s2", "s1", "s0"]
    assert [one.to for one in records.audited(who="ada")] == ["s3", "s1"]
    assert [one.to for one in records.audited(what="signed")] == ["s0"]
    assert records.audited(what="s%d") == []
