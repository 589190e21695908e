"""What we asked a resident by text and still await an answer to: one question at a time, and not for ever."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Json
from models.crypto import EncryptedJson


class Question(Base):
    """A new question takes the place of the old one; an answered one is deleted. `kind`: see app.sms.asking."""

    __tablename__ = "questions"

    resident_id: Mapped[int] = mapped_column(
        ForeignKey("residents.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    kind: Mapped[str] = mapped_column(String(10))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True)
    data: Mapped[Json] = mapped_column(EncryptedJson("questions:data"))  # her words so far
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
