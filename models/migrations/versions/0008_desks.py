"""Console: who has which call in hand, marks that may still be taken back, what was begun at the intake form."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Plain numbers, no foreign keys: SQLite would have to copy the tables, and nobody ever leaves the table of staff
_NEW = {
    "callbacks": (
        ("claimed_by", sa.Integer()),
        ("claimed_until", sa.DateTime(timezone=True)),
        ("settles_at", sa.DateTime(timezone=True)),
    ),
    "attempts": (("staff_id", sa.Integer()), ("seen", sa.String(length=20))),
}


def upgrade() -> None:
    for table, columns in _NEW.items():
        for name, kind in columns:
            op.add_column(table, sa.Column(name, kind, nullable=True))
    op.create_index(op.f("ix_callbacks_settles_at"), "callbacks", ["settles_at"])
    op.create_table(
        "staff_drafts",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(length=20), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_drafts_staff_id_staff")),
        sa.PrimaryKeyConstraint("staff_id", "form", name=op.f("pk_staff_drafts")),
    )


def downgrade() -> None:
    op.drop_table("staff_drafts")
    op.drop_index(op.f("ix_callbacks_settles_at"), table_name="callbacks")
    for table, columns in _NEW.items():
        for name, _ in reversed(columns):
            op.drop_column(table, name)
