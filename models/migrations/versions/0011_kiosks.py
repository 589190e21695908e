"""Kiosks: devices, recordings without a call, numbers on slips."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "kiosks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("slip_prefix", sa.String(length=5), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.Column("code_expires_at", _WHEN, nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("created_at", _WHEN, nullable=False),
        sa.Column("enrolled_at", _WHEN, nullable=True),
        sa.Column("revoked_at", _WHEN, nullable=True),
        sa.Column("last_seen_at", _WHEN, nullable=True),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("clock_offset_s", sa.Integer(), nullable=False),
        sa.Column("last_slip", sa.Integer(), nullable=False),
        sa.Column("app_version", sa.String(length=20), nullable=True),
        sa.Column("paced_until", _WHEN, nullable=True),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_kiosks_station_id_stations")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kiosks")),
        sa.UniqueConstraint("slip_prefix", name=op.f("uq_kiosks_slip_prefix")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_kiosks_code_hash")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_kiosks_token_hash")),
    )
    op.create_index(op.f("ix_kiosks_station_id"), "kiosks", ["station_id"])
    with op.batch_alter_table("recordings") as recordings:
        recordings.alter_column("call_id", existing_type=sa.Integer(), nullable=True)
    op.add_column("tickets", sa.Column("slip", sa.String(length=8), nullable=True))
    op.create_index(op.f("ix_tickets_slip"), "tickets", ["slip"])


def downgrade() -> None:
    op.drop_index(op.f("ix_tickets_slip"), "tickets")
    op.drop_column("tickets", "slip")
    op.execute(
        "UPDATE verified_examples SET recording_id = NULL"
        " WHERE recording_id IN (SELECT id FROM recordings WHERE call_id IS NULL)"
    )
    op.execute("DELETE FROM recordings WHERE call_id IS NULL")
    with op.batch_alter_table("recordings") as recordings:
        recordings.alter_column("call_id", existing_type=sa.Integer(), nullable=False)
    op.drop_table("kiosks")
