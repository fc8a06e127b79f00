"""How the fields are known that are taken as the page, or the feed, says them."""

from __future__ import annotations

from pipeline.language import normal
from pipeline.metadata import Metadata
from pipeline.types import Article, Entry, Known

PAGE = Known("page", 0.9)
FEED = Known("feed", 0.8)


def plain_fields(article: Article, meta: Metadata, entry: Entry | None) -> dict[str, Known]:
    """Summary, language, section, keywords and image, of those that the article has."""
    known: dict[str, Known] = {}
    if article.summary:
        known["summary"] = (
            PAGE if meta.description else FEED if entry and entry.summary else Known("first paragraph", 0.5)
        )
    if article.language:
        said = next((code for code in map(normal, meta.languages) if code), "")
        known["language"] = PAGE if said == article.language else _language(article)
    if article.section:
        known["section"] = PAGE
    if article.keywords:
        known["keywords"] = PAGE if meta.keywords else FEED
    if article.image:
        known["image"] = PAGE
    return known


def _language(article: Article) -> Known:
    return Known("text", 0.8) if len(article.text) >= 80 else Known("source", 0.5)
