"""People who use the served application: a browser that keeps cookies and sends forms, and accounts to sign in to."""

from __future__ import annotations

import http.client
import secrets
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

from pipeline.people import Role, User
from tests.integration.web_house import Answer, WebHouse
from web.passwords import hashed

PASSWORD = "green harbour lamp seven"
NO_FORM: Mapping[str, str] = {}


@cache
def password_hash() -> str:
    """Of PASSWORD, once: it costs what it should."""
    return hashed(PASSWORD, secrets.token_bytes)


def account(house: WebHouse, name: str, role: Role = Role.ADMIN) -> User:
    """An account whose password is PASSWORD."""
    one = house.records.add_user(User(name, role), house.clock(), password_hash())
    assert one is not None
    return one


@dataclass
class Browser:
    """Keeps cookies, sends forms, follows nothing by itself."""

    house: WebHouse
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)  # Set-Cookie of the last answer

    def ask(self, path: str, form: Mapping[str, str] | None = None, method: str = "", **headers: str) -> Answer:
        where = urlsplit(self.house.url)
        sent = {name.replace("_", "-"): value for name, value in (self.headers | headers).items()}
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = None
        if form is not None:
            body = urlencode(form)
            sent["content-type"] = "application/x-www-form-urlencoded"
        method = method or ("GET" if form is None else "POST")
        with closing(http.client.HTTPConnection(str(where.hostname), where.port or 80, timeout=30)) as connection:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            self.told = answer.headers.get_all("set-cookie") or []
            for line in self.told:
                for name, morsel in SimpleCookie(line).items():
                    if morsel["max-age"] == "0":
                        self.cookies.pop(name, None)
                    else:
                        self.cookies[name] = morsel.value
            headers_told = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, headers_told, answer.read())

    def sign_in(self, name: str, password: str = PASSWORD, next: str = "") -> Answer:
        return self.ask("/login", {"name": name, "password": password, "next": next})


def signed_in(house: WebHouse, name: str) -> Browser:
    """A browser of somebody who has an account."""
    browser = Browser(house)
    answer = browser.sign_in(name)
    assert answer.status == 303, answer.body
    return browser
