"""Reading the audit log: what the staff of one's own subtree did, the newest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from app.desk.rights import Actor, oversees
from app.errors import NotAllowed
from models.audit import AuditEntry
from models.staff import Role, Staff
from models.ticket import Ticket
from models.unit import Unit

PAGE = 50
_READERS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Wanted:
    """None: whatever it is. `since` and `until` are moments, the second one excluded."""

    staff_id: int | None = None
    deed: str | None = None
    subject: str | None = None
    subject_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """An entry with the name of who did it, and how its subject is called: a ticket's number, a colleague's name."""

    entry: AuditEntry
    who: str | None
    called: str | None


def read(session: Session, actor: Actor, wanted: Wanted, *, before: int | None = None) -> list[Read]:
    """One page and one more, so that the reader sees whether there are older ones. Raises NotAllowed."""
    query = _asked(actor, wanted)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    return _called(session, session.execute(query.limit(PAGE + 1)).all())


def read_all(session: Session, actor: Actor, wanted: Wanted) -> Iterator[Read]:
    """For export: however many, a thousand at a time. Raises NotAllowed."""
    rows = session.execute(_asked(actor, wanted).execution_options(yield_per=1000))
    for part in rows.partitions():
        yield from _called(session, part)


def deeds(session: Session) -> list[str]:
    """Those that occur."""
    return sorted(session.scalars(select(AuditEntry.deed).distinct()))


def _asked(actor: Actor, wanted: Wanted) -> Select[AuditEntry, Staff]:
    if actor.role not in _READERS or not actor.unit_path:
        raise NotAllowed("查看记录归负责人和管理员管")
    log = AuditEntry
    query = (
        select(log, Staff)
        .outerjoin(Staff, Staff.id == log.staff_id)
        .outerjoin(Unit, Unit.id == Staff.unit_id)
    )
    inside = Unit.path.startswith(actor.unit_path, autoescape=True)
    # what nobody did, such as a try with a login that does not exist, belongs to the top
    query = query.where(inside | log.staff_id.is_(None) if oversees(actor, None) else inside)
    for column, value in (
        (log.staff_id, wanted.staff_id),
        (log.deed, wanted.deed),
        (log.subject, wanted.subject),
        (log.subject_id, wanted.subject_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.since is not None:
        query = query.where(log.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(log.at < wanted.until)
    return query.order_by(log.id.desc())


def _called(session: Session, rows: Sequence[Row[AuditEntry, Staff]]) -> list[Read]:
    """Two statements, however many rows."""
    ids: dict[str, set[int]] = {"ticket": set(), "staff": set()}
    for entry, _ in rows:
        if entry.subject in ids and entry.subject_id is not None:
            ids[entry.subject].add(entry.subject_id)
    tickets = session.execute(select(Ticket.id, Ticket.number).where(Ticket.id.in_(ids["ticket"])))
    people = session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids["staff"])))
    names = {("ticket", id_): str(number) for id_, number in tickets}
    names |= {("staff", id_): name for id_, name in people}
    return [
        Read(entry, staff.name if staff is not None else None, names.get((entry.subject, entry.subject_id)))  # type: ignore[arg-type]
        for entry, staff in rows
    ]
