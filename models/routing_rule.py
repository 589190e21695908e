"""Ordered dispatch rules: a null condition matches anything, the first match wins."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, enum_type
from models.staff import AssigneeKind


class RoutingRule(Base):
    __tablename__ = "routing_rules"

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(String(80))
    category: Mapped[str | None] = mapped_column(ForeignKey("categories.code"))
    tier: Mapped[str | None] = mapped_column(String(10))
    urgent: Mapped[bool | None]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))  # matches its whole subtree
    from_hour: Mapped[int | None]  # local hours; from > to spans midnight
    to_hour: Mapped[int | None]
    max_load: Mapped[int | None]  # skip assignees with this many open tickets
    assignee_kind: Mapped[AssigneeKind] = mapped_column(enum_type(AssigneeKind))
    assignee_id: Mapped[int | None] = mapped_column(
        ForeignKey("staff.id")
    )  # null: nearest of that kind up the tree
    active: Mapped[bool] = mapped_column(default=True)
