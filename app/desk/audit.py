"""Writing down who looked at whose telephone, recording or address, and who changed rights."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.db import insert_values
from models.audit import AuditEntry
from models.base import Json


def record(
    session: Session,
    staff_id: int | None,
    deed: str,
    *,
    now: datetime,
    subject: str | None = None,
    subject_id: int | None = None,
    data: Json | None = None,
) -> None:
    """Append one entry, in the transaction of the deed itself. `data` must hold no personal data."""
    insert_values(
        session,
        AuditEntry,
        at=now,
        staff_id=staff_id,
        deed=deed,
        subject=subject,
        subject_id=subject_id,
        data=data or {},
    )
