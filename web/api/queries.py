"""Queries as they are understood."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from search.format import format_query
from search.parse import parse
from web.api.values import LONGEST_QUERY
from web.parts import Wired


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(tags=["search"])

    @made.get("/query", summary="A query in its normal form; a wrong one is answered 400 with the column")
    def query(parts: Wired, q: Annotated[str, Query(max_length=LONGEST_QUERY)]) -> dict[str, Any]:
        return {"query": format_query(parse(q, now=parts.clock()))}

    return made
