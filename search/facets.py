"""Facets: what matching articles have in common, as people know it, with how many have it.

The values stand in columns of their own, as printed; the key fields that queries compare are folded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from pipeline.types import Document
from search.analysis import LONGEST_KEY, base_language

FACETS = ("outlet", "country", "lang", "wire", "topic", "entity", "author", "source")
COLUMN = "facet_{}"
ALL = 1_000_000  # more values than any facet has

Facet = tuple[tuple[str, int], ...]  # (value, matching articles that have it), most first, then by value

_ID = re.compile(r"[a-z]+:\S+")  # of an entity, beside which its name stands
_UNSTORABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]+")


def columns(document: Document) -> dict[str, tuple[str, ...]]:
    """What the facet columns hold of an article: each value once, none empty, at most LONGEST_KEY characters."""
    values: dict[str, Iterable[str]] = {
        "outlet": (document.outlet,),
        "country": (document.country,),
        "lang": (base_language(document.language),),
        "wire": (document.wire,),
        "topic": document.topics,
        "entity": (name for name in document.entities if not _ID.fullmatch(name)),
        "author": document.authors,
        "source": (document.source_id,),
    }
    return {COLUMN.format(name): _printed(some) for name, some in values.items()}


def _printed(values: Iterable[str]) -> tuple[str, ...]:
    tidy = (" ".join(_UNSTORABLE.sub(" ", value).split())[:LONGEST_KEY] for value in values)
    return tuple(dict.fromkeys(filter(None, tidy)))


def checked(names: Iterable[str], top: int) -> list[str]:
    """These facets, each once. Raises ValueError for one that is none, or a `top` below 1."""
    wanted = list(dict.fromkeys(names))
    if strange := [name for name in wanted if name not in FACETS]:
        raise ValueError(f"{strange[0]!r} is no facet; these are: {', '.join(FACETS)}")
    if top < 1:
        raise ValueError("a facet shows one value or more")
    return wanted


def highest(counts: Mapping[str, int], top: int) -> Facet:
    """The values that most have; among equals by value."""
    return tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:top])
