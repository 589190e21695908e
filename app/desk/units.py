"""The tree of units: which one a place belongs to, and who is on duty there."""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar, cast

from sqlalchemy import bindparam, func, literal, or_, select
from sqlalchemy.orm import Session

from app.desk.place import Place
from models.resident import Resident
from models.staff import Role, Staff
from models.unit import Unit

_UNITS, _RESIDENTS = Unit.__table__, Resident.__table__
_HOME = (
    select(_UNITS.c.path)
    .join_from(_UNITS, _RESIDENTS, _RESIDENTS.c.unit_id == _UNITS.c.id)
    .where(_RESIDENTS.c.id == bindparam("resident"))
    .scalar_subquery()
)
# Built once, and columns instead of records, because every intake asks it (docs/benchmarks.md). Parameters: estate,
# building, hotline (empty where unknown), resident.
WANTED = select(
    *(_UNITS.c[name] for name in ("id", "parent_id", "path", "kind", "label", "hotline_number")),
    _HOME.label("home"),
).where(
    or_(
        _UNITS.c.parent_id.is_(None),
        _UNITS.c.label.in_((bindparam("estate"), bindparam("building"))),
        _UNITS.c.hotline_number == bindparam("hotline"),
        _HOME.like(_UNITS.c.path.concat("%")),
    )
)
_IN_CHARGE = (Role.SUPERVISOR, Role.DISPATCHER, Role.KEEPER)  # whom a breach is reported to, in this order


class Placed(Protocol):
    """As much of a unit as decides what belongs to it."""

    @property
    def parent_id(self) -> int | None: ...
    @property
    def path(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def hotline_number(self) -> str | None: ...


class _Row(Placed, Protocol):
    @property
    def id(self) -> int: ...


U = TypeVar("U", bound=Placed)


def add_unit(
    session: Session,
    *,
    parent: Unit | None,
    kind: str,
    name: str,
    label: str | None = None,
    duty_phone: str | None = None,
    hotline_number: str | None = None,
) -> Unit:
    """A unit below `parent`. `label`: how residents call it, digits in Arabic; made from the name if not given."""
    unit = Unit(
        parent_id=parent.id if parent else None,
        path="/",
        kind=kind,
        name=name,
        label=label or name.removesuffix("栋").removesuffix("号楼").removesuffix("小区"),
        duty_phone=duty_phone,
        hotline_number=hotline_number,
    )
    session.add(unit)
    session.flush()
    unit.path = f"{parent.path if parent else '/'}{unit.id}/"
    session.flush()
    return unit


def unit_id_for(session: Session, place: Place, resident_id: int | None, hotline: str | None) -> int | None:
    """The smallest unit that surely holds the place; see `choose_unit`. One statement."""
    given = {
        "estate": place.estate or "",
        "building": place.building or "",
        "hotline": hotline or "",
        "resident": resident_id,
    }
    rows = session.execute(WANTED, given).all()
    found = choose_unit(cast(Sequence[_Row], rows), place, rows[0].home if rows else None, hotline)
    return found.id if found else None


def choose_unit(units: Sequence[U], place: Place, home: str | None, hotline: str | None) -> U | None:
    """Building, else estate, else where the resident lives, else what the hotline belongs to. Pure.

    A building's number alone (三栋) is of the caller's own estate where that has one. A building that nobody
    knows was perhaps misheard: then the caller's estate rather than the caller's own building.
    """
    scope = next((unit for unit in units if hotline and unit.hotline_number == hotline), None)
    roots = [unit for unit in units if unit.parent_id is None]
    if scope is None and len(roots) == 1:
        scope = roots[0]
    inside = [unit for unit in units if scope is None or unit.path.startswith(scope.path)]
    lives = [unit for unit in inside if home and home.startswith(unit.path)]
    own_estate = _one(unit for unit in lives if unit.kind == "estate")
    estate = _one(u for u in inside if place.estate and u.kind == "estate" and u.label == place.estate)
    if place.building:
        buildings = [u for u in inside if u.kind == "building" and u.label == place.building]
        for around in (estate,) if place.estate else (own_estate, None):
            if found := _one(b for b in buildings if around is None or b.path.startswith(around.path)):
                return found
    if estate:
        return estate
    if place.building or place.estate or place.landmark:
        return own_estate or scope
    return max(lives, key=lambda unit: len(unit.path), default=None) or scope


def _one(units: Iterable[U]) -> U | None:
    found = list(units)
    return found[0] if len(found) == 1 else None


def ancestors(session: Session, unit_id: int | None) -> list[Unit]:
    """The unit itself, its parent, … up to the root."""
    if unit_id is None:
        return []
    path = select(Unit.path).where(Unit.id == unit_id).scalar_subquery()
    query = (
        select(Unit).where(path.like(Unit.path.concat(literal("%")))).order_by(func.length(Unit.path).desc())
    )
    return list(session.scalars(query))


def in_charge(session: Session, unit_id: int) -> tuple[str, int | None] | None:
    """(phone, staff id if it is a person's) of who answers for exactly this unit: its duty number, else its staff."""
    unit = session.get(Unit, unit_id)
    if unit is None:
        return None
    if unit.duty_phone:
        return unit.duty_phone, None
    staff = session.scalars(
        select(Staff).where(Staff.unit_id == unit_id, Staff.active, Staff.role.in_(_IN_CHARGE))
    ).all()
    reachable = sorted((s for s in staff if s.phone), key=lambda s: (_IN_CHARGE.index(s.role), s.id))
    return (str(reachable[0].phone), reachable[0].id) if reachable else None


def nearest_staff(session: Session, unit_id: int | None, role: Role) -> int | None:
    """The active person of that role at the unit or nearest above it."""
    place = {unit.id: height for height, unit in enumerate(ancestors(session, unit_id))}
    query = select(Staff.id, Staff.unit_id).where(Staff.active, Staff.role == role, Staff.unit_id.in_(place))
    found = session.execute(query).all()
    return min(found, key=lambda row: (place[row.unit_id], row.id)).id if found else None
