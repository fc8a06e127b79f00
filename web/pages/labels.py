"""What persons say of copies: said on the page of a story, listed here, taken back, and taken along as a file."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Query, Request
from starlette.responses import Response

from pipeline.errors import BadInput
from pipeline.labels import Label
from pipeline.people import Role
from records.values import ArticleView
from web.access import Asking, needs
from web.labelling import evaluation_set, label_of, say
from web.pages.story import shown
from web.parts import Parts, Wired
from web.problems import NotThere
from web.render import HEADERS, go_to, page

PAGE = 50
EDITOR = [Depends(needs(Role.EDITOR))]


@dataclass(frozen=True, slots=True)
class Row:
    """A label, and its two articles as they are now (None = no more)."""

    label: Label
    a: ArticleView | None
    b: ArticleView | None


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(include_in_schema=False)

    @made.get("/labels")
    def labels(
        parts: Wired,
        request: Request,
        asking: Asking,
        at: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
        undone: Annotated[int, Query(ge=0, le=2**53)] = 0,
    ) -> Response:
        return _listed(parts, request, asking, at, undone=undone)

    @made.get("/labels/export.zip")
    def export(parts: Wired) -> Response:
        files, _, _ = evaluation_set(parts.records, parts.clock())
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content.encode("utf-8", "replace"))
        headers = dict(HEADERS) | {"content-disposition": 'attachment; filename="wirewatch-labels.zip"'}
        return Response(packed.getvalue(), headers=headers, media_type="application/zip")

    @made.post("/labels", dependencies=EDITOR)
    def label(
        parts: Wired,
        request: Request,
        asking: Asking,
        a: Annotated[str, Form(max_length=4096)],
        b: Annotated[str, Form(max_length=4096)],
        same: Annotated[str, Form(pattern="^(yes|no)$")],
        note: Annotated[str, Form(max_length=2000)] = "",
    ) -> Response:
        view = parts.records.article(a)
        if view is None:
            raise NotThere(f"there is no article {a!r}")
        try:
            told = say(
                parts.records, view.article.id, b.strip(), same == "yes", asking.name, note.strip(), parts.clock()
            )
        except BadInput as error:
            [story] = parts.records.stories([view.story_id])
            within = any(copy.article_id == b for copy in story.copies)
            given = {"other" if within else "elsewhere": b, "note": note}
            return shown(
                parts, request, asking, story, view.article.id, wrong=_plainly(parts, error.message), given=given
            )
        parts.audit(asking, "label made", told.words, number=told.id)
        return _to_story(parts, told)

    @made.post("/labels/{number}/undo", dependencies=EDITOR)
    def undo(
        parts: Wired,
        request: Request,
        asking: Asking,
        number: Annotated[int, Path(ge=1, le=2**53)],
        back: Annotated[str, Form(max_length=300)] = "",
    ) -> Response:
        if label_of(parts.records, number) is None:
            raise NotThere(f"there is no label {number}")
        try:
            told = parts.records.take_back(number, parts.clock())
        except BadInput as error:
            return _listed(parts, request, asking, 1, wrong=_plainly(parts, error.message))
        parts.audit(asking, "label taken back", told.words, number=number)
        return _to_story(parts, told) if back.startswith("/stories/") else go_to("/labels", undone=str(told.id))

    return made


def _plainly(parts: Parts, message: str) -> str:
    """An error of the records with outlets for ids, and without what is to be typed on a command line."""

    def outlet(found: re.Match[str]) -> str:
        view = parts.records.article(found[0])
        return f"{view.outlet}’s copy" if view else found[0]

    words = re.sub(r"\ba[0-9a-f]{20}\b", outlet, re.sub(r"\s*\(?`wirewatch [^`]*`\)?( shows them)?", "", message))
    return words[:1].upper() + words[1:].rstrip(" :") + "."


def _to_story(parts: Parts, told: Label) -> Response:
    """To the story in which the label's first article is now."""
    view = parts.records.article(told.a) or parts.records.article(told.b)
    if view is None:
        return go_to("/labels")
    return go_to(f"/stories/{view.story_id}", article=view.article.id, said=str(told.id))


def _listed(
    parts: Parts, request: Request, asking: Asking, at: int, *, undone: int = 0, wrong: str = ""
) -> Response:  # fmt: skip
    every = list(reversed(parts.records.labels()))
    pages = max(1, -(-len(every) // PAGE))
    at = min(at, pages)
    rows = [
        Row(one, parts.records.article(one.a), parts.records.article(one.b))
        for one in every[(at - 1) * PAGE : at * PAGE]
    ]
    values = {
        "rows": rows,
        "count": len(every),
        "at": at,
        "pages": pages,
        "undone": undone,
        "wrong": wrong,
        "may_say": asking.may(Role.EDITOR),
    }
    return page(request, "labels.html", asking, status=409 if wrong else 200, **values)
