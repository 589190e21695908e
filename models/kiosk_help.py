"""Somebody at a kiosk asks for a person: one ring of the telephone that is on duty."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, enum_type


class HelpState(StrEnum):
    """Forward only: asked → ringing → coming or nobody."""

    ASKED = "asked"
    RINGING = "ringing"  # intent committed before the carrier is asked; never placed again
    COMING = "coming"  # whoever was rung has pressed 1
    NOBODY = "nobody"


class KioskHelp(Base):
    __tablename__ = "kiosk_helps"
    __table_args__ = (Index("ix_kiosk_helps_state_until", "state", "until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(36), unique=True)  # made by the page; in the carrier's addresses
    kiosk_id: Mapped[int] = mapped_column(ForeignKey("kiosks.id"), index=True)
    # Pressed again while that one rang: whatever becomes of it
    same_as_id: Mapped[int | None] = mapped_column(ForeignKey("kiosk_helps.id"))
    state: Mapped[HelpState] = mapped_column(enum_type(HelpState))
    asked_at: Mapped[datetime]
    until: Mapped[datetime]  # not accepted by then: nobody comes
    intent_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]  # the telephone was picked up, perhaps by a voicemail box
    accepted_at: Mapped[datetime | None]
    carrier_sid: Mapped[str | None] = mapped_column(String(64), unique=True)
    last_error: Mapped[str | None] = mapped_column(String(200))
