"""Tickets in whatever state a test of the queue wants them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import insert_row
from models.lifecycle import Status
from models.staff import Staff
from models.ticket import FIRST_NUMBER, Ticket
from models.unit import Unit
from tests.support.office import MONDAY


def put_ticket(
    session: Session, n: int, *, due_in: float = 24, at: datetime = MONDAY, **columns: Any
) -> Ticket:
    """The n-th ticket, due in so many hours; taken a day before."""
    taken = at - timedelta(days=1)
    due = at + timedelta(hours=due_in)
    values: dict[str, Any] = {
        "number": FIRST_NUMBER + n,
        "status": Status.NEW,
        "channel": "phone",
        "category": "repairs",
        "text": "路灯不亮",
        "occurred_at": taken,
        "created_at": taken,
        "cycle_at": taken,
        "respond_due_at": due,
        "due_at": due,
        "hard_due_at": taken + timedelta(days=15),
        "promised_on": due.date(),
    }
    ticket = Ticket(**values | columns)
    insert_row(session, ticket)
    return ticket


def staff_id(session: Session, login: str) -> int:
    return session.scalars(select(Staff.id).where(Staff.login == login)).one()


def unit_id(session: Session, name: str) -> int:
    return session.scalars(select(Unit.id).where(Unit.name == name)).one()
