"""How each field of an article is known, and how surely."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.bylines import Signed
from pipeline.dates import Dating
from pipeline.language import normal
from pipeline.metadata import Metadata
from pipeline.types import Article, Entry, Known

PAGE = Known("page", 0.9)
FEED = Known("feed", 0.8)
FIRST_PARAGRAPH = Known("first paragraph", 0.5)
SECTION_TRUST = {
    "json-ld": 0.9,
    "meta": 0.8,
}  # no gold; JSON-LD is the outlet's own filing, meta now and then an SEO term
LANGUAGE_TRUST = {True: 0.98, False: 0.9}  # claimed by the page (and checked), told from the text alone


def known_fields(
    article: Article, meta: Metadata, entry: Entry | None, who: Signed, dating: Dating
) -> Mapping[str, Known]:
    """Of what metadata, bylines and dates say; fields that are not known are left out."""
    claimed = article.language in map(normal, meta.languages)
    judged = (
        ("title", meta.title_how, meta.title_confidence),
        ("authors", who.how if who.people else "", who.confidence),
        ("published", dating.how, dating.confidence),
        ("modified", dating.modified_how, dating.modified_confidence),
        ("section", meta.section_how, SECTION_TRUST.get(meta.section_how, 0.0)),
        ("language", ("page" if claimed else "text") if article.language else "", LANGUAGE_TRUST[claimed]),
    )
    known = {name: Known(how, confidence) for name, how, confidence in judged if how}
    if article.summary:
        known["summary"] = PAGE if meta.description else FEED if entry and entry.summary else FIRST_PARAGRAPH
    if article.keywords:
        known["keywords"] = PAGE if meta.keywords else FEED
    if article.image:
        known["image"] = PAGE
    return known
