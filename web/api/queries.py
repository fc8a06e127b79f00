"""Queries as they are understood, what they would have told, and why they did or did not tell of an article."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from pipeline.errors import Away, Trouble
from pipeline.types import Document
from pipeline.watch import Mode
from search.ast import Node, names_used
from search.format import format_query
from search.importing import Origin
from search.importing import understood as imported
from search.json_form import from_json, to_json
from web.answers import understood
from web.api.query_shapes import BacktestTold, Samples, Whys
from web.api.shapes import QueryTold
from web.api.subscriptions import Name
from web.api.values import LONGEST_QUERY, Given
from web.backtest import DAYS, backtest
from web.parts import Parts, Wired
from web.samples import judge, read
from web.saved import understood as saved_as
from web.watching import found
from web.why import concerned, why

MOST_DAYS = 366
Days = Annotated[int, Query(ge=1, le=MOST_DAYS, description="Days back from now.")]
Url = Annotated[str, Query(max_length=4096, description="The article's address or id.")]
Subscribed = Annotated[str, Query(max_length=200, description="Its name or id; none = all that match or told.")]


class Form(Given):
    """A query in its JSON form."""

    form: dict[str, Any]


class Trial(Given):
    """A query that is to be tried before it is saved."""

    query: str = Field(min_length=1, max_length=LONGEST_QUERY)
    mode: Mode = Mode.STORY
    days: int = Field(default=DAYS, ge=1, le=MOST_DAYS)
    budget: float | None = Field(default=None, gt=0, description="Alerts a day from which on it warns.")


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(tags=["search"])

    @made.get(
        "/query",
        summary="A query as it is understood; a wrong one is answered 400 with the column",
        response_model=QueryTold,
        response_model_exclude_unset=True,
    )
    def understand(
        q: Annotated[str, Query(max_length=LONGEST_QUERY)],
        origin: Annotated[Origin, Query(alias="from")] = Origin.WIREWATCH,
    ) -> dict[str, Any]:
        told = imported(q, origin)
        return _told(told.query, told.notes)

    @made.post(
        "/query",
        summary="The same of a query in its JSON form",
        response_model=QueryTold,
        response_model_exclude_unset=True,
    )
    def written(given: Form) -> dict[str, Any]:
        return _told(from_json(given.form))

    @made.post("/backtest", summary="What a query would have told", response_model=BacktestTold)
    def tried(parts: Wired, given: Trial) -> dict[str, Any]:
        return _tried(parts, given.query, given.mode, given.days, given.budget)

    @made.get(
        "/subscriptions/{name}/backtest", summary="What a subscription would have told", response_model=BacktestTold
    )
    def of_subscription(parts: Wired, name: Name, days: Days = DAYS) -> dict[str, Any]:
        one = found(parts, name)
        return _tried(parts, one.query, one.mode, days, one.budget)

    @made.get(
        "/subscriptions/{name}/samples",
        summary="Whether its samples are matched as they must be",
        response_model=Samples,
    )
    def samples(parts: Wired, name: Name) -> dict[str, Any]:
        one, now = found(parts, name), parts.clock()
        node = saved_as(one, parts.records.subscriptions())
        told = [
            _sample(node, text, read(text, parts.records, parts.tag, now), must=must)
            for must, texts in ((True, one.must), (False, one.must_not))
            for text in texts
        ]
        return {"ok": all(each["ok"] for each in told), "samples": told}

    @made.get("/why", summary="Why a subscription told of an article, or did not", response_model=Whys)
    def asked(parts: Wired, url: Url, subscription: Subscribed = "") -> dict[str, Any]:
        now = parts.clock()
        of = [found(parts, subscription)] if subscription else concerned(parts.records, url, now)
        indexed = _indexed(parts)
        return {"subscriptions": [why(parts.records, indexed, url, one, now).to_json() for one in of]}

    return made


def _sample(node: Node, text: str, document: Document | str, *, must: bool) -> dict[str, Any]:
    wrong = (document,) if isinstance(document, str) else judge(node, document, must=must)
    return {"sample": text, "must": must, "ok": not wrong, "words": wrong[0] if wrong else ""}


def _told(node: Node, notes: Sequence[str] = ()) -> dict[str, Any]:
    told = {"query": format_query(node), "form": to_json(node), "uses": sorted(names_used(node))}
    return told | {"notes": list(notes)}


def _tried(parts: Parts, query: str, mode: Mode, days: int, budget: float | None) -> dict[str, Any]:
    node = understood(parts.records, query)
    return backtest(node, mode, parts.index, parts.records, parts.clock(), days=days, budget=budget).to_json()


def _indexed(parts: Parts) -> int | None:
    """How far the index is; None when it cannot be asked, which is no reason not to answer."""
    try:
        return parts.index.position()
    except (Trouble, Away):
        return None
