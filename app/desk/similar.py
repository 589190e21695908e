"""Open tickets nearby that may be the same matter: one statement for what is near in place and time, the rest by words."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.desk.rights import Actor, oversees
from models.lifecycle import OPEN
from models.ticket import Ticket
from models.unit import Unit

WITHIN = timedelta(days=14)
_LOOKED_AT, _SHOWN = 200, 5
_ENOUGH = 0.35
_WORDS, _CATEGORY, _BUILDING, _UNIT = 0.55, 0.2, 0.2, 0.05  # shares of a score, together 1


@dataclass(frozen=True, slots=True)
class Similar:
    """`score` 0–1: how alike."""

    ticket: Ticket
    score: float
    same_category: bool
    same_building: bool


def similar_tickets(
    session: Session, actor: Actor, ticket: Ticket, unit: Unit | None, *, now: datetime
) -> tuple[Similar, ...]:
    """The most alike first. Of the same unit, what lies below it and right above it (whoever names only the estate may
    mean the same lamp), as far as the actor oversees it."""
    if unit is None:
        return ()
    above = unit.path.rstrip("/").rpartition("/")[0] + "/"
    near = select(Unit.id).where(
        or_(
            Unit.path.startswith(unit.path, autoescape=True),
            Unit.path == (above if above != "/" else unit.path),
        )
    )
    query = (
        select(Ticket, Unit.path)
        .join(Unit, Unit.id == Ticket.unit_id)
        .where(
            Ticket.unit_id.in_(near),
            Ticket.status.in_(OPEN),
            Ticket.id != ticket.id,
            Ticket.occurred_at > ticket.occurred_at - WITHIN,
            Ticket.occurred_at < ticket.occurred_at + WITHIN,
        )
        .order_by(Ticket.id.desc())
        .limit(_LOOKED_AT)
    )
    found = [
        _compared(ticket, other) for other, path in session.execute(query).all() if oversees(actor, path)
    ]
    alike = sorted((one for one in found if one.score >= _ENOUGH), key=lambda one: -one.score)
    return tuple(alike[:_SHOWN])


def _compared(one: Ticket, other: Ticket) -> Similar:
    category = one.category is not None and one.category == other.category
    building = one.building is not None and (one.estate or other.estate, one.building) == (
        other.estate or one.estate,
        other.building,
    )
    part = building and one.unit_no is not None and one.unit_no == other.unit_no
    if one.building and other.building and not building:
        return Similar(other, 0.0, category, same_building=False)
    score = _WORDS * likeness(_words(one), _words(other)) + _CATEGORY * category + _BUILDING * building
    return Similar(other, score + _UNIT * part, category, same_building=building)


def likeness(one: str, other: str) -> float:
    """Share of the shorter one's pairs of characters that the longer one has too (overlap coefficient), 0–1."""
    pairs, others = _pairs(one), _pairs(other)
    if not pairs or not others:
        return 0.0
    return len(pairs & others) / min(len(pairs), len(others))


def _words(ticket: Ticket) -> str:
    return f"{ticket.matter or ''} {ticket.text}"


def _pairs(text: str) -> frozenset[str]:
    kept = "".join(c if c.isalnum() else " " for c in text)
    return frozenset(kept[i : i + 2] for i in range(len(kept) - 1) if " " not in kept[i : i + 2])
