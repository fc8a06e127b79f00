"""Documents that somebody has, folded as the pipeline folds: for `wirewatch fold` and the API alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from pipeline.attribute import attribute
from pipeline.fingerprint import fingerprint
from pipeline.newsdesk import NewsDesk
from pipeline.types import Article

BATCH = 50


@dataclass(slots=True)
class Folded:
    """What is told of a document."""

    id: str
    story: str
    kind: str  # how it came into its story: first, exact, near, headline, …
    wire: str
    confidence: float
    event: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "id": self.id,
            "story": self.story,
            "event": self.event,
            "kind": self.kind,
            "wire": self.wire or None,
            "confidence": self.confidence,
        }


def fold(given: Iterable[Article]) -> list[Folded]:
    """Which are copies of one story, and which stories report on one event; in the order given, which is that in which
    they were seen. A late copy may merge two stories, so nothing is told before all was read."""
    desk = NewsDesk()
    done: list[Folded] = []
    into: dict[str, str] = {}
    events: dict[str, str] = {}
    documents = iter(given)
    while read := [_read(article) for article in islice(documents, BATCH)]:
        for article, placed in zip(read, desk.assign([(one, fingerprint(one)) for one in read]), strict=True):
            one = placed.assignment
            into.update(dict.fromkeys(one.merged, one.story_id) | {one.story_id: one.story_id})
            if placed.event is not None:
                events[one.story_id] = placed.event.event_id
            done.append(Folded(article.id[1:], one.story_id, one.kind, article.wire, round(one.score, 4)))
    for each in done:
        each.story = _end(into, each.story)
        each.event = events.get(each.story, "")
    _share_wires(done)
    return done


def agreement(labels: Iterable[tuple[str, str, bool]], folded: Iterable[Folded]) -> tuple[int, int]:
    """How many of a person's labels (two ids, and whether they are the same) hold, of those about these documents."""
    story = {one.id: one.story for one in folded}
    held = [(story[a] == story[b]) == same for a, b, same in labels if a in story and b in story]
    return sum(held), len(held)


def _read(article: Article) -> Article:
    """With its agency, and an id of the form that stories are named after."""
    return attribute(replace(article, id="a" + article.id))


def _end(into: Mapping[str, str], story: str) -> str:
    while into[story] != story:
        story = into[story]
    return story


def _share_wires(done: Iterable[Folded]) -> None:
    """A copy whose credit was cut off comes from the agency that most other copies of its story name."""
    named: dict[str, Counter[str]] = {}
    for one in done:
        if one.wire:
            named.setdefault(one.story, Counter())[one.wire] += 1
    for one in done:
        if not one.wire and one.story in named:
            one.wire = named[one.story].most_common(1)[0][0]
