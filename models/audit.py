"""Who looked at or did what to personal data and rights: appended, never edited, never deleted before its time."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Json


class AuditEntry(Base):
    """Holds no personal data itself: what was looked at is named by its table and id."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_subject", "subject", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    deed: Mapped[str] = mapped_column(
        String(40)
    )  # sign_in, sign_in_failed, see_phone, hear_recording, export …
    subject: Mapped[str | None] = mapped_column(String(40))  # ticket, resident, recording, staff …
    subject_id: Mapped[int | None]
    data: Mapped[Json] = mapped_column(default=dict)
