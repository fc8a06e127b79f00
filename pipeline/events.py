"""Which event a story belongs to: the looser level of folding, different reporting on one happening.

A story is compared with the summed terms of each event (its centroid) by the cosine of tf-idf weights, and joins the
most similar one if it is similar enough; otherwise it founds an event. What makes it work (docs/measurements.md):

- a term's document frequency counts *events*, not stories: a happening that everybody reports does not make its own
  words common;
- a headline alone needs less similarity than a text, which shares some words with anything;
- similarity fades with the time since the event's last story and is nothing after `quiet`, so that daily reports of
  one form do not chain; and an event lasts no longer than the window.

Everything the desk holds is a sum over the stories of the events in its window: whole numbers, so that the order of
adding does not matter and `restore` gives the state that was lost. Candidates come from an inverted index of headline
words, names and numbers, of which a term gives its `PER_TERM` newest events. The desk is deterministic for a given
order and needs no clock: time is what it is told.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from pipeline.terms import TERM_BYTES, Terms, Weights, unpack_terms
from pipeline.types import EventAssignment

Row = tuple[str, str, float, bytes]
Sum = tuple[Terms, Weights]

WINDOW = timedelta(days=14)  # how long an event lasts at most
QUIET = timedelta(days=3)  # without a new story, after which it is closed
HEADLINE, TEXT = 0.06, 0.28  # the similarity that a story of no terms and one of FULL terms needs to join
FULL = 30  # terms
SMOOTH = 100  # events added to the count of events: the first few know little of what is common
RARE = 1000  # a term that fewer than one event in RARE has weighs as if one had: scores stay as the window fills
LOOK_UP = 24  # terms of a story that are looked up, the rarest
PER_TERM = 32  # events read of one term
CANDIDATES = 8  # events compared
LIKE = 16  # newest stories of an event among which the most similar is named
BUCKETS = 1 << 20  # of the table of document frequencies; terms that share one count together
LEAST = 0.05  # the weight of the most common terms
_BUCKET = np.uint32(BUCKETS - 1)


@dataclass(slots=True, eq=False)
class _Story:
    id: str
    seen: float
    terms: bytes
    event: _Event


@dataclass(slots=True, eq=False)
class _Event:
    id: str  # of the story that founded it, which may have left since
    number: int  # in order of founding
    founded: float
    last: float
    stories: list[_Story] = field(default_factory=list)  # the first founded it
    total: Sum | None = None  # None while it has one story: the story's own

    def sum(self) -> Sum:
        """The summed terms of its stories."""
        return self.total or unpack_terms(self.stories[0].terms)[:2]

    def silence(self, seen: float) -> float:
        """Seconds between a time and the event."""
        return max(seen - self.last, self.founded - seen, 0.0)


@dataclass(frozen=True, slots=True)
class _Match:
    event: _Event
    score: float
    shared: int


def event_id(story: str) -> str:
    """Id of an event: that of the story that founded it, with "e" for its "s"."""
    return "e" + story[1:]


class EventDesk:
    """Assigns stories to events. Not thread-safe: one desk, one thread."""

    def __init__(self, window: timedelta = WINDOW, quiet: timedelta = QUIET) -> None:
        self._window, self._quiet = window.total_seconds(), quiet.total_seconds()
        self._stories: dict[str, _Story] = {}
        self._events: dict[int, _Event] = {}  # by number, in order of founding
        self._next = 0
        self._postings: dict[int, list[int]] = {}  # term -> numbers of the events looked up by it, ascending
        self._frequency = np.zeros(BUCKETS, dtype=np.int32)  # events that have a term
        self._latest = 0.0

    def __len__(self) -> int:
        """Stories in the window."""
        return len(self._stories)

    def assign(self, story: str, seen: float, terms: bytes) -> EventAssignment:
        """The event of a story, seen at a time (seconds since 1970), by its `pipeline.terms.terms`.

        A story known already has its terms replaced; it stays where it is unless it is like another event now and
        not like its own. One that founded an event stays in any case.
        """
        self._latest = max(self._latest, seen)
        self.forget(self._latest - self._window)
        before = self._stories.get(story)
        if before is not None:
            return self._assign_again(before, terms)
        matches = self._similar(seen, terms)
        if not matches:
            return EventAssignment(self._found(story, seen, terms).id)
        return self._join(story, seen, terms, _best(matches))

    def leave(self, story: str) -> None:
        """A story is no more: it was merged into another. Its event stays, under the same id, if it has others."""
        known = self._stories.get(story)
        if known is not None:
            self._take_out(known)

    def restore(self, rows: Iterable[Row]) -> None:
        """Take in what was assigned before, in order of arrival, into an empty desk.

        A row is (story, event, seen, terms). Stories whose event's founder is not among the rows are left out: their
        event had left the window.
        """
        followers: list[Row] = []
        for story, event, seen, terms in rows:
            self._latest = max(self._latest, seen)
            if event == event_id(story):
                self._found(story, seen, terms)
            else:
                followers.append((story, event, seen, terms))
        events = {event.id: event for event in self._events.values()}
        for story, event, seen, terms in followers:
            if event in events:
                self._add(events[event], _Story(story, seen, terms, events[event]))
        self.forget(self._latest - self._window)

    def forget(self, before: float) -> None:
        """Forget the events founded before a time, with all their stories, as far as they came in order."""
        while self._events:
            event = next(iter(self._events.values()))
            if event.founded >= before:
                break
            del self._events[event.number]
            self._count(event, -1)
            for story in event.stories:
                del self._stories[story.id]

    def _assign_again(self, story: _Story, terms: bytes) -> EventAssignment:
        own = story.event
        if story is own.stories[0]:
            self._count(own, -1)
            story.terms = terms
            own.total = _sum(own.stories)
            self._count(own, 1)
            return EventAssignment(own.id)
        self._take_out(story)
        matches = self._similar(story.seen, terms)
        mine = [match for match in matches if match.event is own]
        return self._join(
            story.id, story.seen, terms, _best(mine or matches or self._compare(terms, [own], story.seen))
        )

    def _take_out(self, story: _Story) -> None:
        """Take a story out of its event and every sum; an event without stories is no more."""
        event = story.event
        self._count(event, -1)
        event.stories.remove(story)
        del self._stories[story.id]
        if event.stories:
            event.total, event.last = _sum(event.stories), max(one.seen for one in event.stories)
            self._count(event, 1)
        else:
            del self._events[event.number]

    def _similar(self, seen: float, terms: bytes) -> list[_Match]:
        """The events that are similar enough to a story."""
        candidates = self._candidates(seen, terms)
        if not candidates:
            return []
        least = HEADLINE + (TEXT - HEADLINE) * min(1.0, len(terms) / TERM_BYTES / FULL)
        return [match for match in self._compare(terms, candidates, seen) if match.score >= least]

    def _candidates(self, seen: float, terms: bytes) -> list[_Event]:
        """Open events that share the rarest of the terms that events are looked up by, most first."""
        hashes, weights, keys = unpack_terms(terms)
        hashes, weights = hashes[keys], weights[keys]
        idf = self._idf(hashes)
        worth = weights * idf * idf
        weight: dict[int, float] = {}
        for at in np.argsort(-idf, kind="stable")[:LOOK_UP].tolist():
            value = float(worth[at])
            for number in self._postings.get(int(hashes[at]), ())[-PER_TERM:]:
                weight[number] = weight.get(number, 0.0) + value
        open_events: list[_Event] = []
        for number in sorted(weight, key=lambda n: (-weight[n], -n)):
            event = self._events[number]
            if event.silence(seen) < self._quiet:
                open_events.append(event)
                if len(open_events) == CANDIDATES:
                    break
        return open_events

    def _compare(self, terms: bytes, events: Sequence[_Event], seen: float) -> list[_Match]:
        """The cosine of a story and each event, faded by time, and how many terms they share."""
        cosines, shared = self._cosines(terms, [event.sum() for event in events])
        return [
            _Match(event, cosine * max(0.0, 1 - event.silence(seen) / self._quiet), count)
            for event, cosine, count in zip(events, cosines, shared, strict=True)
        ]

    def _cosines(self, terms: bytes, others: Sequence[Sum]) -> tuple[list[float], list[int]]:
        hashes, weights, _ = unpack_terms(terms)
        if not len(hashes):
            return [0.0] * len(others), [0] * len(others)
        idf = self._idf(hashes)
        mine = weights * idf
        theirs = np.concatenate([other[0] for other in others])
        owner = np.repeat(np.arange(len(others)), [len(other[0]) for other in others])
        values = np.concatenate([other[1] for other in others]) * self._idf(theirs)
        squares = np.bincount(owner, values * values, len(others))
        at = np.minimum(hashes.searchsorted(theirs), len(hashes) - 1)
        same = hashes[at] == theirs
        owner = owner[same]
        dots = np.bincount(owner, values[same] * mine[at[same]], len(others))
        norms = np.sqrt(squares * (mine @ mine))
        cosines = np.divide(dots, norms, out=np.zeros(len(others)), where=norms > 0)
        return np.minimum(cosines, 1.0).tolist(), np.bincount(owner, minlength=len(others)).tolist()

    def _idf(self, hashes: Terms) -> npt.NDArray[np.float64]:
        events = len(self._events)
        frequency = self._frequency[hashes & _BUCKET] + (0.5 + events / RARE)
        idf: npt.NDArray[np.float64] = np.maximum(np.log((events + SMOOTH + 1) / frequency), LEAST)
        return idf

    def _found(self, story: str, seen: float, terms: bytes) -> _Event:
        event = _Event(event_id(story), self._next, seen, seen)
        self._next += 1
        self._events[event.number] = event
        self._add(event, _Story(story, seen, terms, event))
        return event

    def _join(self, story: str, seen: float, terms: bytes, match: _Match) -> EventAssignment:
        event = match.event
        recent = event.stories[-LIKE:]
        cosines, _ = self._cosines(terms, [unpack_terms(one.terms)[:2] for one in recent])
        like = recent[int(np.argmax(cosines))].id
        self._add(event, _Story(story, seen, terms, event))
        return EventAssignment(event.id, round(match.score, 4), like, match.shared)

    def _add(self, event: _Event, story: _Story) -> None:
        """Enter a story into an event and every sum."""
        self._stories[story.id] = story
        hashes, weights, keys = unpack_terms(story.terms)
        if event.stories:
            before = event.sum()
            event.total = _merge(before, (hashes, weights))
            new = np.setdiff1d(hashes, before[0], assume_unique=True)
        else:
            new = hashes
        event.stories.append(story)
        event.last = max(event.last, story.seen)
        np.add.at(self._frequency, new & _BUCKET, 1)
        self._post(event, hashes[keys])

    def _post(self, event: _Event, hashes: Terms) -> None:
        for term in hashes.tolist():
            numbers = self._postings.setdefault(term, [])
            if not numbers or numbers[-1] < event.number:
                numbers.append(event.number)
                continue
            at = bisect_left(numbers, event.number)
            if numbers[at] != event.number:
                numbers.insert(at, event.number)

    def _count(self, event: _Event, sign: int) -> None:
        """Enter (1) a whole event into the frequencies and the postings, or take it out (-1)."""
        parts = [unpack_terms(story.terms) for story in event.stories]
        hashes = np.unique(np.concatenate([part[0] for part in parts]))
        np.add.at(self._frequency, hashes & _BUCKET, sign)
        looked_up = np.unique(np.concatenate([part[0][part[2]] for part in parts]))
        if sign > 0:
            self._post(event, looked_up)
            return
        for term in looked_up.tolist():
            numbers = self._postings[term]
            numbers.remove(event.number)
            if not numbers:
                del self._postings[term]


def _best(matches: Sequence[_Match]) -> _Match:
    """The most similar; of equals the newest."""
    return max(matches, key=lambda match: (match.score, match.event.number))


def _sum(stories: Sequence[_Story]) -> Sum | None:
    """The summed terms of stories; None for one alone."""
    if len(stories) == 1:
        return None
    return _merge(*(unpack_terms(story.terms)[:2] for story in stories))


def _merge(*sums: Sum) -> Sum:
    """The sum of sums of terms."""
    hashes, where = np.unique(np.concatenate([one[0] for one in sums]), return_inverse=True)
    return hashes, np.bincount(where, np.concatenate([one[1] for one in sums])).astype(np.int32)
