"""Signing in at a real OpenID provider (oidc-provider from npm), and what a false one tries."""

from __future__ import annotations

import http.client
import json
import re
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import pytest

from pipeline.errors import Away
from pipeline.people import Role, User
from tests.integration.people_kit import Browser, account
from tests.integration.web_house import Answer, WebHouse, web_house
from tests.services.node import OPENID, node, packages
from web.openid import Begun, NotSignedIn, OpenId

CLIENT = "wirewatch for tests"  # with a character that has to be encoded


@dataclass
class Visitor:
    """A browser that goes wherever it is sent, with the cookies of each place."""

    jars: dict[str, dict[str, str]] = field(default_factory=dict)

    def go(self, url: str, form: dict[str, str] | None = None) -> tuple[str, Answer]:
        """Follow redirects; where that ends, and what is there."""
        for _ in range(12):
            where = urlsplit(url)
            jar = self.jars.setdefault(where.netloc, {})
            headers = {"cookie": "; ".join(f"{name}={value}" for name, value in jar.items())} if jar else {}
            body = urlencode(form) if form is not None else None
            if body is not None:
                headers["content-type"] = "application/x-www-form-urlencoded"
            with closing(http.client.HTTPConnection(str(where.hostname), where.port, timeout=30)) as connection:
                target = where.path + (f"?{where.query}" if where.query else "")
                connection.request("POST" if body is not None else "GET", target, body, headers)
                answer = connection.getresponse()
                for line in answer.headers.get_all("set-cookie") or []:
                    jar |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
                told = Answer(answer.status, dict(answer.getheaders()), answer.read())
            to = answer.getheader("location")
            if to is None:
                return url, told
            url, form = urljoin(url, to), None
        raise AssertionError("it goes round and round")

    def sign_in(self, house: WebHouse, name: str, next: str = "/") -> tuple[str, Answer]:
        """As `name` at the provider: its form to sign in, and the one to agree."""
        url, page = self.go(f"{house.url}/login/openid?{urlencode({'next': next})}")
        while "/interaction/" in url:
            action = re.search(rb'action="([^"]+)"', page.body)
            prompt = re.search(rb'name="prompt" value="(\w+)"', page.body)
            assert action and prompt, page.body
            form = {"prompt": prompt[1].decode(), "login": name, "password": "any"}
            url, page = self.go(urljoin(url, action[1].decode()), form)
        return url, page


@contextmanager
def provided(folder: Path, method: str = "client_secret_basic", **settings: object) -> Iterator[WebHouse]:
    """The application with a provider beside it."""
    secret = secrets.token_urlsafe(16) + "/+ %"
    packages(OPENID)
    program = [node(), OPENID / "provider.mjs"]
    process = subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )  # fmt: skip
    assert process.stdin and process.stdout
    try:
        issuer = f"http://127.0.0.1:{json.loads(process.stdout.readline())['port']}"
        openid = OpenId(issuer, CLIENT, secret, lambda: datetime.now(UTC), secrets.token_bytes, **settings)  # type: ignore[arg-type]
        with web_house(folder, parts={"openid": openid}) as house:
            client = {"redirect": f"{house.url}/login/openid/back", "id": CLIENT, "secret": secret}
            process.stdin.write(json.dumps(client | {"method": method}) + "\n")
            process.stdin.flush()
            assert process.stdout.readline() == "ready\n"
            yield house
    finally:
        process.kill()
        process.wait(20)
        process.stdin.close()
        process.stdout.close()


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_who_is_known_there_is_let_in_as_often_as_they_like(tmp_path: Path, method: str) -> None:
    with provided(tmp_path, method, role=Role.READER) as house:
        account(house, "ada")
        assert f"Sign in with {urlsplit(house.url).hostname}".encode() in Browser(house).ask("/login").body
        visitor = Visitor()
        url, page = visitor.sign_in(house, "rea", next="/?q=drones")
        assert url == f"{house.url}/?q=drones" and page.status == 200
        one = house.records.user("rea")
        assert one is not None and one.role is Role.READER and not one.has_password
        assert one.subject.endswith(" subject-of-rea") and one.subject.startswith("http://127.0.0.1:")
        browser = Browser(house, cookies={"wirewatch": visitor.jars[urlsplit(house.url).netloc]["wirewatch"]})
        assert browser.ask("/api/v1/me").json()["name"] == "rea"
        assert Visitor().sign_in(house, "rea")[1].status == 200
        assert [user.name for user in house.records.users()] == ["ada", "rea"]
        assert Browser(house).sign_in("rea", "").status == 403, "no password is no empty password"
        house.records.change_user(one.id, house.clock(), disabled=True)
        _, page = Visitor().sign_in(house, "rea")
        assert page.status == 403 and b"disabled" in page.body
        assert [line.what for line in house.records.audited(who="rea")][-2:] == ["signed in", "account made"]


def test_an_account_is_not_given_to_who_has_its_name_there(tmp_path: Path) -> None:
    with provided(tmp_path, role=Role.READER) as house:
        account(house, "ada")
        _, page = Visitor().sign_in(house, "ada")
        assert page.status == 403 and b"belongs to another account here" in page.body
        prepared = house.records.add_user(User("edi", Role.EDITOR), house.clock())
        assert prepared is not None and Visitor().sign_in(house, "edi")[1].status == 200
        found = house.records.user("edi")
        assert found is not None and found.id == prepared.id and found.subject.endswith(" subject-of-edi")


