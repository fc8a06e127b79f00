"""The web application, made from its parts."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware

from web import links, problems, stream
from web.access import may_use
from web.api import archive, deliveries, outputs, queries, search, subscriptions
from web.bell import MOST, Bell
from web.bounds import Bounded
from web.cursor import newest
from web.parts import Parts

SMALLEST = 1000  # bytes from which an answer is compressed


def make_app(parts: Parts, version: str = "", *, streams: int = MOST) -> FastAPI:
    """The API below /api, described at /api/openapi.json; what links give below /s.

    At most `streams` live streams are open at a time. What waits for records or index runs in threads. There are no
    pages that describe the API, for FastAPI's fetch their scripts from elsewhere.
    """
    app = FastAPI(
        title="Wirewatch",
        version=version or "0",
        description="Search, subscriptions and what they told: see docs/api.md and docs/feeds.md.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.parts = parts
    app.state.bell = Bell(partial(newest, parts), most=streams)
    problems.add_to(app)
    app.add_middleware(GZipMiddleware, minimum_size=SMALLEST)
    app.add_middleware(Bounded)
    wrong: dict[int | str, dict[str, Any]] = {"default": problems.DESCRIBED}
    app.include_router(links.router(), responses=wrong)
    app.include_router(stream.router(), responses=wrong)
    for one in (search, queries, subscriptions, outputs, deliveries, archive):
        app.include_router(one.router(), prefix="/api", dependencies=[Depends(may_use)], responses=wrong)
    return app
