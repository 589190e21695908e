"""Stations (驿站): where people walk in, and what the kiosk there is like."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Station(Base):
    __tablename__ = "stations"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    letter: Mapped[str] = mapped_column(String(2), unique=True)  # in front of a kiosk's local numbers: A017
    address: Mapped[str] = mapped_column(String(80))
    hours: Mapped[str] = mapped_column(String(60))  # local spans as in the settings: "08:00-21:00"
    staffed: Mapped[bool] = mapped_column(default=True)
    inches: Mapped[float] = mapped_column(default=21.5)  # of the screen
    distance_mm: Mapped[int] = mapped_column(default=500)  # eye to screen
    printer_mm: Mapped[int | None]  # width of the slip, 58 or 80; null: no printer
    speaker: Mapped[bool] = mapped_column(default=True)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
