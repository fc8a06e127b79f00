"""What is being written about now, as the page /now tells it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field

from web.api.shapes import Told
from web.board import Board, Boards, Carried, Named, Part
from web.parts import Wired

Window = Annotated[Literal["6h", "24h", "7d"], Query(description="How far back from now.")]


class NamedTold(Told):
    """A name or topic."""

    value: str
    stories: int = Field(description="Stories with an article of the window, however many copies each has.")
    query: str = Field(description="What finds them.")
    usual: float = Field(default=0, description="Stories that a window of this size has, by the four weeks before.")
    before: list[int] = Field(default=[], description="Stories of each of the spans before, the last one last.")
    chance: float = Field(default=1, description="Of so many or more if nothing had changed.")


class LargestTold(Told):
    """A story."""

    id: str
    title: str
    outlets: int = Field(description="Outlets that carried it in the window.")
    copies: int = Field(description="Copies of it in all.")
    began: datetime
    half_seconds: int = Field(description="Until half of these outlets had it.")
    all_seconds: int = Field(description="Until all of these outlets had it.")
    countries: dict[str, int] = Field(description="Copies by country.")


class PartTold(Told):
    """Articles of a country or language."""

    value: str
    articles: int
    query: str
    share: float
    usual: float | None


class SpanTold(Told):
    """Articles of one span, and how many of them copy an agency."""

    begin: datetime
    copies: int
    articles: int


class WireTold(Told):
    """Agencies' copies among articles; `query` finds them, `original` the others."""

    copies: int
    share: float
    usual: float | None
    over_time: list[SpanTold]
    query: str
    original: str


class NowTold(Told):
    """A window that ends now, against the four weeks before it."""

    window: str
    begin: datetime
    end: datetime
    articles: int
    query: str
    usual_since: datetime
    enough: bool = Field(description="Whether the archive goes back far enough to say what is usual.")
    rising: dict[str, list[NamedTold]] = Field(description="By `entity` and `topic`: the clearest rise first.")
    most: dict[str, list[NamedTold]] = Field(description="The same by most stories.")
    largest: list[LargestTold] = Field(description="Stories by outlets that carried them.")
    wire: WireTold
    countries: list[PartTold]
    languages: list[PartTold]
    coverage: dict[str, Any] = Field(description="How many sources there are, and which were silent.")


def router() -> APIRouter:
    """The route."""
    made = APIRouter(tags=["search"])

    @made.get(
        "/now",
        summary="What is being written about now: what rises, the biggest stories, wire copy, countries, silence",
        response_model=NowTold,
        response_model_exclude_unset=True,
    )
    def now(parts: Wired, request: Request, window: Window = "24h") -> dict[str, Any]:
        boards: Boards = request.app.state.boards
        return to_json(boards.board(parts.records, parts.index, window, parts.clock()))

    return made


def to_json(board: Board) -> dict[str, Any]:
    """A board as plain JSON values; times are ISO 8601, UTC."""
    wire = board.wire
    return {
        "window": board.window,
        "begin": board.begin.isoformat(),
        "end": board.end.isoformat(),
        "articles": board.articles,
        "query": board.query,
        "usual_since": board.usual_since.isoformat(),
        "enough": board.enough,
        "rising": {name: [_named(one) for one in some] for name, some in board.rising.items()},
        "most": {name: [_named(one) for one in some] for name, some in board.most.items()},
        "largest": [_carried(one) for one in board.largest],
        "wire": {
            "copies": wire.copies,
            "share": round(wire.share, 4),
            "usual": _share(wire.usual),
            "over_time": [{"begin": at.isoformat(), "copies": n, "articles": of} for at, n, of in wire.over_time],
            "query": wire.query,
            "original": wire.original,
        },
        "countries": [_part(one) for one in board.parts["country"]],
        "languages": [_part(one) for one in board.parts["lang"]],
        "coverage": board.coverage.to_json(),
    }


def _share(one: float | None) -> float | None:
    return None if one is None else round(one, 4)


def _named(one: Named) -> dict[str, Any]:
    told: dict[str, Any] = {"value": one.value, "stories": one.stories, "query": one.query}
    if one.rise:
        told |= {"usual": round(one.rise.usual, 2), "before": list(one.rise.before), "chance": one.rise.chance}
    return told


def _part(one: Part) -> dict[str, Any]:
    shares = {"share": round(one.share, 4), "usual": _share(one.usual)}
    return {"value": one.value, "articles": one.articles, "query": one.query} | shares


def _carried(one: Carried) -> dict[str, Any]:
    return {
        "id": one.story.id,
        "title": one.story.copies[0].title,
        "outlets": one.outlets,
        "copies": len(one.story.copies),
        "began": one.began.isoformat(),
        "half_seconds": round(one.half.total_seconds()),
        "all_seconds": round(one.all.total_seconds()),
        "countries": dict(sorted(Counter(copy.country for copy in one.story.copies).items())),
    }
