"""What an intake has to know of the community, in one statement: where a matter belongs, its limits, whom it hits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.desk.catalogue import UNSORTED
from app.desk.limits import Limits
from app.desk.place import Place
from app.desk.units import WANTED, choose_unit
from models.category import Category
from models.resident import Resident

_FIELDS = tuple(Limits.__dataclass_fields__)
_CATEGORIES, _RESIDENTS = Category.__table__, Resident.__table__
# One row more or less costs nothing, one statement more is felt in every call (docs/benchmarks.md)
_SITUATION = WANTED.add_columns(
    select(_RESIDENTS.c.lives_alone)
    .where(_RESIDENTS.c.id == bindparam("resident"))
    .scalar_subquery()
    .label("lives_alone"),
    *(_CATEGORIES.c[field] for field in _FIELDS),
).outerjoin(_CATEGORIES, _CATEGORIES.c.code == bindparam("category"))


@dataclass(frozen=True, slots=True)
class Situation:
    unit_id: int | None
    limits: Limits
    lives_alone: bool  # the person whom it is about


def situation(
    session: Session, place: Place, resident_id: int | None, hotline: str | None, category: str | None
) -> Situation:
    """A community always has a unit at least, its root; where there is none, nothing is known of it either."""
    given = {
        "estate": place.estate or "",
        "building": place.building or "",
        "hotline": hotline or "",
        "resident": resident_id,
        "category": category,
    }
    rows: Sequence[Any] = session.connection().execute(_SITUATION, given).all()
    if not rows:
        return Situation(None, UNSORTED, False)
    unit = choose_unit(rows, place, rows[0].home, hotline)
    values = [getattr(rows[0], field) for field in _FIELDS]
    known = values[0] is not None
    return Situation(
        unit.id if unit else None, Limits(*values) if known else UNSORTED, bool(rows[0].lives_alone)
    )
