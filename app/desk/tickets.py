"""The only writer of a ticket's status and of its events. Commits nothing; the caller's transaction does.

Every change appends an event; the status is a cache of that log. `Ticket.version` lets only one of two people who
press at once win: the other gets StaleTicket, and the transaction must be rolled back.
"""

from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from app.db import insert_once, insert_row, insert_values
from app.desk import limits, notices, steps
from app.desk.alerts import alert_duty
from app.desk.catalogue import limits_of
from app.desk.config import DeskConfig
from app.desk.draft import Draft
from app.desk.intake import situation
from app.desk.place import Place
from app.desk.rights import Actor, TicketView, allowed_actions, may
from app.desk.units import unit_id_for
from app.errors import BadInput, NotAllowed, NotFound, StaleTicket, TransitionError
from app.hygiene import clean
from app.queue import JobName, defer
from models.base import Json
from models.housekeeping import Counter
from models.lifecycle import Action, Status, Transition, find
from models.staff import Staff
from models.ticket import FIRST_NUMBER, Ticket, TicketEvent
from models.unit import Unit

_ADDRESS = ("estate", "building", "unit_no", "room", "landmark")
_COUNTERS = Counter.__table__
# Built once: building a statement takes longer than executing it, and these are part of every intake
_COUNT = (
    update(_COUNTERS)  # type: ignore[arg-type]
    .where(_COUNTERS.c.name == "ticket")
    .values(value=_COUNTERS.c.value + 1)
    .returning(_COUNTERS.c.value)
)
_LONGEST = 2000  # characters of what somebody said or wrote


def open_ticket(session: Session, cfg: DeskConfig, draft: Draft, *, now: datetime) -> Ticket:
    """Take a matter in: number, unit, due times, first event. Dispatch follows as a job, unless a person must listen.

    Anything urgent is told to the unit's duty number in the same transaction.
    """
    place = draft.place
    # A device's clock may run ahead; a matter is never refused for it.
    occurred_at = min(draft.occurred_at, now)
    person = draft.beneficiary_id or draft.reporter_id
    here = situation(session, place, person, draft.hotline, draft.category)
    urgent = (
        draft.urgent
        or draft.danger is not None
        # No heating or no water is urgent for an old person who lives alone, whether the caller said so or not
        or (draft.outage is not None and here.lives_alone)
    )
    due = limits.first_cycle(here.limits, cfg.calendar, occurred_at, tier=draft.tier, urgent=urgent)
    ticket = Ticket(
        **_number(session),
        slip=draft.slip,
        status=Status.NEEDS_LISTENING if draft.needs_listening else Status.NEW,
        channel=draft.channel,
        category=draft.category,
        tier=draft.tier,
        urgent=urgent,
        danger=draft.danger,
        text=clean(draft.text, limit=_LONGEST),
        matter=_short(draft.matter, 40),
        verified=draft.verified,
        **_address(place),
        unit_id=here.unit_id if draft.unit_id is None else draft.unit_id,
        reporter_id=draft.reporter_id,
        beneficiary_id=person,
        first_responder_id=draft.first_responder_id,
        occurred_at=occurred_at,
        created_at=now,
        cycle=1,
        cycle_at=occurred_at,
        respond_due_at=due.respond,
        due_at=due.resolve,
        hard_due_at=due.hard,
        promised_on=due.promised_on,
        respond_missed=False,
        warned=0,
        escalation=0,
    )
    ticket.watch_at = steps.next_watch(ticket, cfg)
    insert_row(session, ticket)
    opener = _opener(draft)
    data = {"channel": draft.channel} | draft.origin
    _insert_event(session, ticket, Action.OPEN, None, opener, now, data=data)
    if urgent and alert_duty(session, cfg, ticket, now=now):
        _insert_event(
            session, ticket, "alert", ticket.status, Actor.clock(), now, data={"danger": draft.danger}
        )
    if ticket.status is Status.NEW:
        defer(session, JobName.DISPATCH, ticket.id)
    return ticket


