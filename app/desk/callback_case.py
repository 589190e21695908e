"""One callback as the desk shows it: who she is, what she said before, what the robot heard, what to say. Reads only."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.desk.claims import BY_PERSON
from app.desk.config import DeskConfig
from app.desk.person_calls import UNDO, wants_answers
from app.desk.rights import Actor
from app.desk.units import ancestors
from app.desk.wording import category_name, short_date
from models.call import Call, CallTurn
from models.callback import LIVE, Attempt, Callback, CallbackKind, Outcome
from models.rating import Rating
from models.resident import Resident
from models.staff import Staff
from models.ticket import Ticket, TicketEvent
from models.unit import Unit

_READ_ALOUD = frozenset({"repairs", "environment"})  # categories whose sentence harms nobody when overheard
_EVENTS = 8
_RECENT = 5


class Phase(StrEnum):
    """How far a call of hers is."""

    NONE = "none"
    DESK = "desk"  # her own telephone rings
    KEY = "key"  # she has picked it up and is asked to press 1
    RESIDENT = "resident"  # the resident's rings, or they talk
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Tried:
    n: int
    at: datetime
    outcome: Outcome | None
    who: str | None  # of the staff; None: the robot


@dataclass(frozen=True, slots=True)
class Heard:
    """One question of the robot, and what came back."""

    asked: str
    words: str


@dataclass(frozen=True, slots=True)
class Marked:
    """What she wrote down a moment ago and may take back until `until`."""

    callback_id: int
    name: str
    number: int | None
    outcome: Outcome
    until: datetime


@dataclass(frozen=True, slots=True)
class CallbackCase:
    """`say`: how to begin. `call`: hers through the carrier, running or not yet told."""

    callback: Callback
    ticket: Ticket | None
    place: Unit | None
    resident: Resident | None
    tried: tuple[Tried, ...]
    heard: tuple[Heard, ...]
    partial: Rating | None
    events: tuple[TicketEvent, ...]
    open_tickets: int
    say: str
    wants_answers: bool
    call: Attempt | None

    @property
    def phase(self) -> Phase:
        return phase_of(self.call)


def phase_of(call: Attempt | None) -> Phase:
    if call is None:
        return Phase.NONE
    if call.state not in LIVE:
        return Phase.OVER
    if call.rang:
        return Phase.RESIDENT
    return Phase.KEY if call.carrier_rank >= 3 else Phase.DESK


def callback_case(session: Session, cfg: DeskConfig, actor: Actor, callback: Callback) -> CallbackCase:
    """Rights are the caller's business: whoever has claimed it may see it."""
    ticket = session.get(Ticket, callback.ticket_id) if callback.ticket_id else None
    resident = session.get(Resident, callback.resident_id) if callback.resident_id else None
    place_id = (ticket.unit_id if ticket else None) or (resident.unit_id if resident else None)
    rating = session.scalar(select(Rating).where(Rating.callback_id == callback.id))
    partial = rating is not None and rating.applied_at is None and callback.settles_at is None
    others = select(func.count(Ticket.id)).where(
        Ticket.reporter_id == callback.resident_id,
        Ticket.id != callback.ticket_id,
        Ticket.closed_at.is_(None),
    )
    return CallbackCase(
        callback=callback,
        ticket=ticket,
        place=session.get(Unit, place_id) if place_id else None,
        resident=resident,
        tried=_tried(session, callback),
        heard=_heard(session, callback),
        partial=rating if partial else None,
        events=_events(session, ticket),
        open_tickets=(session.scalar(others) or 0) if callback.resident_id else 0,
        say=opening(session, cfg, actor, callback, ticket, resident),
        wants_answers=wants_answers(session, callback),
        call=last_call(session, callback, actor),
    )


def last_call(session: Session, callback: Callback, actor: Actor) -> Attempt | None:
    """Her call through the carrier that is running, or has ended without her saying how it went."""
    query = select(Attempt).where(
        Attempt.callback_id == callback.id,
        Attempt.staff_id == actor.id,
        Attempt.intent_at.is_not(None),
        Attempt.outcome.is_(None),
    )
    return session.scalars(query.order_by(Attempt.n.desc()).limit(1)).first()


