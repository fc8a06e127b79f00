"""Who uses Wirewatch: accounts, sessions, keys, tries to sign in, and the log of what was changed."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
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


def _time(name: str, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _of_user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=f"fk_{table}_user_id", ondelete="CASCADE")


def upgrade() -> None:
    """Five tables, all empty."""
    op.create_table(
        "users",
        _key("id"),
        _key("name"),
        _key("folded"),
        _whole("role"),
        _text("password"),
        _text("subject"),
        _time("created"),
        _time("disabled", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("folded", name="uq_users_folded"),
    )
    own = sa.text("subject <> ''")
    op.create_index(
        "ix_users_subject", "users", ["subject"], unique=True, sqlite_where=own, postgresql_where=own
    )  # fmt: skip
    op.create_table(
        "sessions",
        _key("token"),
        _key("id"),
        _key("user_id"),
        _time("created"),
        _time("seen"),
        _time("expires"),
        _text("origin"),
        sa.PrimaryKeyConstraint("token", name="pk_sessions"),
        _of_user("sessions"),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_table(
        "api_keys",
        _key("token"),
        _key("id"),
        _key("user_id"),
        _text("name"),
        _whole("role"),
        _time("created"),
        _time("used", nullable=True),
        _time("revoked", nullable=True),
        sa.PrimaryKeyConstraint("token", name="pk_api_keys"),
        _of_user("api_keys"),
    )
    op.create_index("ix_api_keys_user_id", "api_keys", ["user_id"])
    op.create_table(
        "login_attempts",
        _key("key"),
        _whole("failures"),
        _time("last"),
        _time("until"),
        sa.PrimaryKeyConstraint("key", name="pk_login_attempts"),
    )
    op.create_table(
        "audit",
        sa.Column("seq", _SERIAL, autoincrement=True, nullable=False),
        _time("at"),
        _key("who"),
        _key("what"),
        _text("to"),
        sa.Column("detail", sa.JSON(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    for column in ("who", "what"):
        op.create_index(f"ix_audit_{column}_seq", "audit", [column, "seq"])
