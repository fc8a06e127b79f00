"""What may be kept, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.permissions import SUMMARY_LENGTH, Permission, limit, permissions
from pipeline.types import Article, Source, Storage

SOURCE = Source(id="x", name="X", country="NO", language="en", homepage="https://x.example")
FULL, SUMMARY, HEADLINE = Storage.FULL, Storage.SUMMARY, Storage.HEADLINE


@pytest.mark.parametrize(
    ("headers", "metas", "storage", "mining"),
    [
        ({}, {}, FULL, True),
        ({}, {"robots": ("index, follow, max-image-preview:large, max-snippet:-1",)}, FULL, True),
        ({}, {"robots": ("noarchive",)}, HEADLINE, True),
        ({}, {"robots": ("index, follow, NOARCHIVE, max-image-preview:large",)}, HEADLINE, True),
        ({}, {"robots": ("nosnippet",)}, HEADLINE, True),
        ({}, {"robots": ("noindex,follow",)}, HEADLINE, True),
        ({}, {"robots": ("none",)}, HEADLINE, True),
        ({}, {"robots": ("max-snippet: 0, follow",)}, HEADLINE, True),
        ({}, {"robots": ("unavailable_after: 2027-07-07T14:31:00+02",)}, HEADLINE, True),
        ({}, {"robots": ("noimageindex, noodp, noydir, notranslate, nofollow",)}, FULL, True),
        ({}, {"robots": ("index", "noarchive")}, HEADLINE, True),
        ({}, {"wirewatch": ("noarchive",)}, HEADLINE, True),
        ({}, {"googlebot": ("noarchive",), "googlebot-news": ("noindex",)}, FULL, True),
        ({"x-robots-tag": "noarchive"}, {}, HEADLINE, True),
        ({"x-robots-tag": "otherbot: noarchive, noindex"}, {}, FULL, True),
        ({"x-robots-tag": "otherbot: noindex, wirewatch: noarchive"}, {}, HEADLINE, True),
        ({"x-robots-tag": "max-image-preview:large, nosnippet"}, {}, HEADLINE, True),
        ({"tdm-reservation": "1"}, {}, HEADLINE, False),
        ({"tdm-reservation": "0"}, {}, FULL, True),
        ({}, {"tdm-reservation": ("1",)}, HEADLINE, False),
        ({"tdm-reservation": "1"}, {"robots": ("noarchive",)}, HEADLINE, False),
    ],
)
def test_permissions(
    headers: dict[str, str], metas: dict[str, tuple[str, ...]], storage: Storage, mining: bool
) -> None:
    found = permissions(headers, metas, SOURCE)
    assert (found.storage, found.mining) == (storage, mining)
    assert bool(found.why) == (storage is not FULL)


def test_the_source_is_the_ceiling_and_the_strictest_wins() -> None:
    source = replace(SOURCE, storage=SUMMARY, terms="summaries only, by letter")
    found = permissions({}, {}, source)
    assert found.storage is SUMMARY
    assert "summaries only, by letter" in found.why
    found = permissions({}, {"robots": ("noarchive",)}, source)
    assert found.storage is HEADLINE
    assert "noarchive" in found.why
    assert permissions({}, {}, replace(SOURCE, storage=HEADLINE)).storage is HEADLINE


def test_limit_drops_what_may_not_be_kept() -> None:
    article = Article("a", "u", "c", "x", title="Title", text="Body text.", summary="First one. " * 80)
    full = limit(article, Permission(FULL))
    assert (full.text, full.summary) == (article.text, article.summary)
    summary = limit(article, Permission(SUMMARY, "terms"))
    assert summary.text == ""
    assert summary.summary.endswith("First one.")
    assert 100 < len(summary.summary) <= SUMMARY_LENGTH
    headline = limit(article, Permission(HEADLINE, "noarchive"))
    assert (headline.text, headline.summary, headline.storage_why) == ("", "", "noarchive")
    assert headline.title == "Title"
    assert full.version != headline.version == summary.version
