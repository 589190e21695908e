"""Lines of the queue: a ticket with the people, recordings and calls that belong to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from app.desk.kiosk_times import LATE
from app.desk.queue_scope import Scope
from models.callback import Attempt, AttemptState, Callback
from models.lifecycle import OPEN, Status
from models.recording import Recording
from models.resident import Resident, ResidentPhone
from models.staff import Staff
from models.ticket import Ticket

COLUMNS = (
    *(
        Ticket.id,
        Ticket.number,
        Ticket.version,
        Ticket.status,
        Ticket.channel,
        Ticket.category,
        Ticket.urgent,
    ),
    *(Ticket.matter, Ticket.text, Ticket.unit_id, Ticket.reporter_id, Ticket.beneficiary_id),
    *(
        Ticket.assignee_id,
        Ticket.cycle_at,
        Ticket.due_at,
        Ticket.cycle,
        Ticket.created_at,
        Ticket.occurred_at,
        Ticket.slip,
        Ticket.resolved_at,
    ),
)


@dataclass(frozen=True, slots=True)
class Person:
    """A resident as a row shows one; the phone is whole, templates mask it."""

    name: str | None
    phone: str | None
    dialect: str | None
    prefers_person: bool


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the list. `seconds` of the recordings where somebody must listen; `attempts`: calls made about it."""

    id: int
    number: int
    version: int
    status: Status
    channel: str
    category: str | None
    urgent: bool
    line: str
    text: str
    unit: str | None
    reporter: Person | None
    beneficiary: Person | None
    assignee: str | None
    began_at: datetime
    due_at: datetime
    cycle: int
    taken_at: datetime
    occurred_at: datetime
    slip: str | None
    resolved_at: datetime | None
    seconds: float
    attempts: int

    @property
    def late(self) -> bool:
        """Said at a kiosk that could not send it for a while."""
        return self.slip is not None and self.taken_at - self.occurred_at > LATE

    @property
    def open(self) -> bool:
        return self.status in OPEN


def dressed(session: Session, scope: Scope, found: Sequence[Row[*tuple[Any, ...]]]) -> tuple[QueueRow, ...]:
    """Rows with the people, recordings and calls that belong to them: five statements at most."""
    people = _people(
        session, _ids(row.reporter_id for row in found) | _ids(row.beneficiary_id for row in found)
    )
    staff = _staff(session, _ids(row.assignee_id for row in found))
    to_hear = [row.id for row in found if row.status is Status.NEEDS_LISTENING]
    seconds = _seconds(session, to_hear)
    attempts = _attempts(session, [row.id for row in found])
    return tuple(
        QueueRow(
            id=row.id,
            number=row.number,
            version=row.version,
            status=row.status,
            channel=row.channel,
            category=row.category,
            urgent=row.urgent,
            line=row.matter or row.text,
            text=row.text,
            unit=scope.name_of(row.unit_id),
            reporter=people.get(row.reporter_id),
            beneficiary=people.get(row.beneficiary_id) if row.beneficiary_id != row.reporter_id else None,
            assignee=staff.get(row.assignee_id),
            began_at=row.cycle_at,
            due_at=row.due_at,
            cycle=row.cycle,
            taken_at=row.created_at,
            occurred_at=row.occurred_at,
            slip=row.slip,
            resolved_at=row.resolved_at,
            seconds=seconds.get(row.id, 0.0),
            attempts=attempts.get(row.id, 0),
        )
        for row in found
    )


def _people(session: Session, ids: set[int]) -> dict[int | None, Person]:
    """With the first number of each."""
    if not ids:
        return {}
    numbers = select(ResidentPhone.resident_id, ResidentPhone.phone).where(ResidentPhone.resident_id.in_(ids))
    phones: dict[int, str] = {}
    for row in session.execute(numbers.order_by(ResidentPhone.id)):
        phones.setdefault(row.resident_id, row.phone)
    columns = (Resident.id, Resident.name, Resident.dialect, Resident.prefers_person)
    return {
        row.id: Person(row.name, phones.get(row.id), row.dialect, row.prefers_person)
        for row in session.execute(select(*columns).where(Resident.id.in_(ids)))
    }


def _staff(session: Session, ids: set[int]) -> dict[int | None, str]:
    if not ids:
        return {}
    return {
        row.id: row.name for row in session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids)))
    }


def _seconds(session: Session, ids: Sequence[int]) -> dict[int | None, float]:
    if not ids:
        return {}
    query = select(Recording.ticket_id, func.sum(Recording.seconds)).where(Recording.ticket_id.in_(ids))
    return {row[0]: float(row[1] or 0) for row in session.execute(query.group_by(Recording.ticket_id))}


def _attempts(session: Session, ids: Sequence[int]) -> dict[int | None, int]:
    if not ids:
        return {}
    query = (
        select(Callback.ticket_id, func.count())
        .join(Attempt, Attempt.callback_id == Callback.id)
        .where(Callback.ticket_id.in_(ids), Attempt.state == AttemptState.DONE)
        .group_by(Callback.ticket_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _ids(found: Iterable[int | None]) -> set[int]:
    return {id_ for id_ in found if id_ is not None}
