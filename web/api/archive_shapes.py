"""What is told of articles and their versions; see `web.api.shapes`."""

from __future__ import annotations

from pydantic import Field

from web.api.shapes import KnownTold, Page, Told


class VersionTold(Told):
    """One version of an article. It may return to an older one: the current one is not always the last."""

    number: int | None = Field(description="From 1, as /articles/{id}/versions/diff takes it; null without a text.")
    version: str
    title: str
    text: str = Field(description="Empty where it was a headline only, or may no longer be kept.")
    seen: str
    current: bool


class Versions(Page):
    """Oldest first."""

    versions: list[VersionTold]


class ArticleTold(Told):
    """An article with all that is known of it."""

    id: str
    story: str
    url: str
    title: str
    authors: list[str]
    contributors: dict[str, list[str]]
    outlet: str
    country: str
    language: str
    published: str | None
    published_offset: int | None = Field(description="Minutes east of UTC, by the page's own clock.")
    published_how: str
    published_confidence: float
    first_seen: str | None
    wire: str
    wire_how: str
    credit: str
    dateline: list[str]
    dateline_date: str | None
    dateline_agency: str
    notices: list[str]
    paywalled: bool | None
    grade: str
    storage: str
    storage_why: str
    topics: list[str]
    entities: list[str]
    relevance: float
    reasons: list[str]
    known: dict[str, KnownTold]
    version: str
    versions: int
    method: str
    score: float
    text: str
