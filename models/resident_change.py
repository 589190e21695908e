"""Two records of one person made one, and records emptied at their owner's wish: what must be known afterwards."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Json
from models.crypto import EncryptedJson


class ResidentMerge(Base):
    """`moved` holds what it takes to undo it: the record that went, and which rows followed."""

    __tablename__ = "resident_merges"

    id: Mapped[int] = mapped_column(primary_key=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("residents.id"), index=True)
    gone_id: Mapped[int]  # no such row while the merge stands
    moved: Mapped[Json] = mapped_column(EncryptedJson("resident_merges:moved"))
    by_staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class Erasure(Base):
    """To be applied again after a restore: a backup still holds what was erased."""

    __tablename__ = "erasures"

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(index=True)
    by_staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