def transition(
    session: Session,
    cfg: DeskConfig,
    ticket: Ticket,
    action: Action,
    actor: Actor,
    *,
    now: datetime,
    reason: str | None = None,
    text: str | None = None,
    until: datetime | None = None,
    review_on: date | None = None,
    duplicate_of: Ticket | None = None,
    assignee_id: int | None = None,
    expected_version: int | None = None,
    dedup_key: str | None = None,
    data: Json | None = None,
) -> TicketEvent:
    """One step of the lifecycle. The same `dedup_key` again returns the first event and changes nothing.

    Raises NotAllowed, TransitionError (names what the actor can do now), BadInput, StaleTicket.
    """
    if dedup_key and (done := _event_with(session, dedup_key)):
        return done
    line, given = check_step(
        session,
        cfg,
        ticket,
        action,
        actor,
        now=now,
        reason=reason,
        text=text,
        until=until,
        review_on=review_on,
        duplicate_of=duplicate_of,
        assignee_id=assignee_id,
        expected_version=expected_version,
    )
    before = ticket.status
    more = steps.apply(action, ticket, given, cfg, limits_of(session, ticket.category))
    ticket.status = line.target
    ticket.watch_at = steps.next_watch(ticket, cfg)
    event = TicketEvent(
        ticket_id=ticket.id,
        action=action,
        source=before,
        target=line.target,
        actor=actor.label,
        reason=given.reason,
        data=more | (data or {}),
        dedup_key=dedup_key,
        at=now,
    )
    session.add(event)
    _flush(session, ticket)
    if given.duplicate_of is not None and action is Action.DUPLICATE:
        _gather_duplicates(session, ticket, actor, now=now)
        if given.duplicate_of.status is Status.RESOLVED:
            defer(session, JobName.PLAN_CALLBACKS, given.duplicate_of.id)
    notices.after_step(session, cfg, ticket, event, now=now)
    if action is Action.LISTEN:
        defer(session, JobName.DISPATCH, ticket.id)
    if action is Action.RESOLVE:
        defer(session, JobName.PLAN_CALLBACKS, ticket.id)
    return event


def check_step(
    session: Session,
    cfg: DeskConfig,
    ticket: Ticket,
    action: Action,
    actor: Actor,
    *,
    now: datetime,
    reason: str | None = None,
    text: str | None = None,
    until: datetime | None = None,
    review_on: date | None = None,
    duplicate_of: Ticket | None = None,
    assignee_id: int | None = None,
    expected_version: int | None = None,
) -> tuple[Transition, steps.Given]:
    """Could `transition` do it? Its line of the table and what was given, cleaned; changes nothing, raises the same."""
    if expected_version is not None and ticket.version != expected_version:
        raise StaleTicket("{number} 号刚被别人改过，请重新打开再办", number=ticket.number)
    view = view_of(session, ticket)
    if not may(actor, action, view):
        raise NotAllowed("{number} 号的这一步不归您办", number=ticket.number)
    line = find(action, ticket.status)
    if line is None or (action is Action.REOPEN and not steps.reopenable(ticket, now)):
        now_possible = tuple(a for a in allowed_actions(actor, view) if line is None or a is not action)
        raise TransitionError(action, ticket.status, now_possible)
    given = steps.Given(
        now=now,
        actor=actor,
        reason=clean(reason, limit=_LONGEST) if reason else None,
        text=clean(text, limit=_LONGEST) if text else None,
        until=until,
        review_on=review_on,
        duplicate_of=_master(session, ticket, duplicate_of) if duplicate_of else None,
        assignee_id=assignee_id,
    )
    steps.check(action, line.needs, given, cfg)
    if assignee_id is not None:
        _check_assignee(session, assignee_id, view)
    return line, given


