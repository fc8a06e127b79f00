"""The first tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Ordered by code points on every database, whatever language a PostgreSQL database was made for.
_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make them."""
    _polling()
    _pages()
    _aside()
    _stories()
    _articles()


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, _TEXT, server_default="", nullable=False)


def _where(rows: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(rows), "postgresql_where": sa.text(rows)}


def _polling() -> None:
    op.create_table(
        "about",
        sa.Column("key", _TEXT, nullable=False),
        _text("value"),
        sa.PrimaryKeyConstraint("key", name="pk_about"),
    )
    op.create_table(
        "sources",
        sa.Column("id", _TEXT, nullable=False),
        _text("name"),
        _text("country"),
        _text("blocked"),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sources"),
    )
    op.create_table(
        "feeds",
        sa.Column("url", _TEXT, nullable=False),
        sa.Column("source_id", _TEXT, nullable=False),
        _text("kind"),
        _text("etag"),
        _text("last_modified"),
        _text("content_hash"),
        sa.Column("interval", sa.BigInteger(), nullable=False),
        sa.Column("next_due", sa.BigInteger()),
        sa.Column("last_try", sa.BigInteger()),
        sa.Column("last_success", sa.BigInteger()),
        sa.Column("last_new", sa.BigInteger()),
        sa.Column("per_day", sa.Double(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        _text("error"),
        _text("error_kind"),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_feeds_source_id"),
        sa.PrimaryKeyConstraint("url", name="pk_feeds"),
    )
    op.create_index("ix_feeds_source_id", "feeds", ["source_id"])
    op.create_table(
        "robots",
        sa.Column("origin", _TEXT, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("fetched", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("origin", name="pk_robots"),
    )


def _pages() -> None:
    op.create_table(
        "entries",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("source_id", _TEXT, nullable=False),
        _text("listed_by"),
        _text("url"),
        _text("canonical_url"),
        _text("title"),
        _text("summary"),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("published", sa.BigInteger()),
        _text("published_how"),
        _text("language"),
        sa.Column("tags", sa.JSON(), nullable=False),
        _text("revision"),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.Column("revised", sa.BigInteger(), nullable=False),
        sa.Column("dated", sa.BigInteger(), nullable=False),
        _text("state"),
        sa.Column("due", sa.BigInteger()),
        sa.Column("taken", _TEXT),
        sa.Column("tries", sa.Integer(), nullable=False),
        _text("error_kind"),
        _text("error"),
        sa.Column("article_id", _TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_entries"),
    )
    op.create_index("ix_entries_bare", "entries", ["revised", "id", "state"], **_where("article_id IS NULL"))
    op.create_index("ix_entries_wanted", "entries", ["source_id", "dated", "id", "due"], **_where("due IS NOT NULL"))
    op.create_table(
        "spool",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("address", _TEXT, nullable=False),
        sa.Column("source_id", _TEXT, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("entry_id", _TEXT),
        sa.Column("task", sa.JSON(), nullable=False),
        sa.Column("url", _TEXT, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("fetched", sa.BigInteger(), nullable=False),
        sa.Column("content_hash", _TEXT, nullable=False),
        sa.Column("redirected", _TEXT, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_spool_entry_id"),
        sa.PrimaryKeyConstraint("id", name="pk_spool"),
        sa.UniqueConstraint("address", name="uq_spool_address"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_spool_entry_id", "spool", ["entry_id"])


def _aside() -> None:
    op.create_table(
        "quarantine",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("address", _TEXT, nullable=False),
        sa.Column("source_id", _TEXT, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("entry_id", _TEXT),
        sa.Column("task", sa.JSON(), nullable=False),
        sa.Column("url", _TEXT, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("fetched", sa.BigInteger(), nullable=False),
        sa.Column("content_hash", _TEXT, nullable=False),
        sa.Column("redirected", _TEXT, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        _text("stage"),
        _text("error_kind"),
        _text("error"),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_quarantine_entry_id"),
        sa.PrimaryKeyConstraint("id", name="pk_quarantine"),
        sa.UniqueConstraint("stage", "address", name="uq_quarantine_stage_address"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_quarantine_entry_id", "quarantine", ["entry_id"])
    op.create_table(
        "rejections",
        sa.Column("reason", _TEXT, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("reason", name="pk_rejections"),
    )


def _stories() -> None:
    op.create_table(
        "stories",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stories"),
    )
    op.create_table(
        "articles",
        sa.Column("id", _TEXT, nullable=False),
        _text("url"),
        _text("canonical_url"),
        sa.Column("source_id", _TEXT, nullable=False),
        _text("title"),
        _text("summary"),
        _text("grade"),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("published", sa.BigInteger()),
        _text("published_how"),
        sa.Column("published_confidence", sa.Double(), nullable=False),
        sa.Column("modified", sa.BigInteger()),
        sa.Column("fetched", sa.BigInteger()),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        _text("language"),
        _text("section"),
        sa.Column("keywords", sa.JSON(), nullable=False),
        _text("image"),
        _text("wire"),
        _text("wire_how"),
        _text("credit"),
        sa.Column("dateline_places", sa.JSON(), nullable=False),
        sa.Column("dateline_date", sa.Date()),
        _text("storage"),
        _text("storage_why"),
        _text("version"),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("entities", sa.JSON(), nullable=False),
        sa.Column("relevance", sa.Double(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("story_id", _TEXT, nullable=False),
        _text("method"),
        sa.Column("score", sa.Double(), nullable=False),
        _text("like"),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name="fk_articles_story_id"),
        sa.PrimaryKeyConstraint("id", name="pk_articles"),
    )
    op.create_index("ix_articles_first_seen_id", "articles", ["first_seen", "id"])
    op.create_index("ix_articles_source_id", "articles", ["source_id"])
    op.create_index("ix_articles_story_id", "articles", ["story_id"])
    op.create_index("ix_articles_url", "articles", ["url"])


def _articles() -> None:
    op.create_table(
        "versions",
        sa.Column("article_id", _TEXT, nullable=False),
        sa.Column("version", _TEXT, nullable=False),
        _text("title"),
        _text("text"),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_versions_article_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("article_id", "version", name="pk_versions"),
    )
    op.create_table(
        "fingerprints",
        sa.Column("article_id", _TEXT, nullable=False),
        _text("exact"),
        _text("title_key"),
        sa.Column("shingles", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_fingerprints_article_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("article_id", name="pk_fingerprints"),
    )
    op.create_table(
        "changes",
        sa.Column("seq", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("article_id", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_changes"),
        sqlite_autoincrement=True,
    )
