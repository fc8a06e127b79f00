"""Searching by pages, with facets, a histogram and the coverage; more like this; all of it as a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import StreamingResponse
from pydantic import Field

from search.base import Order
from search.highlight import Marked
from search.over_time import Interval
from web.answers import MOST, MOST_VALUES, Ask, Found, answer, every, to_json
from web.api.shapes import AnswerTold
from web.api.values import LONGEST_QUERY, Given
from web.export import ENDINGS, MEDIA_TYPES, Format, export
from web.parts import Parts, Wired
from web.plain import story_json


class Which(Given):
    """What is looked for, and in which order."""

    q: str = Field(default="", max_length=LONGEST_QUERY, description="The query: docs/query.md. None = everything.")
    order: Order = Field(default=Order.RELEVANCE, description="Without words to rank by it is newest.")
    folded: bool = Field(default=True, description="Copies folded into their story; false = each article by itself.")


class Asked(Which):
    """One page of it, and what is to be told of all of it."""

    limit: int = Field(default=10, ge=1, le=MOST, description="Stories (or articles) of the page.")
    after: str = Field(default="", max_length=2000, description="The `next` of the page before.")
    facets: list[str] = Field(default=[], max_length=20, description="Count by these; may be repeated.")
    top: int = Field(default=10, ge=1, le=MOST_VALUES, description="Values of each facet.")
    histogram: Interval | None = Field(default=None, description="Count over time, by so much (UTC).")
    by: Literal["seen", "date"] = Field(default="seen", description="The time that the histogram goes by.")


class Written(Which):
    """All of it as a file."""

    like: str = Field(
        default="",
        max_length=2000,
        description="An article's id or address, or a story's id: more like it.",
    )
    format: Format = Field(default=Format.JSONL, description="Metadata only, never the text.")


Search = Annotated[Asked, Query()]
Export = Annotated[Written, Query()]
What = Annotated[str, Path(description="An article's id or a story's id.")]


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(tags=["search"])

    @made.get("/search", summary="Search the archive", response_model=AnswerTold, response_model_exclude_unset=True)
    def search(parts: Wired, asked: Search) -> dict[str, Any]:
        return _page(parts, asked, "")

    @made.get(
        "/like/{what}",
        summary="More like an article or story; `q` narrows it down",
        response_model=AnswerTold,
        response_model_exclude_unset=True,
    )
    def like(parts: Wired, what: What, asked: Search) -> dict[str, Any]:
        return _page(parts, asked, what)

    files: dict[int | str, dict[str, Any]] = {200: {"content": {kind: {} for kind in MEDIA_TYPES.values()}}}

    @made.get("/export", summary="All that matches, as a file", response_class=StreamingResponse, responses=files)
    def exported(parts: Wired, asked: Export) -> StreamingResponse:
        now = parts.clock()
        ask = Ask(asked.q, like=asked.like, order=asked.order, folded=asked.folded)
        # The first piece is made here, so that what goes wrong at once is told by the status.
        pieces = export(every(parts.records, parts.index, ask, now), asked.format, now)
        headers = {"content-disposition": f'attachment; filename="wirewatch.{ENDINGS[asked.format]}"'}
        return StreamingResponse(_begun(pieces), headers=headers, media_type=MEDIA_TYPES[asked.format])

    return made


def _page(parts: Parts, asked: Asked, like: str) -> dict[str, Any]:
    ask = Ask(
        query=asked.q,
        like=like,
        order=asked.order,
        folded=asked.folded,
        limit=asked.limit,
        after=asked.after,
        facets=asked.facets,
        top=asked.top,
        histogram=asked.histogram,
        by=asked.by,
    )
    told = answer(parts.records, parts.index, ask, parts.clock())
    return {"stories": [_story(one) for one in told.found]} | to_json(told)


def _story(one: Found) -> dict[str, Any]:
    """`article` is the copy that stands for it, `highlights` are of that one."""
    marks = {"title": _marked(one.shown.title), "fragments": [_marked(piece) for piece in one.shown.fragments]}
    told = story_json(one.story, None, set(one.matching))
    return told | {"article": one.article.article_id, "score": round(one.score, 4), "highlights": marks}


def _marked(piece: Marked) -> dict[str, Any]:
    """Spans are characters, from the first to before the last."""
    cut = {"cut_before": piece.cut_before, "cut_after": piece.cut_after}
    return {"text": piece.text, "spans": [list(span) for span in piece.spans]} | cut


def _begun(pieces: Iterator[str]) -> Iterator[str]:
    first = next(pieces, "")

    def all_of_them() -> Iterator[str]:
        yield first
        yield from pieces

    return all_of_them()