def note(
    session: Session,
    ticket: Ticket,
    action: str,
    actor: Actor,
    *,
    now: datetime,
    reason: str | None = None,
    data: Json | None = None,
) -> TicketEvent:
    """Something worth keeping that changes no status: a warning, an escalation, a remark, an arrival."""
    event = TicketEvent(
        ticket_id=ticket.id,
        action=action,
        source=ticket.status,
        target=ticket.status,
        actor=actor.label,
        reason=clean(reason, limit=_LONGEST) if reason else None,
        data=data or {},
        at=now,
    )
    session.add(event)
    _flush(session, ticket)
    return event


def amend(
    session: Session,
    cfg: DeskConfig,
    ticket: Ticket,
    actor: Actor,
    *,
    now: datetime,
    text: str | None = None,
    category: str | None = None,
    tier: str | None = None,
    danger: str | None = None,
    urgent: bool | None = None,
    matter: str | None = None,
    place: Place | None = None,
    whole_place: bool = False,
    unit_id: int | None = None,
) -> TicketEvent:
    """Write down better what the matter is: more was said in the call, or staff listened to the recording.

    Due times of the running cycle follow a change of category, tier or urgency. The duty number is told of what is
    urgent now, or where it is now known to be. Text written by staff counts as verified. `whole_place`: what `place`
    lacks was wrong, and goes. Rights are the caller's business.
    """
    changes: Json = {
        "text": clean(text, limit=_LONGEST) if text else None,
        "category": category,
        "tier": tier,
        "danger": danger,
        "urgent": True if danger else urgent,
        "matter": _short(matter, 40),
        "unit_id": unit_id,
    }
    if place:  # words without a place say nothing against the one we have
        changes |= _address(place)
        if unit_id is None:
            changes["unit_id"] = unit_id_for(session, place, ticket.reporter_id, None)
    gone = _ADDRESS if place and whole_place else ()
    changes = {name: value for name, value in changes.items() if value is not None or name in gone}
    before = {name: getattr(ticket, name) for name in changes if getattr(ticket, name) != changes[name]}
    for name in before:
        setattr(ticket, name, changes[name])
    if text and actor.kind == "staff":
        ticket.verified = True
    if before.keys() & {"category", "tier", "urgent"}:
        _restate_due(session, cfg, ticket)
    if ticket.urgent and before.keys() & {"danger", "urgent", "unit_id", *_ADDRESS}:
        alert_duty(session, cfg, ticket, now=now)
    before.pop("room", None)  # personal, and the log is not ciphertext
    return note(session, ticket, "amend", actor, now=now, data={"before": before})


def by_number(session: Session, number: int) -> Ticket:
    """NotFound for a number that was never given, of whatever size."""
    found = None
    if FIRST_NUMBER <= number < 2**31:
        found = session.scalar(select(Ticket).where(Ticket.number == number))
    if found is None:
        raise NotFound("没有 {n} 号", n=str(number)[:12])
    return found


def view_of(session: Session, ticket: Ticket) -> TicketView:
    """What `may()` looks at. Reporters of duplicates count as the master's: they are all asked."""
    path = session.get_one(Unit, ticket.unit_id).path if ticket.unit_id else None
    others: list[int | None] = []
    if ticket.status in (Status.RESOLVED, Status.CLOSED):
        query = select(Ticket.reporter_id).where(Ticket.duplicate_of_id == ticket.id)
        others = list(session.scalars(query))
    people = (ticket.reporter_id, ticket.beneficiary_id, *others)
    return TicketView(
        status=ticket.status,
        assignee_id=ticket.assignee_id,
        unit_path=path,
        residents=frozenset(person for person in people if person is not None),
        first_responder_id=ticket.first_responder_id,
    )


def actor_of(session: Session, staff: Staff) -> Actor:
    return Actor.of(staff, session.get_one(Unit, staff.unit_id))


