"""Texts in and out. An outgoing row is the work itself: Redis only says "look now"."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.crypto import BlindIndex, EncryptedText


class Message(Base):
    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_state_due_at", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(36), unique=True)
    direction: Mapped[str] = mapped_column(String(10))  # inbound, outbound
    carrier_sid: Mapped[str | None] = mapped_column(String(64), unique=True)
    phone: Mapped[str] = mapped_column(EncryptedText("messages:phone"))
    phone_index: Mapped[str] = mapped_column(BlindIndex, index=True)
    body: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(String(20))  # inbound, reply, dispatch, alert, …
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("residents.id"))
    # inbound: received. outbound: pending → sending → sent → delivered | failed, or unknown
    state: Mapped[str] = mapped_column(String(10))
    until_delivered: Mapped[bool] = mapped_column(
        default=False
    )  # danger: retried until the carrier says delivered
    dedup_key: Mapped[str | None] = mapped_column(String(80), unique=True)
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    lease_token: Mapped[str | None] = mapped_column(String(36))
    lease_until: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    # Parts that the carrier charges for: of this text, or for one that came in, of what was answered
    segments: Mapped[int] = mapped_column(default=0, server_default="0")
