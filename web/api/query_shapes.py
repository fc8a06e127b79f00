"""What is told of queries that are tried out and of articles that are asked about; see `web.api.shapes`."""

from __future__ import annotations

from pydantic import Field

from pipeline.watch import DeliveryState, Mode, OutputKind, Reason
from web.api.shapes import CopyBase, OfSubscription, Told


class SampleTold(Told):
    """A sample of a subscription."""

    sample: str
    must: bool = Field(description="Whether the query is to match it.")
    ok: bool
    words: str = Field(description="What is wrong; empty = nothing.")


class Samples(Told):
    """All of a subscription: those that must match, then those that must not."""

    ok: bool
    samples: list[SampleTold]


class FiredTold(CopyBase):
    """An alert that would have been, and the copy that would have given it."""

    when: str
    reason: Reason
    copies: int = Field(description="Of its story, today.")


class Loudest(Told):
    """The day with the most alerts."""

    day: str
    fired: int


class BacktestTold(Told):
    """What a query would have told."""

    mode: Mode
    since: str
    until: str
    days: int
    days_covered: int = Field(description="Of these days, those that the archive goes back.")
    fired: int
    stories: int
    copies: int = Field(description="Matching ones beyond the first of each story.")
    per_day: dict[str, int] = Field(description="By calendar day, UTC.")
    loudest: Loudest | None
    examples: list[FiredTold] = Field(description="The newest.")
    bounds: list[str] = Field(description="What was too much to be looked at.")
    warnings: list[str]


class StepOf(Told):
    """A step of an article's way through the archive."""

    stage: str
    when: str | None
    words: str


class ClauseTold(Told):
    """A part of a query against the article, with its own parts."""

    text: str
    matched: bool
    kind: str | None
    where: list[str] = Field(description="Fields in which it stands.")
    parts: list[ClauseTold]


class WhyDelivery(Told):
    """How an alert went to an output."""

    output: str
    kind: OutputKind
    state: DeliveryState
    tries: int
    settled: str | None
    error: str


class WhyAlert(Told):
    """An alert of the article or of its story."""

    id: str
    reason: Reason
    article: str
    made: str | None
    deliveries: list[WhyDelivery]


class WhyTold(Told):
    """Why a subscription told of an article, or did not."""

    asked: str = Field(description="The id or address that was asked for.")
    subscription: OfSubscription
    verdict: list[str] = Field(description="In sentences, the most telling one first.")
    steps: list[StepOf]
    article: str | None
    story: str | None
    query: ClauseTold | None
    matches_since: str | None
    matches_until: str | None
    alerts: list[WhyAlert]


class Whys(Told):
    """Of each subscription that is concerned."""

    subscriptions: list[WhyTold]
