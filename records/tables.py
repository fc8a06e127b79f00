"""The tables of what is collected and who is told of it, as SQLAlchemy Core; of people: `records.account_tables`.

`migrations/` makes them; a test holds the two together; see docs/records.md.
"""

from __future__ import annotations

import sqlalchemy as sa

from records.columns import Duration, Instant, Names, Tags, Values, Words
from records.dialect import Serial, partial_index
from records.schema import metadata, text

about = sa.Table("about", metadata, sa.Column("key", Words, primary_key=True), text("value"))

sources = sa.Table(
    "sources",
    metadata,
    sa.Column("id", Words, primary_key=True),
    text("name"),
    text("country"),
    text("blocked"),
    sa.Column("current", sa.Boolean, nullable=False),  # False: its file is gone, its articles stay
)

feeds = sa.Table(
    "feeds",
    metadata,
    sa.Column("url", Words, primary_key=True),
    sa.Column("source_id", Words, sa.ForeignKey("sources.id"), nullable=False),
    text("kind"),
    text("etag"),
    text("last_modified"),
    text("content_hash"),
    sa.Column("interval", Duration, nullable=False),
    sa.Column("next_due", Instant),
    sa.Column("last_try", Instant),
    sa.Column("last_success", Instant),
    sa.Column("last_new", Instant),
    sa.Column("per_day", sa.Double, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    text("error"),
    text("error_kind"),
    sa.Column("current", sa.Boolean, nullable=False),
    sa.Column("due", Instant, nullable=False),  # next_due (the epoch for "at once"), or the end of a lease
)
sa.Index(None, feeds.c.source_id)

entries = sa.Table(
    "entries",
    metadata,
    sa.Column("id", Words, primary_key=True),
    sa.Column("source_id", Words, nullable=False),
    text("listed_by"),  # the polled address that brought it; only that one can edit it
    text("url"),
    text("canonical_url"),
    text("title"),
    text("summary"),
    sa.Column("authors", Names, nullable=False),
    sa.Column("published", Instant),
    text("published_how"),
    text("language"),
    sa.Column("tags", Names, nullable=False),
    text("revision"),
    sa.Column("first_seen", Instant, nullable=False),
    sa.Column("revised", Instant, nullable=False),  # when this revision was first seen
    sa.Column("dated", Instant, nullable=False),  # published, or first_seen when that is unknown or to come
    text("state"),
    sa.Column("due", Instant),  # when its page is to be fetched (or its lease ends); None = not at all
    sa.Column("taken", Words),  # the revision whose page is being fetched; None = no lease
    sa.Column("tries", sa.Integer, nullable=False),
    text("error_kind"),
    text("error"),
    sa.Column("article_id", Words),  # the article that this revision led to
)
partial_index(
    "ix_entries_wanted", *(entries.c[name] for name in ("source_id", "dated", "id", "due")), where="due IS NOT NULL"
)
partial_index("ix_entries_bare", *(entries.c[name] for name in ("revised", "id", "state")), where="article_id IS NULL")


def _page_columns() -> list[sa.Column[object]]:
    """What it takes to hand a fetched page to the stages again: alike on the spool and in quarantine."""
    return [
        sa.Column("address", Words, nullable=False),  # as asked for
        sa.Column("source_id", Words, nullable=False),
        sa.Column("kind", Words, nullable=False),
        sa.Column("entry_id", Words, sa.ForeignKey("entries.id")),
        sa.Column("task", Values, nullable=False),  # what else the task said
        sa.Column("url", Words, nullable=False),  # where it was found
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("headers", Values, nullable=False),
        sa.Column("fetched", Instant, nullable=False),
        sa.Column("content_hash", Words, nullable=False),
        sa.Column("redirected", Words, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),  # zstandard
        sa.Column("size", sa.Integer, nullable=False),  # bytes of the body before compression
    ]


spool = sa.Table(
    "spool",
    metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    *_page_columns(),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.UniqueConstraint("address"),
    sqlite_autoincrement=True,
)
sa.Index(None, spool.c.entry_id)
sa.Index(None, spool.c.fetched)
PAGE = tuple(column.name for column in _page_columns())

quarantine = sa.Table(
    "quarantine",
    metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    *_page_columns(),
    text("stage"),
    text("error_kind"),
    text("error"),
    sa.Column("since", Instant, nullable=False),
    sa.UniqueConstraint("stage", "address"),
    sqlite_autoincrement=True,
)
sa.Index(None, quarantine.c.entry_id)

rejections = sa.Table(
    "rejections",
    metadata,
    sa.Column("reason", Words, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
)

answers = sa.Table(
    "answers",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),  # in UTC
    sa.Column("source_id", Words, primary_key=True),
    sa.Column("outcome", Words, primary_key=True),  # a `pipeline.answered.Answered`
    sa.Column("count", sa.Integer, nullable=False),
)

stories = sa.Table(
    "stories",
    metadata,
    sa.Column("id", Words, primary_key=True),
    sa.Column("first_seen", Instant, nullable=False),
    sa.Column("merged_into", Words),  # the story that it turned out to be: its id redirects; it has no articles
    text("event_id"),  # what it reports on, with other stories; "" = not known
    sa.Column("event_score", sa.Double, nullable=False, server_default="0"),
    text("event_like"),  # the story of that event that it was most like
    sa.Column("event_shared", sa.Integer, nullable=False, server_default="0"),  # terms it shares with the event
    sa.Column("size", sa.Integer, nullable=False, server_default="0"),  # articles, as the change log last told
)
partial_index("ix_stories_merged_into", stories.c.merged_into, where="merged_into IS NOT NULL")
sa.Index(None, stories.c.event_id)

labels = sa.Table(
    "labels",
    metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("a", Words, nullable=False),  # articles
    sa.Column("b", Words, nullable=False),
    sa.Column("same", sa.Boolean, nullable=False),
    text("by"),
    text("note"),
    sa.Column("made", Instant, nullable=False),
    sa.Column("undone", Instant),
    sa.Column("step", sa.BigInteger, nullable=False),  # counts what persons said and took back, over all labels
    sa.Column("moved", Values, nullable=False),  # article -> [story before, story after]
    sqlite_autoincrement=True,
)
sa.Index(None, labels.c.a)
sa.Index(None, labels.c.b)
sa.Index(None, labels.c.step)

articles = sa.Table(
    "articles",
    metadata,
    sa.Column("id", Words, primary_key=True),
    text("url"),
    text("canonical_url"),
    sa.Column("source_id", Words, nullable=False),
    text("title"),
    text("summary"),
    text("grade"),
    sa.Column("authors", Names, nullable=False),
    sa.Column("published", Instant),
    text("published_how"),
    sa.Column("published_confidence", sa.Double, nullable=False),
    sa.Column("modified", Instant),
    sa.Column("fetched", Instant),
    sa.Column("first_seen", Instant, nullable=False),
    text("language"),
    text("section"),
    sa.Column("keywords", Names, nullable=False),
    text("image"),
    text("wire"),
    text("wire_how"),
    text("credit"),
    sa.Column("dateline_places", Names, nullable=False),
    sa.Column("dateline_date", sa.Date),
    text("storage"),
    text("storage_why"),
    text("version"),  # the current one; its text is in `versions`
    sa.Column("topics", Tags, nullable=False),
    sa.Column("entities", Tags, nullable=False),
    sa.Column("relevance", sa.Double, nullable=False),
    sa.Column("reasons", Names, nullable=False),
    sa.Column("story_id", Words, sa.ForeignKey("stories.id"), nullable=False),
    text("method"),
    sa.Column("score", sa.Double, nullable=False),
    text("like"),
    sa.Column("details", Values, nullable=False, server_default="{}"),  # see records/details.py
    text("like_version"),  # what `like` said when they were compared
    sa.Column("spans", sa.LargeBinary),  # where the two agree (`pipeline.align`); None = not compared
    sa.Column("changed", Instant),  # when its text last became another at the same grade
    sa.Column("written_after", sa.BigInteger, nullable=False, server_default="0"),  # the log's end when it was written
)
sa.Index(None, articles.c.story_id)
sa.Index(None, articles.c.source_id, articles.c.first_seen)
sa.Index(None, articles.c.url)
sa.Index(None, articles.c.first_seen, articles.c.id)

versions = sa.Table(
    "versions",
    metadata,
    sa.Column("article_id", Words, sa.ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("version", Words, primary_key=True),
    text("title"),
    text("text"),
    sa.Column("seen", Instant, nullable=False),
)

fingerprints = sa.Table(
    "fingerprints",
    metadata,
    sa.Column("article_id", Words, sa.ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    text("exact"),
    text("title_key"),
    sa.Column("shingles", sa.LargeBinary, nullable=False),
    sa.Column("paragraphs", sa.LargeBinary),  # None: filed before there was furniture
    sa.Column("terms", sa.LargeBinary),  # by which events are found; None: filed before there were events
)

furniture = sa.Table(
    "furniture",
    metadata,
    sa.Column("source_id", Words, primary_key=True),
    sa.Column("key", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("witnesses", Names, nullable=False),  # articles of unlike stories
    sa.Column("first_seen", Instant, nullable=False),
    sa.Column("last_seen", Instant, nullable=False),
    text("sample"),
    sa.Column("confirmed", Instant),  # since when it is left out of texts
    sa.Column("kept", Instant),  # since when a person says that it is text
)

changes = sa.Table(
    "changes",
    metadata,
    sa.Column("seq", Serial, primary_key=True, autoincrement=True),
    sa.Column("article_id", Words, nullable=False),
    sqlite_autoincrement=True,
)

robots = sa.Table(
    "robots",
    metadata,
    sa.Column("origin", Words, primary_key=True),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("fetched", Instant, nullable=False),
)

subscriptions = sa.Table(
    "subscriptions",
    metadata,
    sa.Column("id", Words, primary_key=True),
    sa.Column("name", Words, nullable=False),
    text("query"),
    text("mode"),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("must", Names, nullable=False),
    sa.Column("must_not", Names, nullable=False),
    sa.Column("budget", sa.Double),
    text("note"),
    sa.Column("since", Instant, nullable=False),
    sa.Column("since_seq", sa.BigInteger, nullable=False),  # the change log's end then
    sa.Column("revision", sa.BigInteger, nullable=False),  # counts changes over all subscriptions
    sa.UniqueConstraint("name"),
)
sa.Index(None, subscriptions.c.revision)

outputs = sa.Table(
    "outputs",
    metadata,
    sa.Column("id", Words, primary_key=True),
    sa.Column("subscription_id", Words, sa.ForeignKey("subscriptions.id", ondelete="CASCADE"), nullable=False),
    text("kind"),
    text("target"),
    text("secret"),
    text("every"),
    sa.Column("hour", sa.Integer, nullable=False),
    sa.Column("weekday", sa.Integer, nullable=False),
    text("timezone"),
    sa.Column("created", Instant, nullable=False),
    sa.Column("revoked", Instant),
    sa.Column("due", Instant),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("failing_since", Instant),
    text("error"),
)
sa.Index(None, outputs.c.subscription_id)
sa.Index(None, outputs.c.secret)

matches = sa.Table(
    "matches",
    metadata,
    sa.Column("article_id", Words, primary_key=True),
    sa.Column("subscription_id", Words, sa.ForeignKey("subscriptions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("since", Instant, nullable=False),
    sa.Column("until", Instant),  # since when it matches no longer
)
sa.Index(None, matches.c.subscription_id, matches.c.since)

alerts = sa.Table(
    "alerts",
    metadata,
    sa.Column("seq", Serial, primary_key=True, autoincrement=True),
    sa.Column("id", Words, nullable=False),
    sa.Column("subscription_id", Words, sa.ForeignKey("subscriptions.id", ondelete="CASCADE"), nullable=False),
    sa.Column("story_id", Words, nullable=False),
    sa.Column("article_id", Words, nullable=False),
    text("version"),
    text("reason"),
    sa.Column("first_seen", Instant, nullable=False),
    sa.Column("made", Instant, nullable=False),
    sa.Column("detail", Values, nullable=False),
    sa.UniqueConstraint("id"),
    sqlite_autoincrement=True,
)
sa.Index(None, alerts.c.subscription_id, alerts.c.seq)
sa.Index(None, alerts.c.article_id, alerts.c.subscription_id)
sa.Index(None, alerts.c.story_id, alerts.c.subscription_id)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("output_id", Words, sa.ForeignKey("outputs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("seq", sa.BigInteger, sa.ForeignKey("alerts.seq", ondelete="CASCADE"), primary_key=True),
    text("state"),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("settled", Instant),
    text("error"),
)
sa.Index(None, deliveries.c.seq)
partial_index("ix_deliveries_pending", deliveries.c.output_id, deliveries.c.seq, where="state = 'pending'")
partial_index("ix_deliveries_dead", deliveries.c.output_id, deliveries.c.seq, where="state = 'dead'")
