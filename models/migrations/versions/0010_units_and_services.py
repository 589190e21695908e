"""Console: duty rosters, service items, stations."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other.split('.')[0]}")
    return sa.ForeignKeyConstraint([column], [other], name=name)


def upgrade() -> None:
    op.create_table(
        "duty_shifts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("on_date", sa.Date(), nullable=True),
        sa.Column("from_minute", sa.Integer(), nullable=False),
        sa.Column("to_minute", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        _key("duty_shifts", "unit_id", "units.id"),
        _key("duty_shifts", "staff_id", "staff.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_shifts")),
    )
    op.create_index(op.f("ix_duty_shifts_unit_id"), "duty_shifts", ["unit_id"])
    op.create_table(
        "service_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=14), nullable=False),
        sa.Column("picture", sa.String(length=30), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        _key("service_items", "category", "categories.code"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_items")),
    )
    op.create_index(op.f("ix_service_items_category"), "service_items", ["category"])
    op.create_table(
        "stations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("letter", sa.String(length=2), nullable=False),
        sa.Column("address", sa.String(length=80), nullable=False),
        sa.Column("hours", sa.String(length=60), nullable=False),
        sa.Column("staffed", sa.Boolean(), nullable=False),
        sa.Column("inches", sa.Float(), nullable=False),
        sa.Column("distance_mm", sa.Integer(), nullable=False),
        sa.Column("printer_mm", sa.Integer(), nullable=True),
        sa.Column("speaker", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _key("stations", "unit_id", "units.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stations")),
        sa.UniqueConstraint("letter", name=op.f("uq_stations_letter")),
    )
    op.create_index(op.f("ix_stations_unit_id"), "stations", ["unit_id"])


def downgrade() -> None:
    op.drop_table("stations")
    op.drop_table("service_items")
    op.drop_table("duty_shifts")
