"""Which tickets somebody sees: those of their units, those in hand, and those they help with."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.desk.rights import Actor, TicketView, capacities, may_see
from app.desk.tickets import by_number, view_of
from app.errors import NotAllowed, NotFound
from models.co_handler import CoHandler
from models.ticket import Ticket


def find_ticket(session: Session, actor: Actor, number: int) -> tuple[Ticket, TicketView]:
    """NotFound alike for a number that nobody has and for a ticket that is none of theirs."""
    ticket = by_number(session, number)
    view = view_of(session, ticket)
    if not may_see(actor, view) and not helps(session, actor, ticket.id):
        raise NotFound("没有 {n} 号", n=str(number)[:12])
    return ticket, view


def helps(session: Session, actor: Actor, ticket_id: int) -> bool:
    """Is it one of the co-handlers?"""
    if actor.kind != "staff" or actor.role is None:
        return False
    query = select(CoHandler.id).where(CoHandler.ticket_id == ticket_id, CoHandler.staff_id == actor.id)
    return session.scalar(query) is not None


def takes_part(session: Session, actor: Actor, ticket: Ticket, view: TicketView) -> bool:
    """Has it in hand, answers for its unit or helps: may add remarks and photos. Whoever may only look does not."""
    return bool(capacities(actor, view)) or helps(session, actor, ticket.id)


def check_part(session: Session, actor: Actor, ticket: Ticket, view: TicketView) -> None:
    """Raises NotAllowed for whoever may only look."""
    if not takes_part(session, actor, ticket, view):
        raise NotAllowed("{number} 号不归您办，只能看", number=ticket.number)
