"""Opening what a council wrote down, item by item: each is a ticket of its own, whatever happens to the others."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.desk.config import DeskConfig
from app.desk.council import Item, read_notes
from app.desk.desk_intake import Matter, home, may_take, take, where_is
from app.desk.rights import Actor, may
from app.desk.tickets import note, transition, view_of
from app.desk.understanding import understand
from app.errors import BadInput
from models.lifecycle import Action, Status
from models.staff import Role, Staff
from models.ticket import Ticket
from models.unit import Unit

_SOON = timedelta(days=15)  # the hard limit: what is to take longer is a plan


@dataclass(frozen=True, slots=True)
class Row:
    """One item as the table shows it, to be looked over. `staff_id`: whom the person written there is taken for."""

    line: int
    text: str
    category: str
    unit_id: int | None
    person: str
    staff_id: int | None
    deadline: date | None
    planned: bool
    urgent: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """One row as it was handed in."""

    text: str
    category: str | None = None
    unit_id: int | None = None
    person: str | None = None
    staff_id: int | None = None
    deadline: date | None = None
    planned: bool = False


def review(
    session: Session, cfg: DeskConfig, actor: Actor, text: str, *, now: datetime
) -> tuple[list[Row], tuple[tuple[int, str], ...]]:
    """The items with what their words say, and the lines that are none. Raises NotAllowed."""
    may_take(actor)
    people = {person.name: person.id for person in staff(session, actor)}
    today = cfg.local(now).date()
    notes = read_notes(text, today=today, names=people.keys())
    return [_row(session, cfg, actor, item, people, today) for item in notes.items], notes.left_out


def open_item(
    session: Session, cfg: DeskConfig, actor: Actor, row: Decided, *, key: str, now: datetime, data_dir: Path
) -> tuple[Ticket, bool]:
    """One row, once: the ticket, and whether it was there already. Whoever may dispatch gives it to the person who is
    named, or puts it into the plan; for everybody else the names stay on the ticket's record."""
    matter = Matter(
        channel="visit", words=row.text, occurred_at=now, category=row.category, unit_id=row.unit_id,
        urgent=understand(row.text).urgent, danger=understand(row.text).danger,
    )  # fmt: skip
    taken = take(session, cfg, actor, matter, key=key, now=now, data_dir=data_dir)
    ticket = taken.ticket
    if taken.again:
        return ticket, True
    written = "，".join(filter(None, (row.person, row.deadline.isoformat() if row.deadline else None)))
    said = cfg.house.texts("议事会记录")
    reason = f"{said}：{written}" if written else said
    data = {"person": row.person, "deadline": row.deadline.isoformat() if row.deadline else None}
    note(session, ticket, "council", actor, now=now, reason=reason, data=data)
    entitled = may(actor, Action.DISPATCH, view_of(session, ticket)) and ticket.status is Status.NEW
    if row.planned and entitled:
        if row.deadline is None:
            raise BadInput("纳入计划要写期限")
        transition(session, cfg, ticket, Action.PLAN, actor, now=now, reason=reason, review_on=row.deadline)
    elif row.staff_id is not None and entitled:
        transition(
            session, cfg, ticket, Action.DISPATCH, actor, now=now, reason=reason, assignee_id=row.staff_id
        )
    return ticket, False


def staff(session: Session, actor: Actor) -> list[Staff]:
    """Who may be given something: people of the actor's community who are there."""
    top = home(session, actor)
    if top is None:
        return []
    query = (
        select(Staff)
        .join(Unit, Unit.id == Staff.unit_id)
        .where(Staff.active, Staff.role != Role.VIEWER, Unit.path.startswith(top.path, autoescape=True))
        .order_by(Staff.id)
    )
    return list(session.scalars(query))


def _row(
    session: Session, cfg: DeskConfig, actor: Actor, item: Item, people: dict[str, int], today: date
) -> Row:
    heard = understand(item.text)
    place = heard.place
    return Row(
        line=item.line,
        text=item.text,
        category=heard.category or "",
        unit_id=where_is(session, cfg, actor, place) if place else None,
        person=item.person or "",
        staff_id=people.get(item.person or ""),
        deadline=item.deadline,
        planned=item.deadline is not None and item.deadline - today > _SOON,
        urgent=heard.urgent,
    )
