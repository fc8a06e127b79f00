"""Forms as a browser sends them without scripts, and pages read as text."""

from __future__ import annotations

import http.client
from collections.abc import Sequence
from contextlib import closing
from urllib.parse import urlencode, urlsplit

from lxml import html

from tests.integration.web_house import Answer

Pairs = Sequence[tuple[str, str]]


def send(url: str, path: str, pairs: Pairs, origin: str = "") -> Answer:
    """POST a form to a path of the application at `url`, as one of its own pages does, or one of `origin`."""
    where = urlsplit(url)
    headers = {"content-type": "application/x-www-form-urlencoded", "origin": origin or url}
    with closing(http.client.HTTPConnection(str(where.hostname), where.port, timeout=90)) as connection:
        connection.request("POST", path, urlencode(pairs), headers)
        answer = connection.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, told, answer.read())


def words(answer: Answer) -> str:
    """What a page says, with spaces squeezed."""
    return " ".join(html.fromstring(answer.body).xpath("//main")[0].text_content().split())


def fields(answer: Answer, action: str) -> list[tuple[str, str]]:
    """What the form for that address would send: hidden and text fields, what is checked, what is selected."""
    [form] = html.fromstring(answer.body).xpath(f"//form[@action='{action}']")
    return [(name, str(value)) for name, value in form.form_values()]
