"""Ticket numbers come from a sequence on PostgreSQL, where a counter's row would make every intake wait for the last."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SEQUENCE ticket_numbers START WITH 1001")
        op.execute(
            "SELECT setval('ticket_numbers', value) FROM counters WHERE name = 'ticket' AND value > 1000"
        )


def downgrade() -> None:
    """The counter goes on after the highest number that was given out."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "INSERT INTO counters (name, value) SELECT 'ticket', last_value FROM ticket_numbers WHERE is_called"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        )
        op.execute("DROP SEQUENCE ticket_numbers")
