"""What a person asks to be told of, and what they were told: subscriptions, outputs, alerts, deliveries.

Subscription --(a filed, changed or grown story matches)--> Alert --(for each output)--> Delivery
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Mode(StrEnum):
    """When a subscription speaks."""

    EVERY = "every"  # of every copy
    STORY = "story"  # once a story
    NEWS = "news"  # once a story, and again when a copy brings new information or a correction lands


class Reason(StrEnum):
    """Why there is an alert."""

    STORY = "story"  # a story not told of before
    COPY = "copy"  # one more copy
    NEWS = "news"  # a copy tells what no copy before it told
    CORRECTION = "correction"  # an article was corrected


class OutputKind(StrEnum):
    """Where alerts go."""

    LINK = "link"  # read from an unguessable address: feeds, a stream, a cursor
    WEBHOOK = "webhook"  # posted one by one, signed as Standard Webhooks says
    NOTIFY = "notify"  # one by one, to whatever Apprise knows
    DIGEST = "digest"  # gathered, by story, to whatever Apprise knows


class Every(StrEnum):
    """How often a digest goes out."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


class DeliveryState(StrEnum):
    """How far a delivery is."""

    PENDING = "pending"
    SENT = "sent"
    DEAD = "dead"  # given up; kept, listed, and sent again by a replay


@dataclass(frozen=True, slots=True)
class Subscription:
    """A named query. `id` is "" until it is saved; it stays when name or query change. Names are unique.

    Other queries can use its query as search:"name". It tells of what is filed or changed after `since`.
    """

    name: str
    query: str
    mode: Mode = Mode.STORY
    active: bool = True  # False: paused; what matches meanwhile is never told
    must: tuple[str, ...] = ()  # samples (addresses or texts) that the query must match …
    must_not: tuple[str, ...] = ()  # … and must not
    budget: float | None = None  # alerts a day from which on a back-test warns; None = the default
    note: str = ""
    id: str = ""
    since: datetime | None = None  # when it was saved first, or last went from paused to active


@dataclass(frozen=True, slots=True)
class Output:
    """Where the alerts of a subscription go. `id` is "" until it is saved."""

    subscription_id: str
    kind: OutputKind
    target: str = ""  # webhook: its URL; notify and digest: Apprise's URL; link: ""
    secret: str = ""  # link: the token of its address; webhook: the key, as "whsec_…"
    every: Every = Every.DAY  # digest
    hour: int = 7  # digest, daily and weekly: the hour at which it goes out, in `timezone`
    weekday: int = 0  # digest, weekly: 0 = Monday
    timezone: str = "UTC"
    id: str = ""
    created: datetime | None = None
    revoked: datetime | None = None  # takes no more alerts; a link's address answers no more
    due: datetime | None = None  # when it is tried again, or the next digest; None = at once
    tries: int = 0  # in a row without success
    failing_since: datetime | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """One line of the outbox, written in the transaction that filed what it tells of.

    Unique by (subscription, story, reason, and the copy and version that gave the reason); `id` is made of those.
    `seq` counts up over all subscriptions and becomes visible in order.
    """

    seq: int
    id: str
    subscription_id: str
    story_id: str  # as it was then; it may redirect since
    article_id: str  # the copy that matched
    version: str  # what it said then
    reason: Reason
    first_seen: datetime  # of the article
    made: datetime
    detail: Mapping[str, Any] = field(default_factory=dict)  # what is new: "sentences", "figures", "names", "notice"


@dataclass(frozen=True, slots=True)
class Delivery:
    """An alert on its way to an output."""

    alert: Alert
    output: Output
    state: DeliveryState
    tries: int
    settled: datetime | None  # when it was sent or given up
    error: str


@dataclass(frozen=True, slots=True)
class Settled:
    """How a try went. `state` PENDING = try again at `due`."""

    output_id: str
    seq: int
    state: DeliveryState
    error: str = ""
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Matched:
    """An article matches a subscription's query since then; `until` = it does no longer."""

    subscription_id: str
    article_id: str
    since: datetime
    until: datetime | None


def alert_id(subscription_id: str, story_id: str, reason: Reason, article_id: str = "", version: str = "") -> str:
    """The stable id of an alert: "evt_" and 24 hexadecimal digits.

    A story is told of once, so its alert has neither article nor version; a copy's has the article.
    """
    told = "\0".join((subscription_id, story_id, reason, article_id, version))
    return "evt_" + hashlib.blake2b(told.encode(), digest_size=12).hexdigest()
