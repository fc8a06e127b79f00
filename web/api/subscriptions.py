"""Subscriptions: list, create, read, change, pause, remove; and what they told."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from pipeline.people import Role
from pipeline.watch import Subscription
from web.access import Asking, needs
from web.api.paging import PagedQuery, sliced
from web.api.shapes import Alerts, Subscriptions, SubscriptionTold
from web.api.values import ChangedSubscription, NewSubscription, subscription_json
from web.cursor import PagedQuery as AlertsQuery
from web.cursor import page
from web.parts import Wired
from web.watching import found, remove, save, set_active

Name = Annotated[str, Path(description="The subscription's name, or its id.")]
EDITOR = [Depends(needs(Role.EDITOR))]


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(tags=["subscriptions"])

    @made.get(
        "/subscriptions",
        summary="The subscriptions, by name",
        response_model=Subscriptions,
        response_model_exclude_unset=True,
    )
    def listed(parts: Wired, asked: PagedQuery) -> dict[str, Any]:
        shown, next = sliced(parts.records.subscriptions(), lambda one: (one.name, one.id), asked)
        return {"subscriptions": [subscription_json(one) for one in shown], "next": next}

    @made.post(
        "/subscriptions",
        status_code=201,
        summary="Save a new subscription",
        dependencies=EDITOR,
        response_model=SubscriptionTold,
        response_model_exclude_unset=True,
    )
    def created(parts: Wired, asking: Asking, given: NewSubscription, response: Response) -> dict[str, Any]:
        values = given.model_dump() | {"must": tuple(given.must), "must_not": tuple(given.must_not)}
        one = save(parts, Subscription(**values))
        parts.audit(asking, "subscription made", one.name, id=one.id, query=one.query)
        response.headers["location"] = f"/api/v1/subscriptions/{one.id}"
        return subscription_json(one)

    @made.get(
        "/subscriptions/{name}",
        summary="One subscription",
        response_model=SubscriptionTold,
        response_model_exclude_unset=True,
    )
    def told(parts: Wired, name: Name) -> dict[str, Any]:
        return subscription_json(found(parts, name))

    @made.patch(
        "/subscriptions/{name}",
        summary="Change it; what is left out stays as it is",
        dependencies=EDITOR,
        response_model=SubscriptionTold,
        response_model_exclude_unset=True,
    )
    def changed(parts: Wired, asking: Asking, name: Name, given: ChangedSubscription) -> dict[str, Any]:
        values = given.model_dump(exclude_unset=True)
        values |= {key: tuple(values[key]) for key in ("must", "must_not") if key in values}
        one = save(parts, replace(found(parts, name), **values))
        parts.audit(asking, "subscription changed", one.name, id=one.id, changed=sorted(values), query=one.query)
        return subscription_json(one)

    @made.post(
        "/subscriptions/{name}/pause",
        summary="Tell of nothing that matches from now on",
        dependencies=EDITOR,
        response_model=SubscriptionTold,
        response_model_exclude_unset=True,
    )
    def paused(parts: Wired, asking: Asking, name: Name) -> dict[str, Any]:
        one = set_active(parts, found(parts, name), False)
        parts.audit(asking, "subscription paused", one.name, id=one.id)
        return subscription_json(one)

    @made.post(
        "/subscriptions/{name}/resume",
        summary="Tell of what matches from now on",
        dependencies=EDITOR,
        response_model=SubscriptionTold,
        response_model_exclude_unset=True,
    )
    def resumed(parts: Wired, asking: Asking, name: Name) -> dict[str, Any]:
        one = set_active(parts, found(parts, name), True)
        parts.audit(asking, "subscription resumed", one.name, id=one.id)
        return subscription_json(one)

    @made.delete(
        "/subscriptions/{name}",
        status_code=204,
        summary="Remove it with its outputs and alerts",
        dependencies=EDITOR,
    )
    def removed(parts: Wired, asking: Asking, name: Name) -> None:
        one = found(parts, name)
        remove(parts, one)
        parts.audit(asking, "subscription removed", one.name, id=one.id)

    @made.get(
        "/subscriptions/{name}/alerts",
        summary="What it told, in order, after a number or since a time",
        response_model=Alerts,
        response_model_exclude_unset=True,
    )
    def alerts(parts: Wired, name: Name, asked: AlertsQuery) -> dict[str, Any]:
        return page(parts, found(parts, name).id, asked)

    return made
