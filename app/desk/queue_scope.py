"""What of the queue somebody may see at all: `app.desk.seeing`, as a condition for the database."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from app.desk.rights import Actor, oversees
from app.desk.unindexed import unindexed
from app.errors import NotAllowed
from models.co_handler import CoHandler
from models.ticket import Ticket
from models.unit import Unit


@dataclass(frozen=True, slots=True)
class Place:
    """A unit to choose in a filter; `depth` below the top of what somebody sees."""

    id: int
    name: str
    path: str
    depth: int


@dataclass(frozen=True, slots=True)
class Scope:
    """`places`: their subtree, every parent before its children. `everything`: the subtree is the whole tree."""

    actor: Actor
    places: tuple[Place, ...]
    everything: bool

    def condition(self) -> ColumnElement[bool] | None:
        """None where there is nothing to leave out."""
        if self.everything:
            return None
        unit = unindexed(Ticket.unit_id)
        below = unit.in_(_below(self.actor.unit_path or "-"))
        seen = below | unit.is_(None) if oversees(self.actor, None) else below
        return or_(seen, self.mine())

    def mine(self) -> ColumnElement[bool]:
        """In hand, or helped with."""
        helped = select(CoHandler.ticket_id).where(CoHandler.staff_id == self.actor.id)
        return or_(unindexed(Ticket.assignee_id) == self.actor.id, unindexed(Ticket.id).in_(helped))

    def inside(self, unit_id: int, *, walked: bool) -> ColumnElement[bool] | None:
        """Tickets of a unit and everything below; None for a unit that is not in the scope. `walked`: among few."""
        place = next((place for place in self.places if place.id == unit_id), None)
        if place is None:
            return None
        return (unindexed(Ticket.unit_id) if walked else Ticket.unit_id).in_(_below(place.path))

    def name_of(self, unit_id: int | None) -> str | None:
        return next((place.name for place in self.places if place.id == unit_id), None)


def scope_of(session: Session, actor: Actor) -> Scope:
    """In one statement; NotAllowed for whoever is no active member of staff."""
    if actor.kind != "staff" or actor.role is None or not actor.unit_path:
        raise NotAllowed("只有在岗的工作人员能看诉求")
    units = session.execute(select(Unit.id, Unit.name, Unit.path).order_by(Unit.path)).all()
    inside = [unit for unit in units if unit.path.startswith(actor.unit_path)]
    level = actor.unit_path.count("/")
    places = tuple(Place(unit.id, unit.name, unit.path, unit.path.count("/") - level) for unit in inside)
    return Scope(actor, places, everything=len(inside) == len(units) and oversees(actor, None))


def _below(path: str) -> Select[int]:
    return select(Unit.id).where(Unit.path.startswith(path, autoescape=True))
