"""What the API answers, for its description (OpenAPI): times are texts, ISO 8601 in UTC; None = not known.

An answer that is not of its shape is an error of ours, so the tests find what was forgotten here.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from pipeline.watch import DeliveryState, Every, Mode, OutputKind, Reason


class Told(BaseModel):
    """A value that the API gives: what is not described here would be an error."""

    model_config = ConfigDict(extra="forbid")


class Page(Told):
    """One page of a list."""

    next: str = Field(description="What to ask `after` for the next page; empty at the end.")


class SubscriptionTold(Told):
    """A subscription."""

    id: str
    name: str
    query: str
    mode: Mode
    active: bool
    must: list[str]
    must_not: list[str]
    budget: float | None
    note: str
    since: str | None = Field(description="It tells of what was filed or changed after that.")


class Subscriptions(Page):
    """By name."""

    subscriptions: list[SubscriptionTold]


class OutputTold(Told):
    """Where alerts go. What is not of its kind is left out."""

    id: str
    subscription: str = Field(description="The subscription's id.")
    kind: OutputKind
    created: str | None
    revoked: str | None
    addresses: dict[str, str] = Field(default={}, description="Of a link: rss, atom, json, stream, alerts.")
    target: str = Field(default="", description="Scheme and host, no more.")
    secret: str = Field(default="", description="The key of a webhook, told when it is made.")
    every: Every = Every.DAY
    hour: int = 7
    weekday: int = 0
    timezone: str = "UTC"
    due: str | None = None
    tries: int = Field(default=0, description="In a row without success.")
    failing_since: str | None = None
    error: str = ""


class Outputs(Page):
    """The oldest first, revoked ones too."""

    outputs: list[OutputTold]


class DeliveryTold(Told):
    """An alert on its way to an output."""

    alert: str = Field(description="The alert's id.")
    seq: int
    reason: Reason
    article: str
    subscription: str
    output: str
    kind: OutputKind
    target: str
    state: DeliveryState
    tries: int
    settled: str | None
    error: str


class Deliveries(Page):
    """Newest first."""

    deliveries: list[DeliveryTold]


class Replayed(Told):
    """How many alerts are sent again."""

    replayed: int


class OfSubscription(Told):
    """Whose alert it is."""

    id: str
    name: str


class OfStory(Told):
    """The story as it is now."""

    id: str
    copies: int
    outlets: list[str]


class OfArticle(Told):
    """The article that an alert tells of, as it is now; `version` is what it said then."""

    id: str | None
    title: str
    url: str | None
    outlet: str
    source: str
    country: str
    language: str
    authors: list[str]
    wire: str | None
    published: str | None = Field(description="As the outlet says.")
    first_seen: str | None
    version: str
    summary: str


class AlertTold(Told):
    """An alert, alike in the cursor, the stream and the `data` of a webhook."""

    id: str = Field(description="Stable: who has it has this alert, whichever way it came.")
    seq: int = Field(description="Counts up over all subscriptions.")
    reason: Reason
    made: str
    updated: str | None
    subscription: OfSubscription
    story: OfStory
    article: OfArticle
    detail: dict[str, Any] = Field(description="What is new: sentences, figures, names; notice of a correction.")


class Alerts(Told):
    """A page of the outbox."""

    alerts: list[AlertTold]
    next: int = Field(description="What to ask `after` the next time.")
    more: bool = Field(description="Whether there is more already.")


class QueryTold(Told):
    """A query as it is understood."""

    query: str
    form: dict[str, Any] = Field(description="The same as JSON, without loss.")
    uses: list[str] = Field(description="Names of the saved queries in it.")
    notes: list[str] = Field(description="What could not be carried over exactly from another language.")


class CopyBase(Told):
    """One outlet's copy of a story."""

    id: str
    title: str
    url: str
    outlet: str
    source: str
    country: str
    published: str | None
    first_seen: str
    grade: str = Field(description="How much of it was read: headline, partial, full.")
    wire: str = Field(description="The agency that it is from, or nothing.")
    method: str = Field(description="How it was found to be a copy: first, exact, near, headline, …")
    score: float = Field(description="Share of the shorter text found in the other.")


class CopyTold(CopyBase):
    """A copy of a story that was looked for."""

    matches: bool = Field(description="Whether it matches what was asked for.")


class StoryTold(Told):
    """A story with its copies, the earliest first."""

    id: str
    title: str
    copies: list[CopyTold]
    outlets: list[str]
    event: str | None = Field(default=None, description="What it reports on, with other stories.")


class Marked(Told):
    """A piece of text, and where in it the query matches: characters, from the first to before the last."""

    text: str
    spans: list[list[int]]
    cut_before: bool
    cut_after: bool


class Highlights(Told):
    """Of the article that stands for its story."""

    title: Marked
    fragments: list[Marked]


class FoundTold(StoryTold):
    """A story (an article, unfolded) that was found."""

    article: str = Field(description="The id of the copy that stands for it.")
    score: float
    highlights: Highlights


class Value(Told):
    """A value of a facet, and how many matching articles have it."""

    value: str
    count: int


class BarTold(Told):
    """Of a histogram: articles that match, and all that there are, of one interval."""

    begin: str
    count: int
    of: int
    share: float


class AnswerTold(Told):
    """One page, and what is told of all that matches."""

    stories: list[FoundTold]
    query: str
    total: int = Field(description="Matching articles.")
    story_count: int | None = Field(description="Stories that these are of; null where there are too many to count.")
    held: int = Field(description="Articles in the index.")
    next: str = Field(description="What to ask `after` for the next page; empty at the end.")
    facets: dict[str, list[Value]]
    histogram: list[BarTold]
    coverage: dict[str, Any] = Field(description="The window, how many sources there are, which were silent in it.")
    behind: int = Field(description="Changes of the archive that the index does not know yet.")


class KnownTold(Told):
    """How a field is known, and how sure that is (0 to 1)."""

    how: str
    confidence: float


class CompletionTold(Told):
    """What may stand in the place of the characters `begin` to before `end`."""

    begin: int
    end: int
    text: str
    kind: str = Field(description="`field`, `operator`, or the field that the value is of.")
    note: str


class Completions(Told):
    """The best first."""

    completions: list[CompletionTold]