def _number(session: Session) -> dict[str, int]:
    """Never the same twice. Where the database has sequences, the INSERT takes the next number itself: it may leave
    gaps and makes nobody wait, while a counter's row is locked until the commit (docs/benchmarks.md)."""
    if session.get_bind().dialect.supports_sequences:
        return {}
    number = session.scalar(_COUNT)
    if number is None:
        insert_once(session, Counter, {"name": "ticket", "value": FIRST_NUMBER - 1}, ["name"])
        number = session.scalars(_COUNT).one()
    return {"number": int(number)}


def _insert_event(
    session: Session,
    ticket: Ticket,
    action: str,
    source: Status | None,
    actor: Actor,
    now: datetime,
    *,
    data: Json,
) -> None:
    """For intake, which never asks for the row again."""
    insert_values(
        session,
        TicketEvent,
        ticket_id=ticket.id,
        action=action,
        source=source,
        target=ticket.status,
        actor=actor.label,
        data=data,
        at=now,
    )


def _opener(draft: Draft) -> Actor:
    if draft.first_responder_id is not None:
        return Actor("staff", draft.first_responder_id)
    return Actor.resident(draft.reporter_id)


def _event_with(session: Session, dedup_key: str) -> TicketEvent | None:
    return session.scalar(select(TicketEvent).where(TicketEvent.dedup_key == dedup_key))


def _flush(session: Session, ticket: Ticket) -> None:
    number = ticket.number
    try:
        session.flush()
    except (StaleDataError, IntegrityError) as error:
        raise StaleTicket("{number} 号刚被别人改过，请重新打开再办", number=number) from error


def _check_assignee(session: Session, assignee_id: int, view: TicketView) -> None:
    staff = session.get(Staff, assignee_id)
    if staff is None or not staff.active:
        raise BadInput("没有这个人，或已经不在岗，请派给别人")
    root = session.get_one(Unit, staff.unit_id).path.strip("/").split("/")[0]
    if view.unit_path is not None and view.unit_path.strip("/").split("/")[0] != root:
        raise BadInput("不能派给别的社区的人")


def _master(session: Session, ticket: Ticket, other: Ticket) -> Ticket:
    """The one that the work is done under; a duplicate's duplicate belongs to the same."""
    while other.duplicate_of_id is not None:
        other = session.get_one(Ticket, other.duplicate_of_id)
    if other.id == ticket.id:
        raise BadInput("不能和自己并案")
    if other.status in (Status.CANCELLED, Status.CLOSED):
        raise BadInput("{number} 号已经了结，不能并入；请先重办，或单独办理", number=other.number)
    return other


def _gather_duplicates(session: Session, ticket: Ticket, actor: Actor, *, now: datetime) -> None:
    """What had been merged into this ticket goes along, so that all its reporters are still asked."""
    for child in session.scalars(select(Ticket).where(Ticket.duplicate_of_id == ticket.id)).all():
        child.duplicate_of_id = ticket.duplicate_of_id
        note(session, child, "merge", actor, now=now, data={"before": ticket.number})


def _restate_due(session: Session, cfg: DeskConfig, ticket: Ticket) -> None:
    category = limits_of(session, ticket.category)
    if ticket.cycle == 1:
        due = limits.first_cycle(
            category, cfg.calendar, ticket.occurred_at, tier=ticket.tier, urgent=ticket.urgent
        )
    else:
        due = limits.next_cycle(
            category, cfg.calendar, ticket.cycle_at, urgent=ticket.urgent, hard=ticket.hard_due_at
        )
    ticket.respond_due_at, ticket.due_at, ticket.promised_on = due.respond, due.resolve, due.promised_on
    ticket.warned = 0
    ticket.watch_at = steps.next_watch(ticket, cfg)


def _address(place: Place) -> Json:
    return {
        "estate": _short(place.estate, 40),
        "building": _short(place.building, 20),
        "unit_no": _short(place.unit, 10),
        "room": _short(place.room, 20),
        "landmark": _short(place.landmark, 40),
    }


def _short(text: str | None, limit: int) -> str | None:
    return (clean(text, limit=limit) or None) if text else None
