"""Residents as the console knows them: wishes, households, merges, erasures."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other.split('.')[0]}")
    return sa.ForeignKeyConstraint([column], [other], name=name)


def upgrade() -> None:
    op.create_table(
        "households",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("room", sa.Text(), nullable=True),
        _key("households", "unit_id", "units.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_households")),
    )
    op.create_index(op.f("ix_households_unit_id"), "households", ["unit_id"])
    with op.batch_alter_table("residents") as residents:
        residents.add_column(
            sa.Column("hard_of_hearing", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        residents.add_column(sa.Column("no_call", sa.Boolean(), server_default=sa.false(), nullable=False))
        residents.add_column(sa.Column("preferred_hours", sa.String(length=60), nullable=True))
        residents.add_column(sa.Column("household_id", sa.Integer(), nullable=True))
        residents.add_column(sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
        residents.create_foreign_key(
            op.f("fk_residents_household_id_households"), "households", ["household_id"], ["id"]
        )
        residents.create_index(op.f("ix_residents_household_id"), ["household_id"])
    op.create_table(
        "resident_merges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("gone_id", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Text(), nullable=False),
        sa.Column("by_staff_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        _key("resident_merges", "kept_id", "residents.id"),
        _key("resident_merges", "by_staff_id", "staff.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resident_merges")),
    )
    op.create_index(op.f("ix_resident_merges_kept_id"), "resident_merges", ["kept_id"])
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("by_staff_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _key("erasures", "by_staff_id", "staff.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    op.create_index(op.f("ix_erasures_resident_id"), "erasures", ["resident_id"])


def downgrade() -> None:
    op.drop_table("erasures")
    op.drop_table("resident_merges")
    with op.batch_alter_table("residents") as residents:
        residents.drop_index(op.f("ix_residents_household_id"))
        residents.drop_constraint(op.f("fk_residents_household_id_households"), type_="foreignkey")
        for column in ("erased_at", "household_id", "preferred_hours", "no_call", "hard_of_hearing"):
            residents.drop_column(column)
    op.drop_table("households")
