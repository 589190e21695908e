"""What the resident says of a finished matter, and what follows from low marks."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Json


class Rating(Base):
    """Marks are normalised: 1 满意, 2 一般, 3 不满意; null = not given. `raw` keeps what was pressed or said."""

    __tablename__ = "ratings"
    __table_args__ = (Index("uq_ratings_callback_id", "callback_id", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    cycle: Mapped[int]
    callback_id: Mapped[int | None] = mapped_column(ForeignKey("callbacks.id"))
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("residents.id"))
    channel: Mapped[str] = mapped_column(String(10))
    asked_by: Mapped[str] = mapped_column(String(40))  # "robot" or "staff:7"
    fact: Mapped[int | None]  # 1 好了, 2 好了一部分, 3 没好
    speed: Mapped[int | None]
    effect: Mapped[int | None]
    attitude: Mapped[int | None]
    raw: Mapped[Json] = mapped_column(default=dict)
    remark: Mapped[str | None] = mapped_column(Text)
    remark_recording_id: Mapped[int | None] = mapped_column(ForeignKey("recordings.id"))
    applied_at: Mapped[datetime | None]  # its consequence (close or reopen) has been drawn
    created_at: Mapped[datetime]


class RemedialAction(Base):
    """One low mark, one owner, one date: for the monthly review."""

    __tablename__ = "remedial_actions"
    __table_args__ = (Index("uq_remedial_actions_rating_id_cause", "rating_id", "cause", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    rating_id: Mapped[int] = mapped_column(ForeignKey("ratings.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    cause: Mapped[str] = mapped_column(String(10))  # fact, effect, speed, attitude
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    due_on: Mapped[date]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
