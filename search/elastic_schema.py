"""What an Elasticsearch index holds of an article, and how the indices are named.

    wirewatch-v2-g0003-m2026-01    the articles first seen in January 2026, of the third generation
    wirewatch-v2-g0003-state       that generation's position in the change log
    wirewatch                      alias: all months of the generation that serves
    wirewatch-live                 alias: the state of the generation that serves

A generation is one filling of the index from the change log. Both aliases move in one step. An article's month
never changes while it lives, for `first_seen` never does; so its id stands in one index.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from pipeline.types import Document
from search.analysis import analysed, is_english, key, sites, stemmed
from search.base import content_hash
from search.facets import COLUMN, FACETS, columns
from search.values import stored_form
from search.weights import microseconds, youth

VERSION = 2  # raise it whenever the mapping or the analysis changes; `wirewatch index migrate` then fills it anew
GC_DELETES = "1h"  # how long a deleted article's version is remembered, so that an older write cannot revive it

_TEXTS = ("title", "title_en", "body", "body_en", "outlet", "author", "dateline")
_KEYS = ("story", "source", "country", "lang", "wire", "topic", "entity", "url", "site", "grade")
_NAME = re.compile(r"(.+)-v(\d+)-g(\d+)-(?:state|m\d{4}-\d\d)")


@dataclass(frozen=True, slots=True, order=True)
class Generation:
    """One filling of the index."""

    number: int
    version: int
    prefix: str

    @property
    def name(self) -> str:
        """What all its indices begin with."""
        return f"{self.prefix}-v{self.version}-g{self.number:04}"

    @property
    def state(self) -> str:
        """The index with its position."""
        return f"{self.name}-state"

    def month(self, month: str) -> str:
        """The index of a month."""
        return f"{self.name}-m{month}"

    @staticmethod
    def of(index: str) -> Generation | None:
        """The one that an index belongs to; None for a stranger."""
        found = _NAME.fullmatch(index)
        return Generation(int(found[3]), int(found[2]), found[1]) if found else None


def month_of(moment: datetime) -> str:
    """ "2026-01"; text order is time order."""
    return f"{moment.year:04}-{moment.month:02}"


def months_before(moment: datetime, months: int) -> str:
    """The month so many months earlier; never before year 1."""
    month = max(12, moment.year * 12 + moment.month - 1 - months)
    return f"{month // 12:04}-{month % 12 + 1:02}"


@dataclass(frozen=True, slots=True)
class Shape:
    """How a month lies on the cluster: shards, further copies of each, and seconds until what is written shows."""

    shards: int
    replicas: int
    refresh_seconds: float


def templates(prefix: str, shape: Shape) -> dict[str, dict[str, Any]]:
    """The index templates by name. Indices are made in so many words, never by a write that found none."""
    settings = {
        "number_of_shards": shape.shards,
        "number_of_replicas": shape.replicas,
        "refresh_interval": f"{round(shape.refresh_seconds * 1000)}ms" if shape.refresh_seconds else "-1",
        "translog.durability": "request",
        "gc_deletes": GC_DELETES,
    }
    common = {"version": VERSION, "allow_auto_create": False}
    months = {"settings": {"index": settings}, "mappings": mappings()}
    state = {
        "settings": {"index": settings | {"number_of_shards": 1, "refresh_interval": "-1"}},
        "mappings": {"dynamic": "strict", "properties": dict.fromkeys(("position", "floor"), _UNSEARCHED)},
    }
    name = f"{prefix}-v{VERSION}"
    return {
        f"{name}-months": {"index_patterns": [f"{name}-g*-m*"], "template": months, "priority": 500, **common},
        f"{name}-state": {"index_patterns": [f"{name}-g*-state"], "template": state, "priority": 501, **common},
    }


_UNSEARCHED = {"type": "keyword", "index": False, "doc_values": False}


def mappings() -> dict[str, Any]:
    """Texts are whitespace-separated terms (see `search.analysis`), keys single terms, times microseconds.

    Nothing is stored: the texts are in the records, and what a search gives comes from columns (doc values).
    """
    properties: dict[str, Any] = {name: {"type": "text", "analyzer": "whitespace"} for name in _TEXTS}
    properties |= {name: {"type": "keyword", "doc_values": name == "story"} for name in _KEYS}
    properties |= {name: {"type": "long"} for name in ("date", "seen", "changed", "copies")}
    properties |= {COLUMN.format(name): {"type": "keyword", "index": False} for name in FACETS}
    properties |= {name: {"type": "keyword", "index": False} for name in ("id", "hash")}
    properties["recency"] = {"type": "double", "index": False}
    return {"dynamic": "strict", "_source": {"enabled": False}, "properties": properties}


_encoded = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
_name = lru_cache(maxsize=50_000)(analysed)  # names come again and again, texts do not


def article_row(document: Document) -> bytes:
    """One article as JSON."""
    row: dict[str, Any] = {
        "id": document.article_id,
        "story": document.story_id,
        "hash": content_hash(document),
        "outlet": _name(document.outlet),
        "source": key(document.source_id),
        "author": [_name(author) for author in document.authors],
        "dateline": [_name(place) for place in document.dateline],
        "site": sites(document.url),
        "seen": microseconds(document.first_seen),
        "copies": document.copies,
        "recency": youth(document),
    }
    for name, text in (("title", document.title), ("body", document.text or document.summary)):
        row[name] = analysed(text)
        if is_english(document.language):
            row[f"{name}_en"] = stemmed(row[name])
    for name, values in (("topic", document.topics), ("entity", document.entities)):
        row[name] = [stored_form(name, value) for value in values]
    codes = (document.country, document.language, document.wire, document.url, document.grade)
    for name, value in zip(("country", "lang", "wire", "url", "grade"), codes, strict=True):
        if value:
            row[name] = stored_form(name, value)
    for name, moment in (("date", document.published), ("changed", document.changed)):
        if moment:
            row[name] = microseconds(moment)
    row |= columns(document)
    return _encoded(row).encode()
