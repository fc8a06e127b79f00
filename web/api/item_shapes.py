"""What is told of items, documents and pages that somebody has; see `web.api.shapes`."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from web.api.shapes import KnownTold, Told


class TaggedItem(Told):
    """What is told of an item."""

    id: str
    relevant: bool
    score: float = Field(description="Relevance to the subject, 0 to 1.")
    topics: list[str]
    entities: list[str]
    reasons: list[str]
    mentions: dict[str, dict[str, Any]] = Field(
        description="By topic or entity: `title` and `text` with [start, end] in characters, `kind` of other names."
    )


class TaggedItems(Told):
    """In the order given."""

    items: list[TaggedItem]


class FoldedItem(Told):
    """Where a document belongs."""

    id: str
    story: str
    event: str = Field(description="What its story reports on, with other stories; empty = none.")
    kind: str = Field(description="How it was found to be a copy: first, exact, near, headline, …")
    wire: str | None
    confidence: float


class Agreement(Told):
    """How many of the labels given hold, of those that are about these documents."""

    held: int
    of: int


class FoldedItems(Told):
    """In the order given."""

    documents: list[FoldedItem]
    labels: Agreement


class DatelineTold(Told):
    """Of a text: where and when it was written."""

    places: list[str]
    date: str | None
    agency: str


class RightsTold(Told):
    """What of a page may be kept and mined, and why."""

    storage: str
    mining: bool
    why: str
    shown: str = Field(description="As archived, or whole.")


class PageTold(Told):
    """A page that was read; what is not known is null."""

    id: str
    url: str | None
    title: str
    authors: list[str]
    contributors: dict[str, list[str]]
    published: str | None
    modified: str | None
    body: str = Field(alias="articleBody")
    summary: str | None
    language: str | None
    section: str | None
    keywords: list[str]
    image: str | None
    outlet: str | None
    paywalled: bool | None
    grade: str
    wire: str | None
    credit: str | None
    dateline: DatelineTold | None
    notices: list[str]
    rights: RightsTold
    known: dict[str, KnownTold]
