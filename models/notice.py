"""A notice to all who live in a unit (water is cut tomorrow), and to whom it has gone."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, enum_type
from models.crypto import BlindIndex


class NoticeState(StrEnum):
    DRAFT = "draft"
    SENDING = "sending"  # approved
    PAUSED = "paused"
    DONE = "done"  # or its time is over
    CANCELLED = "cancelled"


class RecipientState(StrEnum):
    WAITING = "waiting"
    TEXTED = "texted"  # a message row sends it
    CALLED = "called"  # a callback row tells it
    OPTED_OUT = "opted_out"
    UNREACHABLE = "unreachable"  # no number that we may text or ring


class Notice(Base):
    __tablename__ = "notices"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    body: Mapped[str] = mapped_column(Text)
    urgent: Mapped[bool] = mapped_column(default=False)  # also at night
    state: Mapped[NoticeState] = mapped_column(enum_type(NoticeState))
    created_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    approved_at: Mapped[datetime | None]
    not_after: Mapped[datetime]  # news of yesterday misleads: who has not been told by then is not told
    done_at: Mapped[datetime | None]


class NoticeRecipient(Base):
    """Written when the notice is approved; one row a number, so that two residents with one telephone hear it once."""

    __tablename__ = "notice_recipients"
    __table_args__ = (Index("ix_notice_recipients_notice_id_state", "notice_id", "state"),)

    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"), primary_key=True)
    phone_index: Mapped[str] = mapped_column(BlindIndex, primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), index=True)
    state: Mapped[RecipientState] = mapped_column(enum_type(RecipientState))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    callback_id: Mapped[int | None] = mapped_column(ForeignKey("callbacks.id"))
