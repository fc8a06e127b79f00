"""The way of one page through all stages, from the records' trail, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from records.values import ArticleView, Listed, OnSpool, Trail


@dataclass(frozen=True, slots=True)
class Step:
    """One stage: when it happened, if that is known, and what came of it."""

    stage: str
    when: datetime | None
    words: str


def steps(trail: Trail, indexed: int | None) -> Iterator[Step]:
    """The stages that left a trace, in order; `indexed` is the index's position in the change log (None = unknown)."""
    if trail.listed:
        yield from _listed(trail.listed)
    else:
        yield Step("listed", None, "by no listing that is remembered")
    if trail.spooled:
        yield _spooled(trail.spooled)
    if trail.quarantined:
        one = trail.quarantined
        again = f"`wirewatch quarantine replay {one.id}` tries again"
        yield Step(
            "quarantine", one.since, f"{one.stage}: {one.error_kind}: {one.error}; {one.size} bytes kept, {again}"
        )
    if trail.article:
        yield from _filed(trail.article)
    if trail.last_change:
        if indexed is None:
            yield Step("index", None, f"change {trail.last_change}: the index cannot be asked")
            return
        behind = trail.last_change - indexed
        state = "in the index" if behind <= 0 else f"not in the index yet, which is {behind} changes behind it"
        yield Step("index", None, f"change {trail.last_change}: {state}")


def _listed(one: Listed) -> Iterator[Step]:
    yield Step("listed", one.first_seen, f"by {one.listed_by or 'a person'} of {one.source_id}: {one.entry.title!r}")
    if one.revised > one.first_seen:
        yield Step("edited", one.revised, "the listing tells it anew")
    why = f": {one.error_kind}: {one.error}" if one.error else ""
    tries = f", tried {one.tries} times" if one.tries else ""
    due = f"; due {one.due:%Y-%m-%d %H:%M:%S}" if one.due else ""
    yield Step("page", None, f"{one.state}{tries}{why}{due}")


def _spooled(one: OnSpool) -> Step:
    died = f"; {one.tries} processes died over it" if one.tries else ""
    return Step("spool", one.fetched, f"{one.size} bytes from {one.url} wait for a worker or for the desk{died}")


def _filed(view: ArticleView) -> Iterator[Step]:
    one = view.article
    kept = f"; kept as {one.storage}: {one.storage_why}" if one.storage_why else ""
    yield Step(
        "read", one.fetched, f"{one.grade} grade, {len(one.text)} characters, language {one.language or '?'}{kept}"
    )
    if one.published:
        how = f"{one.published:%Y-%m-%d %H:%M:%S}, by {one.published_how}, confidence {one.published_confidence:.2f}"
        yield Step("published", None, how)
    if one.wire:
        yield Step("wire", None, f"{one.wire}, by {one.wire_how}")
    tags = view.tagging
    reasons = f" ({'; '.join(tags.reasons)})" if tags.reasons else ""
    words = f"{len(tags.topics)} topics, {len(tags.entities)} names, relevance {tags.relevance:.2f}{reasons}"
    yield Step("tagged", None, words)
    like = f", like {view.like}" if view.like else ""
    place = f"article {one.id} in story {view.story_id}: {view.method}, score {view.score:.2f}{like}"
    yield Step("filed", one.first_seen, f"{place}; {view.versions} version{'s' * (view.versions != 1)}")
