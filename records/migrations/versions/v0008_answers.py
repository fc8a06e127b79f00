"""How often sources answered, and how; an index by which the articles of a source are counted by day."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """One table; the index takes the place of the one that it begins with."""
    op.create_table(
        "answers",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("source_id", _TEXT, nullable=False),
        sa.Column("outcome", _TEXT, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "source_id", "outcome", name="pk_answers"),
    )
    op.create_index("ix_articles_source_id_first_seen", "articles", ["source_id", "first_seen"])
    op.drop_index("ix_articles_source_id", "articles")


def downgrade() -> None:
    """Back."""
    op.create_index("ix_articles_source_id", "articles", ["source_id"])
    op.drop_index("ix_articles_source_id_first_seen", "articles")
    op.drop_table("answers")
