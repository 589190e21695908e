"""The tree of units as it is edited: names, labels, duty numbers, places in the tree. Paths follow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.desk.audit import record
from app.desk.rights import Actor, oversees
from app.desk.units import add_unit
from app.errors import BadInput, NotAllowed, NotFound
from app.hygiene import clean
from models.activity import Activity
from models.household import Household
from models.notice import Notice
from models.resident import Resident
from models.roster import DutyShift
from models.routing_rule import RoutingRule
from models.staff import Role, Staff
from models.station import Station
from models.ticket import Ticket
from models.unit import Unit

KINDS = ("district", "street", "community", "area", "grid", "estate", "building")
_CHARGE = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
_USERS = (Resident, Staff, Ticket, Activity, Notice, RoutingRule, DutyShift, Station, Household)


@dataclass(frozen=True, slots=True)
class Given:
    """What the form of a unit says; numbers in E.164."""

    kind: str
    name: str
    label: str | None
    duty_phone: str | None
    hotline_number: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    unit: Unit
    depth: int
    keepers: Sequence[str]
    residents: int


def tree(session: Session, actor: Actor) -> list[Row]:
    """The actor's subtree from the top down, in three statements."""
    if actor.role is None or not actor.unit_path:
        return []
    below = Unit.path.startswith(actor.unit_path, autoescape=True)
    units = session.scalars(select(Unit).where(below)).all()
    lives = select(Resident.unit_id, func.count()).join(Unit, Unit.id == Resident.unit_id).where(below)
    counts = {unit_id: count for unit_id, count in session.execute(lives.group_by(Resident.unit_id))}  # noqa: C416
    people: dict[int, list[str]] = {}
    keepers = select(Staff.unit_id, Staff.name).join(Unit, Unit.id == Staff.unit_id)
    for unit_id, name in session.execute(keepers.where(below, Staff.active, Staff.role == Role.KEEPER)):
        people.setdefault(unit_id, []).append(name)
    top = actor.unit_path.count("/")
    ordered = sorted(units, key=lambda unit: [int(step) for step in unit.path.strip("/").split("/")])
    return [
        Row(unit, unit.path.count("/") - top, people.get(unit.id, ()), counts.get(unit.id, 0))
        for unit in ordered
    ]


def seen(session: Session, actor: Actor, unit_id: int) -> Unit:
    """NotFound also for what is outside the actor's subtree."""
    unit = session.get(Unit, unit_id) if 0 < unit_id < 2**31 else None
    if unit is None or not oversees(actor, unit.path):
        raise NotFound("没有这个单位，或不归您管")
    return unit


def add_below(session: Session, actor: Actor, parent_id: int, given: Given, *, now: datetime) -> Unit:
    parent = _editable(session, actor, parent_id)
    kind, name, label = _checked(given)
    made = add_unit(session, parent=parent, kind=kind, name=name, label=label, duty_phone=given.duty_phone)
    record(session, actor.id, "add_unit", now=now, subject="unit", subject_id=made.id)
    return made


def change(session: Session, actor: Actor, unit_id: int, given: Given, *, now: datetime) -> Unit:
    """Raises BadInput where another unit has the hotline's number."""
    unit = _editable(session, actor, unit_id)
    unit.kind, unit.name, label = _checked(given)
    unit.label = label or unit.label
    unit.duty_phone, unit.hotline_number = given.duty_phone, given.hotline_number
    try:
        session.flush()
    except IntegrityError as error:
        raise BadInput("这个热线号码已经属于别的单位") from error
    record(session, actor.id, "change_unit", now=now, subject="unit", subject_id=unit.id)
    return unit


def move(session: Session, actor: Actor, unit_id: int, parent_id: int, *, now: datetime) -> int | None:
    """Below another unit, with all that is in it; tickets and people stay with their unit. The former parent's id."""
    unit, parent = _editable(session, actor, unit_id), _editable(session, actor, parent_id)
    if unit.path == actor.unit_path:
        raise BadInput("自己的单位不能挪，请上级来办")
    if parent.path.startswith(unit.path):
        raise BadInput("不能挪到自己下面")
    before, old = unit.parent_id, unit.path
    new = f"{parent.path}{unit.id}/"
    unit.parent_id = parent.id
    session.flush()
    session.execute(
        update(Unit)
        .where(Unit.path.startswith(old, autoescape=True))
        .values(path=func.concat(new, func.substr(Unit.path, len(old) + 1)))
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    record(session, actor.id, "move_unit", now=now, subject="unit", subject_id=unit_id, data={"from": before})
    return before


def remove(session: Session, actor: Actor, unit_id: int, *, now: datetime) -> None:
    """Only where nothing refers to it: BadInput says what still does."""
    unit = _editable(session, actor, unit_id)
    if unit.path == actor.unit_path:
        raise BadInput("自己的单位不能删")
    if session.scalar(select(Unit.id).where(Unit.parent_id == unit.id).limit(1)) is not None:
        raise BadInput("下面还有单位，请先挪走或删掉")
    used = [model for model in _USERS if session.scalar(select(1).where(model.unit_id == unit.id).limit(1))]
    if used:
        raise BadInput("还有居民、人员或办过的事登记在这里，不能删；可以改名，或挪到别处")
    session.delete(unit)
    record(session, actor.id, "remove_unit", now=now, subject="unit", subject_id=unit_id)


def _editable(session: Session, actor: Actor, unit_id: int) -> Unit:
    unit = seen(session, actor, unit_id)
    if actor.role not in _CHARGE:
        raise NotAllowed("单位由负责人和管理员改")
    return unit


def _checked(given: Given) -> tuple[str, str, str | None]:
    name, label = clean(given.name, limit=80), clean(given.label or "", limit=40)
    if not name:
        raise BadInput("请写单位的名称")
    if given.kind not in KINDS:
        raise BadInput("请选是哪一级")
    return given.kind, name, label or None
