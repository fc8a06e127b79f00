"""Stories and articles as plain JSON values, for the API and for `--json` on the command line."""

from __future__ import annotations

from typing import Any

from pipeline.types import Copy
from records.values import ArticleView, StoryView
from search.highlight import Highlighted


def story_json(story: StoryView, shown: Highlighted | None, matching: set[str]) -> dict[str, Any]:
    """A story as plain JSON values; times are ISO 8601, UTC."""
    value: dict[str, Any] = {
        "id": story.id,
        "title": story.copies[0].title,
        "copies": [copy_json(copy) | {"matches": copy.article_id in matching} for copy in story.copies],
        "outlets": sorted(story.outlets),
    }
    if shown is not None:
        value["snippets"] = [snippet.text for snippet in shown.fragments]
    return value


def copy_json(copy: Copy) -> dict[str, Any]:
    """A copy as plain JSON values."""
    return {
        "id": copy.article_id,
        "title": copy.title,
        "url": copy.url,
        "outlet": copy.outlet,
        "source": copy.source_id,
        "country": copy.country,
        "published": copy.published.isoformat() if copy.published else None,
        "first_seen": copy.first_seen.isoformat(),
        "grade": str(copy.grade),
        "wire": copy.wire,
        "method": copy.method,
        "score": round(copy.score, 3),
    }


def article_json(view: ArticleView) -> dict[str, Any]:
    """An article as plain JSON values."""
    article = view.article
    return {
        "id": article.id,
        "story": view.story_id,
        "url": article.url,
        "title": article.title,
        "authors": list(article.authors),
        "contributors": {role: list(names) for role, names in article.contributors.items()},
        "outlet": view.outlet,
        "country": view.country,
        "language": article.language,
        "published": article.published.isoformat() if article.published else None,
        "published_offset": article.published_offset,
        "published_how": article.published_how,
        "published_confidence": article.published_confidence,
        "first_seen": article.first_seen.isoformat() if article.first_seen else None,
        "wire": article.wire,
        "wire_how": article.wire_how,
        "credit": article.credit,
        "dateline": list(article.dateline_places),
        "dateline_date": article.dateline_date.isoformat() if article.dateline_date else None,
        "dateline_agency": article.dateline_agency,
        "notices": list(article.notices),
        "paywalled": article.paywalled,
        "grade": str(article.grade),
        "storage": str(article.storage),
        "storage_why": article.storage_why,
        "topics": [tag.id for tag in view.tagging.topics],
        "entities": [tag.id for tag in view.tagging.entities],
        "relevance": view.tagging.relevance,
        "reasons": list(view.tagging.reasons),
        "known": {name: {"how": one.how, "confidence": one.confidence} for name, one in article.known.items()},
        "version": article.version,
        "versions": view.versions,
        "method": view.method,
        "score": view.score,
        "text": article.text,
    }
