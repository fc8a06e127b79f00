"""Why a subscription told of an article, or not."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import HTMLResponse

from pipeline.errors import WirewatchError
from web.access import Asking
from web.parts import Parts, Wired
from web.problems import NotThere
from web.render import page
from web.why import concerned
from web.why import why as explained


def router() -> APIRouter:
    """The route."""
    made = APIRouter(include_in_schema=False)

    @made.get("/articles/{article_id}/why")
    def why(
        parts: Wired,
        request: Request,
        asking: Asking,
        article_id: Annotated[str, Path(max_length=200)],
        subscription: Annotated[str, Query(max_length=200)] = "",
    ) -> HTMLResponse:
        view = parts.records.article(article_id)
        if view is None:
            raise NotThere(f"there is no article {article_id!r}")
        id, now = view.article.id, parts.clock()
        if subscription:
            one = parts.records.subscription(subscription)
            if one is None:
                raise NotThere(f"there is no subscription {subscription!r}")
            asked = [one]
        else:
            asked = concerned(parts.records, id, now)
        indexed = _indexed(parts)
        told = [explained(parts.records, indexed, id, one, now) for one in asked]
        every = parts.records.subscriptions()
        return page(
            request, "why.html", asking, view=view, one=view.article, told=told, every=every, subscription=subscription
        )

    return made


def _indexed(parts: Parts) -> int | None:
    try:
        return parts.index.position()
    except WirewatchError:
        return None
