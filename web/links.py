"""The addresses of a link: /s/{token}.rss, .atom, .json, /alerts and /stream, and who may read them: who knows them.

An unknown token is answered 404 and a revoked one 410, each after the same one look into the records.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from pipeline.controls import without_controls
from pipeline.watch import Output, Subscription
from records.telling import tell
from web.conditional import Memory, answer, tag_of
from web.feeds.atom import ATOM
from web.feeds.feed import Feed, Format
from web.feeds.jsonfeed import JSON_FEED
from web.feeds.rss import RSS
from web.parts import Parts, Wired

FORMATS = (RSS, ATOM, JSON_FEED)
MOST_ITEMS = 500
FRESH = 60  # seconds for which a reader need not ask again
Token = Annotated[str, Path(max_length=200, description="What makes the address unguessable.")]
HEADERS = {  # the address is the key: no Referer, shared cache or search engine may have it
    "referrer-policy": "no-referrer",
    "cache-control": f"private, max-age={FRESH}",
    "x-robots-tag": "noindex, nofollow",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
}


class Shape(BaseModel):
    """What a reader may ask for in the address of a feed."""

    hours: float | None = Field(default=None, gt=0, le=87_600, description="Only of the last so many hours.")
    n: int = Field(default=50, ge=1, le=MOST_ITEMS, description="So many items at most, the newest.")
    order: Literal["newest", "oldest"] = Field(default="newest", description="Which of them comes first.")
    content: Literal["summary", "full"] = Field(default="summary", description="How much of the text.")


def known(parts: Parts, token: str) -> tuple[Output, Subscription]:
    """The output of this token, and whose it is. Raise 404 or 410."""
    output = parts.records.link(token)
    if output is None:
        raise HTTPException(404, "no feed has this address")
    if output.revoked is not None:
        raise HTTPException(410, "this address was revoked; ask who gave it to you for another")
    subscription = parts.records.subscription(output.subscription_id)
    if subscription is None:  # removed since
        raise HTTPException(404, "no feed has this address")
    return output, subscription


def addresses(parts: Parts, token: str) -> dict[str, str]:
    """All addresses of a link, by what is there."""
    base = f"{parts.public_url}/s/{token}"
    feeds = {one.suffix: f"{base}.{one.suffix}" for one in FORMATS}
    return feeds | {"stream": f"{base}/stream", "alerts": f"{base}/alerts"}


def router() -> APIRouter:
    """The feeds of all formats."""
    made, memory = APIRouter(tags=["feeds"]), Memory()
    for form in FORMATS:
        _add(made, form, memory)
    return made


def _add(made: APIRouter, form: Format, memory: Memory) -> None:
    def feed(parts: Wired, request: Request, token: Token, shape: Annotated[Shape, Query()]) -> Response:
        now = parts.clock()
        body = form.write(_feed(parts, form, token, shape, now))
        address = f"{token}.{form.suffix}?{_asked(shape)}"
        return answer(request, body, form.media_type, memory.since(address, tag_of(body), now), now, HEADERS)

    path, name = f"/s/{{token}}.{form.suffix}", f"The feed in {form.media_type}"
    told: Mapping[int | str, dict[str, object]] = {
        200: {"content": {form.media_type: {}}, "description": "The feed."},
        304: {"description": "It is as the caller has it."},
        404: {"description": "No feed has this address."},
        410: {"description": "The address was revoked."},
    }
    made.add_api_route(path, feed, summary=name, response_class=Response, responses=dict(told), methods=["GET"])
    made.add_api_route(path, feed, methods=["HEAD"], include_in_schema=False)


def _feed(parts: Parts, form: Format, token: str, shape: Shape, now: datetime) -> Feed:
    _, subscription = known(parts, token)
    since = now - timedelta(hours=shape.hours) if shape.hours else None
    alerts = parts.records.alerts(subscription.id, newest=True, limit=shape.n, since=since)
    items = tell(parts.records, alerts)
    asked = _asked(shape)
    return Feed(
        id=uuid.uuid5(uuid.NAMESPACE_OID, f"wirewatch:{subscription.id}").urn,
        title=without_controls(f"Wirewatch: {subscription.name}"),
        description=f"What matches {subscription.query}" + ("" if subscription.active else " (paused)"),
        home=f"{parts.public_url}/",
        address=f"{addresses(parts, token)[form.suffix]}{'?' if asked else ''}{asked}",
        updated=max((one.told for one in items), default=subscription.since or now),
        items=items if shape.order == "newest" else items[::-1],
        full=shape.content == "full",
    )


def _asked(shape: Shape) -> str:
    """What was asked for other than as usual, in one order, whatever else the address had."""
    usual = Shape().model_dump()
    return urlencode({key: value for key, value in shape.model_dump().items() if value != usual[key]})
