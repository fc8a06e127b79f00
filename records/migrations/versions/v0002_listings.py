"""Listings on the spool beside pages: one row an address and kind, and found by age.

PostgreSQL is told not to compress what is compressed already, or is as good as random.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """SQLite copies the table; spool ids go on where they were."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    counted = sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'spool'")
    last = op.get_bind().execute(counted).scalar() if sqlite else None
    with op.batch_alter_table("spool", table_kwargs={"sqlite_autoincrement": True}) as spool:
        spool.drop_constraint("uq_spool_address", type_="unique")
        spool.create_unique_constraint("uq_spool_address_kind", ["address", "kind"])
    op.create_index("ix_spool_fetched", "spool", ["fetched"])
    if op.get_bind().dialect.name == "postgresql":
        for table, column in (("spool", "body"), ("quarantine", "body"), ("fingerprints", "shingles")):
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTERNAL")
    if last is not None:
        op.execute("DELETE FROM sqlite_sequence WHERE name = 'spool'")
        op.execute(sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES ('spool', :last)").bindparams(last=last))
