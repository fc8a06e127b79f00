"""What may come next in a query that is being typed."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from web.api.shapes import Completions
from web.api.values import LONGEST_QUERY
from web.complete import Completer
from web.parts import Wired


def router() -> APIRouter:
    """The route."""
    made = APIRouter(tags=["search"])

    @made.get("/complete", summary="What may come next in a query that is being typed", response_model=Completions)
    def complete(
        parts: Wired,
        request: Request,
        q: Annotated[str, Query(max_length=LONGEST_QUERY, description="The query so far.")] = "",
        at: Annotated[int, Query(ge=0, description="Where the cursor is, in characters from 0.")] = 0,
    ) -> dict[str, Any]:
        completer: Completer = request.app.state.completer
        return {"completions": [one._asdict() for one in completer.complete(q, at, parts.clock())]}

    return made
