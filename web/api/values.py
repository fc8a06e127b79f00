"""Subscriptions, outputs and deliveries as the API takes and gives them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from pipeline.outputs import shown
from pipeline.telling import moment
from pipeline.watch import Delivery, Every, Mode, Output, OutputKind, Subscription
from web.links import addresses
from web.parts import Parts

LONGEST_QUERY = 10_000  # characters
MOST_SAMPLES = 200


class Given(BaseModel):
    """A value that the API takes: a key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid")


class NewSubscription(Given):
    """What a subscription is made of."""

    name: str = Field(min_length=1, max_length=200)
    query: str = Field(min_length=1, max_length=LONGEST_QUERY)
    mode: Mode = Mode.STORY
    active: bool = True
    must: list[str] = Field(default=[], max_length=MOST_SAMPLES)
    must_not: list[str] = Field(default=[], max_length=MOST_SAMPLES)
    budget: float | None = Field(default=None, gt=0)
    note: str = Field(default="", max_length=10_000)


class ChangedSubscription(NewSubscription):
    """What of it is to change; what is left out stays."""

    name: str = Field(default="", min_length=1, max_length=200)
    query: str = Field(default="", min_length=1, max_length=LONGEST_QUERY)


class NewOutput(Given):
    """Where alerts are to go; see docs/outputs.md for what each kind takes."""

    kind: OutputKind
    target: str = ""
    secret: str = Field(default="", description="For a webhook: a key of one's own, as whsec_…; none makes a new one.")
    every: Every = Every.DAY
    hour: int = Field(default=7, ge=0, le=23)
    weekday: int = Field(default=0, ge=0, le=6)
    timezone: str = "UTC"


Seq = Annotated[int, Field(ge=1, lt=2**63)]


class Replay(Given):
    """What is to be sent again: what was made since then, these (by `seq`), or, with neither, all dead letters."""

    output: str
    since: AwareDatetime | None = None
    seqs: list[Seq] = Field(default=[], max_length=10_000)


def subscription_json(one: Subscription) -> dict[str, Any]:
    """As plain JSON values."""
    return {
        "id": one.id,
        "name": one.name,
        "query": one.query,
        "mode": str(one.mode),
        "active": one.active,
        "must": list(one.must),
        "must_not": list(one.must_not),
        "budget": one.budget,
        "note": one.note,
        "since": moment(one.since),
    }


def output_json(parts: Parts, one: Output, *, new: bool = False) -> dict[str, Any]:
    """As plain JSON values. Targets hold passwords, so they are cut short; a webhook's key is told when `new`."""
    told: dict[str, Any] = {
        "id": one.id,
        "subscription": one.subscription_id,
        "kind": str(one.kind),
        "created": moment(one.created),
        "revoked": moment(one.revoked),
    }
    if one.kind is OutputKind.LINK:
        return told | ({} if one.revoked else {"addresses": addresses(parts, one.secret)})
    if one.kind is OutputKind.DIGEST:
        told |= {"every": str(one.every), "hour": one.hour, "weekday": one.weekday, "timezone": one.timezone}
    if one.kind is OutputKind.WEBHOOK and new:
        told["secret"] = one.secret.split()[0]
    return told | {
        "target": shown(one.target),
        "due": moment(one.due),
        "tries": one.tries,
        "failing_since": moment(one.failing_since),
        "error": one.error,
    }


def delivery_json(one: Delivery) -> dict[str, Any]:
    """As plain JSON values."""
    return {
        "alert": one.alert.id,
        "seq": one.alert.seq,
        "reason": str(one.alert.reason),
        "article": one.alert.article_id,
        "subscription": one.alert.subscription_id,
        "output": one.output.id,
        "kind": str(one.output.kind),
        "target": shown(one.output.target),
        "state": str(one.state),
        "tries": one.tries,
        "settled": moment(one.settled),
        "error": one.error,
    }
