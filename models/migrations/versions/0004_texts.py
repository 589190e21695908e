"""Conversation by text, activities, notices."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _key(table: str, column: str, other: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other.split('.')[0]}")
    return sa.ForeignKeyConstraint([column], [other], name=name, ondelete=ondelete)


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns), unique=False)


def upgrade() -> None:
    op.add_column("residents", sa.Column("language", sa.String(length=10), nullable=True))
    op.add_column("messages", sa.Column("segments", sa.Integer(), server_default="0", nullable=False))
    op.add_column("callbacks", sa.Column("words", sa.Text(), nullable=True))
    op.create_table(
        "questions",
        sa.Column("resident_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        _key("questions", "resident_id", "residents.id", "CASCADE"),
        _key("questions", "ticket_id", "tickets.id"),
        sa.PrimaryKeyConstraint("resident_id", name=op.f("pk_questions")),
    )
    _index("questions", "ticket_id")
    _index("questions", "expires_at")
    op.create_table(
        "activities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("theme", sa.String(length=40), nullable=False),
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("weekly", sa.Boolean(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _key("activities", "unit_id", "units.id"),
        _key("activities", "created_by", "staff.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activities")),
    )
    _index("activities", "unit_id")
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("not_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        _key("notices", "unit_id", "units.id"),
        _key("notices", "created_by", "staff.id"),
        _key("notices", "approved_by", "staff.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_table(
        "notice_recipients",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("phone_index", sa.String(length=64), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("callback_id", sa.Integer(), nullable=True),
        _key("notice_recipients", "notice_id", "notices.id"),
        _key("notice_recipients", "resident_id", "residents.id", "CASCADE"),
        _key("notice_recipients", "message_id", "messages.id"),
        _key("notice_recipients", "callback_id", "callbacks.id"),
        sa.PrimaryKeyConstraint("notice_id", "phone_index", name=op.f("pk_notice_recipients")),
    )
    _index("notice_recipients", "resident_id")
    _index("notice_recipients", "notice_id", "state")


def downgrade() -> None:
    for table in ("notice_recipients", "notices", "activities", "questions"):
        op.drop_table(table)
    with op.batch_alter_table("callbacks") as batch:
        batch.drop_column("words")
    with op.batch_alter_table("messages") as batch:
        batch.drop_column("segments")
    with op.batch_alter_table("residents") as batch:
        batch.drop_column("language")
