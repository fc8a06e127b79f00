"""What the tables share: the metadata that holds them all, and the column that most of them have."""

from __future__ import annotations

import sqlalchemy as sa

from records.columns import Words

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def text(name: str) -> sa.Column[str]:
    """A text that is never NULL, and empty unless it is given."""
    return sa.Column(name, Words, nullable=False, server_default="")
