"""Counts above the queue, from indexes alone."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_tickets_status_due_at": ["status", "due_at"],
    "ix_tickets_created_at": ["created_at"],
    "ix_tickets_resolved_at": ["resolved_at"],
}


def upgrade() -> None:
    _make_anew("unit_id", "assignee_id", "id")


def downgrade() -> None:
    _make_anew()


def _make_anew(*covered: str) -> None:
    for name, columns in _INDEXES.items():
        op.drop_index(name, "tickets")
        op.create_index(name, "tickets", [*columns, *covered])
