"""Queries as they are understood."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from search.ast import names_used
from search.format import format_query
from search.importing import Origin, understood
from search.json_form import to_json
from web.api.values import LONGEST_QUERY


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(tags=["search"])

    @made.get("/query", summary="A query as it is understood; a wrong one is answered 400 with the column")
    def query(
        q: Annotated[str, Query(max_length=LONGEST_QUERY)],
        origin: Annotated[Origin, Query(alias="from")] = Origin.WIREWATCH,
    ) -> dict[str, Any]:
        read = understood(q, origin)
        told = {"query": format_query(read.query), "form": to_json(read.query)}
        return told | {"uses": names_used(read.query), "notes": read.notes}

    return made
