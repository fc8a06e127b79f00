"""Alembic's entry: migrates over the connection that `records.migrate` hands in, within its transaction."""

from alembic import context

from records import account_tables, tables  # noqa: F401 (they fill the metadata)
from records.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=False,
)
context.run_migrations()
