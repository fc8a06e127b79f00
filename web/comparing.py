"""Two texts compared, for pages, API and command line alike: two copies of a story, or two versions of an article."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from pipeline.edits import Comparison, compare
from pipeline.errors import BadInput
from pipeline.origin import came_out
from pipeline.revisions import Revised, revised
from records.base import Records
from records.values import ArticleView
from web.lookup import versions


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two texts: an article, or a version of one."""

    id: str
    name: str  # outlet, or "version 2"
    when: datetime | None
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Two texts, how the second was made of the first, and what that means to a reader."""

    old: Side
    new: Side
    comparison: Comparison
    revised: Revised


def difference(old: Side, new: Side, language: str) -> Difference:
    """Compare two texts."""
    found = revised(old.title, old.text, new.title, new.text, language)
    return Difference(old, new, compare(old.text, new.text), found)


def side(view: ArticleView) -> Side:
    """An article to be compared. Raise BadInput when its text is not known."""
    article = view.article
    if not article.text:
        raise BadInput(f"only the headline of {article.url} is known: there is no text to compare")
    return Side(article.id, f"{view.outlet} ({view.country})", came_out(article).at, article.title, article.text)


def sides(records: Records, view: ArticleView) -> list[Side]:
    """The versions of an article whose text is known, oldest first."""
    return [
        Side(one.version, f"{view.outlet}, version {at}{', current' * one.current}", one.seen, one.title, one.text)
        for at, one in enumerate(versions(records, view.article.id), 1)
    ]


def each_with_the_next(records: Records, view: ArticleView) -> list[Difference]:
    """Each version of an article against the next. Raise BadInput when there is one alone."""
    told = sides(records, view)
    if len(told) < 2:
        raise BadInput(f"{view.article.url} has only one version whose text is known")
    return [difference(old, new, view.article.language) for old, new in pairwise(told)]


def of_versions(records: Records, view: ArticleView, a: int = 0, b: int = 0) -> Difference:
    """Two versions of an article, by number from 1; 0 = the last but one for `a`, the last for `b`.

    Raise BadInput when there is one alone, or none of that number.
    """
    told = sides(records, view)
    if len(told) < 2:
        raise BadInput(f"{view.article.url} has only one version whose text is known")
    b = b or len(told)
    a = a or max(1, b - 1)
    for number in (a, b):
        if not 1 <= number <= len(told):
            raise BadInput(f"there is no version {number}; there are 1 to {len(told)}")
    return difference(told[a - 1], told[b - 1], view.article.language)
