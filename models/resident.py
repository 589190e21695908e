"""Residents and their telephones. Name, room and numbers are ciphertext; numbers are found by blind index."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.crypto import BlindIndex, EncryptedText


class Resident(Base):
    __tablename__ = "residents"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str | None] = mapped_column(EncryptedText("residents:name"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"), index=True)
    room: Mapped[str | None] = mapped_column(EncryptedText("residents:room"))
    note: Mapped[str | None] = mapped_column(EncryptedText("residents:note"))
    dialect: Mapped[str | None] = mapped_column(String(20))
    lives_alone: Mapped[bool] = mapped_column(default=False)
    prefers_person: Mapped[bool] = mapped_column(default=False)
    hard_of_hearing: Mapped[bool] = mapped_column(default=False, server_default=false())
    no_call: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )  # never ring: text, or go there
    # Local spans in which she likes to be rung, as in the settings: "09:00-10:30,15:00-17:00"; null: any calling hour
    preferred_hours: Mapped[str | None] = mapped_column(String(60))
    household_id: Mapped[int | None] = mapped_column(ForeignKey("households.id"), index=True)
    opted_out: Mapped[bool] = mapped_column(default=False)  # 退订: no notices, surveys or unasked texts
    language: Mapped[str | None] = mapped_column(String(10))  # zh_Hans, zh_Hant, en; null: the community's
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]  # at her wish: nothing personal is left in this row


class ResidentPhone(Base):
    __tablename__ = "resident_phones"

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id"), index=True)
    phone: Mapped[str] = mapped_column(EncryptedText("resident_phones:phone"))
    phone_index: Mapped[str] = mapped_column(BlindIndex, unique=True)
    can_text: Mapped[bool] = mapped_column(default=True)  # landlines can't
