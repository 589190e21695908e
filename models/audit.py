"""Who looked at or did what to personal data and rights: appended, never edited, never deleted."""

from datetime import datetime

from sqlalchemy import DDL, ForeignKey, Index, String, event
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Json


class AuditEntry(Base):
    """Holds no personal data itself: what was looked at is named by its table and id."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_subject", "subject", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    deed: Mapped[str] = mapped_column(String(40))  # sign_in, see_phone, hear_recording, export …
    subject: Mapped[str | None] = mapped_column(String(40))  # ticket, resident, recording, staff …
    subject_id: Mapped[int | None]
    data: Mapped[Json] = mapped_column(default=dict)


class AuditSeal(Base):
    """A keyed hash over all entries since the seal before it, and over that seal."""

    __tablename__ = "audit_seals"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    last_id: Mapped[int] = mapped_column(unique=True)  # the last entry under it
    entries: Mapped[int]  # how many
    seal: Mapped[str] = mapped_column(String(64))  # HMAC-SHA256, hex


# The same as in migration 0005, where it stands for good; this is for databases that tests make from the records.
# A later migration that copies one of these tables (batch mode on SQLite) must make its triggers again.
_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$
"""
_ON_POSTGRESQL = """
CREATE TRIGGER %(table)s_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %(table)s
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""
_ON_SQLITE = """
CREATE TRIGGER %(table)s_no_{deed} BEFORE {deed} ON %(table)s
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END
"""

for _table in (AuditEntry.__table__, AuditSeal.__table__):
    for _statement, _dialect in (
        (_FUNCTION, "postgresql"),
        (_ON_POSTGRESQL, "postgresql"),
        (_ON_SQLITE.format(deed="update"), "sqlite"),
        (_ON_SQLITE.format(deed="delete"), "sqlite"),
    ):
        event.listen(_table, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]
