"""Who is on duty for a unit, by day and hour: what rings when somebody presses 0, and is texted in danger."""

from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.crypto import EncryptedText


class DutyShift(Base):
    """Every week (`weekday`) or on one day (`on_date`, which wins). Minutes are local, of the day; `to_minute` is
    exclusive, and smaller than `from_minute` where the shift ends the next morning."""

    __tablename__ = "duty_shifts"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    weekday: Mapped[int | None]  # 0 Monday … 6 Sunday
    on_date: Mapped[date | None]
    from_minute: Mapped[int]
    to_minute: Mapped[int]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    phone: Mapped[str | None] = mapped_column(EncryptedText("duty_shifts:phone"))  # else the staff's own
