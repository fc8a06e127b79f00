"""Two texts side by side: what an outlet cut from a copy and added to it, and what it changed in its own article."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import HTMLResponse, Response

from pipeline.edits import Act
from pipeline.errors import BadInput
from pipeline.people import Person
from pipeline.revisions import Revised, revised
from records.values import ArticleView
from web.access import Asking
from web.comparing import Difference, Side, difference, side, sides
from web.copies import compared
from web.lookup import Traced
from web.parts import Parts, Wired
from web.problems import NotThere
from web.render import go_to, page
from web.rows import blocks, rows

Id = Annotated[str, Path(max_length=200)]
What = Annotated[str, Query(max_length=4096)]
Number = Annotated[int, Query(ge=0, le=1_000_000)]


class As(StrEnum):
    """How two texts stand."""

    TWO = "two"  # side by side where there is room
    ONE = "one"  # in one column everywhere


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an article, and what it changed of the one before (None for the first)."""

    number: int
    side: Side
    current: bool
    changed: Revised | None


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(include_in_schema=False)

    @made.get("/stories/{story_id}/diff")
    def diff(
        parts: Wired, request: Request, asking: Asking, story_id: Id, a: What = "", b: What = "", cols: As = As.TWO
    ) -> Response:
        stories = parts.records.stories([story_id])
        if not stories:
            raise NotThere(f"there is no story {story_id!r}")
        if stories[0].id != story_id:
            return go_to(f"/stories/{stories[0].id}/diff", a=a, b=b)
        return _copies(parts, request, asking, stories[0].id, a, b, cols)

    @made.get("/articles/{article_id}/versions")
    def versions(
        parts: Wired, request: Request, asking: Asking, article_id: Id, a: Number = 0, b: Number = 0, cols: As = As.TWO
    ) -> Response:
        view = parts.records.article(article_id)
        if view is None:
            raise NotThere(f"there is no article {article_id!r}")
        return _versions(parts, request, asking, view, a, b, cols)

    return made


def _copies(
    parts: Parts, request: Request, asking: Person, story_id: str, a: str, b: str, cols: As
) -> HTMLResponse:  # fmt: skip
    found = parts.tracer.trace(parts.records, story_id)
    a, b = _two(found, a, b)
    views = {one.derived.article_id: one.view for one in found.carriers}
    told: Difference | None = None
    wrong = ""
    if a and b:
        try:
            old, new = (views.get(what) or _article(parts, what) for what in (a, b))
            told = difference(side(old), side(new), new.article.language)
            a, b = old.article.id, new.article.id
        except BadInput as error:
            wrong = error.message
    else:
        wrong = "No two copies of this story have a text that is known, so there is nothing to compare."
    values = {
        "found": found,
        "texts": [one for one in found.carriers if one.view.article.text],
        "a": a,
        "b": b,
        "language": {"a": _language(views.get(a)), "b": _language(views.get(b))},
        "wrong": wrong,
    }
    return page(request, "diff.html", asking, status=400 if wrong and a and b else 200, **values, **_told(told, cols))


def _language(view: ArticleView | None) -> str:
    return (view.article.language if view else "") or "und"


def _two(found: Traced, a: str, b: str) -> tuple[str, str]:
    """What is compared where one or both are not named: a copy with what it derives from, or with the fullest."""
    carriers = {one.derived.article_id: one for one in found.carriers}
    if not b:
        derived = [one for one in found.carriers if one.derived.against and one.derived.article_id != a]
        of_a = [one for one in derived if one.derived.against == a]
        with_text = [one for one in found.carriers if one.view.article.text and one.derived.article_id != a]
        b = next((one.derived.article_id for one in (*of_a, *derived, *with_text)), "")
    if not a and b in carriers:
        a = compared(found, carriers[b])
    return a, b


def _article(parts: Parts, what: str) -> ArticleView:
    view = parts.records.article(what)
    if view is None:
        raise BadInput(f"there is no article {what!r}")
    return view


def _versions(
    parts: Parts, request: Request, asking: Person, view: ArticleView, a: int, b: int, cols: As
) -> HTMLResponse:  # fmt: skip
    every = _numbered(sides(parts.records, view), view)
    told, wrong = None, ""
    if len(every) > 1:
        b = b or len(every)
        a = a or max(1, b - 1)
        if max(a, b) > len(every):
            wrong = f"There is no version {max(a, b)}; there are 1 to {len(every)}."
        else:
            told = difference(every[a - 1].side, every[b - 1].side, view.article.language)
    values = {"view": view, "one": view.article, "every": every, "a": a, "b": b, "wrong": wrong}
    return page(request, "versions.html", asking, status=400 if wrong else 200, **values, **_told(told, cols))


def _numbered(every: Sequence[Side], view: ArticleView) -> list[Version]:
    language = view.article.language
    changes = [None, *(revised(old.title, old.text, new.title, new.text, language) for old, new in pairwise(every))]
    return [
        Version(number, one, one.id == view.article.version, changed)
        for number, (one, changed) in enumerate(zip(every, changes, strict=True), 1)
    ]


def _told(found: Difference | None, cols: As) -> dict[str, Any]:
    """What both pages show of a difference."""
    if found is None:
        return {"diff": None, "blocks": [], "counts": {}, "cols": str(cols)}
    counts = {act: found.comparison.count(act) for act in (Act.CUT, Act.ADDED, Act.MOVED)}
    edits = sum(len(piece.edits) for piece in found.comparison.pieces)
    return {
        "diff": found,
        "blocks": blocks(rows(found)),
        "counts": {str(act): words for act, words in counts.items()} | {"edits": edits},
        "cols": str(cols),
    }
