"""Makes docs/screens/*.webp: collects the demo's outlets once, serves that archive, and takes pictures of its pages.

PYTHONPATH=. .venv/bin/python docs/screens.py [NAME…]

Outlets and stories are the demo's, all of them out at once, and times and the secret of a feed are replaced, so that
little but the pages themselves changes a picture: histograms by day do, for the stories are dated from today.
"""

from __future__ import annotations

import base64
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Page, sync_playwright

from tests.integration.outlets import Served, quiet, serving
from tests.services.programs import need
from tests.shared import ROOT

SCREENS = ROOT / "docs" / "screens"
WIDE, HIGH = 1280, 860
QUALITY = 72  # of WebP
QUERY = {"q": "anthropic AND pentagon"}
NAME, FIRST = "pentagon", "aotearoa-register"
CALM = """() => {
  for (const one of document.querySelectorAll("time")) one.textContent = "27 Feb 2026, 09:30";
  for (const one of document.querySelectorAll("input")) {
    one.value = one.value.replace(/:\\d+\\/s\\/[\\w-]+/, ":8080/s/nobody-guesses-this");
    if (one.type === "date" && one.value) one.value = "2026-02-27";
  }
  document.activeElement?.blur();
}"""


def search(page: Page, url: str) -> None:
    """A search with what narrows it down."""
    page.goto(f"{url}/?{urlencode(QUERY)}")


def story(page: Page, url: str) -> None:
    """The story that it finds first."""
    search(page, url)
    page.click("[data-open] >> nth=0")


def subscribe(page: Page, url: str) -> None:
    """The search as a subscription to be, tried on the archive."""
    page.goto(f"{url}/subscriptions/new?{urlencode(QUERY)}")


def subscription(page: Page, url: str) -> None:
    """A subscription with its feed."""
    page.goto(f"{url}/subscriptions/{NAME}")


def now(page: Page, url: str) -> None:
    """What is being written about."""
    page.goto(f"{url}/now")


def sources(page: Page, url: str) -> None:
    """The outlets and how they are."""
    page.goto(f"{url}/sources")


def operations(page: Page, url: str) -> None:
    """Whether the watch is healthy."""
    page.goto(f"{url}/operations")


PICTURES = (search, story, subscribe, subscription, now, sources, operations)


def main() -> None:
    """Collect, serve, look."""
    wanted = set(sys.argv[1:])
    [program] = need("chromium")
    SCREENS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "config", "--frozen") as outlets:
        data = Path(folder) / "data"
        outlets.wirewatch(data, "run", "--once", "--quiet", "--only", FIRST)  # what is filed from then on is told
        outlets.wirewatch(data, "watch", "add", NAME, QUERY["q"], "--yes")
        outlets.wirewatch(data, "watch", "output", "add", NAME, "--link")
        outlets.wirewatch(data, "run", "--once", "--quiet")
        with _web(outlets, data) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": WIDE, "height": HIGH}, reduced_motion="reduce")
            for one in PICTURES:
                if not wanted or one.__name__ in wanted:
                    one(page, url)
                    page.wait_for_load_state("networkidle")
                    _keep(page, SCREENS / f"{one.__name__}.webp")
            browser.close()


def _keep(page: Page, path: Path) -> None:
    """The window as WebP, which Playwright itself does not write."""
    page.evaluate(CALM)
    told = page.context.new_cdp_session(page).send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    path.write_bytes(base64.b64decode(told["data"]))
    sys.stdout.write(f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes\n")


@contextmanager
def _web(outlets: Served, data: Path) -> Iterator[str]:
    """The web interface over the archive, and where it answers."""
    command = outlets.command(data, "web", "--port", "0")
    server = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, env=quiet(), text=True)
    assert server.stdout is not None
    try:
        for line in server.stdout:
            if found := re.search(r"http://[\d.:]+", line):
                yield found[0]
                return
        sys.exit("the web interface did not start")
    finally:
        os.kill(server.pid, signal.SIGTERM)
        server.wait(30)


if __name__ == "__main__":
    main()
