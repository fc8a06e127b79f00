"""How ranked articles become pages of stories: the same for every back end.

A story stands where its best article stands. So of the articles behind a place, one begins a story not shown yet if
it is the best of its story's; that needs no memory of the pages before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from search.base import Hit, Page, Place, Story


class Found(NamedTuple):
    """An article in its order."""

    hit: Hit
    rank: float
    passed: int = 0  # see `search.base.Place`


class Ranked(Protocol):
    """The articles that match a query in one state of an index. Without `folded` every one of them is wanted."""

    folded: bool
    total: int  # how many there are; known with the first chunk

    def chunks(self, first: int, after: Place | None = None) -> Iterator[list[Found]]:
        """All of them, best first, or those behind a place; the first chunk has about `first`, later ones more.

        When folded, those of a story that was given already may be left out.
        """

    def copies(self, stories: Sequence[str]) -> Mapping[str, Sequence[Hit]]:
        """All of these stories, best first."""


def page(ranked: Ranked, limit: int, offset: int = 0, after: Place | None = None) -> Page:
    """The page behind a place, or the first."""
    wanted = offset + limit
    firsts: list[Found] = []
    told: dict[str, Sequence[Hit]] = {}
    known: set[str] = set()
    for chunk in ranked.chunks(2 * wanted + 20 if ranked.folded else wanted + 1, after):
        fresh = _fresh(chunk, known) if ranked.folded else chunk
        if ranked.folded and after:
            while fresh and len(firsts) <= wanted:
                some, fresh = fresh[: wanted + 1 - len(firsts)], fresh[wanted + 1 - len(firsts) :]
                told |= ranked.copies([one.hit.story_id for one in some])
                firsts += [one for one in some if told[one.hit.story_id][0].article_id == one.hit.article_id]
        else:
            firsts += fresh
        if len(firsts) > wanted:
            break
    total = after.total if after else ranked.total
    shown = firsts[offset:wanted]
    more = len(firsts) > wanted and shown
    next_place = Place(shown[-1].rank, shown[-1].hit.article_id, shown[-1].passed, total) if more else None
    return Page(_stories(ranked, shown, told), total, next_place)


def walk(ranked: Ranked, batch: int) -> Iterator[Story]:
    """All of them, `batch` at a time."""
    known: set[str] = set()
    waiting: list[Found] = []
    for chunk in ranked.chunks(2 * batch):
        waiting += _fresh(chunk, known) if ranked.folded else chunk
        while len(waiting) >= batch:
            yield from _stories(ranked, waiting[:batch], {})
            del waiting[:batch]
    yield from _stories(ranked, waiting, {})


def _fresh(chunk: Sequence[Found], known: set[str]) -> list[Found]:
    """The first article of each story not known yet."""
    fresh = []
    for one in chunk:
        if one.hit.story_id not in known:
            known.add(one.hit.story_id)
            fresh.append(one)
    return fresh


def _stories(ranked: Ranked, shown: Sequence[Found], told: Mapping[str, Sequence[Hit]]) -> tuple[Story, ...]:
    if not ranked.folded:
        return tuple((one.hit.story_id, (one.hit,)) for one in shown)
    ids = [one.hit.story_id for one in shown]
    copies = {**told, **ranked.copies([id for id in ids if id not in told])}
    return tuple((id, tuple(copies[id])) for id in ids)
