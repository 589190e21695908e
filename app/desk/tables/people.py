"""Residents as a list, named by their telephones. It holds everything that is known of them: administrators only."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from app.desk import resident_card
from app.desk.residents import find_by_phone, normalise_phone
from app.desk.tables.files import Row
from app.desk.tables.places import path_names, unit_at
from app.desk.tables.table import Context, Did, Table, flag, yes
from app.errors import BadInput
from app.texts.catalogue import mark
from models.resident import Resident, ResidentPhone
from models.unit import Unit

_FLAGS = ("lives_alone", "hard_of_hearing", "prefers_person", "no_call", "opted_out")
_WORDS = ("name", "room", "dialect", "language", "preferred_hours", "note")


def _rows(context: Context) -> Iterator[Row]:
    names = path_names(context.session)
    query = (
        select(Resident, ResidentPhone.phone)
        .join(ResidentPhone, ResidentPhone.resident_id == Resident.id)
        .join(Unit, Unit.id == Resident.unit_id)
        .where(Unit.path.startswith(context.actor.unit_path or "-", autoescape=True))
        .order_by(Resident.id, ResidentPhone.id)
    )
    seen: set[int] = set()
    for resident, phone in context.session.execute(query):
        if resident.id in seen:  # one row a person, by her first number
            continue
        seen.add(resident.id)
        row = {"phone": phone, "unit": names.get(resident.unit_id or 0, "")}
        row |= {name: getattr(resident, name) or "" for name in _WORDS}
        yield row | {name: flag(getattr(resident, name)) for name in _FLAGS}


def _take(context: Context, row: Row) -> Did:
    """Columns that the file does not have stay as they are."""
    if not row.get("phone"):
        raise BadInput("没有电话：居民按电话认")
    phone = normalise_phone(row["phone"], context.cfg.default_region)
    known = find_by_phone(context.session, phone)
    resident = known or resident_card.add_resident(
        context.session, context.cfg, context.actor, phone, now=context.now
    )
    before = {name: getattr(resident, name) for name in resident_card.Wishes.__dataclass_fields__}
    given: dict[str, Any] = {name: row[name] or None for name in _WORDS if name in row}
    given |= {name: yes(row[name]) for name in _FLAGS if name in row}
    if row.get("unit"):
        given["unit_id"] = unit_at(context, row["unit"]).id
    wishes = resident_card.Wishes(**before | given)
    resident_card.change(context.session, context.actor, resident.id, wishes, now=context.now)
    if known is None:
        return Did.ADDED
    same = all(getattr(resident, name) == value for name, value in before.items())
    return Did.SAME if same else Did.CHANGED


RESIDENTS = Table("residents", mark("居民", "menu"), ("phone", "unit", *_WORDS, *_FLAGS), _rows, _take)
