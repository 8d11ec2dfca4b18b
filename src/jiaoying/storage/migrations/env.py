"""Run by Alembic, inside the transaction that `storage.migrate` opened."""

from alembic import context

from jiaoying.storage.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
