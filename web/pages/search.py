"""The page that everything begins at: a query, and the stories that it finds."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal
from urllib.parse import quote_plus

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from pipeline.errors import BadQuery
from pipeline.people import Person
from search.ast import resolve
from search.base import Order
from search.facets import Facet
from search.parse import parse
from web import editing, landscape
from web.access import Asking
from web.answers import Answer, Ask, answer, like, understood
from web.api.values import LONGEST_QUERY
from web.grammar import CHAPTERS, KEYS
from web.parts import Parts, Wired
from web.render import go_to, page

STORIES = 10  # of a page, if no other number is asked for
VALUES = 8  # of a facet
MORE = 200  # of the one that is asked for in full
EXPORTS = (("csv", "CSV"), ("json", "JSON"), ("jsonl", "JSON lines"), ("ris", "RIS"), ("bibtex", "BibTeX"))


class State(BaseModel):
    """What an address of the page says; what it does not say is as it is by itself."""

    q: Annotated[str, Query(max_length=LONGEST_QUERY)] = ""
    like: Annotated[str, Query(max_length=2000)] = ""  # an article or story: more like it
    order: Literal["", "relevance", "newest"] = ""
    each: Literal["", "1"] = ""  # 1 = each copy by itself
    share: Literal["", "1"] = ""  # 1 = bars are shares of all coverage
    more: Literal["", "outlet", "country", "lang", "wire", "topic", "entity", "author"] = ""  # the facet shown in full
    many: Literal["", "25", "50"] = ""  # stories of a page
    after: Annotated[str, Query(max_length=2000)] = ""
    since: Annotated[str, Query(max_length=40)] = ""  # a stretch of time to be put into the query
    until: Annotated[str, Query(max_length=40)] = ""

    @cached_property
    def kept(self) -> dict[str, str]:
        """What another page of the same search says, too."""
        return {name: value for name, value in self if value and name not in ("after", "since", "until")}

    def with_(self, **changes: str) -> dict[str, str]:
        """The values of another address; another query begins at its first page."""
        return {name: value for name, value in {**self.kept, **changes}.items() if value}

    def address(self, changes: dict[str, str]) -> str:
        """That address. A page has some two hundred, so each value is written by itself."""
        told = [f"{name}={quote_plus(value)}" for name, value in self.with_(**changes).items()]
        return f"/?{'&'.join(told)}" if told else "/"


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(include_in_schema=False)

    @made.get("/", response_model=None)
    def search(parts: Wired, request: Request, asking: Asking, state: Annotated[State, Query()]) -> Response:
        try:
            if state.since or state.until:
                return go_to("/", **state.with_(q=_within(state)))
            return _found(parts, request, asking, state)
        except BadQuery as wrong:
            return _page(request, asking, state, status=400, wrong=wrong)

    @made.get("/help")
    def help(request: Request, asking: Asking) -> Response:
        return page(request, "help.html", asking, chapters=CHAPTERS, keys=KEYS)

    return made


def _within(state: State) -> str:
    node = parse(state.q)
    field = landscape.field_of(node)
    since, until = editing.moment(state.since), editing.moment(state.until)
    if since and until and since > until:
        since, until = until, since
    if until and (until == since or "T" not in state.until):  # a day as a form sends it is meant whole
        until = editing.day_after(until)
    return editing.text_of(editing.within(node, field, since, until))


def _found(parts: Parts, request: Request, asking: Person, state: State) -> Response:
    records, index = parts.records, parts.index
    now = parts.clock().replace(second=0, microsecond=0)  # so that what was counted a moment ago still holds
    meant = resolve(understood(records, state.q), now)
    interval = landscape.interval_of(index, meant, landscape.field_of(parse(state.q)), now)
    ask = Ask(
        state.q,
        like=state.like,
        order=Order(state.order or "relevance"),
        folded=not state.each,
        limit=int(state.many or STORIES),
        after=state.after,
        facets=tuple(landscape.FACETS),
        top=VALUES,
        histogram=interval,
        by=landscape.field_of(parse(state.q)),
    )
    told = answer(records, index, ask, now)
    more: dict[str, Facet] = {}
    if state.more:
        asked = like(records, index, state.like, meant) if state.like else meant
        more = dict(index.facets(asked, [state.more], top=MORE))
    blamed = landscape.blamed(records, index, state.q, now) if told.held and not told.total and not state.like else []
    shown = landscape.shown(state.q, told, more, interval, bool(state.share))
    columns = [(one, state.address({"q": one.query})) for one in shown.columns]
    of = records.article(state.like) if state.like else None
    return _page(
        request, asking, state, told=told, shown=shown, columns=columns, blamed=blamed, liked=of and of.article.title
    )


def _page(
    request: Request,
    asking: Person,
    state: State,
    *,
    status: int = 200,
    told: Answer | None = None,
    shown: landscape.Shown | None = None,
    wrong: BadQuery | None = None,
    **values: Any,
) -> Response:
    names = {"names": landscape.FACETS, "chapters": CHAPTERS, "keys": KEYS, "exports": EXPORTS, "values": VALUES}
    known: dict[str, Any] = {"blamed": [], "liked": "", "state": state, "told": told, "shown": shown, "wrong": wrong}
    return page(request, "search.html", asking, status=status, **known | names | values)
