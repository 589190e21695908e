"""The six categories with their time limits."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Category(Base):
    """Limits in working hours (`*_hours`) and working days (`*_days`); urgent ones in minutes, day and night."""

    __tablename__ = "categories"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    position: Mapped[int] = mapped_column(unique=True)  # phone key, text code and kiosk tile
    name: Mapped[str] = mapped_column(String(20))
    respond_hours: Mapped[int]
    simple_days: Mapped[int]
    complex_days: Mapped[int]
    reopen_days: Mapped[int]
    urgent_respond_minutes: Mapped[int]
    urgent_resolve_minutes: Mapped[int]
