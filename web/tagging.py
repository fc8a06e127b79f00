"""Items that somebody has, tagged as the pipeline tags: for `wirewatch tag` and the API alike."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pipeline.errors import BadInput
from pipeline.tag import Tagger, TagRules, load_tagger
from pipeline.taxonomy import Taxonomy, load_taxonomy
from pipeline.types import Article, Tag, Tagging

WANTED = "an item is a JSON object with the texts id and title"
RELEVANT = 0.5  # relevance from which on an item counts as relevant


def wanted_topics(tagger: Tagger, names: Iterable[str]) -> set[str]:
    """The topics of these names; all, when none is named. Raise BadInput for one that there is not."""
    known = {entry.id.partition(":")[2] for entry in tagger.taxonomy.entries.values() if entry.kind == "topic"}
    wanted = {name.strip() for name in names if name.strip()} or known
    if strange := sorted(wanted - known):
        raise BadInput(f"no topic is called {strange[0]}; the taxonomy has {', '.join(sorted(known))}")
    return wanted


def tagging_json(id: str, found: Tagging, wanted: Collection[str]) -> dict[str, Any]:
    """What is told of an item, with those of its topics that are wanted."""
    topics = [one.id.partition(":")[2] for one in found.topics]
    return {
        "id": id,
        "relevant": found.relevance >= RELEVANT,
        "score": round(found.relevance, 4),
        "topics": [topic for topic in topics if topic in wanted],
        "entities": [one.name for one in found.entities],
        "reasons": list(found.reasons),
        "mentions": {
            tag.id: _places(tag)
            for tag in (*found.topics, *found.entities)
            if tag.spans and (tag not in found.topics or tag.id.partition(":")[2] in wanted)
        },
    }


def _places(tag: Tag) -> dict[str, Any]:
    """Where the first mentions stand, as [start, end] in characters; and the kind of a name outside the taxonomy."""
    told: dict[str, Any] = {"kind": tag.kind} if tag.kind else {}
    for part, headline in (("title", True), ("text", False)):
        if there := [[span.start, span.end] for span in tag.spans if span.in_title is headline]:
            told[part] = there
    return told


def as_article(item: Any, where: str) -> Article:
    """An item as an article; `where` says in errors which one it is. Raise BadInput."""
    if not isinstance(item, dict) or not all(isinstance(item.get(key), str) for key in ("id", "title")):
        raise BadInput(f"{where}: {WANTED}")
    text, outlet, url = (_text(item, *names) for names in (("text", "summary", "description"), ("outlet",), ("url",)))
    when = _moment(item.get("published"), where)
    return Article(item["id"], url, "", outlet, item["title"], text, published=when, first_seen=when)


def _text(item: dict[str, Any], *names: str) -> str:
    return next((text for name in names if isinstance(text := item.get(name), str) and text), "")


def _moment(text: Any, where: str) -> datetime | None:
    """A time in ISO 8601, UTC where it names no zone. Raise BadInput."""
    if text in (None, ""):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise BadInput(f"{where}: published is a time like 2026-03-01T12:00:00Z, not {text!r}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Taggers:
    """The tagger by the rules of the settings, and the one with names told apart otherwise; made when first wanted."""

    def __init__(self, rules: TagRules) -> None:
        self._rules = rules
        self._made: dict[bool, Tagger] = {}
        self._lock = threading.Lock()

    def __call__(self, names: bool | None = None) -> Tagger:
        """`names` = whether names outside the taxonomy are tagged too; None = as set. Raise BadInput for its files."""
        from search.topics import topic_queries  # the engine behind it is not for every command to load

        rules = self._rules if names is None else replace(self._rules, names=names)
        with self._lock:
            if rules.names not in self._made:
                self._made[rules.names] = load_tagger(rules, topic_queries)
            return self._made[rules.names]

    def taxonomy(self) -> Taxonomy:
        """By what the tagger of the settings tags; quick, for no tagger is made. Raise BadInput for its files."""
        return load_taxonomy(*self._rules.files)
