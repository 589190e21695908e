"""Kiosks (自助屏): the touch screens of stations, each with a token of its own."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Kiosk(Base):
    __tablename__ = "kiosks"

    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id"), index=True)
    slip_prefix: Mapped[str] = mapped_column(String(5), unique=True)  # A, later A1, A2: never given twice
    code_hash: Mapped[str | None] = mapped_column(String(64), unique=True)  # gone once it has been used
    code_expires_at: Mapped[datetime | None]
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    enrolled_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    waiting: Mapped[int] = mapped_column(default=0)  # submissions it still has to send, as it last said
    clock_offset_s: Mapped[int] = mapped_column(default=0)  # our clock minus its own, as last seen
    last_slip: Mapped[int] = mapped_column(default=0)
    app_version: Mapped[str | None] = mapped_column(String(20))
    paced_until: Mapped[datetime | None]  # its bucket (app.desk.kiosk_limits): empty again at this time
