"""The newsroom's screen as the running stack serves it: over PostgreSQL, Elasticsearch and several processes."""

from __future__ import annotations

import re
from urllib.parse import urlencode, urlsplit

import feedparser
import httpx
from lxml import html

from tests.compose.checks import OUTLETS, QUERY
from tests.compose.shell import Failed, Report
from tests.compose.stack import Stack

MENU = ("/now", "/subscriptions", "/sources", "/operations", "/account", "/people", "/audit", "/labels", "/help")


def read(stack: Stack, report: Report) -> None:
    """The admin of `deploy/make-env` signs in, reads every page, and takes a search as a feed to a reader."""
    address = f"http://127.0.0.1:{stack.ports['WIREWATCH_PORT']}"
    with httpx.Client(base_url=address, headers={"origin": address}, timeout=30) as browser:
        _shut(browser)
        _sign_in(browser, stack.password("WIREWATCH_ADMIN_PASSWORD"))
        for path in MENU:
            _page(browser, path)
        found = _page(browser, "/?" + urlencode({"q": QUERY}))
        [story, *_] = found.xpath("//article[@data-story]//h2/a/@href")
        facets, bars = found.xpath("//aside[@id='narrow']//section"), found.xpath("//figure//rect[@class='bar']")
        if not facets or not bars:
            raise Failed(f"the search page has {len(facets)} facets and {len(bars)} bars")
        told = _page(browser, story).text_content()
        copies = re.search(r"(\d+) copies at (\d+) outlets", told)
        if not copies or int(copies[2]) < OUTLETS:
            raise Failed(f"the page of the reference story tells of {copies and copies[0]}")
        feed = _subscribed(browser)
    items = feedparser.parse(httpx.get(address + urlsplit(feed).path, timeout=30).raise_for_status().content)
    if items.bozo or QUERY not in items.feed.get("description", items.feed.get("subtitle", "")):
        raise Failed(f"the feed of a search cannot be read: {items}")
    report.fact(
        f"pages: shut until the admin of `make-env` signs in; then {len(MENU)} of them, a search with {len(facets)} "
        f"facets and {len(bars)} bars, the reference story ({copies[0]}), and the feed of a search answer"
    )


def _shut(browser: httpx.Client) -> None:
    page, api = browser.get("/"), browser.get("/api/v1/search")
    if page.status_code != 303 or not page.headers["location"].startswith("/login") or api.status_code != 401:
        raise Failed(f"open to anybody: / {page.status_code}, /api/v1/search {api.status_code}")


def _sign_in(browser: httpx.Client, password: str) -> None:
    wrong = browser.post("/login", data={"name": "admin", "password": password[::-1]})
    right = browser.post("/login", data={"name": "admin", "password": password})
    if wrong.status_code < 400 or right.status_code != 303:
        raise Failed(f"signing in: {wrong.status_code} with a wrong password, {right.status_code} with the right one")


def _page(browser: httpx.Client, path: str) -> html.HtmlElement:
    answer = browser.get(path)
    if answer.status_code != 200 or "default-src 'none'" not in answer.headers.get("content-security-policy", ""):
        raise Failed(f"{path}: {answer.status_code} {answer.text[:300]}")
    return html.fromstring(answer.text)


def _subscribed(browser: httpx.Client) -> str:
    """Subscribe to the reference story's search as the form proposes it; gives the address of its feed."""
    tried = _page(browser, "/subscriptions/new?" + urlencode({"q": QUERY}))
    form = next(one for one in tried.forms if one.method == "POST" and one.action.startswith("/subscriptions/new"))
    values = {name: str(value).removeprefix("\n") for name, value in form.form_values()}
    saved = browser.post("/subscriptions/new", data=values | {"do": "save"})
    if saved.status_code != 303:
        raise Failed(f"a subscription was not saved: {saved.status_code} {saved.text[:300]}")
    page = _page(browser, saved.headers["location"])
    [feed, *_] = [one for one in page.xpath("//input/@value") if re.search(r"/s/[^/]+\.(?:atom|rss)$", one)]
    return str(feed)
