"""What came in from outside, once: a repeat gets the first answer."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class InboundReceipt(Base):
    """`source` is sms, voice, rec, status or kiosk:<device>; `external_id` the sender's own id for the delivery."""

    __tablename__ = "inbound_receipts"

    source: Mapped[str] = mapped_column(String(40), primary_key=True)
    external_id: Mapped[str] = mapped_column(String(120), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    response: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime]
