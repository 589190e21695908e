"""The texts of a dispatch wait a minute: sent to the wrong person, they are withdrawn by sending it to the right one."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.desk.messages import PENDING
from app.desk.pending import WINDOW
from models.lifecycle import Action
from models.message import Message
from models.ticket import Ticket, TicketEvent


def hold(session: Session, ticket: Ticket, event: TicketEvent, *, now: datetime) -> None:
    """Not for urgent matters: nobody should wait a minute for those."""
    if not ticket.urgent:
        session.execute(
            update(Message)
            .where(
                Message.dedup_key.in_(_keys(event.id)),
                Message.state == PENDING,
                Message.due_at < now + WINDOW,
            )
            .values(due_at=now + WINDOW)
            .execution_options(synchronize_session=False)
        )


def withdraw(session: Session, ticket: Ticket) -> None:
    """What the last dispatch would have said, as far as it has not gone out: nobody has seen it, so it is deleted."""
    query = select(TicketEvent.id).where(
        TicketEvent.ticket_id == ticket.id, TicketEvent.action == Action.DISPATCH
    )
    last = session.scalar(query.order_by(TicketEvent.id.desc()).limit(1))
    if last is not None:
        session.execute(
            delete(Message)
            .where(Message.dedup_key.in_(_keys(last)), Message.state == PENDING, Message.tries == 0)
            .execution_options(synchronize_session=False)
        )


def _keys(event_id: int) -> tuple[str, str]:
    return f"event:{event_id}", f"event:{event_id}:reporter"
