"""A step of a ticket that somebody has ordered and can still take back: nothing of it has happened yet."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Json, enum_type
from models.crypto import EncryptedJson
from models.lifecycle import Status


class PendingStep(Base):
    """One a ticket. The row is the work: the clock carries it out at `due_at`, then it is deleted."""

    __tablename__ = "pending_steps"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), unique=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    action: Mapped[str] = mapped_column(String(20))
    given: Mapped[Json] = mapped_column(EncryptedJson("pending_steps:given"))
    # As it was ordered: if either has changed by `due_at`, somebody else was quicker and nothing is done
    source: Mapped[Status] = mapped_column(enum_type(Status))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    due_at: Mapped[datetime] = mapped_column(index=True)
    created_at: Mapped[datetime]
