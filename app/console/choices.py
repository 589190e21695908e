"""Choices that several forms offer."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.console.access import Signed
from app.errors import BadInput
from models.staff import Staff
from models.unit import Unit


def units_below(session: Session, signed: Signed) -> list[tuple[int, str]]:
    """The units of the signed person's subtree, indented by depth."""
    top = signed.unit_path.count("/")
    rows = session.execute(
        select(Unit.id, Unit.path, Unit.name)
        .where(Unit.path.startswith(signed.unit_path, autoescape=True))
        .order_by(Unit.path)
    )
    return [(row.id, "　" * (row.path.count("/") - top) + row.name) for row in rows]


def staff_below(session: Session, signed: Signed) -> list[tuple[int, str]]:
    """Active people of the subtree, with their unit."""
    rows = session.execute(
        select(Staff.id, Staff.name, Unit.name)
        .join(Unit, Unit.id == Staff.unit_id)
        .where(Staff.active, Unit.path.startswith(signed.unit_path, autoescape=True))
        .order_by(Unit.path, Staff.id)
    )
    return [(id_, f"{name}（{unit}）") for id_, name, unit in rows]


def unit_of_form(session: Session, given: str | None) -> Unit:
    """BadInput for what is no unit; rights are the service's business."""
    unit = session.get(Unit, int(given)) if given and given.isdecimal() and len(given) < 10 else None
    if unit is None:
        raise BadInput("请选一个单位")
    return unit


def local_moment(given: str | None, zone: ZoneInfo) -> datetime:
    """What an <input type="datetime-local"> sends; BadInput where it is empty or none."""
    try:
        return datetime.fromisoformat(given or "").replace(tzinfo=zone)
    except ValueError as error:
        raise BadInput("请选日期和时间") from error
