"""The web application, made from its parts."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.gzip import GZipMiddleware

from web import assets, links, problems, stream
from web.access import person
from web.api import (
    archive,
    complete,
    deliveries,
    house,
    items,
    now,
    outputs,
    people,
    queries,
    search,
    sources,
    stories,
    subscriptions,
    system,
    watchfile,
)
from web.bell import MOST, Bell
from web.board import Boards
from web.bounds import Bounded
from web.complete import Completer
from web.cursor import newest
from web.declared import Declared
from web.etags import Tagged
from web.origin import SameOrigin
from web.pages import PAGES, login
from web.parts import Parts
from web.rate import Buckets, Rated, counted
from web.remembering import remembering

API = (
    search,
    complete,
    now,
    queries,
    subscriptions,
    outputs,
    deliveries,
    archive,
    stories,
    sources,
    house,
    items,
    watchfile,
    system,
    people,
)
SMALLEST = 1000  # bytes from which an answer is compressed
LEVEL = 5  # of gzip: 9 takes five times as long over the page of sources, for a tenth less


def make_app(parts: Parts, version: str = "", *, streams: int = MOST) -> FastAPI:
    """The pages for people; the API below /api/v1, described at /api/v1/openapi.json; what links give below /s.

    At most `streams` live streams are open at a time. What waits for records or index runs in threads. There are no
    pages that describe the API, for FastAPI's fetch their scripts from elsewhere.
    """
    app = FastAPI(
        title="Wirewatch",
        version=version or "0",
        description="Search, subscriptions and what they told: see docs/api.md and docs/feeds.md.",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    parts = replace(parts, index=remembering(parts.index, parts.clock))
    app.state.parts = parts
    app.state.boards = Boards()
    app.state.completer = Completer(parts.records, parts.index, parts.taggers.taxonomy)
    app.state.bell = Bell(partial(newest, parts), most=streams)
    problems.add_to(app)
    app.state.buckets = Buckets(parts.api_rate, parts.clock) if parts.api_rate else None
    app.add_middleware(Tagged)
    if app.state.buckets:
        app.add_middleware(Rated, buckets=app.state.buckets)
    app.add_middleware(GZipMiddleware, minimum_size=SMALLEST, compresslevel=LEVEL)
    app.add_middleware(SameOrigin)
    app.add_middleware(Bounded)
    app.add_middleware(Declared)
    wrong: dict[int | str, dict[str, Any]] = {"default": problems.DESCRIBED}
    app.include_router(assets.router())
    for one in PAGES:  # before the API: routes are tried one after another
        made = one.router()
        for route in made.routes:
            if isinstance(route, APIRoute) and route.methods and "GET" in route.methods:
                route.methods.add("HEAD")
        app.include_router(made, dependencies=[] if one is login else [Depends(person)])
    app.include_router(links.router(), responses=wrong)
    app.include_router(stream.router(), responses=wrong)
    for one in API:
        app.include_router(one.router(), prefix="/api/v1", dependencies=[Depends(counted)], responses=wrong)
    return app
