"""What a page tells of an article beside the columns: who took part, notices, paywall, how each field is known."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One JSON object an article, empty for those that are there."""
    op.add_column("articles", sa.Column("details", sa.JSON(), nullable=False, server_default="{}"))
