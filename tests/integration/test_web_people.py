"""Who may do what, over HTTP: roles on every route, sessions, keys, throttling, and how one gets in and out."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from pipeline.people import FREE_OF_NAME, SESSION_IDLE, Role
from tests.integration.people_kit import PASSWORD, Browser, account, signed_in
from tests.integration.web_house import WebHouse, web_house
from web.app import make_app
from web.pages.login import path_of_ours
from web.parts import Parts

OPEN = ("/s/", "/static/", "/login", "/logout", "/api/v1/openapi.json")  # to everybody
READERS = {  # change nothing but what is one's own
    "/account/password",
    "/account/sessions/end",
    "/account/sessions/{id}/end",
    "/account/keys",
    "/account/keys/{id}/revoke",
    "/api/v1/keys",
    "/api/v1/keys/{key_id}",
    "/api/v1/query",
    "/api/v1/backtest",
    "/api/v1/tag",
    "/api/v1/fold",
    "/api/v1/read",
    "/api/v1/watchfile/check",
}
ADMINS = ("/people", "/audit", "/api/v1/people", "/api/v1/audit")


def routes(house: WebHouse) -> Iterator[tuple[str, str]]:
    """Method and path of every route of the application."""
    app = make_app(Parts(house.records, house.index, house.clock, secrets.token_bytes, house.url))
    for one in app.routes:
        router = getattr(one, "original_router", None)
        prefix = one.include_context.prefix if router else ""  # type: ignore[attr-defined]
        for route in router.routes if router else [one]:
            if isinstance(route, APIRoute):
                yield from ((method, prefix + route.path) for method in sorted(route.methods or ()))


def some(path: str) -> str:
    """The path with something in the place of its names."""
    return re.sub(r"\{(\w+)(:path)?\}", lambda found: "1" if found[1] == "number" else "x", path)


def test_every_route_asks_who_and_those_that_change_something_ask_for_a_role(web: WebHouse) -> None:
    for name, role in (("ada", Role.ADMIN), ("rea", Role.READER), ("edi", Role.EDITOR)):
        account(web, name, role)
    nobody, reader, editor = Browser(web), signed_in(web, "rea"), signed_in(web, "edi")
    looked = 0
    for method, path in routes(web):
        if path.startswith(OPEN):
            continue
        asked = some(path)
        answer = nobody.ask(asked, method=method)
        if path.startswith("/api/"):
            assert answer.status == 401, (method, path, answer.status)
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert method == "HEAD" or answer.headers["content-type"] == "application/problem+json"
        else:
            assert answer.status == 303 and answer.headers["location"].startswith("/login"), (method, path)
        if path.startswith(ADMINS):
            assert reader.ask(asked, method=method).status == 403, (method, path)
            assert editor.ask(asked, method=method).status == 403, (method, path)
        elif method not in ("GET", "HEAD") and path not in READERS:
            assert reader.ask(asked, method=method).status == 403, (method, path)
        looked += 1
    assert looked > 60
    assert [one.what for one in web.records.audited()] == ["signed in", "signed in"], "nothing was changed"


def test_without_an_account_this_machine_may_do_everything_and_with_one_it_signs_in(web: WebHouse) -> None:
    browser = Browser(web)
    assert browser.ask("/api/v1/me").json() == {"name": "you", "role": "admin", "id": "", "key": ""}
    assert b"Make the first account" in browser.ask("/people").body
    assert browser.ask("/people", host="rebound.example").status == 403
    assert browser.ask("/people", origin="https://evil.example").status == 403
    form = {"name": "ada", "role": "reader", "password": PASSWORD}
    answer = browser.ask("/people", form)
    assert answer.status == 400 and b"first account is an admin&#39;s" in answer.body
    answer = browser.ask("/people", form | {"role": "admin"})
    assert answer.status == 200 and PASSWORD.encode() not in answer.body
    assert browser.ask("/api/v1/me").json()["name"] == "ada", "who made it is signed in"
    other = Browser(web)
    assert other.ask("/api/v1/me").status == 401
    assert other.ask("/?q=drones").headers["location"] == "/login?next=%2F%3Fq%3Ddrones"
    assert b'value="/?q=drones"' in other.ask("/login?next=%2F%3Fq%3Ddrones").body
    assert other.sign_in("ADA", next="/?q=drones").headers["location"] == "/?q=drones"
    assert other.ask("/?q=drones").status == 200
    [first, *_, last] = web.records.audited()
    assert (first.what, last.who, last.what, last.to) == ("signed in", "you", "account made", "ada")


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n/evil.example",
        "evil.example",
        "",
        "/login?next=/",
        "/logout",
        "http:/evil.example",
        "/ü",
    ],
)
def test_the_sign_in_leads_to_our_own_pages_only(address: str) -> None:
    assert path_of_ours(address) == "/"


def test_a_session_is_a_new_one_at_each_sign_in(web: WebHouse) -> None:
    account(web, "ada")
    browser = Browser(web, cookies={"wirewatch": "planted"})
    browser.sign_in("ada")
    first = browser.cookies["wirewatch"]
    assert first != "planted" and len(first) >= 43
    [line] = browser.told
    assert re.fullmatch(r"wirewatch=\S+; HttpOnly; Max-Age=2592000; Path=/; SameSite=lax", line)
    browser.sign_in("ada")
    assert browser.cookies["wirewatch"] != first
    assert Browser(web, cookies={"wirewatch": first}).ask("/api/v1/me").status == 401, "the one before is ended"
    assert first.encode() not in (web_file := (web.records._database.name)).encode()  # type: ignore[attr-defined]
    assert first.encode() not in Path(web_file).read_bytes() + Path(f"{web_file}-wal").read_bytes()


def test_over_https_the_cookie_is_for_this_host_and_https_only(tmp_path: Path) -> None:
    with web_house(tmp_path, parts={"public_url": "https://wire.example"}) as house:
        account(house, "ada")
        browser = signed_in(house, "ada")
        [line] = browser.told
        assert line.startswith("__Host-wirewatch=") and "Secure" in line and "HttpOnly" in line
        assert "Domain" not in line and "Path=/;" in line
        assert browser.ask("/api/v1/me").json()["name"] == "ada"


def test_sessions_end_by_idleness_by_signing_out_and_from_elsewhere(web: WebHouse) -> None:
    account(web, "ada")
    one, two, three = (signed_in(web, "ada") for _ in range(3))
    token = one.cookies["wirewatch"]
    assert one.ask("/logout", {}).headers["location"].startswith("/login")
    assert not one.cookies and Browser(web, cookies={"wirewatch": token}).ask("/api/v1/me").status == 401
    assert two.ask("/account").body.count(b"Sign out there") == 2, "a button and its label, for the third"
    two.ask("/account/sessions/end", {})
    assert three.ask("/api/v1/me").status == 401 and two.ask("/api/v1/me").status == 200
    web.clock.now += SESSION_IDLE
    assert two.ask("/api/v1/me").status == 401


def test_who_guesses_waits_and_is_told_how_long(web: WebHouse) -> None:
    account(web, "ada")
    browser, words = Browser(web), set()
    for name in ("ada", "nobody"):
        for _ in range(FREE_OF_NAME):
            answer = browser.sign_in(name, "wrong")
            assert answer.status == 403 and "set-cookie" not in answer.headers
            words.add(re.sub(rb'value="(ada|nobody)"', b"", answer.body))
        answer = browser.sign_in(name)
        assert answer.status == 429 and answer.headers["retry-after"] == "2", "the right password is not looked at"
        assert b"Try again in 2 seconds, after 08:00:02 UTC." in answer.body
    assert len(words) == 1, "a name that nobody has is answered alike"
    web.clock.pass_(seconds=2)
    assert browser.sign_in("ada").status == 303
    told = [(one.who, one.what) for one in web.records.audited()]
    assert [one for one in told if one[0] != "nobody"] == [
        ("ada", "signed in"),
        *[("ada", "sign-in failed")] * FREE_OF_NAME,
    ], "what nobody is called is not kept"


@pytest.mark.parametrize(("proxies", "told"), [(("127.0.0.0/8",), "203.0.113.7"), ((), "127.0.0.1")])
def test_who_asks_through_a_proxy_is_known_where_it_is_trusted(
    tmp_path: Path, proxies: tuple[str, ...], told: str
) -> None:  # fmt: skip
    with web_house(tmp_path, parts={"proxies": proxies}) as house:
        account(house, "ada")
        browser = Browser(house, headers={"x-forwarded-for": "203.0.113.7"})
        browser.sign_in("ada")
        assert house.records.audited(limit=1)[0].detail["address"] == told


def test_another_websites_page_changes_nothing_in_a_session(web: WebHouse) -> None:
    account(web, "ada")
    browser = signed_in(web, "ada")
    form = {"name": "eve", "role": "admin", "password": PASSWORD}
    for header in ({"origin": "https://evil.example"}, {"sec_fetch_site": "cross-site"}, {"origin": "null"}):
        assert browser.ask("/people", form, **header).status == 403
        assert browser.ask("/logout", {}, **header).status == 403
        assert Browser(web).ask("/login", {"name": "ada", "password": PASSWORD}, **header).status == 403
    assert [one.name for one in web.records.users()] == ["ada"]
    assert browser.ask("/people", form, origin=web.url, sec_fetch_site="same-origin").status == 200


def test_a_key_is_told_once_may_what_its_role_may_and_ends_when_it_is_revoked(web: WebHouse) -> None:
    ada = account(web, "ada")
    browser = signed_in(web, "ada")
    page = browser.ask("/account/keys", {"name": "desk", "role": "reader"}).body.decode()
    [key] = re.findall(r'id="new-key"[^>]*>(wwk_[\w-]{43})<', page)
    assert key not in browser.ask("/account").body.decode()
    with_key = Browser(web, headers={"authorization": f"Bearer {key}"})
    assert with_key.ask("/api/v1/me").json() == {"name": "ada", "role": "reader", "id": ada.id, "key": "desk"}
    assert with_key.ask("/api/v1/people").status == 403, "an admin's, but a reader's key"
    assert with_key.ask("/account").status == 403 and with_key.ask("/api/v1/keys", method="POST").status == 422
    bearer = {"authorization": f"Bearer {key}"}
    assert web.ask("/api/v1/keys", "POST", bearer, {"name": "more"}).status == 403
    [told] = browser.ask("/api/v1/keys").json()["keys"]
    assert told["used"] and "key" not in {name for name, value in told.items() if value == key}
    assert browser.ask(f"/account/keys/{told['id']}/revoke", {}).status == 303
    assert with_key.ask("/api/v1/me").status == 401
    assert {one.what for one in web.records.audited()} == {"signed in", "key made", "key revoked"}
    assert key not in str(web.records.audited())


def test_a_key_loses_what_its_owner_loses(web: WebHouse) -> None:
    account(web, "ada")
    account(web, "edi", Role.EDITOR)
    admin = signed_in(web, "ada")
    token = signed_in(web, "edi").cookies["wirewatch"]
    session = {"cookie": f"wirewatch={token}"}
    made = web.ask("/api/v1/keys", "POST", session, {"name": "bot", "role": "admin"})
    assert made.status == 400 and "may have that one or a lower one" in made.json()["detail"]
    key = web.ask("/api/v1/keys", "POST", session, {"name": "bot", "role": "editor"}).json()["key"]
    bearer = {"authorization": f"Bearer {key}"}
    assert web.ask("/api/v1/subscriptions", "POST", bearer, {"name": "a", "query": "x"}).status == 201
    assert web.records.audited(limit=1)[0].detail["key"] == "bot"
    admin_session = {"cookie": f"wirewatch={admin.cookies['wirewatch']}"}
    assert web.ask("/api/v1/people/edi", "PATCH", admin_session, {"role": "reader"}).status == 200
    assert web.ask("/api/v1/me", headers=bearer).json()["role"] == "reader"
    assert web.ask("/api/v1/subscriptions/a", "DELETE", bearer).status == 403
    assert web.ask("/api/v1/people/edi", "PATCH", admin_session, {"disabled": True}).json()["disabled"]
    assert web.ask("/api/v1/me", headers=bearer).status == 401
    assert web.ask("/api/v1/me", headers=session).status == 401
    answer = Browser(web).sign_in("edi")
    assert answer.status == 403 and b"disabled" in answer.body
    assert b"disabled" not in Browser(web).sign_in("edi", "wrong password").body, "only who knows it is told"


def test_the_last_admin_stays(web: WebHouse) -> None:
    ada = account(web, "ada")
    browser = signed_in(web, "ada")
    for path, form in (("remove", {}), ("disable", {}), ("role", {"role": "reader"})):
        answer = browser.ask(f"/people/{ada.id}/{path}", form)
        assert answer.status == 400 and b"last admin" in answer.body
    session = {"cookie": f"wirewatch={browser.cookies['wirewatch']}"}
    assert web.ask("/api/v1/people/ada", "DELETE", session).status == 400
    assert web.ask("/api/v1/people", "POST", session, {"name": "bob", "role": "admin"}).status == 201
    assert web.ask("/api/v1/people/ada", "DELETE", session).status == 204
    assert web.ask("/api/v1/me", headers=session).status == 401


def test_an_admin_makes_changes_and_removes_accounts(web: WebHouse) -> None:
    account(web, "ada")
    admin = signed_in(web, "ada")
    page = admin.ask("/people", {"name": "Bo.b", "role": "editor"}).body.decode()
    [password] = re.findall(r'id="invented"[^>]*>([a-z2-7-]{19})<', page)
    bob, other = Browser(web), Browser(web)
    assert bob.sign_in("bo.b", password).status == other.sign_in("Bo.B", password).status == 303
    answer = bob.ask("/account/password", {"old": "wrong", "new": PASSWORD, "again": PASSWORD})
    assert answer.status == 400 and b"not your password" in answer.body
    for new, again, words in (("short", "short", b"12 to 500"), (PASSWORD, "else", b"not alike")):
        answer = bob.ask("/account/password", {"old": password, "new": new, "again": again})
        assert answer.status == 400 and words in answer.body
    assert bob.ask("/account/password", {"old": password, "new": PASSWORD, "again": PASSWORD}).status == 303
    assert bob.ask("/api/v1/me").status == 200 and other.ask("/api/v1/me").status == 401, "signed out elsewhere"
    assert Browser(web).sign_in("Bo.b", password).status == 403
    id = bob.ask("/api/v1/me").json()["id"]
    page = admin.ask(f"/people/{id}/password", {}).body.decode()
    [password] = re.findall(r'id="invented"[^>]*>([a-z2-7-]{19})<', page)
    assert bob.ask("/api/v1/me").status == 401 and bob.sign_in("Bo.b", password).status == 303
    assert admin.ask(f"/people/{id}/remove", {}).headers["location"] == "/people?done=removed&name=Bo.b"
    assert bob.ask("/api/v1/me").status == 401
    log = admin.ask("/audit").body.decode()
    assert "account removed" in log and password not in log and PASSWORD not in log
    assert "account removed" not in admin.ask("/audit?who=Bo.b").body.decode()
    assert "account removed" in admin.ask("/audit?what=account&who=ada").body.decode()


def test_the_log_is_paged(web: WebHouse) -> None:
    account(web, "ada")
    admin = signed_in(web, "ada")
    for number in range(150):
        web.ask("/api/v1/subscriptions", "POST", {"cookie": f"wirewatch={admin.cookies['wirewatch']}"},
                {"name": f"s{number}", "query": "x"})  # fmt: skip
    page = admin.ask("/audit?who=ada&what=subscription").body.decode()
    assert page.count("<tr>") == 101 and ">s149<" in page and ">s49<" not in page
    [older] = re.findall(r'rel="next" href="([^"]+)"', page)
    rest = admin.ask(older.replace("&amp;", "&")).body.decode()
    assert rest.count("<tr>") == 51 and ">s49<" in rest and ">s0<" in rest and 'rel="next"' not in rest
    first = admin.ask("/api/v1/audit?limit=100").json()
    rest = admin.ask(f"/api/v1/audit?after={first['next']}").json()
    assert [len(one["lines"]) for one in (first, rest)] == [100, 51] and rest["next"] == ""
    seqs = [line["seq"] for line in first["lines"] + rest["lines"]]
    assert seqs == sorted(set(seqs), reverse=True)


def test_names_and_texts_of_strangers_are_told_as_text(web: WebHouse) -> None:
    account(web, "ada")
    admin = signed_in(web, "ada")
    evil = '"><img src=x onerror=alert(1)>'
    session = {"cookie": f"wirewatch={admin.cookies['wirewatch']}"}
    assert web.ask("/api/v1/subscriptions", "POST", session, {"name": evil, "query": "x"}).status == 201
    admin.headers["user-agent"] = evil
    admin.sign_in("ada")
    for path in (
        "/audit",
        "/account",
        f"/people?done=removed&name={evil.replace(' ', '+')}",
        f"/login?next=/{evil[:2]}",
    ):
        assert b"<img" not in admin.ask(path.replace('"', "%22").replace(">", "%3E").replace("<", "%3C")).body
    assert admin.ask("/people", {"name": evil, "role": "reader"}).body.count(b"<img") == 0
