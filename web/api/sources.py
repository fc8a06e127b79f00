"""The outlets that are watched: how they stand, adding one, OPML in and out."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Query, Response

from crawlers.registry import to_toml
from crawlers.schedule import state_in_words
from pipeline.people import Role
from pipeline.telling import moment
from pipeline.types import Source
from web.access import Asking, needs
from web.api.paging import MOST, After, Limit, Paged, following
from web.api.source_shapes import (
    AddressGiven,
    ImportTold,
    PreviewTold,
    SavedTold,
    SourceGiven,
    Sources,
    SourceWhole,
    feed_json,
    furniture_json,
    preview_json,
    source_values,
    standing_json,
)
from web.parts import Parts, Wired
from web.problems import NotThere, Taken
from web.sourcing import named
from web.standing import Order, Wanted, chosen, standing, standings

LATEST = 20  # articles told of one source
Id = Annotated[str, Path(description="The source's id.")]
EDITOR = [Depends(needs(Role.EDITOR))]
OPML = "text/x-opml; charset=utf-8"
Over = Annotated[bool, Query(description="Also in place of a source of the same id.")]


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(tags=["sources"])

    @made.get("/sources", summary="Every source and how it stands", response_model=Sources)
    def listed(
        parts: Wired,
        state: Annotated[str, Query(max_length=40)] = "",
        country: Annotated[str, Query(max_length=3)] = "",
        language: Annotated[str, Query(max_length=3)] = "",
        q: Annotated[str, Query(max_length=200, description="In the name or id.")] = "",
        sort: Order = Order.STATE,
        limit: Limit = MOST,
        after: After = "",
    ) -> dict[str, Any]:
        wanted = Wanted(state, country, language, q, sort)
        found = chosen(standings(parts.records, parts.sourcing.sources, parts.clock()), wanted)
        shown, next = following(found, lambda one: one.source.id, Paged(limit=limit, after=after))
        return {"sources": [standing_json(one) for one in shown], "next": next}

    @made.get(
        "/sources/export",
        summary="All sources with feeds as OPML",
        response_class=Response,
        responses={200: {"content": {"text/x-opml": {}}}},
    )
    def export(parts: Wired) -> Response:
        named_file = {"content-disposition": 'attachment; filename="wirewatch-sources.opml"'}
        return Response(parts.sourcing.export(), media_type=OPML, headers=named_file)

    @made.get("/sources/{source_id}", summary="One source, with all that is known of it", response_model=SourceWhole)
    def one(parts: Wired, source_id: Id) -> dict[str, Any]:
        return whole(parts, found(parts, source_id))

    @made.post(
        "/sources/preview",
        summary="Look at an outlet: what it can be collected by. Nothing is saved; it may take a minute",
        response_model=PreviewTold,
        dependencies=EDITOR,
    )
    def preview(parts: Wired, given: AddressGiven) -> dict[str, Any]:
        seen = parts.sourcing.preview(given.address)
        known = seen.source.id in parts.sourcing.sources
        return preview_json(seen, known=known, cannot_write=parts.sourcing.cannot_write())

    @made.post(
        "/sources", status_code=201, summary="Save a source", response_model=SavedTold, dependencies=EDITOR
    )  # fmt: skip
    def add(parts: Wired, asking: Asking, response: Response, given: SourceGiven, over: Over = False) -> dict[str, Any]:
        source = named(given.values())
        if source.id in parts.sourcing.sources and not over:
            raise Taken(f"a source called {source.id!r} is there already: take another id, or give over=true")
        path = parts.save_source(asking, source, over=over)
        response.headers["location"] = f"/api/v1/sources/{source.id}"
        return {"id": source.id, "path": path.name, "toml": to_toml(source)}

    @made.post(
        "/sources/import",
        summary="An OPML file: what it would add or, with save=true, adds",
        response_model=ImportTold,
        dependencies=EDITOR,
    )
    def imported(
        parts: Wired,
        asking: Asking,
        opml: Annotated[str, Body(media_type="text/x-opml")],
        save: Annotated[bool, Query(description="Save what is new.")] = False,
    ) -> dict[str, Any]:
        held = parts.sourcing.opml(opml.encode())
        if save:
            for source in held.fresh:
                parts.save_source(asking, source)
        return {
            "fresh": [source_values(source) for source in held.fresh],
            "left": [{"name": name, "why": why} for name, why in held.left],
            "saved": save,
        }

    return made


def found(parts: Parts, source_id: str) -> Source:
    """The source of that id. Raise NotThere."""
    if source_id not in parts.sourcing.sources:
        raise NotThere(f"there is no source {source_id!r}; GET /api/v1/sources lists them")
    return parts.sourcing.sources[source_id]


def whole(parts: Parts, source: Source) -> dict[str, Any]:
    """All of one source as plain JSON values."""
    now = parts.clock()
    feeds = [one for one in parts.records.feed_states() if one.source_id == source.id]
    return {
        **standing_json(standing(parts.records, source, now)),
        "toml": to_toml(source),
        "feeds": [feed_json(one, state_in_words(one, now)) for one in feeds],
        "latest": [
            {
                "id": view.article.id,
                "story": view.story_id,
                "title": view.article.title,
                "url": view.article.url,
                "published": moment(view.article.published),
                "first_seen": moment(view.article.first_seen),
                "grade": str(view.article.grade),
            }
            for view in parts.records.latest(source.id, LATEST)
        ],
        "furniture": [furniture_json(one) for one in parts.records.furniture(source.id)],
    }
