"""What stands above the queue: how much there is, and what was taken and done today."""

from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from app.desk.config import DeskConfig
from app.desk.queue_filter import UNDISPATCHED
from app.desk.queue_scope import Scope
from app.desk.queue_statement import SOON
from models.lifecycle import Status
from models.ticket import IS_OPEN, Ticket


@dataclass(frozen=True, slots=True)
class Facts:
    """Counts of what somebody may see; `taken` and `done` since local midnight."""

    open: int
    mine: int
    waiting: int
    soon: int
    overdue: int
    listening: int
    resolved: int
    taken: int
    done: int


def queue_facts(session: Session, cfg: DeskConfig, scope: Scope, *, now: datetime) -> Facts:
    """In one statement, from indexes alone; where a column leads an index, a count of its own costs less than a filter."""
    counts = {
        "mine": scope.mine(),
        "soon": Ticket.due_at.between(now, now + SOON),
        "overdue": Ticket.due_at < now,
    }
    today = cfg.local(now)
    midnight = cfg.calendar.at(today.date(), time())
    others = {
        "waiting": Ticket.status.in_(sorted(UNDISPATCHED)),
        "listening": Ticket.status == Status.NEEDS_LISTENING,
        "resolved": Ticket.status == Status.RESOLVED,
        "taken": Ticket.created_at >= midnight,
        "done": Ticket.resolved_at >= midnight,
    }
    seen = scope.condition()

    def among(condition: ColumnElement[bool]) -> list[ColumnElement[bool]]:
        return [condition] if seen is None else [condition, seen]

    row = session.execute(
        select(
            func.count().label("open"),
            *(func.count().filter(condition).label(name) for name, condition in counts.items()),
            *(
                select(func.count())
                .select_from(Ticket)
                .where(*among(condition))
                .scalar_subquery()
                .label(name)
                for name, condition in others.items()
            ),
        )
        .select_from(Ticket)
        .where(*among(text(IS_OPEN)))  # type: ignore[arg-type]
    ).one()
    return Facts(**row._asdict())
