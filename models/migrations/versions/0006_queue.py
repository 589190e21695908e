"""Console: the queue's indexes and saved views."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_OPEN = sa.text("status NOT IN ('cancelled', 'closed', 'duplicate', 'planned', 'referred', 'resolved')")


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("query", sa.String(length=500), nullable=False),
        sa.Column("opens", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_saved_views_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("staff_id", "name", name=op.f("uq_saved_views_staff_id_name")),
    )
    op.create_index(
        "ix_tickets_open",
        "tickets",
        ["due_at", "id", "status", "unit_id", "assignee_id"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index("ix_tickets_created_at", "tickets", ["created_at"])
    op.create_index("ix_tickets_resolved_at", "tickets", ["resolved_at"])
    op.create_index(op.f("ix_tickets_beneficiary_id"), "tickets", ["beneficiary_id"])


def downgrade() -> None:
    for name in (
        "ix_tickets_beneficiary_id",
        "ix_tickets_resolved_at",
        "ix_tickets_created_at",
        "ix_tickets_open",
    ):
        op.drop_index(name, "tickets")
    op.drop_table("saved_views")
