"""One ticket as its page shows it: what it is, whose it is, what can be done now. Reads only; few statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from app.desk import dispatch
from app.desk.config import DeskConfig
from app.desk.dispatch import Candidate, Suggestion
from app.desk.pending import SLIPS
from app.desk.residents import mask_phone
from app.desk.rights import Actor, TicketView, allowed_actions, capacities, may, may_correct, may_see
from app.desk.similar import Similar, similar_tickets
from app.desk.staff_calls import CALLERS
from app.desk.steps import reopenable
from app.desk.tickets import view_of
from app.errors import NotFound
from models.callback import Callback
from models.co_handler import CoHandler
from models.lifecycle import OPEN, Action, Status, Who
from models.pending_step import PendingStep
from models.photo import Photo
from models.resident import Resident, ResidentPhone
from models.staff import AssigneeKind, Staff
from models.ticket import Ticket
from models.unit import Unit

_TAKES_REMARKS = frozenset({Who.DISPATCHER, Who.ASSIGNEE, Who.EVALUATION, Who.CALLBACKS})


@dataclass(frozen=True, slots=True)
class Known:
    """A resident as far as everybody sees her who sees the ticket: her numbers are masked."""

    id: int
    name: str | None
    phones: tuple[str, ...]
    dialect: str | None
    lives_alone: bool
    prefers_person: bool
    hard_of_hearing: bool
    no_call: bool
    opted_out: bool
    preferred_hours: str | None


@dataclass(frozen=True, slots=True)
class Helper:
    staff_id: int
    name: str
    kind: AssigneeKind
    task: str | None
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Case:
    """`staff`: names by id, of everybody on the page. `candidates`: whom it can be given to, nearest first."""

    ticket: Ticket
    unit: Unit | None
    actions: tuple[Action, ...]
    staff: dict[int, Staff]
    reporter: Known | None
    beneficiary: Known | None
    helpers: tuple[Helper, ...]
    photos: tuple[Photo, ...]
    deleted_photos: tuple[Photo, ...]
    pending: PendingStep | None
    master: Ticket | None
    duplicates: tuple[Ticket, ...]
    similar: tuple[Similar, ...]
    suggestion: Suggestion | None
    candidates: tuple[Candidate, ...]
    callback: Callback | None
    takes_part: bool
    arranges: bool
    corrects: bool
    calls: bool
    rates: bool

    def name_of(self, staff_id: int | None) -> str:
        found = self.staff.get(staff_id) if staff_id is not None else None
        return found.name if found else ""


def case_of(session: Session, cfg: DeskConfig, actor: Actor, number: int, *, now: datetime) -> Case:
    """NotFound for a ticket that is none of theirs."""
    found = session.execute(_TICKET, {"number": number}).one_or_none() if number < 2**31 else None
    if found is None:
        raise NotFound("没有 {n} 号", n=str(number)[:12])
    ticket, unit, pending = found
    view = view_of(session, ticket)
    staff, helpers = _people(session, ticket)
    helping = actor.role is not None and any(helper.staff_id == actor.id for helper in helpers)
    if not may_see(actor, view) and not helping:
        raise NotFound("没有 {n} 号", n=str(number)[:12])
    held = capacities(actor, view)
    actions = _actions(actor, view, ticket, now)
    residents = _residents(session, {ticket.reporter_id, ticket.beneficiary_id})
    photos = session.scalars(select(Photo).where(Photo.ticket_id == ticket.id).order_by(Photo.id)).all()
    master, duplicates = _merged(session, ticket)
    dispatches = Action.DISPATCH in actions or ticket.status is Status.NEEDS_LISTENING
    arranges = bool(held & {Who.DISPATCHER, Who.ASSIGNEE}) and ticket.status in OPEN
    people = dispatch.candidates(session) if arranges or dispatches else []
    path = unit.path if unit else None
    suggestion = None
    if Action.DISPATCH in actions:
        suggestion = dispatch.advise(session, dispatch.matter_of(session, cfg, ticket, now=now), people)
    open_ = ticket.status in OPEN
    return Case(
        ticket=ticket,
        unit=unit,
        actions=actions,
        staff=staff,
        reporter=residents.get(ticket.reporter_id or 0),
        beneficiary=residents.get(ticket.beneficiary_id or 0),
        helpers=helpers,
        photos=tuple(photo for photo in photos if photo.deleted_at is None),
        deleted_photos=tuple(photo for photo in photos if photo.deleted_at is not None),
        pending=pending,
        master=master,
        duplicates=duplicates,
        similar=similar_tickets(session, actor, ticket, unit, now=now) if open_ else (),
        suggestion=suggestion,
        candidates=near(people, path),
        callback=session.scalar(_CALLBACK.where(Callback.ticket_id == ticket.id)),
        takes_part=bool(held & _TAKES_REMARKS) or helping,
        arranges=arranges,
        corrects=may_correct(actor, view),
        calls=actor.role in CALLERS and bool(held),
        rates=may(actor, Action.RATE_OK, view) and ticket.status in (Status.RESOLVED, Status.CLOSED),
    )


_TICKET = (
    select(Ticket, Unit, PendingStep)
    .outerjoin(Unit, Unit.id == Ticket.unit_id)
    .outerjoin(PendingStep, PendingStep.ticket_id == Ticket.id)
    .where(Ticket.number == bindparam("number"))
)
_CALLBACK = (
    select(Callback)
    .where(Callback.state.in_(("waiting", "person", "visit")))
    .order_by(Callback.due_at)
    .limit(1)
)


def near(people: Sequence[Candidate], path: str | None) -> tuple[Candidate, ...]:
    """Those of the same tree of units; whoever is nearest the place first, of these whoever has least in hand."""
    root = path.strip("/").split("/")[0] if path else None
    able = [one for one in people if root is None or one.unit_path.strip("/").split("/")[0] == root]

    def far(one: Candidate) -> tuple[bool, int, int, str]:
        here = path is not None and path.startswith(one.unit_path)
        return not (one.field and here), -len(one.unit_path) if here else 0, one.load, one.name

    return tuple(sorted(able, key=far))


def _actions(actor: Actor, view: TicketView, ticket: Ticket, now: datetime) -> tuple[Action, ...]:
    """What the table allows and a button can do: the marks of a rating and the words of a recording have forms of
    their own."""
    possible = allowed_actions(actor, view)
    if not reopenable(ticket, now):
        possible = tuple(action for action in possible if action is not Action.REOPEN)
    return tuple(
        action
        for action in possible
        if action in SLIPS or action in (Action.DISPATCH, Action.ACCEPT, Action.RESUME)
    )


def _people(session: Session, ticket: Ticket) -> tuple[dict[int, Staff], tuple[Helper, ...]]:
    """Assignee, first responder and co-handlers, in one statement."""
    named = [id_ for id_ in (ticket.assignee_id, ticket.first_responder_id) if id_ is not None]
    rows = session.execute(
        select(Staff, CoHandler)
        .outerjoin(CoHandler, (CoHandler.staff_id == Staff.id) & (CoHandler.ticket_id == ticket.id))
        .where(or_(Staff.id.in_(named), CoHandler.id.is_not(None)))
        .order_by(CoHandler.id)
    ).all()
    helpers = tuple(
        Helper(staff.id, staff.name, staff.kind, helper.task, helper.done_at)
        for staff, helper in rows
        if helper is not None
    )
    return {staff.id: staff for staff, _ in rows}, helpers


def _residents(session: Session, ids: set[int | None]) -> dict[int, Known]:
    rows = session.execute(
        select(Resident, ResidentPhone.phone)
        .outerjoin(ResidentPhone, ResidentPhone.resident_id == Resident.id)
        .where(Resident.id.in_([id_ for id_ in ids if id_ is not None]))
        .order_by(Resident.id, ResidentPhone.id)
    ).all()
    phones: dict[int, list[str]] = {}
    for resident, phone in rows:
        phones.setdefault(resident.id, []).extend([mask_phone(phone)] if phone else [])
    return {
        one.id: Known(
            id=one.id,
            name=one.name,
            phones=tuple(phones[one.id]),
            dialect=one.dialect,
            lives_alone=one.lives_alone,
            prefers_person=one.prefers_person,
            hard_of_hearing=one.hard_of_hearing,
            no_call=one.no_call,
            opted_out=one.opted_out,
            preferred_hours=one.preferred_hours,
        )
        for one, _ in rows
    }


def _merged(session: Session, ticket: Ticket) -> tuple[Ticket | None, tuple[Ticket, ...]]:
    query = select(Ticket).where(
        or_(Ticket.duplicate_of_id == ticket.id, Ticket.id == ticket.duplicate_of_id)
    )
    rows = session.scalars(query.order_by(Ticket.id)).all()
    master = next((row for row in rows if row.id == ticket.duplicate_of_id), None)
    return master, tuple(row for row in rows if row.duplicate_of_id == ticket.id)
