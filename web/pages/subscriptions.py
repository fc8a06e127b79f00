"""All subscriptions, with how they do; and the addresses of their feeds in one file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, Response

from pipeline.people import Role
from pipeline.watch import DeliveryState, Output, Subscription
from web.access import Asking
from web.feeds.opml import opml
from web.parts import Parts, Wired
from web.render import page
from web.saved import broken
from web.wording import MODES, output_words

CHART_DAYS = 30
PAGE = 100  # subscriptions


@dataclass(frozen=True, slots=True)
class Row:
    """A subscription as the list shows it."""

    one: Subscription
    wrong: str  # why its query means nothing; "" = it can be read
    per_day: Sequence[tuple[date, int]]  # alerts of the last `CHART_DAYS` days
    last: datetime | None
    outputs: Sequence[tuple[Output, str, int]]  # in use: in words, and the number that was given up

    def since(self, days: int) -> int:
        """Alerts of the last so many days."""
        return sum(count for _, count in self.per_day[-days:])


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(include_in_schema=False)

    @made.get("/subscriptions")
    def listed(
        parts: Wired,
        request: Request,
        asking: Asking,
        find: Annotated[str, Query(max_length=200)] = "",
        number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
        said: Annotated[str, Query(max_length=20)] = "",
    ) -> HTMLResponse:
        everybody = parts.records.subscriptions()
        wanted = [one for one in everybody if find.lower() in f"{one.name}\n{one.query}\n{one.note}".lower()]
        shown = wanted[(number - 1) * PAGE : number * PAGE]
        return page(
            request, "subscriptions.html", asking,
            rows=rows(parts, shown, everybody), find=find, found=len(wanted), held=len(everybody), number=number,
            pages=-(-len(wanted) // PAGE), editor=asking.may(Role.EDITOR), said=said, modes=MODES,
        )  # fmt: skip

    @made.get("/subscriptions.opml")
    def all_feeds(parts: Wired, asking: Asking) -> Response:
        return opml(parts)

    return made


def rows(parts: Parts, shown: Sequence[Subscription], everybody: Sequence[Subscription]) -> list[Row]:
    """These subscriptions with how they do."""
    unread = broken(everybody, only=shown)
    today = parts.clock().date()
    days = [today - timedelta(days=back) for back in range(CHART_DAYS - 1, -1, -1)]
    told = parts.records.alert_days(parts.clock() - timedelta(days=CHART_DAYS))
    last = parts.records.last_alerts()
    dead: dict[str, int] = {}
    for one in parts.records.deliveries(state=DeliveryState.DEAD, limit=1000):
        dead[one.output.id] = dead.get(one.output.id, 0) + 1
    ways: dict[str, list[tuple[Output, str, int]]] = {}
    for way in parts.records.outputs():
        if way.revoked is None:
            ways.setdefault(way.subscription_id, []).append((way, output_words(way), dead.get(way.id, 0)))
    return [
        Row(
            one,
            str(unread.get(one.name, "")),
            [(day, told.get(one.id, {}).get(day, 0)) for day in days],
            last.get(one.id),
            ways.get(one.id, []),
        )
        for one in shown
    ]
