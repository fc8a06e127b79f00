"""The spool is searched by age, and PostgreSQL does not compress what is compressed already, or as good as random."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One index, and how three columns are stored."""
    op.create_index("ix_spool_fetched", "spool", ["fetched"])
    if op.get_bind().dialect.name == "postgresql":
        for table, column in (("spool", "body"), ("quarantine", "body"), ("fingerprints", "shingles")):
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTERNAL")
