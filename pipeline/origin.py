"""Which agency a story comes from, and when a copy of it came out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from pipeline.attribute import CONFIDENCE
from pipeline.types import Article

A_DAY_ANYWHERE = timedelta(hours=36)  # from midnight UTC until the day has ended in the last time zone
TRUSTED = 0.5  # confidence from which on a date of publication is believed
EARLY = timedelta(minutes=10)  # clocks differ: publication may be so much later than we saw it
WEAK = 0.5  # confidence of evidence of a kind not in `pipeline.attribute.CONFIDENCE`


@dataclass(frozen=True, slots=True)
class Evidence:
    """What names the agency in some of the copies."""

    how: str  # "dateline", "byline", "credit", …
    copies: int
    sample: str  # as printed in the surest of them: "LONDON (Reuters)"
    article_id: str  # which one that is


@dataclass(frozen=True, slots=True)
class Origin:
    """The agency that the copies speak for. `strength` is the winner's share of all evidence times its surest, 0..1."""

    agency: str
    strength: float
    named: int  # copies that name it
    copies: int
    evidence: tuple[Evidence, ...]  # the most frequent kind first
    others: tuple[tuple[str, int], ...] = ()  # other agencies named, with the number of copies that do


@dataclass(frozen=True, slots=True)
class Came:
    """When a copy came out, as well as is known. `at` is None when neither clock says."""

    at: datetime | None
    clock: str  # "published", "published, the day alone", "first seen", "unknown"
    why: str  # in words
    confidence: float  # of the clock used, 0..1

    @property
    def key(self) -> tuple[bool, float]:
        """Orders copies; those of unknown time come last."""
        return self.at is None, self.at.timestamp() if self.at else 0.0


def came_out(article: Article) -> Came:
    """When an article came out: as published if that is believed, else when we first saw it.

    A bare day (midnight UTC) may have lasted until we saw it: the first sight stands in for it within that day.
    """
    published, seen = article.published, article.first_seen
    sure = article.published_confidence
    if published is None:
        if seen is None:
            return Came(None, "unknown", "no time is known", 0.0)
        return Came(seen, "first seen", "it tells no time of publication", 1.0)
    how = article.published_how or "unknown"
    if seen is None:
        return Came(published, "published", f"by {how}, the only time known", sure)
    if published > seen + EARLY:
        return Came(seen, "first seen", f"its time of publication ({how}) is later than we saw it", 1.0)
    if sure < TRUSTED and article.published_how:
        return Came(seen, "first seen", f"its time of publication ({how}) is only {sure:.0%} sure", 1.0)
    if published.time() == time():
        at = min(published + A_DAY_ANYWHERE, seen)
        return Came(at, "published, the day alone", f"by {how}, which tells the day; at the latest then", sure)
    return Came(published, "published", f"by {how}", sure)


def origin_of(articles: Sequence[Article]) -> Origin | None:
    """The agency that most of the evidence names, each copy weighed by how sure its evidence is; None if none does."""
    weights: dict[str, float] = defaultdict(float)
    naming: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        if article.wire:
            weights[article.wire] += _sure(article)
            naming[article.wire].append(article)
    if not naming:
        return None
    agency = max(naming, key=lambda name: (weights[name], len(naming[name]), name))
    named = naming[agency]
    strength = weights[agency] / sum(weights.values()) * max(map(_sure, named))
    others = sorted(((name, len(found)) for name, found in naming.items() if name != agency), key=lambda x: (-x[1], x))
    return Origin(agency, round(strength, 4), len(named), len(articles), _evidence(named), tuple(others))


def _sure(article: Article) -> float:
    known = article.known.get("wire")
    return known.confidence if known else CONFIDENCE.get(article.wire_how, WEAK)


def _evidence(named: Sequence[Article]) -> tuple[Evidence, ...]:
    by: dict[str, list[Article]] = defaultdict(list)
    for article in named:
        by[article.wire_how or "unknown"].append(article)
    told = [
        Evidence(how, len(found), _sample(how, surest), surest.id)
        for how, found in by.items()
        for surest in [max(found, key=_sure)]
    ]
    return tuple(sorted(told, key=lambda one: (-one.copies, -CONFIDENCE.get(one.how, WEAK), one.how)))


def _sample(how: str, article: Article) -> str:
    if how == "dateline":
        return f"{'/'.join(article.dateline_places)} ({article.dateline_agency or article.wire})".strip()
    if how == "address":
        return article.canonical_url or article.url
    return article.credit or article.wire
