"""The shared queue of calls and visits that people make: whose turn it is, and who has it open right now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from app.desk import dialing
from app.desk.config import DeskConfig
from app.desk.place import Place
from app.desk.rights import Actor, oversees
from app.desk.staff_calls import CALLERS, may_call
from app.desk.units import unit_id_for
from app.errors import BadInput, NotAllowed, NotFound
from app.settings import parse_hours
from models.callback import LIVE, Attempt, Callback, CallbackKind, CallbackState
from models.resident import Resident
from models.staff import Staff
from models.ticket import Ticket
from models.unit import Unit

LEASE = timedelta(minutes=3)
"""A page that is open renews it every minute or so; one that was closed without a word gives the case back by itself."""
BY_PERSON = (CallbackState.PERSON, CallbackState.VISIT)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of the queue. `now`: it is due, and she may be rung (or visited) at this moment."""

    id: int
    kind: CallbackKind
    state: CallbackState
    reason: str
    since: datetime
    due_at: datetime
    now: bool
    number: int | None
    category: str | None
    channel: str | None
    urgent: bool
    words: str
    name: str
    phone: str | None
    dialect: str | None
    hard_of_hearing: bool
    tried: int
    claimed_by: str | None


def waiting(session: Session, cfg: DeskConfig, actor: Actor, *, now: datetime) -> list[Waiting]:
    """What is the actor's to ring or to visit: first whom one may ring now, the urgent before the rest, and among
    equals who has waited longest. One statement."""
    place, home, holder = aliased(Unit), aliased(Unit), aliased(Staff)
    tried = (
        select(func.count(Attempt.id))
        .where(Attempt.callback_id == Callback.id, Attempt.outcome.is_not(None))
        .scalar_subquery()
    )
    later = Callback.due_at > now
    urgent = func.coalesce(Ticket.urgent, False)
    query = (
        select(Callback, Ticket, Resident, place.path, home.path, holder.name, holder.id, tried)
        .outerjoin(Ticket, Ticket.id == Callback.ticket_id)
        .outerjoin(Resident, Resident.id == Callback.resident_id)
        .outerjoin(place, place.id == Ticket.unit_id)
        .outerjoin(home, home.id == Resident.unit_id)
        .outerjoin(holder, and_(holder.id == Callback.claimed_by, Callback.claimed_until > now))
        .where(Callback.state.in_(BY_PERSON), Callback.settles_at.is_(None))
        .order_by(
            later,
            case((urgent, 0), else_=1),
            Callback.priority,
            case((later, Callback.due_at), else_=Callback.created_at),
            Callback.id,
        )
    )
    nowhere = _path_of_nowhere(session, cfg)
    found = []
    for callback, ticket, resident, at, lives, held_by, holder_id, count in session.execute(query):
        if not _theirs(session, cfg, actor, callback, ticket, at or lives or nowhere):
            continue
        found.append(
            Waiting(
                id=callback.id,
                kind=callback.kind,
                state=callback.state,
                reason=callback.reason,
                since=callback.created_at,
                due_at=callback.due_at,
                now=callback.due_at <= now and _reachable(cfg, callback, resident, now),
                number=ticket.number if ticket else None,
                category=ticket.category if ticket else None,
                channel=ticket.channel if ticket else None,
                urgent=bool(ticket and ticket.urgent),
                words=(ticket.matter or ticket.text) if ticket else callback.words or "",
                name=(resident.name or "") if resident else "",
                phone=callback.phone,
                dialect=resident.dialect if resident else None,
                hard_of_hearing=bool(resident and resident.hard_of_hearing),
                tried=count,
                claimed_by=held_by if holder_id != actor.id else None,
            )
        )
    return sorted(found, key=lambda line: not line.now)  # stable: otherwise in the database's order


def claim_next(session: Session, cfg: DeskConfig, actor: Actor, *, now: datetime) -> int | None:
    """The id of the next one that nobody else has; None if nobody is to be rung now."""
    for line in waiting(session, cfg, actor, now=now):
        if line.now and line.claimed_by is None and _take(session, actor, line.id, now):
            return line.id
    return None


