"""Two outlets for tests of bad input: the ledger, whose stories go wrong, and the gazette, which must not suffer."""

from __future__ import annotations

import threading

import psutil

from replay.answers import Answer
from tests.integration.pipeline_house import PipelineHouse, Story, Town, story
from workers.progress import Progress

MB = 1_000_000
LITTLE = 120 * MB  # of growth while hundreds are sent
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
RSS = "application/rss+xml"


class Press:
    """Two outlets: the ledger, whose stories go wrong, and the gazette, which must not suffer for it."""

    def __init__(self, town: Town) -> None:
        self.ledger, self.gazette = town["www.ledger.example"], town["www.gazette.example"]
        self.good = self.print("gazette", 90), self.print("gazette", 91)
        self.gazette.feed(*(one.item(self.gazette.url(f"/{one.number}")) for one in self.good))
        self.sources = self.ledger.source(), self.gazette.source()

    def print(self, outlet: str, number: int, *head: str) -> Story:
        """A story as a page at /number."""
        one = story(number)
        getattr(self, outlet).page(f"/{number}", one.html(*head))
        return one

    def run(self, house: PipelineHouse) -> Progress:
        """A round over both; the gazette's stories must be there."""
        progress = house.run(*self.sources)
        for one in self.good:
            assert house.article(self.gazette.url(f"/{one.number}")).title == one.title
        return progress

    def listed(self, *numbers: int) -> bytes:
        """Print these stories in the ledger; its feed's bytes."""
        items = [self.print("ledger", number).item(self.ledger.url(f"/{number}")) for number in numbers]
        return self.ledger.feed(*items).encode()

    def serve_feed(self, body: bytes, kind: str = RSS) -> None:
        """Serve these bytes as the ledger's feed."""
        self.ledger.answers["/feed.xml"] = Answer(body=body, headers={"Content-Type": kind})

    def ledgers(self, house: PipelineHouse) -> list[str]:
        """The paths of the ledger's articles."""
        return sorted(url.split("example")[1] for url in house.articles() if "ledger" in url)


class peak:  # noqa: N801
    """How many bytes this process and its pools grow by at most while something runs; told as `[bytes]`."""

    def __enter__(self) -> list[int]:
        self._grown, self._over = [0], threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()
        return self._grown

    def _look(self) -> None:
        before = self._size()
        while not self._over.wait(0.01):
            self._grown[0] = max(self._grown[0], self._size() - before)

    def _size(self) -> int:
        me = psutil.Process()
        total: int = me.memory_info().rss
        for child in me.children(recursive=True):
            try:
                total += child.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        return total

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watch.join()
