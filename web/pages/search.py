"""The page that everything begins at: a query, and the stories that it finds."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from pipeline.errors import BadQuery
from web.access import Asking
from web.answers import Ask, answer
from web.api.values import LONGEST_QUERY
from web.parts import Wired
from web.render import page


def router() -> APIRouter:
    """The route."""
    made = APIRouter(include_in_schema=False)

    @made.get("/")
    def search(
        parts: Wired,
        request: Request,
        asking: Asking,
        q: Annotated[str, Query(max_length=LONGEST_QUERY)] = "",
        after: Annotated[str, Query(max_length=2000)] = "",
    ) -> HTMLResponse:
        try:
            told = answer(parts.records, parts.index, Ask(q, after=after), parts.clock())
        except BadQuery as wrong:
            return page(request, "search.html", asking, status=400, q=q, answer=None, wrong=wrong)
        return page(request, "search.html", asking, q=q, answer=told, wrong=None)

    return made
