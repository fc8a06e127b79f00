"""Queries as they are understood, as text and as JSON."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from search.ast import Node, names_used
from search.format import format_query
from search.json_form import from_json, to_json
from search.parse import parse
from web.api.values import LONGEST_QUERY, Given


class Form(Given):
    """A query in its JSON form."""

    form: dict[str, Any]


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(tags=["search"])

    @made.get("/query", summary="A query as it is understood; a wrong one is answered 400 with the column")
    def read(q: Annotated[str, Query(max_length=LONGEST_QUERY)]) -> dict[str, Any]:
        return _told(parse(q))

    @made.post("/query", summary="The same of a query in its JSON form")
    def written(given: Form) -> dict[str, Any]:
        return _told(from_json(given.form))

    return made


def _told(node: Node) -> dict[str, Any]:
    return {"query": format_query(node), "form": to_json(node), "uses": sorted(names_used(node))}
