"""Counters, leases and heartbeats: small rows by which processes agree."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Counter(Base):
    """Sequences that must not repeat; `ticket` holds the last number given."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int]


class Lease(Base):
    """One holder at a time; the clock's row is also its heartbeat."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(80))
    until: Mapped[datetime]
    beat_at: Mapped[datetime]
