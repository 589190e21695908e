"""Kiosks: somebody there asks for a person."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kiosk_helps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("kiosk_id", sa.Integer(), nullable=False),
        sa.Column("same_as_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("intent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("carrier_sid", sa.String(length=64), nullable=True),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["kiosk_id"], ["kiosks.id"], name=op.f("fk_kiosk_helps_kiosk_id_kiosks")),
        sa.ForeignKeyConstraint(
            ["same_as_id"], ["kiosk_helps.id"], name=op.f("fk_kiosk_helps_same_as_id_kiosk_helps")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kiosk_helps")),
        sa.UniqueConstraint("uuid", name=op.f("uq_kiosk_helps_uuid")),
        sa.UniqueConstraint("carrier_sid", name=op.f("uq_kiosk_helps_carrier_sid")),
    )
    op.create_index(op.f("ix_kiosk_helps_kiosk_id"), "kiosk_helps", ["kiosk_id"])
    op.create_index("ix_kiosk_helps_state_until", "kiosk_helps", ["state", "until"])


def downgrade() -> None:
    op.drop_table("kiosk_helps")
