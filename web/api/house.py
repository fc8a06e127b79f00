"""How the house is: what waits, what is in quarantine, the way of one page, fetching one now."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Query
from pydantic import Field

from pipeline.errors import BadInput
from pipeline.people import Role
from pipeline.telling import moment
from records.values import Quarantined
from web.access import Asking, needs
from web.api.paging import PagedQuery, cut, from_text
from web.api.shapes import Page, Told
from web.api.values import Given
from web.asked import Asked, ask
from web.house import QUEUES, Working, working
from web.parts import Parts, Wired
from web.problems import NotThere
from web.trace import steps

EDITOR = [Depends(needs(Role.EDITOR))]
FIRST = 4000  # bytes of a kept page that are shown


class WaitsTold(Told):
    """Something that waits."""

    name: str
    count: int
    since: str | None = Field(description="Since when the one that waits longest does; null = not known, or nothing.")


class PartTold(Told):
    """A part of the house."""

    name: str
    good: bool
    words: str


class WorkingTold(Told):
    """How it goes now."""

    waits: list[WaitsTold]
    index_behind: int | None = Field(description="Changes that the index does not know yet; null = it cannot be asked.")
    last_asked: str | None = Field(description="When an outlet was last asked.")
    filed_last_hour: dict[str, int] = Field(description="Articles by grade.")
    answers_today: dict[str, int] = Field(description="How outlets answered today (UTC).")
    queues: dict[str, int] = Field(description="Messages by queue, in production.")
    parts: list[PartTold]


class QuarantinedTold(Told):
    """Something kept aside."""

    id: int
    stage: str
    source: str
    url: str
    error_kind: str
    error: str
    since: str
    size: int


class QuarantineTold(Page):
    """Newest first."""

    quarantined: list[QuarantinedTold]


class KeptTold(QuarantinedTold):
    """One, with the beginning of what was kept."""

    first: str = Field(description="The first bytes as text.")


class ReplayGiven(Given):
    """What is to be tried again; without `ids` all."""

    ids: list[Annotated[int, Field(ge=1, lt=2**63)]] | None = Field(default=None, max_length=10_000)


class PutBack(Told):
    """How many pages and listings are tried again."""

    replayed: int


class StepTold(Told):
    """One stage of a page's way."""

    stage: str
    when: str | None
    words: str


class TraceTold(Told):
    """The way of a page through all stages."""

    url: str
    steps: list[StepTold]


class AskedTold(Told):
    """A page that is fetched now."""

    url: str
    source: str
    new: bool = Field(description="The archive had never heard of it.")


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(tags=["operations"])

    @made.get("/operations", summary="What waits, how fast it goes, and who runs", response_model=WorkingTold)
    def operations(parts: Wired) -> dict[str, Any]:
        return working_json(working(parts))

    @made.get("/quarantine", summary="What no stage could make sense of, newest first", response_model=QuarantineTold)
    def quarantine(parts: Wired, asked: PagedQuery) -> dict[str, Any]:
        before = _place(asked.after) if asked.after else None
        found = parts.records.quarantined(asked.limit + 1, before)
        shown, next = cut(found, lambda one: (one.since.isoformat(), one.id), asked.limit)
        return {"quarantined": [quarantined_json(one) for one in shown], "next": next}

    @made.get("/quarantine/{number}", summary="One of it, with its first bytes as text", response_model=KeptTold)
    def one(parts: Wired, number: Annotated[int, Path(ge=1, lt=2**63)]) -> dict[str, Any]:
        item, first = kept(parts, number)
        return {**quarantined_json(item), "first": first}

    @made.post("/quarantine/replay", summary="Try these again, or all", response_model=PutBack, dependencies=EDITOR)
    def replay(
        parts: Wired, asking: Asking, given: Annotated[ReplayGiven, Body(default_factory=ReplayGiven)]
    ) -> dict[str, Any]:
        count = parts.records.replay(given.ids)
        parts.audit(asking, "quarantine tried again", "all" if given.ids is None else "some", count=count)
        return {"replayed": count}

    @made.get("/trace", summary="Where a page went and why", response_model=TraceTold)
    def trace(parts: Wired, url: Annotated[str, Query(min_length=1, max_length=4096)]) -> dict[str, Any]:
        trail = parts.records.trail(url)
        if trail is None:
            raise NotThere(f"nothing was ever heard of {url}: no listing told of it, and nobody asked for it")
        way = steps(trail, parts.index.position())
        return {
            "url": url,
            "steps": [{"stage": one.stage, "when": moment(one.when), "words": one.words} for one in way],
        }

    @made.post("/fetch", status_code=202, summary="Fetch a page now", response_model=AskedTold, dependencies=EDITOR)
    def fetch(
        parts: Wired, asking: Asking, url: Annotated[str, Body(embed=True, min_length=1, max_length=4096)]
    ) -> dict[str, Any]:
        asked = fetch_now(parts, url)
        parts.audit(asking, "page asked for", asked.task.url)
        return {"url": asked.task.url, "source": asked.task.source_id, "new": asked.new}

    return made


