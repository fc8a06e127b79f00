"""Alerts with what the records say now of their articles and stories; any records will do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from pipeline.controls import all_without_controls, without_controls
from pipeline.telling import Telling, shortened, web_address
from pipeline.types import Document
from pipeline.watch import Alert, Subscription
from records.values import ArticleView, StoryView

LOST = "(the article is no longer in the archive)"


class Telltale(Protocol):
    """What is asked of the records."""

    def subscription(self, name_or_id: str) -> Subscription | None:
        """See `records.watching.Watching`."""

    def documents(self, article_ids: Sequence[str]) -> list[Document]:
        """See `records.base.Records`, as the following."""

    def article(self, id_or_url: str) -> ArticleView | None:
        """By id; that of an entry leads to the article that it became."""

    def stories(self, story_ids: Sequence[str]) -> list[StoryView]:
        """Ids of merged stories give the story they lead to."""


def tell(records: Telltale, alerts: Sequence[Alert]) -> list[Telling]:
    """Each alert in full, in the order given; three queries for all, and one for each subscription.

    An alert is never left out: where its article is gone, the first copy of its story is told of instead. Texts come
    without control characters, also where an earlier release filed them.
    """
    names = {id: _name(records, id) for id in {alert.subscription_id for alert in alerts}}
    documents = {one.article_id: one for one in records.documents(list({alert.article_id for alert in alerts}))}
    for id in {alert.article_id for alert in alerts} - set(documents):
        documents |= _moved(records, id)
    stories = {story.id: story for story in records.stories(list({one.story_id for one in documents.values()}))}
    return [_telling(records, alert, names[alert.subscription_id], documents, stories) for alert in alerts]


def _name(records: Telltale, subscription_id: str) -> str:
    found = records.subscription(subscription_id)
    return without_controls(found.name) if found else ""


def _moved(records: Telltale, article_id: str) -> dict[str, Document]:
    """The document of an article whose page told another address than its listing."""
    view = records.article(article_id)
    found = records.documents([view.article.id]) if view else []
    return {article_id: found[0]} if found else {}


def _telling(
    records: Telltale, alert: Alert, name: str, documents: Mapping[str, Document], stories: Mapping[str, StoryView]
) -> Telling:
    document = documents.get(alert.article_id) or _beside(records, alert.story_id)
    if document is None:
        return Telling(alert, name, alert.story_id, "", LOST, "", "", first_seen=alert.first_seen, copies=0)
    story = stories.get(document.story_id)
    copies = story.copies if story else ()
    came = [copy.first_seen for copy in copies] + ([document.changed] if document.changed else [])
    updated = max(came, default=alert.made)
    return Telling(
        alert=alert,
        subscription=name,
        story_id=document.story_id,
        article_id=document.article_id,
        title=" ".join(without_controls(document.title).split()),
        url=web_address(document.url),
        outlet=without_controls(document.outlet),
        source_id=document.source_id,
        country=document.country,
        language=document.language,
        authors=all_without_controls(document.authors),
        wire=without_controls(document.wire),
        published=document.published,
        first_seen=document.first_seen,
        summary=without_controls(shortened(document.summary or document.text)),
        text=without_controls(document.text),
        copies=max(1, len(copies)),
        outlets=all_without_controls((story.outlets if story else ()) or (document.outlet,)),
        updated=updated if updated > alert.made else None,
    )


def _beside(records: Telltale, story_id: str) -> Document | None:
    """The first copy of a story, which may have been merged."""
    copies = [copy.article_id for story in records.stories([story_id]) for copy in story.copies]
    return next(iter(records.documents(copies[:1])), None)
