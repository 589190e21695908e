"""Pictures of a matter, as staff took them: re-encoded, so that nothing but the picture is in the file."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Photo(Base):
    """JPEG files below the data directory; the rows of deleted ones stay, so that a slip can be put right."""

    __tablename__ = "photos"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    path: Mapped[str] = mapped_column(String(200))
    thumb_path: Mapped[str] = mapped_column(String(200))
    width: Mapped[int]  # pixels, of the whole picture
    height: Mapped[int]
    added_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
