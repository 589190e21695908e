"""The tree of units: community, area, grid, estate, building … of any depth."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.crypto import EncryptedText


class Unit(Base):
    __tablename__ = "units"

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"), index=True)
    path: Mapped[str] = mapped_column(String(255), index=True)  # "/1/4/9/": a subtree is a prefix
    kind: Mapped[str] = mapped_column(String(20))  # community, area, grid, estate, building
    name: Mapped[str] = mapped_column(String(80))
    # The building's or estate's own number or name as residents say it, in Arabic digits: "3", "幸福里"
    label: Mapped[str] = mapped_column(String(40), index=True)
    duty_phone: Mapped[str | None] = mapped_column(EncryptedText("units:duty_phone"))
    hotline_number: Mapped[str | None] = mapped_column(String(20), unique=True)
