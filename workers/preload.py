"""Imported by the fork server before any process of the pool is born: what they all read and none of them changes.

The language model alone is 80 MB; processes forked after it was loaded share it. So they do the taxonomy that comes
with Wirewatch, and what the libraries load when they read their first page.
"""

from __future__ import annotations

import gc
from datetime import UTC, datetime

from pipeline.language import guess
from pipeline.read import read_page
from pipeline.tag import TagRules
from pipeline.types import Fetched, FetchTask, Kind, Source
from workers.stages import make_tools

PAGE = "<html lang=en><head><title>A page to begin with</title></head><body>{}</body></html>"
PARAGRAPHS = "<div><p>The first page that is read makes the libraries load what they need for all.</p></div>" * 8


def load() -> None:
    """Read one page of our own with every stage, then keep the collector's hands off what is shared."""

    guess("The stages are loaded once and shared by all processes of the pool.")
    source = Source("first", "First", "ZZ", "en", "https://first.example/")
    task = FetchTask("https://first.example/page", source.id, Kind.PAGE)
    body = PAGE.format(PARAGRAPHS).encode()
    headers = {"content-type": "text/html; charset=utf-8"}
    page = Fetched(task, task.url, 200, headers, body, datetime(2026, 1, 1, tzinfo=UTC))
    read_page(page, None, source, make_tools(TagRules()))
    gc.collect()
    gc.freeze()  # or the first collection in each process writes to every page, and nothing is shared any more


load()
