"""Samples of a subscription: articles that its query must match, and others that it must not.

A sample is an article of the archive, by address or id, or a text of one's own, which is read as an article would be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from pipeline.attribute import attribute
from pipeline.language import language
from pipeline.types import Article, Document, Grade, Tagging
from pipeline.urls import host_of
from pipeline.watch import Subscription
from records.base import Records
from search.ast import Node
from search.explain import Clause, explain, failures

_ARCHIVED = re.compile(r"https?://\S+|a[0-9a-f]{20}")
_SHOWN = 60  # characters of a sample

Tag = Callable[[Article], Tagging]


@dataclass(frozen=True, slots=True)
class Failed:
    """A sample that is not as it must be."""

    sample: str  # its beginning
    must: bool  # whether it was to match
    words: str  # what is wrong
    clause: Clause | None = None  # the query against it; None = it could not be looked at


@dataclass(frozen=True, slots=True)
class Tried:
    """A sample and how it did."""

    sample: str  # its beginning
    must: bool
    failed: Failed | None


def check(one: Subscription, node: Node, records: Records | None, tag: Tag, now: datetime) -> Iterator[Failed]:
    """The samples of a subscription that fail; see `tried`."""
    yield from (each.failed for each in tried(one, node, records, tag, now) if each.failed)


def tried(one: Subscription, node: Node, records: Records | None, tag: Tag, now: datetime) -> Iterator[Tried]:
    """The samples of a subscription; `node` is its query, expanded.

    Archived ones are looked at as of the time when they were first seen. Without records they fail, all of them.
    """
    for must, samples in ((True, one.must), (False, one.must_not)):
        for sample in samples:
            found, failed = read(sample, records, tag, now), None
            if isinstance(found, str):
                failed = Failed(shown(sample), must, found)
            elif wrong := judge(node, found, must=must):
                failed = Failed(shown(sample), must, *wrong)
            yield Tried(shown(sample), must, failed)


def judge(node: Node, document: Document, *, must: bool) -> tuple[str, Clause] | None:
    """What is wrong with a sample that must match, or must not; None when nothing is."""
    clause = explain(node, document, document.first_seen)
    if clause.matched == must:
        return None
    if must:
        return f"is not matched: {because(clause)}", clause
    return "is matched", clause


def because(clause: Clause) -> str:
    """Why a query does not match, in words."""
    return "; ".join(
        f"{one.text.removeprefix('-')} is excluded, and is there" if one.kind == "not" else f"{one.text} does not match"
        for one in failures(clause)
    )


def read(sample: str, records: Records | None, tag: Tag, now: datetime) -> Document | str:
    """The sample as search would see it, or why it cannot be looked at."""
    if not is_archived(sample):
        title, _, text = sample.strip().partition("\n")
        told = language([], f"{title}\n{text}", "en")
        return as_document(attribute(Article("sample", "", "", "", title, text.strip(), language=told)), tag, now)
    if records is None:
        return "cannot be looked up without an archive: give its text instead"
    view = records.article(sample)
    found = records.documents([view.article.id]) if view else []
    return found[0] if found else "is not in the archive"


def is_archived(sample: str) -> bool:
    """Whether it names an article, and is no text."""
    return _ARCHIVED.fullmatch(sample.strip()) is not None


def as_document(article: Article, tag: Tag, now: datetime) -> Document:
    """An article that was just read and attributed, as search would see it."""
    tags = tag(article)
    return Document(
        article_id=article.id, story_id="s" + article.id[1:], title=article.title, text=article.text,
        summary=article.summary, url=article.url, source_id=article.source_id, outlet=host_of(article.url),
        country="", language=article.language, authors=article.authors, wire=article.wire,
        topics=tuple(one.id.removeprefix("topic:") for one in tags.topics),
        entities=tuple(word.lower() for one in tags.entities for word in (one.id, one.name)),
        published=article.published, first_seen=now, relevance=tags.relevance,
        grade=Grade.FULL if article.text else Grade.HEADLINE, dateline=article.dateline_places,
    )  # fmt: skip


def as_text(article: Article) -> str:
    """An article as a sample: its headline, then its text."""
    return f"{article.title}\n\n{article.text or article.summary}".strip()


def shown(sample: str) -> str:
    """Its beginning, in one line."""
    line = " ".join(sample.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
