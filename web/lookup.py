"""Stories and articles of an archive by what a person calls them, and what is worked out of their copies."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from pipeline.errors import BadInput
from pipeline.labels import Label
from pipeline.novelty import Novelty, Told
from pipeline.provenance import Carried, Derived, Provenance, provenance
from pipeline.revisions import Revised, revised
from pipeline.types import EventAssignment
from records.base import Records
from records.values import ArticleView, Revision, StoryView


@dataclass(frozen=True, slots=True)
class Change:
    """What a version changed of the one before, and when it was first seen."""

    seen: datetime
    changed: Revised


@dataclass(frozen=True, slots=True)
class Carrier:
    """A copy as the tree shows it: where it stands, what it brought, and what its outlet changed since."""

    view: ArticleView
    derived: Derived
    new: Novelty
    revisions: tuple[Change, ...] = ()  # oldest first


@dataclass(frozen=True, slots=True)
class Traced:
    """A story with its provenance; the carriers are in the order of the provenance, the earliest first."""

    id: str
    provenance: Provenance
    carriers: tuple[Carrier, ...]
    event: EventAssignment | None = None
    beside: tuple[StoryView, ...] = ()  # other stories on the same event, in the order of their first articles
    labels: tuple[Label, ...] = ()  # what persons say of its articles


_Seen = tuple[Provenance, tuple[Carrier, ...]]


def find_article(records: Records, what: str) -> ArticleView:
    """The article of that id or address, or a story's earliest copy. Raise BadInput when nothing is known of it."""
    view = records.article(what)
    if view is None and (copies := records.copies(what)):
        view = copies[0]
    if view is None:
        raise BadInput(f"nothing is known of {what}: give a story id (s…), an article id (a…) or an address")
    return view


def trace(records: Records, what: str) -> Traced:
    """The story of that id, or the one that an article belongs to. Raise BadInput when nothing is known of it."""
    return Tracer().trace(records, what)


class Tracer:
    """Traces stories, and remembers what it worked out of their copies while those stay as they are. From any thread.

    Working it out takes about 5 ms a copy; `most` copies are remembered, of the stories that were last asked for.
    """

    def __init__(self, most: int = 3000) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[list[ArticleView], _Seen]] = OrderedDict()

    def trace(self, records: Records, what: str) -> Traced:
        """See `trace`."""
        copies = records.copies(what)
        if not copies:
            copies = records.copies(find_article(records, what).story_id)
        seen = self._remembered(copies) or self._worked_out(records, copies)
        ids = {view.article.id for view in copies}
        [story] = records.stories([copies[0].story_id])
        beside = [one for one in records.event(story.event.event_id) if one.id != story.id] if story.event else []
        said = [one for one in records.labels() if one.undone is None and (one.a in ids or one.b in ids)]
        return Traced(story.id, *seen, story.event, tuple(beside), tuple(said))

    def _remembered(self, copies: list[ArticleView]) -> _Seen | None:
        with self._lock:
            known = self._known.get(copies[0].story_id)
            if known is None or known[0] != copies:
                return None
            self._known.move_to_end(copies[0].story_id)
            return known[1]

    def _worked_out(self, records: Records, copies: list[ArticleView]) -> _Seen:
        seen = _seen(records, copies)
        with self._lock:
            self._known.pop(copies[0].story_id, None)
            self._known[copies[0].story_id] = copies, seen
            while len(self._known) > 1 and sum(len(views) for views, _ in self._known.values()) > self._most:
                self._known.popitem(last=False)
        return seen


def _seen(records: Records, copies: list[ArticleView]) -> _Seen:
    found = provenance([Carried(view.article, view.outlet) for view in copies])
    views = {view.article.id: view for view in copies}
    told = Told()
    carriers = []
    for derived in found.copies:
        view = views[derived.article_id]
        new = told.look(view.article, view.tagging)
        told.add(view.article, view.tagging)
        past = versions(records, view.article.id) if view.versions > 1 else []
        for one in past:
            told.add(replace(view.article, title=one.title, text=one.text))
        carriers.append(Carrier(view, derived, new, _changes(past, view.article.language)))
    return found, tuple(carriers)


def versions(records: Records, article_id: str) -> list[Revision]:
    """The versions of an article whose text is known, oldest first."""
    return [one for one in records.revisions(article_id) if one.text]


def _changes(past: list[Revision], language: str) -> tuple[Change, ...]:
    """What its outlet changed. A headline whose text was read later is no change."""
    return tuple(
        Change(new.seen, revised(old.title, old.text, new.title, new.text, language)) for old, new in pairwise(past)
    )
