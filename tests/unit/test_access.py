"""Grades and paywalls: what a page declares, and what the end of its text tells."""

from __future__ import annotations

import pytest

from pipeline.access import access
from pipeline.metadata import Metadata
from pipeline.types import Grade, Known

STORY = "A paragraph of a story about boats, buoys and a harbour that is guarded well. " * 25
WALL = STORY + "\n\nSubscribe to continue reading."


@pytest.mark.parametrize(
    ("meta", "text", "paywalled", "how"),
    [
        (Metadata(), STORY, None, ""),
        (Metadata(), "", None, ""),
        (Metadata(free=False), STORY, True, "json-ld"),
        (Metadata(free=True), WALL, False, "json-ld"),
        (Metadata(), WALL, True, "paywall phrase"),
        (Metadata(metas={"article:content_tier": ("metered",)}), STORY, True, "meta article:content_tier"),
        (Metadata(metas={"article:content_tier": ("locked",)}), STORY, True, "meta article:content_tier"),
        (Metadata(metas={"article:content_tier": ("Free",)}), STORY, False, "meta article:content_tier"),
        (Metadata(metas={"article:content_tier": ("free",)}, free=False), STORY, True, "json-ld"),
        (Metadata(metas={"article:content_tier": ("tin",)}), STORY, None, ""),
        (Metadata(metas={"adv:premium": ("yes",)}), STORY, True, "meta adv:premium"),
        (Metadata(metas={"tmg.premium.state": ("false",)}), STORY, False, "meta tmg.premium.state"),
        (Metadata(metas={"cxenseparse:ispremium": ("false",)}), STORY, False, "meta cxenseparse:ispremium"),
        (Metadata(metas={"k5a:paid": ("0",)}), STORY, False, "meta k5a:paid"),
        (Metadata(metas={"isaccessibleforfree": ("true",)}), STORY, False, "meta isaccessibleforfree"),
        (Metadata(metas={"description": ("premium",), "unpaid": ("1",)}), STORY, None, ""),
    ],
)
def test_paywalled(meta: Metadata, text: str, paywalled: bool | None, how: str) -> None:
    found = access(text, meta)
    assert found.paywalled is paywalled
    assert found.known["paywalled"].how == how if how else "paywalled" not in found.known


@pytest.mark.parametrize(
    ("meta", "text", "grade", "how"),
    [
        (Metadata(), "", Grade.HEADLINE, "no text"),
        (Metadata(), "Too short to be read.", Grade.HEADLINE, "no text"),
        (Metadata(), "四十个字以下的短文也可以是一条完整的快讯因为汉字比拉丁字母密得多", Grade.PARTIAL, "length"),
        (Metadata(), STORY, Grade.FULL, "length"),
        (Metadata(word_count=5000), STORY, Grade.PARTIAL, "declared word count"),
        (Metadata(), WALL, Grade.PARTIAL, "paywall phrase"),
        (Metadata(free=False), STORY[:700], Grade.PARTIAL, "declared not free, and short"),
        (Metadata(free=False), STORY, Grade.FULL, "length"),
        (Metadata(), STORY[:700] + "…", Grade.PARTIAL, "ends in an ellipsis"),
    ],
)
def test_grades(meta: Metadata, text: str, grade: Grade, how: str) -> None:
    found = access(text, meta)
    assert (found.grade, found.known["grade"].how) == (grade, how)
    assert isinstance(found.known["grade"], Known)