def recent_marks(session: Session, actor: Actor, *, now: datetime) -> list[Marked]:
    """The last first."""
    query = (
        select(Callback, Attempt, Resident, Ticket.number)
        .join(Attempt, Attempt.callback_id == Callback.id)
        .outerjoin(Resident, Resident.id == Callback.resident_id)
        .outerjoin(Ticket, Ticket.id == Callback.ticket_id)
        .where(
            Callback.claimed_by == actor.id,
            Callback.claimed_until.is_(None),
            Callback.state.in_(BY_PERSON),
            Attempt.staff_id == actor.id,
            Attempt.outcome.is_not(None),
            Attempt.ended_at > now - UNDO,
        )
        .order_by(Attempt.ended_at.desc(), Attempt.n.desc())
        .limit(_RECENT)
    )
    found: dict[int, Marked] = {}
    for callback, attempt, resident, number in session.execute(query):
        name = (resident.name or "") if resident else ""
        if attempt.ended_at is None or attempt.outcome is None:
            continue
        until = callback.settles_at or attempt.ended_at + UNDO
        if until > now:
            found.setdefault(callback.id, Marked(callback.id, name, number, attempt.outcome, until))
    return list(found.values())


def opening(
    session: Session,
    cfg: DeskConfig,
    actor: Actor,
    callback: Callback,
    ticket: Ticket | None,
    resident: Resident | None,
) -> str:
    """Who it is, then the date and the kind of matter; the matter itself only where no overhearer could be hurt by it
    and a person has checked the words (lifecycle, what is told to whom)."""
    say = cfg.speaking(resident.language if resident else None).texts
    staff = session.get(Staff, actor.id) if actor.id is not None else None
    hello = say("您好，我是{community}的{name}。").format(
        community=_community(session, ticket, resident), name=staff.name if staff else ""
    )
    if resident is not None and resident.name:
        hello = say("请问是{name}吗？").format(name=resident.name) + hello
    if ticket is None or callback.kind is CallbackKind.NOTICE:
        return hello + (callback.words or say("您刚才打电话找我们，请问有什么事？"))
    day = short_date(cfg, cfg.local(ticket.occurred_at).date())
    what = category_name(cfg, ticket.category)
    if ticket.verified and ticket.category in _READ_ALOUD and (words := ticket.matter or ticket.text):
        what = f"{what}（{words[:40]}）"
    if callback.kind is CallbackKind.EVALUATION:
        return hello + say("您{day}反映的事，是{what}，说是办好了。我想问问您，真的办好了吗？").format(
            day=day, what=what
        )
    return hello + say("您{day}找我们，是{what}的事。请您慢慢说，我记下来。").format(day=day, what=what)


def _community(session: Session, ticket: Ticket | None, resident: Resident | None) -> str:
    unit_id = (ticket.unit_id if ticket else None) or (resident.unit_id if resident else None)
    above = ancestors(session, unit_id)
    return next((unit.name for unit in above if unit.kind == "community"), above[-1].name if above else "")


def _tried(session: Session, callback: Callback) -> tuple[Tried, ...]:
    query = (
        select(Attempt, Staff.name)
        .outerjoin(Staff, Staff.id == Attempt.staff_id)
        .where(Attempt.callback_id == callback.id, Attempt.outcome.is_not(None))
        .order_by(Attempt.n)
    )
    return tuple(
        Tried(attempt.n, attempt.ended_at or attempt.created_at, attempt.outcome, name)
        for attempt, name in session.execute(query)
    )


def _heard(session: Session, callback: Callback) -> tuple[Heard, ...]:
    """Turns of the robot's calls for this callback in which something came back."""
    query = (
        select(CallTurn)
        .join(Call, Call.id == CallTurn.call_id)
        .join(Attempt, Attempt.id == Call.attempt_id)
        .where(Attempt.callback_id == callback.id, CallTurn.heard_at.is_not(None))
        .order_by(CallTurn.call_id, CallTurn.n)
    )
    found = []
    for turn in session.scalars(query):
        heard = turn.heard or {}
        words = heard.get("text") or heard.get("keys") or ""
        if words:
            found.append(Heard("".join(turn.said), words))
    return tuple(found)


def _events(session: Session, ticket: Ticket | None) -> tuple[TicketEvent, ...]:
    if ticket is None:
        return ()
    master = ticket
    while master.duplicate_of_id is not None:
        master = session.get_one(Ticket, master.duplicate_of_id)
    query = select(TicketEvent).where(
        TicketEvent.ticket_id == master.id,
        (TicketEvent.source != TicketEvent.target) | TicketEvent.source.is_(None),
    )
    return tuple(reversed(session.scalars(query.order_by(TicketEvent.id.desc()).limit(_EVENTS)).all()))
