"""Calls that we owe somebody: evaluations of what was resolved, and return calls. Who asks for them, and when."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from app.db import insert_once
from app.desk import course, dialing
from app.desk.attempts import (
    ClaimedAttempt,
    attempt_placed,
    attempt_refused,
    attempt_status,
    attempt_unknown,
    claim_attempt,
    ensure_attempt,
    finish_attempt,
    log_attempt,
    plan_attempts,
)
from app.desk.config import DeskConfig
from app.desk.lost_calls import UnknownAttempt, not_reconciled, reconcile, unknown_attempts
from app.desk.residents import check_dialable, phones_of
from app.desk.rights import Actor
from app.desk.spoken import spoken_time
from app.desk.tickets import transition
from app.desk.wishes import calling_hours
from app.queue import JobName, defer
from models.callback import AttemptState, Callback, CallbackKind, CallbackState, Outcome
from models.crypto import blind_index
from models.lifecycle import Action, Status
from models.resident import Resident, ResidentPhone
from models.ticket import Ticket

__all__ = [
    "ClaimedAttempt",
    "UnknownAttempt",
    "attempt_placed",
    "attempt_refused",
    "attempt_status",
    "attempt_unknown",
    "claim_attempt",
    "finish_attempt",
    "log_attempt",
    "not_reconciled",
    "plan_attempts",
    "plan_ticket",
    "reconcile",
    "request_return_call",
    "spoken_time",
    "unknown_attempts",
    "unplanned",
]

_EVALUATE_WITHIN = timedelta(days=14)
_RETURN_WITHIN = timedelta(days=2)


def unplanned(session: Session) -> list[int]:
    """Resolved tickets with a reporter who has not been asked about the running cycle, or with nobody to ask: for the
    sweeper, should the job have been lost or a duplicate been added since."""
    about = aliased(Ticket)
    reachable = (
        select(about.id)
        .join(ResidentPhone, ResidentPhone.resident_id == about.reporter_id)
        .where(
            or_(
                about.id == Ticket.id,
                and_(about.duplicate_of_id == Ticket.id, about.status == Status.DUPLICATE),
            )
        )
        .correlate(Ticket)
    )
    parts = (Ticket.id, Ticket.cycle, about.reporter_id)
    key: ColumnElement[str] = literal("eval")
    for part in parts:
        key = key.concat(":").concat(cast(part, String))
    unasked = reachable.where(~exists().where(Callback.dedup_key == key).correlate(Ticket, about))
    query = select(Ticket.id).where(
        Ticket.status == Status.RESOLVED, or_(unasked.exists(), ~reachable.exists())
    )
    return list(session.scalars(query.order_by(Ticket.id).limit(200)))


def plan_ticket(session: Session, cfg: DeskConfig, ticket_id: int, *, now: datetime) -> int:
    """One evaluation for each reporter of a resolved ticket, those of its duplicates included; once a cycle. Whoever
    opted out is not asked: an evaluation is a survey.

    With nobody to ring, the ticket closes as `no_contact`: never counted as satisfied. Returns the callbacks made.
    """
    ticket = session.scalar(select(Ticket).where(Ticket.id == ticket_id).with_for_update())
    if ticket is None or ticket.status is not Status.RESOLVED:
        return 0
    made = reachable = declined = 0
    for about in [ticket, *_duplicates(session, ticket)]:
        resident = session.get(Resident, about.reporter_id) if about.reporter_id else None
        phone = next(iter(phones_of(session, resident.id)), None) if resident else None
        if resident is None or phone is None:
            continue
        reachable += 1
        declined += resident.opted_out
        made += _evaluation(session, cfg, ticket, about, resident, phone, now)
    actor = Actor("callback")
    if not reachable:
        transition(session, cfg, ticket, Action.CLOSE_UNRATED, actor, now=now, reason="no_contact")
    elif declined and not course.open_evaluations(session, ticket):
        transition(session, cfg, ticket, Action.CLOSE_UNRATED, actor, now=now, reason="declined")
    return made


def request_return_call(
    session: Session,
    cfg: DeskConfig,
    *,
    phone: str,
    reason: str,
    now: datetime,
    resident_id: int | None = None,
    ticket_id: int | None = None,
) -> Callback:
    """A person rings back, and is told so. One open call a ticket; without a ticket one a number and hour, and what
    is open anyway counts, however often it is asked for. `due_at`: the next calling time.

    Raises BadNumber for numbers that we don't ring: a caller id is only a claim, and foreign or premium ones cost.
    """
    check_dialable(cfg, phone)
    key = _return_key(session, phone, ticket_id)  # before looking: whoever asks meanwhile makes the same one
    callback = _open_return_call(session, phone, ticket_id, now)
    if callback is None:
        callback = _new_return_call(session, cfg, phone, reason, resident_id, ticket_id, now, key)
    if callback.ticket_id is None:
        callback.ticket_id = ticket_id
    if callback.resident_id is None:
        callback.resident_id = resident_id
    session.flush()
    # Who asks again is promised a time again: it must lie ahead, and a call was promised, not a visit
    course.to_person(session, cfg, callback, at=dialing.next_time(cfg.hours, cfg.zone, now), now=now)
    session.flush()
    return callback


def _open_return_call(session: Session, phone: str, ticket_id: int | None, now: datetime) -> Callback | None:
    """What is promised already. The ticket may come after the call for it: audio turns up late."""
    recent = and_(Callback.phone_index == phone, Callback.created_at > now - timedelta(hours=1))
    wanted: ColumnElement[bool] = recent
    if ticket_id is not None:
        wanted = or_(Callback.ticket_id == ticket_id, and_(recent, Callback.ticket_id.is_(None)))
    query = (
        select(Callback)
        .where(Callback.kind == CallbackKind.RETURN_CALL, Callback.state.in_(course.OPEN), wanted)
        .order_by(Callback.ticket_id.is_(None), Callback.id.desc())
        .limit(1)
        .with_for_update()
    )
    return session.scalars(query).first()


def _return_key(session: Session, phone: str, ticket_id: int | None) -> str:
    """It counts on from the last one with the same subject: all who ask at once make one row, and what is over never
    stands in the way of a new promise."""
    index = blind_index(session.get_bind(), phone)  # the key must not hold the number itself
    subject = f"return:ticket:{ticket_id}:" if ticket_id is not None else f"return:{index}:"
    same = Callback.ticket_id == ticket_id if ticket_id is not None else Callback.phone_index == phone
    last = select(func.max(Callback.id)).where(same, Callback.dedup_key.startswith(subject, autoescape=True))
    return f"{subject}{session.scalar(last) or 0}"


def _new_return_call(
    session: Session,
    cfg: DeskConfig,
    phone: str,
    reason: str,
    resident_id: int | None,
    ticket_id: int | None,
    now: datetime,
    key: str,
) -> Callback:
    values = {
        "kind": CallbackKind.RETURN_CALL,
        "state": CallbackState.PERSON,
        "ticket_id": ticket_id,
        "resident_id": resident_id,
        "phone": phone,
        "phone_index": phone,
        "reason": reason[:40],
        "dedup_key": key,
        "due_at": dialing.next_time(cfg.hours, cfg.zone, now),
        "not_after": now + _RETURN_WITHIN,
        "priority": 2,
        "cycle": 1,
        "created_at": now,
    }
    insert_once(session, Callback, values, ["dedup_key"])
    return session.scalars(select(Callback).where(Callback.dedup_key == key)).one()


def _duplicates(session: Session, ticket: Ticket) -> list[Ticket]:
    query = select(Ticket).where(Ticket.duplicate_of_id == ticket.id, Ticket.status == Status.DUPLICATE)
    return list(session.scalars(query.order_by(Ticket.id)))


def _evaluation(
    session: Session,
    cfg: DeskConfig,
    ticket: Ticket,
    about: Ticket,
    resident: Resident,
    phone: str,
    now: datetime,
) -> bool:
    """`about`: the ticket that this resident reported, so that she is asked about her own number and day."""
    key = f"eval:{ticket.id}:{ticket.cycle}:{resident.id}"
    by_person = resident.prefers_person or cfg.robot_attempts < 1
    values = {
        "kind": CallbackKind.EVALUATION,
        "state": CallbackState.PERSON if by_person else CallbackState.WAITING,
        "ticket_id": about.id,
        "resident_id": resident.id,
        "phone": phone,
        "phone_index": phone,
        "reason": "resolved",
        "dedup_key": key,
        "due_at": dialing.next_time(calling_hours(session, cfg, resident.id), cfg.zone, now),
        "not_after": now + _EVALUATE_WITHIN,
        "priority": 5,
        "cycle": ticket.cycle,
        "created_at": now,
    }
    if not insert_once(session, Callback, values, ["dedup_key"]):
        return False
    callback = session.scalars(select(Callback).where(Callback.dedup_key == key)).one()
    if resident.opted_out:
        course.finish(session, callback, Outcome.REFUSED, now=now)
        return False
    if resident.no_call:
        course.send_somebody(session, cfg, callback, now=now)
    elif by_person:
        course.to_person(session, cfg, callback, at=callback.due_at, now=now)
    attempt = ensure_attempt(session, cfg, callback, now=now)
    if attempt is not None and attempt.state is AttemptState.PENDING and attempt.due_at <= now:
        defer(session, JobName.PLACE_ATTEMPT, attempt.id)
    return True