def _place(cursor: str) -> tuple[datetime, int]:
    when, id = from_text(cursor, ("", 0))
    try:
        moment = datetime.fromisoformat(str(when))
        return moment.astimezone(UTC), int(id)
    except (ValueError, OverflowError):
        raise BadInput("`after` is the `next` of the page before, and of this list") from None


def fetch_now(parts: Parts, url: str) -> Asked:
    """Ask for a page, ahead of everything on schedule. Raise BadInput, Away."""
    asked = ask(parts.records, parts.sourcing.sources, url.strip(), parts.clock())
    if parts.order is not None:
        parts.order([asked.task])
    return asked


def kept(parts: Parts, number: int) -> tuple[Quarantined, str]:
    """What is in quarantine under that number, and its first bytes as text. Raise NotThere."""
    held = parts.records.kept(number, FIRST)
    if held is None:
        raise NotThere(f"nothing is in quarantine under number {number}: it was tried again, or never there")
    item, body = held
    return item, as_text(body)


def as_text(body: bytes) -> str:
    """Bytes of whatever kind, to be looked at."""
    told = body.decode("utf-8", "replace")
    return "".join(char if char.isprintable() or char in "\n\t" else "\N{REPLACEMENT CHARACTER}" for char in told)


def quarantined_json(one: Quarantined) -> dict[str, Any]:
    """As plain JSON values."""
    return {
        "id": one.id,
        "stage": one.stage,
        "source": one.source_id,
        "url": one.url,
        "error_kind": one.error_kind,
        "error": one.error,
        "since": moment(one.since),
        "size": one.size,
    }


def waits(told: Working) -> list[tuple[str, int, Any]]:
    """(what, how many, since when) of all that waits, in the order of its way."""
    one, going = told.backlog, told.outgoing
    return [
        ("addresses due to be asked", one.polls, one.polls_since),
        ("pages due to be fetched", one.pages, one.pages_since),
        ("pages to be tried again later", one.later, None),
        ("pages fetched and not yet filed", one.spooled, one.spooled_since),
        ("entries without an article yet", one.bare, one.bare_since),
        ("changes that the search index does not know", told.behind or 0, None),
        ("alerts to be sent", going.pending, going.oldest),
        ("alerts given up (dead letters)", going.dead, None),
        ("in quarantine", one.quarantined, None),
    ]


def working_json(told: Working) -> dict[str, Any]:
    """As plain JSON values."""
    return {
        "waits": [{"name": name, "count": count, "since": moment(since)} for name, count, since in waits(told)],
        "index_behind": told.behind,
        "last_asked": moment(told.last_asked),
        "filed_last_hour": dict(told.filed),
        "answers_today": {how.value: count for how, count in sorted(told.today.items())},
        "queues": dict(told.depths),
        "parts": [{"name": one.name, "good": one.good, "words": one.words} for one in told.parts],
    }


def queue_words(name: str) -> str:
    """What waits in a queue."""
    if name.startswith("fetch"):
        return "addresses that a person asked for" if "asked" in name else "addresses to be fetched"
    return QUEUES.get(name, name)
