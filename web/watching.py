"""Subscriptions and outputs as pages and API change them alike: what is checked before anything is saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.errors import BadInput
from pipeline.outputs import new_key, ready
from pipeline.watch import Output, OutputKind, Subscription
from web.parts import Parts
from web.problems import NotThere, Taken
from web.saved import broken, understood


def found(parts: Parts, name: str) -> Subscription:
    """The subscription of that name or id. Raise NotThere."""
    one = parts.records.subscription(name)
    if one is None:
        raise NotThere(f"there is no subscription {name!r}; GET /api/v1/subscriptions lists them")
    return one


def may_save(parts: Parts, one: Subscription) -> None:
    """Whether its query can be read and its name is free. Raise BadQuery, Taken."""
    known = parts.records.subscriptions()
    others = [other for other in known if other.id != one.id]
    if any(other.name == one.name for other in others):
        raise Taken(f"there is a subscription called {one.name!r} already: change that one, or take another name")
    understood(one, others)
    _keep_whole(known, [*others, one])


def save(parts: Parts, one: Subscription) -> Subscription:
    """Save it when it may be. Raise BadQuery, Taken."""
    may_save(parts, one)
    return parts.records.subscribe(one, parts.clock())


def set_active(parts: Parts, one: Subscription, active: bool) -> Subscription:
    """Pause it, or let it go on: what matched meanwhile is never told."""
    return parts.records.subscribe(replace(one, active=active), parts.clock())


def remove(parts: Parts, one: Subscription) -> None:
    """Remove it with its outputs and alerts. Raise Taken while others use its query."""
    known = parts.records.subscriptions()
    _keep_whole(known, [other for other in known if other.id != one.id])
    parts.records.unsubscribe(one.id)


def output(parts: Parts, one: Subscription, output_id: str) -> Output:
    """One output of a subscription. Raise NotThere."""
    for other in parts.records.outputs(one.id):
        if other.id == output_id:
            return other
    raise NotThere(f"{one.name!r} has no output {output_id!r}")


def prepared(parts: Parts, new: Output) -> Output:
    """A new output, checked and with the secret that it needs. Raise BadInput."""
    one = ready(new, parts.random)
    parts.check_output(one)
    return one


def rotate(parts: Parts, one: Output, *, finish: bool) -> Output:
    """A webhook that signs with a new key and the old one; with `finish`, with the newest only. Raise BadInput."""
    if one.kind is not OutputKind.WEBHOOK or one.revoked:
        raise BadInput(f"{one.id} is no webhook in use: only those have keys")
    newest = one.secret.split()[0]
    changed = replace(one, secret=newest if finish else f"{new_key(parts.random)} {newest}")
    return parts.records.put_output(changed, parts.clock())


def _keep_whole(before: Sequence[Subscription], after: Sequence[Subscription]) -> None:
    """Raise Taken when a query that uses others could be read before, and could not after."""
    old, new = (broken(some, using=True) for some in (before, after))
    if names := sorted(set(new) - set(old)):
        raise Taken(f"the query of {names[0]!r} uses it ({new[names[0]]}): change that one first")
