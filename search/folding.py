"""How ranked articles become pages of stories: the same for every back end.

A story stands where its best article stands. So of the articles behind a place, one begins a story not shown yet if
it is the best of its story's; that needs no memory of the pages before.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, Protocol

from search.base import Hit, Page, Place, Span, Story
from search.weights import microseconds


class Found(NamedTuple):
    """An article in its order."""

    hit: Hit
    rank: float
    passed: int = 0  # see `search.base.Place`


class Ranked(Protocol):
    """The articles that match a query in one state of an index. Without `folded` every one of them is wanted."""

    folded: bool
    total: int  # how many there are; known with the first of them
    of: int | None  # and of how many stories, where that is known then

    def found(self, first: int, after: Place | None = None) -> Iterator[Found]:
        """All of them, best first, or those behind a place; about `first` of them will be wanted.

        When folded, those of a story that was given already may be left out.
        """

    def copies(self, stories: Sequence[str]) -> Mapping[str, Sequence[Hit]]:
        """All of these stories, best first."""


def page(ranked: Ranked, limit: int, offset: int = 0, after: Place | None = None) -> Page:
    """The page behind a place, or the first."""
    wanted = offset + limit
    firsts: list[Found] = []
    told: dict[str, Sequence[Hit]] = {}
    found = _begun(ranked, 2 * wanted + 20 if ranked.folded else wanted + 1, after)
    while some := list(islice(found, wanted + 1 - len(firsts))):
        if ranked.folded and after:
            told |= ranked.copies([one.hit.story_id for one in some])
            some = [one for one in some if _begins(one.hit, told[one.hit.story_id])]
        firsts += some
    total = after.total if after else ranked.total
    shown = firsts[offset:wanted]
    more = len(firsts) > wanted and shown
    place = Place(shown[-1].rank, shown[-1].hit.article_id, shown[-1].passed, total) if more else None
    all_shown = ranked.folded and not after and len(firsts) <= wanted
    return Page(_stories(ranked, shown, told), total, place, len(firsts) if all_shown else ranked.of)


def walk(ranked: Ranked, batch: int) -> Iterator[Story]:
    """All of them, `batch` at a time."""
    found = _begun(ranked, 2 * batch, None)
    while some := list(islice(found, batch)):
        yield from _stories(ranked, some, {})


def _begun(ranked: Ranked, first: int, after: Place | None) -> Iterator[Found]:
    """The first article of each story or, unfolded, every article."""
    known: set[str] = set()
    for one in ranked.found(first, after):
        if not ranked.folded:
            yield one
        elif one.hit.story_id not in known:
            known.add(one.hit.story_id)
            yield one


def _begins(hit: Hit, copies: Sequence[Hit]) -> bool:
    """Whether it is the best of its story. There may be none of it: an index that is not held still is asked twice."""
    return not copies or copies[0].article_id == hit.article_id


def _stories(ranked: Ranked, shown: Sequence[Found], told: Mapping[str, Sequence[Hit]]) -> tuple[Story, ...]:
    if not ranked.folded:
        return tuple((one.hit.story_id, (one.hit,)) for one in shown)
    unknown = [one.hit.story_id for one in shown if one.hit.story_id not in told]
    copies = {**told, **ranked.copies(unknown)}
    return tuple((one.hit.story_id, tuple(copies[one.hit.story_id]) or (one.hit,)) for one in shown)


def in_spans(articles: Iterable[tuple[int, Hashable]], spans: Sequence[Span]) -> list[int]:
    """How many stories there are in each span, or without spans in all; of (first_seen in microseconds, story)."""
    if not spans:
        return [len({story for _, story in articles})]
    begins, ends = ([microseconds(span[side]) for span in spans] for side in (0, 1))
    found: list[set[Hashable]] = [set() for _ in spans]
    for seen, story in articles:
        at = bisect_right(begins, seen) - 1
        if at >= 0 and seen < ends[at]:
            found[at].add(story)
    return [len(some) for some in found]
