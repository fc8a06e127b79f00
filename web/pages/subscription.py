"""One subscription: what it looks for, where it tells, what it told; and pausing and removing it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse, Response

from pipeline.errors import BadInput
from pipeline.outputs import shown as target_shown
from pipeline.people import Person, Role
from pipeline.telling import REASONS
from pipeline.watch import DeliveryState, Every, Output, OutputKind, Subscription
from records.telling import tell
from search.format import format_query
from search.parse import parse
from web.access import LOOPBACK, Asking, needs
from web.backtest import BUDGET
from web.forms import Sent
from web.links import addresses
from web.parts import Parts, Wired
from web.render import go_to, page
from web.samples import tried
from web.saved import broken, understood, users
from web.watching import found, remove, set_active
from web.wording import KINDS, MODES, WEEKDAYS, delivery_words, output_words

TOLD = 10  # last alerts
SENT = 10  # last deliveries of an output
DEAD = 50  # dead letters of an output
CHART_DAYS = 30
EDITOR = [Depends(needs(Role.EDITOR))]


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(include_in_schema=False)

    @made.get("/subscriptions/{name}")
    def shown(
        parts: Wired, request: Request, asking: Asking, name: str, said: Annotated[str, Query(max_length=20)] = "",
        count: Annotated[int, Query(ge=0)] = 0,
    ) -> HTMLResponse:  # fmt: skip
        return view(parts, request, asking, found(parts, name), said=said, count=count)

    @made.post("/subscriptions/{name}/pause", dependencies=EDITOR)
    def paused(parts: Wired, asking: Asking, name: str) -> Response:
        one = set_active(parts, found(parts, name), False)
        parts.audit(asking, "subscription paused", one.name, id=one.id)
        return go_to(f"/subscriptions/{one.id}", said="paused")

    @made.post("/subscriptions/{name}/resume", dependencies=EDITOR)
    def resumed(parts: Wired, asking: Asking, name: str) -> Response:
        one = set_active(parts, found(parts, name), True)
        parts.audit(asking, "subscription resumed", one.name, id=one.id)
        return go_to(f"/subscriptions/{one.id}", said="resumed")

    @made.get("/subscriptions/{name}/remove", dependencies=EDITOR)
    def sure(parts: Wired, request: Request, asking: Asking, name: str) -> HTMLResponse:
        return _sure(parts, request, asking, found(parts, name))

    @made.post("/subscriptions/{name}/remove", dependencies=EDITOR)
    def removed(parts: Wired, request: Request, asking: Asking, name: str) -> Response:
        one = found(parts, name)
        try:
            remove(parts, one)
        except BadInput as error:
            return _sure(parts, request, asking, one, str(error))
        parts.audit(asking, "subscription removed", one.name, id=one.id)
        return go_to("/subscriptions", said="removed")

    return made


def view(
    parts: Parts,
    request: Request,
    asking: Person,
    one: Subscription,
    *,
    said: str = "",
    count: int = 0,
    new: Output | None = None,
    wrong: dict[str, str] | None = None,
    sent: Sent | None = None,
    failed: str = "",
    status: int = 200,
) -> HTMLResponse:
    """The page. `said` names what was done; `new` is the webhook whose key is shown this once; `wrong` and `sent` are
    the form of a new output that was not taken, `failed` is what else went wrong."""
    everybody = parts.records.subscriptions()
    wrong_query = str(broken(everybody, only=[one]).get(one.name, ""))
    outputs = parts.records.outputs(one.id)
    today = parts.clock().date()
    told = parts.records.alert_days(parts.clock() - timedelta(days=CHART_DAYS)).get(one.id, {})
    days = [today - timedelta(days=back) for back in range(CHART_DAYS - 1, -1, -1)]
    samples = []
    if not wrong_query:
        samples = list(tried(one, understood(one, everybody), parts.records, parts.tag, parts.clock()))
    ids = {other.name: other.id for other in everybody}
    values: dict[str, Any] = {
        "one": one,
        "normal": "" if wrong_query else format_query(parse(one.query)),
        "wrong_query": wrong_query,
        "users": [(name, ids[name]) for name in users(one, everybody)],
        "samples": samples,
        "per_day": [(f"{day:%-d %b}", told.get(day, 0)) for day in days],
        "told": tell(parts.records, parts.records.alerts(one.id, newest=True, limit=TOLD)),
        "ways": [_way(parts, way) for way in outputs if way.revoked is None],
        "revoked": [(way, output_words(way)) for way in outputs if way.revoked is not None],
        "new_key": new.secret.split()[0] if new else "",
        "nothing": Sent({}),
        "local": urlsplit(parts.public_url).hostname in LOOPBACK,
        "editor": asking.may(Role.EDITOR),
    }
    words = {"modes": MODES, "kinds": KINDS, "reasons": REASONS, "every": list(Every), "weekdays": WEEKDAYS}
    form = {
        "wrong": wrong or {},
        "sent": sent or Sent({}),
        "failed": failed,
        "said": said,
        "count": count,
    }
    budget = BUDGET if one.budget is None else one.budget
    return page(request, "subscription.html", asking, status=status, budget=budget, **values, **words, **form)


def _way(parts: Parts, way: Output) -> dict[str, Any]:
    """An output as the page shows it."""
    if way.kind is OutputKind.LINK:
        return {"way": way, "words": output_words(way), "addresses": addresses(parts, way.secret)}
    dead = parts.records.deliveries(way.id, state=DeliveryState.DEAD, limit=DEAD)
    last = parts.records.deliveries(way.id, limit=SENT)
    known = {one.alert.seq for one in dead}
    listed = dead + [one for one in last if one.alert.seq not in known]
    told = tell(parts.records, [one.alert for one in listed])
    return {
        "way": way,
        "words": output_words(way),
        "target": target_shown(way.target),
        "dead": len(dead),
        "more_dead": len(dead) == DEAD,
        "deliveries": [(one, telling, delivery_words(one)) for one, telling in zip(listed, told, strict=True)],
        "two_keys": len(way.secret.split()) > 1,
    }


def _sure(parts: Parts, request: Request, asking: Person, one: Subscription, failed: str = "") -> HTMLResponse:
    """Whether it is really to be removed."""
    values = {
        "one": one,
        "outputs": sum(way.revoked is None for way in parts.records.outputs(one.id)),
        "failed": failed,
    }
    return page(request, "subscription_remove.html", asking, status=409 if failed else 200, **values)