def claim(session: Session, cfg: DeskConfig, actor: Actor, callback_id: int, *, now: datetime) -> Callback:
    """This one. Raises NotFound, NotAllowed, and BadInput if it is over or somebody else has it."""
    callback = session.get(Callback, callback_id)
    if callback is None:
        raise NotFound("没有这件回电")
    if not may_call(session, cfg, actor, callback):
        raise NotAllowed("这件回电不归您办")
    if not _take(session, actor, callback_id, now):
        session.refresh(callback)
        raise _why_not(session, callback)
    session.refresh(callback)
    return callback


def renew(session: Session, actor: Actor, callback_id: int, *, now: datetime) -> bool:
    """The page is still open. False: it is somebody else's by now, or over, or never was hers."""
    return _take(session, actor, callback_id, now, Callback.claimed_by == actor.id)


def release(session: Session, actor: Actor, callback_id: int) -> None:
    """She has left it; the next one need not wait for the lease's end."""
    session.execute(
        update(Callback)
        .where(Callback.id == callback_id, Callback.claimed_by == actor.id, Callback.settles_at.is_(None))
        .values(claimed_by=None, claimed_until=None)
    )


def is_held(callback: Callback, actor: Actor, now: datetime) -> bool:
    """Does the actor have it open? To be asked of a row that is locked or fresh."""
    return (
        callback.claimed_by == actor.id
        and callback.claimed_until is not None
        and now <= callback.claimed_until
    )


def _take(
    session: Session, actor: Actor, callback_id: int, now: datetime, *more: ColumnElement[bool]
) -> bool:
    """One statement decides: of two who ask at once, one gets it."""
    done = session.execute(
        update(Callback)
        .where(Callback.id == callback_id, *more, *_free(actor, now))
        .values(claimed_by=actor.id, claimed_until=now + LEASE)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount == 1)  # type: ignore[attr-defined]


def _free(actor: Actor, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """A lease that ends further ahead than twice its length was written under a clock that has since been set back.
    While somebody, or the robot, is on the line with her, nobody else begins."""
    on_the_line = (
        select(Attempt.id)
        .where(
            Attempt.callback_id == Callback.id,
            Attempt.state.in_(LIVE),
            func.coalesce(Attempt.staff_id, 0) != actor.id,
        )
        .exists()
    )
    nobodys = or_(
        Callback.claimed_until.is_(None),
        Callback.claimed_by == actor.id,
        Callback.claimed_until < now,
        Callback.claimed_until > now + 2 * LEASE,
    )
    return Callback.state.in_(BY_PERSON), Callback.settles_at.is_(None), nobodys, ~on_the_line


def _why_not(session: Session, callback: Callback) -> BadInput:
    if callback.state not in BY_PERSON or callback.settles_at is not None:
        return BadInput("这件回电已经有结果了，请看下一位")
    holder = session.get(Staff, callback.claimed_by) if callback.claimed_by else None
    if holder is None:
        return BadInput("电话还没挂断，请等一等，或看下一位")
    return BadInput("{name}正在办这一件，请看下一位", name=holder.name)


def _theirs(
    session: Session,
    cfg: DeskConfig,
    actor: Actor,
    callback: Callback,
    ticket: Ticket | None,
    path: str | None,
) -> bool:
    """As `may_call` has it, without a statement a line."""
    if actor.role in CALLERS and oversees(actor, path):
        return True
    if callback.state is not CallbackState.VISIT or ticket is None:
        return False
    if ticket.duplicate_of_id is not None:
        return may_call(session, cfg, actor, callback)
    return actor.role is not None and ticket.assignee_id == actor.id


def _path_of_nowhere(session: Session, cfg: DeskConfig) -> str | None:
    unit_id = unit_id_for(session, Place(), None, cfg.hotline_number)
    return session.scalar(select(Unit.path).where(Unit.id == unit_id)) if unit_id else None


def _reachable(cfg: DeskConfig, callback: Callback, resident: Resident | None, now: datetime) -> bool:
    """A visit at any time; a call in the house's hours, narrowed to those that she likes."""
    if callback.state is CallbackState.VISIT:
        return True
    wished = resident.preferred_hours if resident else None
    hours = dialing.shared_hours(cfg.hours, parse_hours(wished)) if wished else cfg.hours
    return dialing.within_hours(hours, cfg.zone, now)
