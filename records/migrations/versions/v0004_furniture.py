"""What recurs at an outlet, and by which of an article's paragraphs that is found."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """One table, one column."""
    op.add_column("fingerprints", sa.Column("paragraphs", sa.LargeBinary()))
    op.create_table(
        "furniture",
        sa.Column("source_id", _TEXT, nullable=False),
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("witnesses", sa.JSON(), nullable=False),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.Column("sample", _TEXT, server_default="", nullable=False),
        sa.Column("confirmed", sa.BigInteger()),
        sa.Column("kept", sa.BigInteger()),
        sa.PrimaryKeyConstraint("source_id", "key", name="pk_furniture"),
    )
