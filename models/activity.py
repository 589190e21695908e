"""What goes on in the community: told by phone, by text (活动) and on the kiosk."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Activity(Base):
    """`weekly`: again at the same local weekday and time, up to and including `until` where that is set."""

    __tablename__ = "activities"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    theme: Mapped[str] = mapped_column(String(40))
    place: Mapped[str] = mapped_column(String(40))
    starts_at: Mapped[datetime]
    weekly: Mapped[bool] = mapped_column(default=False)
    until: Mapped[date | None]
    cancelled_at: Mapped[datetime | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]
