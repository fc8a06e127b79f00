"""Texts made to run scripts, in a real browser: no dialog opens, nothing of theirs runs, is loaded, or becomes part of
a page, and the policy has nothing to stop."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlencode, urlsplit

import pytest
from playwright.sync_api import Dialog, Page

from records.telling import tell
from tests.browser.looks import chromium
from tests.hostile_pages import IN_BROWSER, READ_IN_BROWSER, kind_of, pages, reachable
from tests.hostile_texts import MARK, TEXTS
from tests.integration.hostile_house import Served, hostile_house
from tests.integration.web_house import ask
from workers.alerts.digests import message

pytestmark = pytest.mark.slow
OPENED, EACH = 1, 5  # pages of each kind: opened, and read
WATCH = """
window.refused = [];
document.addEventListener("securitypolicyviolation", (one) =>
  window.refused.push(`${one.violatedDirective}: ${one.blockedURI}`));
"""
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 0))))"


@dataclass
class Watched:
    """A page, and what no page should do: open dialogs, ask elsewhere, say errors."""

    page: Page
    served: Served
    did: list[str] = field(default_factory=list)

    def look(self, path: str) -> list[str]:
        """What is wrong with it."""
        self.did.clear()
        answer = self.page.goto(self.served.url + path, wait_until="load")
        return self.after(path, () if answer is None or answer.ok else ("Failed to load resource",))

    def read(self, paths: list[str]) -> list[str]:
        """What is wrong with these, read without being opened."""
        self.page.goto(self.served.url)
        wrong: list[str] = self.page.evaluate(READ_IN_BROWSER, paths)
        return wrong

    def after(self, what: str, expected: tuple[str, ...] = ()) -> list[str]:
        """What is wrong with what is shown now."""
        self.page.evaluate(SETTLED)
        told = [one for one in self.did if not one.startswith(expected or ("\0",))]
        return [f"{what}: {one}" for one in (*told, *self.page.evaluate(IN_BROWSER))]


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    with hostile_house() as served, chromium() as browser:
        context = browser.new_context(base_url=served.url)
        context.add_init_script(WATCH)
        here = urlsplit(served.url).netloc
        context.route(lambda address: urlsplit(address).netloc not in (here, ""), lambda route: route.abort())
        watched = Watched(context.new_page(), served)

        def dismiss(dialog: Dialog) -> None:
            watched.did.append(f"a dialog: {dialog.message}")
            dialog.dismiss()

        watched.page.on("dialog", dismiss)
        watched.page.on("pageerror", lambda error: watched.did.append(str(error)))
        watched.page.on("console", lambda said: watched.did.append(said.text) if said.type == "error" else None)
        watched.page.on(
            "request",
            lambda one: watched.did.append(f"asked {one.url}") if urlsplit(one.url).netloc not in (here, "") else None,
        )
        yield watched
        context.close()


def test_the_watch_sees_what_it_is_to_see(watched: Watched) -> None:
    """A page without our care, and one with the policy alone: else nothing below could fail."""
    harm = "".join(TEXTS[:20])
    watched.did.clear()
    watched.page.goto("about:blank")
    watched.page.set_content(f"<!DOCTYPE html><title>bare</title>{harm}")
    told = watched.after("bare")
    assert any(f"{MARK} is set" in one for one in told) and any("a dialog" in one for one in told)
    assert any("onerror" in one for one in told) and any("evil.example" in one for one in told)
    headers = {"content-security-policy": "default-src 'none'; script-src 'self'"}
    page = f"<!DOCTYPE html><title>policy</title>{harm}"
    watched.page.route("**/policy", lambda route: route.fulfill(body=page, headers=headers, content_type="text/html"))
    told = watched.look("/policy")
    assert not any(f"{MARK} is set" in one for one in told) and any("script-src" in one for one in told)


def test_every_page_shows_them_as_text(watched: Watched) -> None:
    """Some of each kind are read as a browser reads them (all of them: tests/integration/test_hostile_texts.py, as lxml
    reads them), and of those some are opened, so that our scripts run on them."""
    found = reachable(watched.served.url, *watched.served.unlinked(), most=EACH)
    paths, routes = [path for path, body in found if body], pages()
    assert len(paths) > 50
    by_kind: dict[str, list[str]] = {}
    for path in paths:
        by_kind.setdefault(kind_of(path, routes), []).append(path)
    opened = [path for kind in by_kind.values() for path in kind[:OPENED]]
    assert [wrong for path in opened for wrong in watched.look(path)] == []
    assert watched.read(paths) == []


def test_what_is_asked_for_is_shown_as_text(watched: Watched) -> None:
    asked = [f"/?{urlencode({'q': text})}" for text in TEXTS]
    asked += [f"/nowhere/{quote(text.replace(chr(0), ''), safe='')}" for text in TEXTS]
    assert [wrong for path in asked[::10] for wrong in watched.look(path)] == []
    assert watched.read(asked) == []


def test_what_feeds_and_digests_hold_runs_nowhere(watched: Watched) -> None:
    """Shown as a careless reader would: put into a page that forbids nothing."""
    served = watched.served
    items = json.loads(ask(served.url, f"{served.link}.json?content=full&n=500").body)["items"]
    (of,) = served.records.subscriptions()
    output = next(one for one in served.records.outputs(of.id) if one.target)
    tellings = [replace(one, text="") for one in tell(served.records, served.records.alerts(of.id, limit=1000))]
    for html in ("".join(one["content_html"] for one in items), message(output, "dgt_1", tellings).html):
        watched.did.clear()
        watched.page.goto("about:blank")
        watched.page.set_content(html)
        watched.page.evaluate(SETTLED)
        assert watched.did == [] and watched.page.evaluate(f"window.{MARK}") is None
        assert f"{MARK}=1" in watched.page.inner_text("body")


@pytest.mark.parametrize("suffix", ["rss", "atom", "json"])
def test_a_feed_opened_in_a_browser_runs_nothing(watched: Watched, suffix: str) -> None:
    watched.did.clear()
    watched.page.goto(f"{watched.served.url}{watched.served.link}.{suffix}?content=full&n=500", wait_until="load")
    assert watched.did == [] and watched.page.evaluate(f"window.{MARK}") is None
