"""The stages of one page in order: extract, attribute, fingerprint, tag, limit; each timed, each error addressed.

What permissions mean for the order: where mining is reserved, extraction reads no body, so none is fingerprinted or
tagged. Where only keeping is limited, the body is read in passing for folding and tagging and dropped at the end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from pipeline.agencies import agencies
from pipeline.attribute import attribute
from pipeline.byline import people
from pipeline.errors import StageFailed, WirewatchError
from pipeline.extract import read_parts
from pipeline.fingerprint import fingerprint
from pipeline.furniture import without_furniture
from pipeline.language import normal
from pipeline.permissions import Permission, limit
from pipeline.types import Article, Entry, Fetched, Read, Source, Tag, Tagging

T = TypeVar("T")

FEED_TRUST = 0.9  # confidence in a feed's date; pipeline.dates says why


@dataclass(frozen=True, slots=True)
class Tools:
    """What the stages need and do not make themselves."""

    tag: Callable[[Article], Tagging]


def read_page(
    page: Fetched, entry: Entry | None, source: Source, tools: Tools, furniture: Collection[int] = ()
) -> Read:
    """One page through all stages. `spent` is CPU seconds by stage; `furniture` the outlet's (`pipeline.furniture`).

    Raises the errors of `pipeline.extract.extract`; anything foreign becomes StageFailed, naming stage, source and URL.
    """
    run = _Stages(source.id, page.url)
    parts = run.stage("extract", lambda: read_parts(page, entry, source))
    article = parts.article
    if furniture:
        article = run.stage("furniture", lambda: without_furniture(parts.article, furniture))
    return _finish(run, article, parts.permission, tools)


@dataclass(frozen=True, slots=True)
class Alone:
    """One page read for a person, outside any archive: `rights` is what an archive might do with it."""

    article: Article
    rights: Permission
    site: str  # what the page calls its outlet, or ""


def read_alone(page: Fetched, source: Source, *, as_archived: bool = False) -> Alone:
    """The stages that read (extract and attribute), for a page that a person gave: whole, whatever it reserves.

    `as_archived` leaves what `read_page` would leave. Raises as `read_page` does.
    """
    run = _Stages(source.id, page.url)
    parts = run.stage("extract", lambda: read_parts(page, None, source, whole=not as_archived))
    article = run.stage("attribute", lambda: attribute(parts.article))
    if as_archived:
        article = run.stage("limit", lambda: limit(article, parts.permission))
    return Alone(article, parts.permission, parts.site)


def read_entry(entry: Entry, source: Source, seen: datetime, reason: str, tools: Tools) -> Read:
    """A headline-grade article of an entry alone, for a page that is blocked or not yet there; `reason` in words.

    Raises StageFailed as `read_page` does.
    """
    run = _Stages(source.id, entry.url)
    title = entry.title or entry.summary[:120] or entry.url
    names, credit = people(entry.authors, source.name)
    wire = agencies().named(credit)
    article = Article(
        id=entry.id,
        url=entry.url,
        canonical_url=entry.canonical_url,
        source_id=source.id,
        title=title,
        summary=entry.summary,
        authors=names,
        published=entry.published,
        published_how=entry.published_how,
        published_confidence=FEED_TRUST if entry.published else 0.0,
        fetched=seen,
        language=normal(entry.language) or normal(source.language),
        keywords=entry.tags,
        wire=wire,
        wire_how="byline" if wire else "",
        credit=credit,
    )
    return _finish(run, article, Permission(source.storage, f"the page was not read: {reason}"), tools)


def _finish(run: _Stages, article: Article, permission: Permission, tools: Tools) -> Read:
    article = run.stage("attribute", lambda: attribute(article))
    prints = run.stage("fingerprint", lambda: fingerprint(article))
    tagging = run.stage("tag", lambda: tools.tag(article))
    kept = run.stage("limit", lambda: limit(article, permission))
    if (kept.text, kept.summary) != (article.text, article.summary):
        tagging = _in_title_only(tagging)
    return Read(article=kept, fingerprint=prints, tagging=tagging, spent=run.spent)


def _in_title_only(tagging: Tagging) -> Tagging:
    """Without places in a text that is not kept."""

    def there(tags: tuple[Tag, ...]) -> tuple[Tag, ...]:
        return tuple(replace(tag, spans=tuple(span for span in tag.spans if span.in_title)) for tag in tags)

    return replace(tagging, topics=there(tagging.topics), entities=there(tagging.entities))


class _Stages:
    """Runs stages one after the other, timing each and giving every error its address."""

    def __init__(self, source_id: str, url: str) -> None:
        self.source_id = source_id
        self.url = url
        self.spent: dict[str, float] = {}

    def stage(self, name: str, work: Callable[[], T]) -> T:
        """The result of `work`; its own errors pass, with source and URL filled in, foreign ones become StageFailed."""
        begin = time.process_time()
        try:
            return work()
        except WirewatchError as error:
            error.source_id, error.url = error.source_id or self.source_id, error.url or self.url
            raise
        except Exception as error:
            what = f"the stage {name} failed: {type(error).__name__}: {error}"
            raise StageFailed(what, source_id=self.source_id, url=self.url) from error
        finally:
            self.spent[name] = time.process_time() - begin
