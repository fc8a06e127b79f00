"""What a transaction that wrote to the change log tells subscribers: matches, alerts, deliveries, in that transaction.

A subscription tells of an article that was written after it was saved (`written_after`), as often as the article
changes, its story grows or merges, or its tags become others. Which of that gives an alert is the mode's business:

    every  COPY for each article, once
    story  STORY unless an article of the story gave one before, under whatever id the story had then
    news   STORY likewise; after that NEWS or CORRECTION for an article just written that brings one (`records.news`)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from pipeline.watch import DeliveryState, Mode, OutputKind, Reason, Subscription, alert_id
from records import subscriptions as saved
from records.columns import AnyRow
from records.dialect import insert_new, upsert
from records.growth import log_end
from records.news import News
from records.reading import documents
from records.sources import in_chunks, rows_among
from records.tables import alerts, articles, changes, deliveries, matches, outputs, stories
from records.watching import Matcher

BATCH = 500  # documents matched at a time
_ARTICLE = sa.select(
    articles.c.id, articles.c.story_id, articles.c.version, articles.c.first_seen, articles.c.written_after
)


@dataclass(frozen=True, slots=True)
class _Found:
    """An article that matches a subscription."""

    subscription: Subscription
    article: AnyRow


class Alerting:
    """Holds the matcher, and what it has learnt of the subscriptions so far."""

    def __init__(self, matcher: Matcher, clock: Callable[[], datetime]) -> None:
        self._matcher, self._clock = matcher, clock
        self._revision = 0
        self._known: dict[str, Subscription] = {}
        self._since: dict[str, int] = {}

    @contextmanager
    def over(self, conn: sa.Connection, now: datetime | None = None) -> Iterator[dict[str, Sequence[str]]]:
        """Alert of what is written to the change log meanwhile, before the transaction ends.

        The notices (corrections and the like) that articles had before they are written anew go into what it gives.
        """
        end = log_end(conn)
        notices: dict[str, Sequence[str]] = {}
        yield notices
        self._tell(conn, end, notices, now or self._clock())

    def _tell(self, conn: sa.Connection, after: int, notices: Mapping[str, Sequence[str]], now: datetime) -> None:
        ids = conn.execute(sa.select(changes.c.article_id).where(changes.c.seq > after).distinct()).scalars().all()
        if not ids:
            return
        self._learn(conn)
        if not self._known:
            return
        told_of = _ARTICLE.where(articles.c.written_after >= min(self._since.values()))
        rows = {row.id: row for row in rows_among(conn, told_of, articles.c.id, ids)}
        found: list[_Found] = []
        for keys in in_chunks(sorted(rows), BATCH):
            for subscription_id, matching in self._matcher.match(documents(conn, keys), now).items():
                one = self._known[subscription_id]
                since = self._since[subscription_id]
                found += [_Found(one, rows[id]) for id in matching if rows[id].written_after >= since]
        _keep_matches(conn, found, ids, now)
        made = _Outbox(conn, News(conn, after, notices), now).alerts(found)
        if made:
            _send(conn, made)

    def _learn(self, conn: sa.Connection) -> None:
        """What became of the subscriptions since we last looked. Written by others in transactions before this one."""
        reached = saved.revision(conn)
        if reached == self._revision:
            return
        changed, self._since = saved.changed_after(conn, self._revision)
        removed = self._known.keys() - self._since
        self._matcher.learn(changed, removed)
        for id in removed:
            del self._known[id]
        self._known.update((one.id, one) for one in changed)
        self._revision = reached


def _keep_matches(conn: sa.Connection, found: Sequence[_Found], ids: Collection[str], now: datetime) -> None:
    """Write which of the changed articles match what, and which do no longer."""
    match = {(one.article.id, one.subscription.id) for one in found}
    kept = {
        (row.article_id, row.subscription_id): row.until
        for row in rows_among(conn, sa.select(matches), matches.c.article_id, ids)
    }
    ended = [pair for pair, until in kept.items() if until is None and pair not in match]
    if ended:
        row = matches.c.article_id == sa.bindparam("article"), matches.c.subscription_id == sa.bindparam("of")
        end = sa.update(matches).where(*row).values(until=now)
        conn.execute(end, [{"article": article, "of": of} for article, of in ended])
    begun = [pair for pair in match if pair not in kept or kept[pair] is not None]
    if begun:
        rows = [{"article_id": article, "subscription_id": of, "since": now, "until": None} for article, of in begun]
        conn.execute(upsert(conn, matches), sorted(rows, key=lambda row: (row["article_id"], row["subscription_id"])))


class _Outbox:
    """Decides which matches are told, in order of first_seen."""

    def __init__(self, conn: sa.Connection, news: News, now: datetime) -> None:
        self._conn, self._news, self._now = conn, news, now

    def alerts(self, found: Sequence[_Found]) -> list[dict[str, Any]]:
        """The new rows of the outbox, in order."""
        ordered = sorted(found, key=lambda one: (one.article.first_seen, one.article.id, one.subscription.id))
        articles_found = {one.article.id for one in found}
        told_articles, told_stories = self._told(articles_found, {one.article.story_id for one in found})
        rows = []
        for one in ordered:
            article, of = one.article, one.subscription.id
            told = of in told_stories[article.story_id]
            if one.subscription.mode is Mode.EVERY:
                told = of in told_articles[article.id]
                made = [] if told else [self._row(one, Reason.COPY)]
            elif not told:
                made = [self._row(one, Reason.STORY)]
            elif one.subscription.mode is Mode.NEWS:
                made = [
                    self._row(one, reason, detail) for reason, detail in self._news.of(article.id, article.story_id)
                ]
            else:
                made = []
            told_articles[article.id].add(of)
            told_stories[article.story_id].add(of)
            rows += made
        return rows

    def _row(self, one: _Found, reason: Reason, detail: Mapping[str, Any] | None = None) -> dict[str, Any]:
        article, of = one.article, one.subscription.id
        copy = "" if reason is Reason.STORY else article.id
        version = article.version if reason in (Reason.NEWS, Reason.CORRECTION) else ""
        return {
            "id": alert_id(of, article.story_id, reason, copy, version),
            "subscription_id": of,
            "story_id": article.story_id,
            "article_id": article.id,
            "version": article.version,
            "reason": reason.value,
            "first_seen": article.first_seen,
            "made": self._now,
            "detail": dict(detail or {}),
        }

    def _told(self, ids: Collection[str], within: Collection[str]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
        """Article -> subscriptions that told of it; story -> those that told of it, of what was merged into it, or of
        an article that is in it now."""
        conn = self._conn
        by_article: dict[str, set[str]] = defaultdict(set)
        by_story: dict[str, set[str]] = defaultdict(set)
        columns = sa.select(alerts.c.subscription_id, alerts.c.article_id)
        for row in rows_among(conn, columns, alerts.c.article_id, ids):
            by_article[row.article_id].add(row.subscription_id)
        members = sa.select(articles.c.story_id, alerts.c.subscription_id).join(
            alerts, alerts.c.article_id == articles.c.id
        )  # fmt: skip
        for row in rows_among(conn, members.distinct(), articles.c.story_id, within):
            by_story[row.story_id].add(row.subscription_id)
        led = {id: id for id in within}
        merged = sa.select(stories.c.id, stories.c.merged_into)
        led.update((row.id, row.merged_into) for row in rows_among(conn, merged, stories.c.merged_into, within))
        named = sa.select(alerts.c.story_id, alerts.c.subscription_id).distinct()
        for row in rows_among(conn, named, alerts.c.story_id, led):
            by_story[led[row.story_id]].add(row.subscription_id)
        return by_article, by_story


def _send(conn: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the outbox, and a delivery for each output that is to be sent to."""
    conn.execute(insert_new(conn, alerts), list(rows))
    of = {row["subscription_id"] for row in rows}
    going = outputs.c.revoked.is_(None), outputs.c.kind != OutputKind.LINK.value
    wanted = sa.select(outputs.c.id, outputs.c.subscription_id).where(*going)
    ways: dict[str, list[str]] = defaultdict(list)
    for row in rows_among(conn, wanted, outputs.c.subscription_id, of):
        ways[row.subscription_id].append(row.id)
    if not ways:
        return
    ids = [row["id"] for row in rows if row["subscription_id"] in ways]
    columns = sa.select(alerts.c.id, alerts.c.seq)
    numbers = {row.id: row.seq for row in rows_among(conn, columns, alerts.c.id, ids)}
    pending = [
        {"output_id": output, "seq": numbers[row["id"]], "state": DeliveryState.PENDING.value, "tries": 0}
        for row in rows
        for output in ways.get(row["subscription_id"], ())
    ]
    conn.execute(insert_new(conn, deliveries), pending)
