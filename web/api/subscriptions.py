"""Subscriptions: list, create, read, change, pause, remove; and what they told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from pipeline.watch import Subscription
from web.api.paging import PagedQuery, sliced
from web.api.shapes import Alerts, Subscriptions, SubscriptionTold
from web.api.values import ChangedSubscription, NewSubscription, subscription_json
from web.cursor import PagedQuery as AlertsQuery
from web.cursor import page
from web.parts import Parts, Wired
from web.problems import NotThere, Taken
from web.saved import broken, understood

Name = Annotated[str, Path(description="The subscription's name, or its id.")]


def found(parts: Parts, name: str) -> Subscription:
    """The subscription of that name or id. Raise NotThere."""
    one = parts.records.subscription(name)
    if one is None:
        raise NotThere(f"there is no subscription {name!r}; GET /api/v1/subscriptions lists them")
    return one


def save(parts: Parts, one: Subscription) -> Subscription:
    """Save it when its query can be read and its name is free. Raise BadQuery, Taken."""
    known = parts.records.subscriptions()
    others = [other for other in known if other.id != one.id]
    if any(other.name == one.name for other in others):
        raise Taken(f"there is a subscription called {one.name!r} already: change that one, or take another name")
    understood(one, others)
    _keep_whole(known, [*others, one])
    return parts.records.subscribe(one, parts.clock())


def _keep_whole(before: Sequence[Subscription], after: Sequence[Subscription]) -> None:
    """Raise Taken when a query that uses others could be read before, and could not after."""
    old, new = (broken(some, using=True) for some in (before, after))
    if names := sorted(set(new) - set(old)):
        raise Taken(f"the query of {names[0]!r} uses it ({new[names[0]]}): change that one first")


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
        response_model=SubscriptionTold,
        response_model_exclude_unset=True,
    )
    def created(parts: Wired, given: NewSubscription, response: Response) -> dict[str, Any]:
        values = given.model_dump() | {"must": tuple(given.must), "must_not": tuple(given.must_not)}
        one = save(parts, Subscription(**values))
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
        response_model=SubscriptionTold,
        response_model_exclude_unset=True,
    )
    def changed(parts: Wired, name: Name, given: ChangedSubscription) -> dict[str, Any]:
        values = given.model_dump(exclude_unset=True)
        values |= {key: tuple(values[key]) for key in ("must", "must_not") if key in values}
        return subscription_json(save(parts, replace(found(parts, name), **values)))

    @made.post(
        "/subscriptions/{name}/pause",
        summary="Tell of nothing that matches from now on",
        response_model=SubscriptionTold,
        response_model_exclude_unset=True,
    )
    def paused(parts: Wired, name: Name) -> dict[str, Any]:
        return subscription_json(parts.records.subscribe(replace(found(parts, name), active=False), parts.clock()))

    @made.post(
        "/subscriptions/{name}/resume",
        summary="Tell of what matches from now on",
        response_model=SubscriptionTold,
        response_model_exclude_unset=True,
    )
    def resumed(parts: Wired, name: Name) -> dict[str, Any]:
        return subscription_json(parts.records.subscribe(replace(found(parts, name), active=True), parts.clock()))

    @made.delete("/subscriptions/{name}", status_code=204, summary="Remove it with its outputs and alerts")
    def removed(parts: Wired, name: Name) -> None:
        one, known = found(parts, name), parts.records.subscriptions()
        _keep_whole(known, [other for other in known if other.id != one.id])
        parts.records.unsubscribe(one.id)

    @made.get(
        "/subscriptions/{name}/alerts",
        summary="What it told, in order, after a number or since a time",
        response_model=Alerts,
        response_model_exclude_unset=True,
    )
    def alerts(parts: Wired, name: Name, asked: AlertsQuery) -> dict[str, Any]:
        return page(parts, found(parts, name).id, asked)

    return made
