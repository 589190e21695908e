"""What staff heard and wrote down, beside what the machine had made of it: examples that the benches can run on.

They hold a resident's words and address, so they are ciphertext, and they go when she is erased or their time is over
(app.desk.examples). The audio is never copied: it is the recording's own file.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Json
from models.crypto import EncryptedJson, EncryptedText


class VerifiedExample(Base):
    __tablename__ = "verified_examples"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    resident_id: Mapped[int | None] = mapped_column(
        ForeignKey("residents.id", ondelete="CASCADE"), index=True
    )  # who spoke or wrote
    # Null: she wrote it, or the audio's time is over
    recording_id: Mapped[int | None] = mapped_column(
        ForeignKey("recordings.id", ondelete="SET NULL"), unique=True
    )
    turn_n: Mapped[int | None]  # of the call; null where she wrote it
    heard: Mapped[str | None] = mapped_column(EncryptedText("verified_examples:heard"))  # by the machine
    transcript: Mapped[str] = mapped_column(EncryptedText("verified_examples:transcript"))
    category: Mapped[str | None] = mapped_column(ForeignKey("categories.code"))
    place: Mapped[Json] = mapped_column(EncryptedJson("verified_examples:place"))  # the fields of Place
    danger: Mapped[str | None] = mapped_column(String(3))  # 119, 120, 110
    urgent: Mapped[bool | None]  # null: nobody said
    corrected_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    corrected_at: Mapped[datetime] = mapped_column(index=True)
