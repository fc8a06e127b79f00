"""Subscriptions, their outputs and the outbox; how large a story is, and when an article's text became another."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, _TEXT, server_default="", nullable=False)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, _TEXT, nullable=False)


def _whole(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _large(name: str, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _owned(column: str, table: str, owner: str, key: str = "id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{owner}.{key}"], name=f"fk_{table}_{column}", ondelete="CASCADE"
    )  # fmt: skip


def upgrade() -> None:
    """Five tables, three columns. Texts that were changed before are known by their versions."""
    op.add_column("stories", sa.Column("size", sa.Integer(), server_default="0", nullable=False))
    op.execute("UPDATE stories SET size = (SELECT count(*) FROM articles WHERE articles.story_id = stories.id)")
    op.add_column("articles", sa.Column("changed", sa.BigInteger()))
    op.add_column("articles", sa.Column("written_after", sa.BigInteger(), server_default="0", nullable=False))
    op.execute(
        "UPDATE articles SET changed = (SELECT max(v.seen) FROM versions v WHERE v.article_id = articles.id AND EXISTS "
        "(SELECT 1 FROM versions o WHERE o.article_id = v.article_id AND o.seen < v.seen AND o.text <> ''))"
    )
    op.create_table(
        "subscriptions",
        _key("id"),
        _key("name"),
        _text("query"),
        _text("mode"),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("must", sa.JSON(), nullable=False),
        sa.Column("must_not", sa.JSON(), nullable=False),
        sa.Column("budget", sa.Double()),
        _text("note"),
        _large("since"),
        _large("since_seq"),
        _large("revision"),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
        sa.UniqueConstraint("name", name="uq_subscriptions_name"),
    )
    op.create_index("ix_subscriptions_revision", "subscriptions", ["revision"])
    op.create_table(
        "outputs",
        _key("id"),
        _key("subscription_id"),
        *(_text(name) for name in ("kind", "target", "secret", "every")),
        _whole("hour"),
        _whole("weekday"),
        _text("timezone"),
        _large("created"),
        _large("revoked", nullable=True),
        _large("due", nullable=True),
        _whole("tries"),
        _large("failing_since", nullable=True),
        _text("error"),
        sa.PrimaryKeyConstraint("id", name="pk_outputs"),
        _owned("subscription_id", "outputs", "subscriptions"),
    )
    op.create_index("ix_outputs_subscription_id", "outputs", ["subscription_id"])
    op.create_index("ix_outputs_secret", "outputs", ["secret"])
    op.create_table(
        "matches",
        _key("article_id"),
        _key("subscription_id"),
        _large("since"),
        _large("until", nullable=True),
        sa.PrimaryKeyConstraint("article_id", "subscription_id", name="pk_matches"),
        _owned("subscription_id", "matches", "subscriptions"),
    )
    op.create_index("ix_matches_subscription_id_since", "matches", ["subscription_id", "since"])
    op.create_table(
        "alerts",
        sa.Column("seq", _SERIAL, autoincrement=True, nullable=False),
        *(_key(name) for name in ("id", "subscription_id", "story_id", "article_id")),
        _text("version"),
        _text("reason"),
        _large("first_seen"),
        _large("made"),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_alerts"),
        sa.UniqueConstraint("id", name="uq_alerts_id"),
        _owned("subscription_id", "alerts", "subscriptions"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_alerts_subscription_id_seq", "alerts", ["subscription_id", "seq"])
    for column in ("article_id", "story_id"):
        op.create_index(f"ix_alerts_{column}_subscription_id", "alerts", [column, "subscription_id"])
    op.create_table(
        "deliveries",
        _key("output_id"),
        _large("seq"),
        _text("state"),
        _whole("tries"),
        _large("settled", nullable=True),
        _text("error"),
        sa.PrimaryKeyConstraint("output_id", "seq", name="pk_deliveries"),
        _owned("output_id", "deliveries", "outputs"),
        _owned("seq", "deliveries", "alerts", "seq"),
    )
    op.create_index("ix_deliveries_seq", "deliveries", ["seq"])
    for state in ("pending", "dead"):
        kept = sa.text(f"state = '{state}'")
        op.create_index(
            f"ix_deliveries_{state}", "deliveries", ["output_id", "seq"], sqlite_where=kept, postgresql_where=kept
        )
