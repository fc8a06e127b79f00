"""A browser for tests, and what must be right of every page that it shows."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Error, Page, Request, Route, sync_playwright

from tests.services.node import packages
from tests.services.programs import need
from tests.shared import ROOT

WIDTHS = {390: 844, 1600: 1000}  # of the window, with its height
HEAVIEST = 150_000  # bytes of a first visit, compressed, headers included
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ARGUMENTS = ("--no-sandbox", "--disable-dev-shm-usage", "--font-render-hinting=none")  # tests may run as root


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's chromium, driven from this thread; no coroutine can be run in it meanwhile."""
    [program] = need("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Seen:
    """What a page did while it was shown."""

    said: list[str] = field(default_factory=list)  # on the console, errors and warnings; and what was thrown
    asked: list[Request] = field(default_factory=list)


@dataclass
class Eyes:
    """Opens pages of one application in one kind of window, and looks at them."""

    browser: Browser
    url: str
    scheme: str = "light"
    width: int = 1600
    scripts: bool = True
    seen: dict[Page, Seen] = field(default_factory=dict)
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(self, path: str = "/", *, status: int = 200) -> Page:
        """A page in a context of its own, so that it is the first visit."""
        context = self._context(scripts=self.scripts)
        self.contexts.append(context)
        context.route(lambda address: urlsplit(address).netloc != urlsplit(self.url).netloc, _refuse)
        page = context.new_page()
        seen = self.seen[page] = Seen()
        page.on("console", lambda said: seen.said.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: seen.said.append(str(error)))
        page.on("request", lambda asked: seen.asked.append(asked))
        answer = page.goto(path, wait_until="networkidle")
        assert answer is not None and answer.status == status, f"{path} is answered {answer and answer.status}"
        if status >= 400:
            seen.said[:] = [said for said in seen.said if "the server responded with a status of" not in said]
        return page

    def look(self, page: Page, name: str) -> None:
        """Assert that all is right with the page as it stands, and keep a picture of it under this name."""
        self.picture(page, name)
        seen = self.seen[page]
        assert not seen.said, "\n".join([f"{name}: on the console", *seen.said])
        here = urlsplit(self.url).netloc
        assert [one.url for one in seen.asked if urlsplit(one.url).netloc not in (here, "")] == [], f"{name}: elsewhere"
        weight = sum(map(_weight, seen.asked))
        assert weight <= HEAVIEST, f"{name} weighs {weight:,} bytes"
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name} is {wide} px wider than the window"
        with self._where_axe_runs(page) as there:
            found = violations(there)
        assert not found, "\n".join([f"{name}: axe", *found])

    @contextmanager
    def _where_axe_runs(self, page: Page) -> Iterator[Page]:
        """The page or, where scripts are off (so that axe would never end), the same document in a window of its own
        that runs none of ours."""
        if self.scripts:
            yield page
            return
        document = page.content().replace("<noscript>", "<div>").replace("</noscript>", "</div>")
        with self._context(scripts=True) as context:
            copy = context.new_page()
            copy.route("**/*.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))
            copy.route(page.url, lambda route: route.fulfill(body=document, content_type="text/html; charset=utf-8"))
            copy.goto(page.url, wait_until="networkidle")
            yield copy

    def _context(self, *, scripts: bool) -> BrowserContext:
        context = self.browser.new_context(
            base_url=self.url,
            color_scheme="dark" if self.scheme == "dark" else "light",
            viewport={"width": self.width, "height": WIDTHS[self.width]},
            java_script_enabled=scripts,
            has_touch=self.width < 800,
            locale="en-GB",
            timezone_id="Europe/Berlin",
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        return context

    def picture(self, page: Page, name: str) -> Path:
        """Of the whole page."""
        path = pictures() / f"{name}-{self.scheme}-{self.width}{'' if self.scripts else '-noscript'}.png"
        page.screenshot(path=path, full_page=True)
        return path

    def close(self) -> None:
        """All pages."""
        for context in self.contexts:
            context.close()


def _refuse(route: Route) -> None:
    route.abort()  # it is among the requests that were seen


def _weight(request: Request) -> int:
    if request.url.startswith("data:"):
        return 0
    try:
        sizes = request.sizes()
    except Error:  # it goes on, as a stream does
        return 0
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA, and its own best practice, in words."""
    if not page.evaluate("typeof axe == 'object'"):
        page.evaluate((packages(ROOT / "tests" / "browser") / "axe-core" / "axe.min.js").read_text(encoding="utf8"))
    found = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})"
        ".then(told => JSON.stringify(told.violations))",
        RULES,
    )
    return [
        f"{one['id']}: {one['help']}: " + " | ".join(_node(node) for node in one["nodes"][:4])
        for one in json.loads(found)
    ]


def _node(node: dict[str, object]) -> str:
    words = re.sub(r"\s+", " ", str(node["failureSummary"]))
    return f"{node['html']} ({words})"


def pictures() -> Path:
    """Where they are kept: TEST_SCREENSHOTS, or `screenshots` here."""
    path = Path(os.environ.get("TEST_SCREENSHOTS", ROOT / "screenshots"))
    path.mkdir(parents=True, exist_ok=True)
    return path
