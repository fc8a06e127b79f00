"""Articles and stories of the archive."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from records.values import ArticleView, Revision
from web.api.archive_shapes import ArticleTold, Versions
from web.api.paging import PagedQuery, sliced
from web.api.shapes import StoryTold
from web.parts import Parts, Wired
from web.plain import article_json, story_json
from web.problems import NotThere

Id = Annotated[str, Path(description="The id: a… for articles, s… for stories.")]


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(tags=["archive"])

    @made.get("/articles", summary="The article of an address, in any of its spellings", response_model=ArticleTold)
    def of_address(parts: Wired, url: Annotated[str, Query(max_length=4096)]) -> dict[str, Any]:
        return article_json(article(parts, url))

    @made.get(
        "/articles/{article_id}",
        summary="One article; its text as far as its outlet lets us keep it",
        response_model=ArticleTold,
    )
    def of_id(parts: Wired, article_id: Id) -> dict[str, Any]:
        return article_json(article(parts, article_id))

    @made.get(
        "/articles/{article_id}/versions",
        summary="What an article said, version by version, the oldest first",
        response_model=Versions,
    )
    def versions(parts: Wired, article_id: Id, asked: PagedQuery) -> dict[str, Any]:
        revisions = parts.records.revisions(article(parts, article_id).article.id)
        numbers = {one.version: number for number, one in enumerate((each for each in revisions if each.text), 1)}
        placed = list(enumerate(revisions, 1))
        shown, next = sliced(placed, lambda row: (row[0],), asked)
        return {"versions": [_version(one, numbers.get(one.version)) for _, one in shown], "next": next}

    @made.get(
        "/stories/{story_id}",
        summary="One story with its copies, by its id or that of one merged into it",
        response_model=StoryTold,
        response_model_exclude_unset=True,
    )
    def story(parts: Wired, story_id: Id) -> dict[str, Any]:
        found = parts.records.stories([story_id])
        if not found:
            raise NotThere(f"there is no story {story_id!r}")
        [one] = found
        told = story_json(one, None, {copy.article_id for copy in one.copies})
        return told | {"event": one.event.event_id if one.event else None}

    return made


def _version(one: Revision, number: int | None) -> dict[str, Any]:
    return {
        "number": number,
        "version": one.version,
        "title": one.title,
        "text": one.text,
        "seen": one.seen.isoformat(),
        "current": one.current,
    }


def article(parts: Parts, id_or_url: str) -> ArticleView:
    """The article of that id or address. Raise NotThere."""
    found = parts.records.article(id_or_url)
    if found is None:
        raise NotThere(f"there is no article {id_or_url!r}")
    return found
