"""A story seen through its copies: where it comes from, how two texts differ, and what persons say of them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response

from pipeline.errors import BadInput
from pipeline.people import Role
from records.values import ArticleView
from web.access import Asking, needs
from web.api.paging import PagedQuery, sliced
from web.api.story_shapes import DifferenceTold, LabelsTold, LabelTold, NewLabel, ProvenanceTold
from web.comparing import difference, of_versions, side
from web.labelling import label_json, label_of, say
from web.parts import Parts, Wired
from web.problems import NotThere, Taken
from web.story_json import difference_json, trace_json

Id = Annotated[str, Path(description="The id: a… for articles, s… for stories.", max_length=200)]
What = Annotated[str, Query(description="An article's id or address.", max_length=4096)]
Number = Annotated[int, Query(description="Of a version, from 1; 0 = the last two.", ge=0, le=1_000_000)]


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(tags=["stories"])

    @made.get(
        "/stories/{story_id}/provenance",
        summary="Where a story comes from: its agency, who carried it when, and what each copy did to it",
        response_model=ProvenanceTold,
    )
    def provenance(parts: Wired, story_id: Id) -> dict[str, Any]:
        try:
            return trace_json(parts.tracer.trace(parts.records, story_id))
        except BadInput as error:
            raise NotThere(error.message) from error

    @made.get("/diff", summary="Two articles compared, passage by passage", response_model=DifferenceTold)
    def diff(parts: Wired, a: What, b: What) -> dict[str, Any]:
        one, other = _article(parts, a), _article(parts, b)
        return difference_json(difference(side(one), side(other), other.article.language))

    @made.get(
        "/articles/{article_id}/versions/diff",
        summary="Two versions of an article compared",
        response_model=DifferenceTold,
    )
    def versions(parts: Wired, article_id: Id, a: Number = 0, b: Number = 0) -> dict[str, Any]:
        return difference_json(of_versions(parts.records, _article(parts, article_id), a, b))

    @made.get("/labels", summary="What persons say of copies, those taken back too", response_model=LabelsTold)
    def labels(parts: Wired, asked: PagedQuery) -> dict[str, Any]:
        shown, next = sliced(parts.records.labels(), lambda one: (one.id,), asked)
        return {"labels": [label_json(one) for one in shown], "next": next}

    @made.post(
        "/labels",
        summary="Say that two articles are, or are not, the same reporting: their stories are merged or parted at once",
        status_code=201,
        response_model=LabelTold,
        dependencies=[Depends(needs(Role.EDITOR))],
    )
    def label(parts: Wired, asking: Asking, given: NewLabel, response: Response) -> dict[str, Any]:
        a, b = (_article(parts, what).article.id for what in (given.a, given.b))
        if a == b:
            raise BadInput("a and b are one article: name two")
        try:
            made = say(parts.records, a, b, given.same, asking.name, given.note, parts.clock())
        except BadInput as error:
            raise Taken(error.message) from error
        parts.audit(asking, "label made", made.words, number=made.id)
        response.headers["location"] = "/api/v1/labels"
        return label_json(made)

    @made.post(
        "/labels/{number}/undo",
        summary="Take a label back: what it moved goes back to where it was",
        response_model=LabelTold,
        dependencies=[Depends(needs(Role.EDITOR))],
    )
    def undo(parts: Wired, asking: Asking, number: Annotated[int, Path(ge=1, le=2**53)]) -> dict[str, Any]:
        if label_of(parts.records, number) is None:
            raise NotThere(f"there is no label {number}")
        try:
            told = parts.records.take_back(number, parts.clock())
        except BadInput as error:
            raise Taken(error.message) from error
        parts.audit(asking, "label taken back", told.words, number=number)
        return label_json(told)

    return made


def _article(parts: Parts, what: str) -> ArticleView:
    view = parts.records.article(what)
    if view is None:
        raise NotThere(f"there is no article {what!r}")
    return view
