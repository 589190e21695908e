"""What staff have begun to write down and not handed in: it survives a closed tab, and is no browser's business."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.crypto import EncryptedJson


class StaffDraft(Base):
    """One for each person and form."""

    __tablename__ = "staff_drafts"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    form: Mapped[str] = mapped_column(String(20), primary_key=True)  # intake, notes
    fields: Mapped[dict[str, Any]] = mapped_column(EncryptedJson("staff_drafts:fields"))
    saved_at: Mapped[datetime]
