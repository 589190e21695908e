"""Audio on disk: what was said in a turn or at a kiosk. Kept, whatever a program made of it."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Recording(Base):
    __tablename__ = "recordings"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int | None] = mapped_column(ForeignKey("calls.id"), index=True)  # null: at a kiosk
    turn_n: Mapped[int]
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True)
    source: Mapped[str] = mapped_column(String(10))  # stream, spool (found after a crash), carrier, kiosk
    path: Mapped[str | None] = mapped_column(String(200))  # below the data directory; null until fetched
    seconds: Mapped[float] = mapped_column(default=0.0)
    carrier_sid: Mapped[str | None] = mapped_column(String(64), unique=True)
    carrier_url: Mapped[str | None] = mapped_column(String(400))
    transcript: Mapped[str | None] = mapped_column(Text)
    confidence: Mapped[float | None]
    state: Mapped[str] = mapped_column(String(10))  # fetch, transcribe, done, failed
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
