"""Stories that were merged, events, what persons said of copies, and where a copy agrees with its like."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, _TEXT, server_default="", nullable=False)


def upgrade() -> None:
    """One table, columns of three."""
    for column in (
        sa.Column("merged_into", _TEXT),
        _text("event_id"),
        sa.Column("event_score", sa.Double(), server_default="0", nullable=False),
        _text("event_like"),
        sa.Column("event_shared", sa.Integer(), server_default="0", nullable=False),
    ):
        op.add_column("stories", column)
    merged = sa.text("merged_into IS NOT NULL")
    op.create_index("ix_stories_merged_into", "stories", ["merged_into"], sqlite_where=merged, postgresql_where=merged)
    op.create_index("ix_stories_event_id", "stories", ["event_id"])
    op.add_column("articles", _text("like_version"))
    op.add_column("articles", sa.Column("spans", sa.LargeBinary()))
    op.add_column("fingerprints", sa.Column("terms", sa.LargeBinary()))
    op.create_table(
        "labels",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("a", _TEXT, nullable=False),
        sa.Column("b", _TEXT, nullable=False),
        sa.Column("same", sa.Boolean(), nullable=False),
        _text("by"),
        _text("note"),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("undone", sa.BigInteger()),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_labels"),
        sqlite_autoincrement=True,
    )
    for name in ("a", "b", "step"):
        op.create_index(f"ix_labels_{name}", "labels", [name])
