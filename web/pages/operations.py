"""How the house is: what waits, who runs, the quarantine, the way of one page, and fetching one now."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Query, Request
from starlette.responses import HTMLResponse, Response

from pipeline.errors import BadInput, WirewatchError
from pipeline.people import Role
from web.access import Asking, needs
from web.api.house import fetch_now, kept, queue_words, waits
from web.house import span, working
from web.parts import Wired
from web.render import go_to, page
from web.trace import steps

EDITOR = [Depends(needs(Role.EDITOR))]
MOST = 200  # of the quarantine on a page
Url = Annotated[str, Form(max_length=4096)]


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(include_in_schema=False)

    @made.get("/operations")
    def operations(parts: Wired, request: Request, asking: Asking) -> HTMLResponse:
        told = working(parts)
        values: dict[str, Any] = {"told": told, "waits": waits(told), "span": span, "queue_words": queue_words}
        return page(request, "operations.html", asking, **values)

    @made.get("/operations/checks", dependencies=[Depends(needs(Role.ADMIN))])
    def checks(parts: Wired, request: Request, asking: Asking) -> HTMLResponse:
        return page(request, "operations_checks.html", asking, findings=list(parts.examine()))

    @made.get("/operations/quarantine")
    def quarantine(
        parts: Wired, request: Request, asking: Asking, replayed: Annotated[str, Query(max_length=20)] = ""
    ) -> HTMLResponse:
        total = parts.records.sizes().quarantined
        items = parts.records.quarantined(MOST)
        return page(request, "quarantine.html", asking, items=items, total=total, replayed=replayed)

    @made.post("/operations/quarantine/replay", dependencies=EDITOR)
    def replay(
        parts: Wired,
        asking: Asking,
        ids: Annotated[list[int], Form(max_length=MOST)] = [],  # noqa: B006  # FastAPI copies it
        all: Annotated[str, Form(max_length=3)] = "",
    ) -> Response:
        count = parts.records.replay(None if all else ids)
        parts.audit(asking, "quarantine tried again", "all" if all else "some", count=count)
        return go_to("/operations/quarantine", replayed=str(count))

    @made.get("/operations/quarantine/{number}")
    def one(
        parts: Wired, request: Request, asking: Asking, number: Annotated[int, Path(ge=1, lt=2**63)]
    ) -> HTMLResponse:
        item, first = kept(parts, number)
        return page(request, "quarantine_one.html", asking, item=item, first=first)

    @made.get("/operations/trace")
    def trace(
        parts: Wired,
        request: Request,
        asking: Asking,
        url: Annotated[str, Query(max_length=4096)] = "",
        asked: Annotated[str, Query(max_length=10)] = "",
    ) -> HTMLResponse:
        url = url.strip()
        trail = parts.records.trail(url) if url else None
        try:
            indexed = parts.index.position() if trail else None
        except WirewatchError:
            indexed = None
        way = list(steps(trail, indexed)) if trail else []
        values: dict[str, Any] = {"url": url, "trail": trail, "steps": way, "asked": asked, "wrong": ""}
        return page(request, "trace.html", asking, status=404 if url and not trail else 200, **values)

    @made.post("/operations/fetch", dependencies=EDITOR)
    def fetch(parts: Wired, request: Request, asking: Asking, url: Url = "") -> Response:
        try:
            asked = fetch_now(parts, url)
        except BadInput as error:
            values: dict[str, Any] = {"url": url, "trail": None, "steps": [], "asked": "", "wrong": str(error)}
            return page(request, "trace.html", asking, status=400, **values)
        parts.audit(asking, "page asked for", asked.task.url)
        return go_to("/operations/trace", url=asked.task.url, asked="new" if asked.new else "again")

    return made
