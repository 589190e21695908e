"""Alembic's entry: the connection comes from app.migrate, never from a file."""

from alembic import context

from models.all import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
    render_as_batch=True,  # SQLite cannot alter most things in place
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
