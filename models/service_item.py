"""The catalogue of what residents can ask for: common items of each category, with a picture."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class ServiceItem(Base):
    __tablename__ = "service_items"

    id: Mapped[int] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(ForeignKey("categories.code"), index=True)
    name: Mapped[str] = mapped_column(String(14))  # one line on a kiosk's tile
    picture: Mapped[str] = mapped_column(String(30))  # an icon of the sprite
    position: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)