def test_without_a_role_for_new_people_an_admin_makes_accounts(tmp_path: Path) -> None:
    with provided(tmp_path) as house:
        account(house, "ada")
        _, page = Visitor().sign_in(house, "rea")
        assert page.status == 403 and b"ask an admin to let rea in" in page.body
        assert [user.name for user in house.records.users()] == ["ada"]


def test_a_claim_sets_the_role_at_each_sign_in(tmp_path: Path) -> None:
    with provided(tmp_path, claim="groups") as house:
        account(house, "ada")
        visitor = Visitor()
        _, page = visitor.sign_in(house, "editor-bo")
        one = house.records.user("editor-bo")
        assert page.status == 200 and one is not None and one.role is Role.EDITOR
        house.records.change_user(one.id, house.clock(), role=Role.READER)
        visitor.sign_in(house, "editor-bo")
        again = house.records.user("editor-bo")
        assert again is not None and again.role is Role.EDITOR
        house.records.add_user(User("guest-bo", Role.READER), house.clock())
        assert Visitor().sign_in(house, "guest-bo")[1].status == 403, "whose groups give no role is not let in"
        last = house.records.user("ada")
        assert last is not None
        subject = f"{one.subject.partition(' ')[0]} subject-of-reader-ada"
        house.records.set_subject(last.id, subject)
        assert Visitor().sign_in(house, "reader-ada")[1].status == 200
        assert house.records.user_of_subject(subject) == replace(last, subject=subject), "the last admin stays one"


def test_an_answer_that_was_not_asked_for_here_opens_nothing(tmp_path: Path) -> None:
    with provided(tmp_path, role=Role.ADMIN) as house:
        account(house, "ada")
        browser, other = Browser(house), Browser(house)
        sent = parse_qs(urlsplit(browser.ask("/login/openid").headers["location"]).query)
        assert sent["code_challenge_method"] == ["S256"] and sent["response_type"] == ["code"] and sent["nonce"]
        back = f"/login/openid/back?{urlencode({'code': 'made-up', 'state': sent['state'][0]})}"
        answer = other.ask(back)
        assert answer.status == 403 and b"not begun in this browser" in answer.body
        assert b"another sign-in" in browser.ask("/login/openid/back?code=made-up&state=x").body
        browser.ask("/login/openid")
        assert b"did not let you in" in browser.ask(_with_state(browser, "error=access_denied")).body
        browser.ask("/login/openid")
        assert b"another provider" in browser.ask(_with_state(browser, "code=x&iss=https://evil.example")).body
        browser.ask("/login/openid")
        assert b"does not take the code" in browser.ask(_with_state(browser, "code=made-up")).body
        assert "wirewatch" not in browser.cookies and [one.name for one in house.records.users()] == ["ada"]


def _with_state(browser: Browser, query: str) -> str:
    begun = Begun.from_cookie(browser.cookies["wirewatch-openid"])
    return f"/login/openid/back?{query}&state={begun.state}"


def test_what_a_provider_says_has_to_hold(tmp_path: Path) -> None:
    """The same answer for another client, with another nonce, too late, or by keys of others."""
    with provided(tmp_path, role=Role.READER) as house:
        openid = house_openid(house)
        begun = Begun("state", "nonce", "verifier", "/")
        from joserfc import jwt
        from joserfc.jwk import ECKey, KeySet

        key = ECKey.generate_key("P-256", parameters={"kid": "k"})
        keys = KeySet([key]).as_dict()
        now = int(datetime.now(UTC).timestamp())
        good = {"iss": openid.issuer, "sub": "1", "aud": CLIENT, "exp": now + 60, "iat": now, "nonce": "nonce"}

        def token(signing: ECKey = key, **changes: object) -> dict[str, str]:
            return {"id_token": jwt.encode({"alg": "ES256", "kid": "k"}, good | changes, signing)}

        assert openid._checked(token(), keys, begun.nonce)["sub"] == "1"
        for changes in (
            {"aud": "other"},
            {"nonce": "other"},
            {"exp": now - 120},
            {"iss": "https://evil.example"},
            {"iat": now + 500},
        ):
            with pytest.raises(NotSignedIn, match="does not hold"):
                openid._checked(token(**changes), keys, begun.nonce)
        with pytest.raises(NotSignedIn, match="does not hold"):
            openid._checked(token(ECKey.generate_key("P-256", parameters={"kid": "k"})), keys, begun.nonce)
        head, body, _ = token()["id_token"].split(".")
        none = "eyJhbGciOiJub25lIn0"  # {"alg":"none"}
        for forged in ("", "x.y.z", f"{none}.{body}.", f"{head}.{body}."):
            with pytest.raises(NotSignedIn, match="does not hold"):
                openid._checked({"id_token": forged}, keys, begun.nonce)


def house_openid(house: WebHouse) -> OpenId:
    """A provider that nobody asks."""
    return OpenId("https://id.example", CLIENT, "", lambda: datetime.now(UTC) + timedelta(0), secrets.token_bytes)


def test_a_provider_that_is_away_leaves_the_password(web: WebHouse) -> None:
    openid = OpenId("http://127.0.0.1:9", CLIENT, "", web.clock, secrets.token_bytes)
    with pytest.raises(Away, match="sign in by password"):
        openid.begin("http://127.0.0.1/login/openid/back", "/")
