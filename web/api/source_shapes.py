"""Sources as the API takes and gives them."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import ConfigDict, Field

from crawlers.discover import Discovery
from crawlers.registry import to_toml
from pipeline.furniture import Paragraph
from pipeline.habit import Habit
from pipeline.telling import moment
from pipeline.types import FeedState, Source
from web.api.shapes import Page, Told
from web.api.values import Given
from web.standing import Standing

KEYS = (
    "name", "country", "language", "homepage", "kind", "feeds", "sitemaps", "news_sitemaps", "sections", "allow",
    "deny", "carries", "terms", "blocked", "confirmed_how",
)  # fmt: skip
MOST = 200  # addresses of one kind
Lines = list[str]


class ReadGiven(Given):
    """Selectors for its pages; see docs/sources.md."""

    body: str = ""
    remove: Lines = Field(default=[], max_length=MOST)
    title: str = ""
    authors: str = ""


class SourceGiven(Given):
    """A source: the keys of its file, as docs/sources.md tells them."""

    model_config = ConfigDict(extra="forbid")

    id: str
    name: str
    country: str
    language: str
    homepage: str
    kind: str = "newspaper"
    feeds: Lines = Field(default=[], max_length=MOST)
    sitemaps: Lines = Field(default=[], max_length=MOST)
    news_sitemaps: Lines = Field(default=[], max_length=MOST)
    sections: Lines = Field(default=[], max_length=MOST)
    allow: Lines = Field(default=[], max_length=MOST)
    deny: Lines = Field(default=[], max_length=MOST)
    carries: Lines = Field(default=[], max_length=MOST)
    poll_minutes: list[float] | None = Field(default=None, min_length=2, max_length=2)
    storage: str = "full"
    read: ReadGiven | None = None
    terms: str = ""
    blocked: str = ""
    confirmed: date | None = None
    confirmed_how: str = ""

    def values(self) -> dict[str, object]:
        """As a file would hold them: what was not given is left out."""
        return self.model_dump(exclude_unset=True, exclude_none=True)


class AddressGiven(Given):
    """An outlet to look at."""

    address: str = Field(min_length=1, max_length=4096, description="A host name, any of its pages, a feed or sitemap.")


class HabitTold(Told):
    """Quartiles of the counts of one weekday in the weeks before."""

    low: float
    median: float
    high: float
    days: int = Field(description="How many days they are of.")


class SilenceTold(Told):
    """So little that it would hardly come about by chance."""

    period: str = Field(description="`day` or `week`: the last 24 hours, or the last 7 days.")
    count: int
    usual: float = Field(description="The mean of the same periods before.")
    chance: float = Field(description="That so few, or fewer, come by chance.")
    words: str


class SourceTold(Told):
    """A source, and how it stands."""

    id: str
    name: str
    country: str
    language: str
    kind: str
    homepage: str
    state: str = Field(description="healthy, quiet, silent, failing, blocked, new or `not collected`.")
    words: str
    last_success: str | None
    stories_a_day: list[int] = Field(description="In periods of 24 hours that end now, the oldest first.")
    habit: list[HabitTold | None] = Field(description="Of the last seven periods, one for each weekday.")
    silence: SilenceTold | None
    answers: dict[str, int] = Field(description="Of the last seven days, by outcome.")


class Sources(Page):
    """Those that were asked for."""

    sources: list[SourceTold]


class FeedTold(Told):
    """A polled address."""

    url: str
    kind: str
    words: str
    last_try: str | None
    last_success: str | None
    last_new: str | None
    next_due: str | None
    failures: int
    error: str


class LatestTold(Told):
    """An article of a source."""

    id: str
    story: str
    title: str
    url: str
    published: str | None
    first_seen: str | None
    grade: str


class FurnitureTold(Told):
    """A paragraph that recurs under unlike stories."""

    key: str
    state: str = Field(description="`left out` of texts, only `seen`, or `text` for a person said so.")
    stories: int
    sample: str


class SourceWhole(SourceTold):
    """One source with all that is known of it."""

    toml: str = Field(description="Its file.")
    feeds: list[FeedTold]
    latest: list[LatestTold]
    furniture: list[FurnitureTold]


class FoundTold(Told):
    """An address that was tried."""

    url: str
    kind: str
    title: str
    entries: int
    newest: str | None
    problem: str
    headlines: list[str]


class PreviewTold(Told):
    """What an outlet can be collected by. Nothing was saved."""

    source: dict[str, Any] = Field(description="As POST /api/v1/sources takes it.")
    toml: str
    found: list[FoundTold]
    notes: list[str]
    known: bool = Field(description="A source of that id is there already.")
    cannot_write: str = Field(description="Why nothing can be saved here; empty when it can.")


class SavedTold(Told):
    """A source that was saved."""

    id: str
    path: str
    toml: str


class LeftTold(Told):
    """What of an OPML file is not added, and why."""

    name: str
    why: str


class ImportTold(Told):
    """What an OPML file holds; with `saved`, it was added."""

    fresh: list[dict[str, Any]]
    left: list[LeftTold]
    saved: bool


def source_values(one: Source) -> dict[str, Any]:
    """As `SourceGiven` takes it; what holds its default is left out."""
    told: dict[str, Any] = {"id": one.id}
    for key in KEYS:
        value = getattr(one, key)
        told[key] = list(value) if isinstance(value, tuple) else value
    told["storage"] = str(one.storage)
    if one.confirmed:
        told["confirmed"] = one.confirmed.isoformat()
    return {key: value for key, value in told.items() if value not in ("", [], None)}


def standing_json(one: Standing) -> dict[str, Any]:
    """As plain JSON values."""
    from web.standing import silence_in_words

    source, odd = one.source, one.silence
    return {
        **{key: getattr(source, key) for key in ("id", "name", "country", "language", "kind", "homepage")},
        "state": one.state,
        "words": one.words,
        "last_success": moment(one.last_success),
        "stories_a_day": list(one.counts),
        "habit": [_habit(each) for each in one.habit],
        "silence": odd
        and {
            "period": odd.period,
            "count": odd.count,
            "usual": round(odd.usual, 2),
            "chance": odd.chance,
            "words": silence_in_words(odd),
        },
        "answers": {how.value: count for how, count in sorted(one.answers.items())},
    }


def _habit(one: Habit | None) -> dict[str, Any] | None:
    return {"low": one.low, "median": one.median, "high": one.high, "days": one.days} if one else None


def feed_json(one: FeedState, words: str) -> dict[str, Any]:
    """As plain JSON values."""
    times = {name: moment(getattr(one, name)) for name in ("last_try", "last_success", "last_new", "next_due")}
    return {
        "url": one.url, "kind": one.kind.value, "words": words, "failures": one.failures, "error": one.error, **times,
    }  # fmt: skip


def furniture_json(one: Paragraph) -> dict[str, Any]:
    """As plain JSON values."""
    state = "text" if one.kept else "left out" if one.confirmed else "seen"
    key = one.key.to_bytes(8, "big", signed=True).hex()
    return {"key": key, "state": state, "stories": len(one.witnesses), "sample": one.sample}


def preview_json(found: Discovery, *, known: bool, cannot_write: str) -> dict[str, Any]:
    """As plain JSON values."""
    return {
        "source": source_values(found.source),
        "toml": to_toml(found.source),
        "found": [
            {
                "url": one.url,
                "kind": one.kind.value,
                "title": one.title,
                "entries": one.entries,
                "newest": moment(one.newest),
                "problem": one.problem,
                "headlines": list(one.headlines),
            }
            for one in found.found
        ],
        "notes": list(found.notes),
        "known": known,
        "cannot_write": cannot_write,
    }
