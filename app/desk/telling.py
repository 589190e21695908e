"""Telling somebody by telephone what would otherwise be a text: landlines, numbers that texts do not reach.

The callback carries the words; the robot reads them out (ivr.flows.notice), in calling hours, as often as any call is
tried. What is of no use any more is not told.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, String, cast, exists, literal, select
from sqlalchemy.orm import Session

from app.db import insert_once
from app.desk import dialing
from app.desk.attempts import ensure_attempt
from app.desk.config import DeskConfig
from app.desk.course import to_person
from app.desk.messages import FAILED, RUNG_INSTEAD, unsigned
from app.desk.residents import check_dialable
from app.errors import BadNumber
from app.hygiene import clean
from app.queue import JobName, defer
from models.callback import AttemptState, Callback, CallbackKind, CallbackState, Outcome
from models.message import Message
from models.resident import Resident
from models.ticket import Ticket
from speech.numbers import spoken_digits

USEFUL = timedelta(days=2)  # within which what happened to a matter is still worth a call
_LONGEST = 400  # characters; at 170 a minute more than two minutes of listening


def tell_by_call(
    session: Session,
    cfg: DeskConfig,
    *,
    resident_id: int,
    phone: str,
    body: str,
    dedup_key: str,
    not_after: datetime,
    now: datetime,
    ticket_id: int | None = None,
) -> Callback:
    """Have `body` read out to `phone`, until `not_after`. The same `dedup_key` again gives the first callback.

    Whoever prefers a person is rung by one; whoever does not want to be rung is not. Opting out is the caller's business, but a matter about which somebody
    has pressed 9 is not rung about again. Raises BadNumber for numbers that we do not ring.
    """
    check_dialable(cfg, phone)
    if ticket_id is not None and (refused := _refused(session, resident_id, ticket_id)):
        return refused
    resident = session.get_one(Resident, resident_id)
    by_person = resident.prefers_person or cfg.robot_attempts < 1
    state = CallbackState.PERSON if by_person else CallbackState.WAITING
    values = {
        "kind": CallbackKind.NOTICE,
        "state": CallbackState.CANCELLED if resident.no_call else state,
        "ticket_id": ticket_id,
        "resident_id": resident_id,
        "phone": phone,
        "phone_index": phone,
        "reason": "tell",
        "words": clean(body, limit=_LONGEST),
        "dedup_key": dedup_key,
        "due_at": dialing.next_time(cfg.hours, cfg.zone, now),
        "not_after": not_after,
        "priority": 6,
        "cycle": 1,
        "created_at": now,
    }
    new = insert_once(session, Callback, values, ["dedup_key"])
    callback = session.scalars(select(Callback).where(Callback.dedup_key == dedup_key)).one()
    if not new or resident.no_call:
        return callback
    if by_person:
        to_person(session, cfg, callback, at=callback.due_at, now=now)
        return callback
    attempt = ensure_attempt(session, cfg, callback, now=now)
    if attempt is not None and attempt.state is AttemptState.PENDING and attempt.due_at <= now:
        defer(session, JobName.PLACE_ATTEMPT, attempt.id)
    return callback


def ring_instead(session: Session, cfg: DeskConfig, *, now: datetime) -> int:
    """Texts that will never arrive, and whose content matters: told by telephone. How many; each once."""
    made = 0
    for message in session.scalars(_lost(now)).all():
        resident = session.get_one(Resident, message.resident_id)
        if resident.opted_out:
            continue
        try:
            tell_by_call(
                session,
                cfg,
                resident_id=resident.id,
                phone=message.phone,
                body=_spoken(session, cfg, message),
                ticket_id=message.ticket_id,
                dedup_key=f"instead:{message.id}",
                not_after=message.created_at + USEFUL,
                now=now,
            )
        except BadNumber:
            continue
        made += 1
    return made


def _lost(now: datetime) -> Select[Message]:
    key: ColumnElement[str] = literal("instead:").concat(cast(Message.id, String))
    return (
        select(Message)
        .where(
            Message.state == FAILED,
            Message.due_at > now - USEFUL,  # never before its making: so that the index finds it
            Message.created_at > now - USEFUL,
            Message.purpose.in_(RUNG_INSTEAD),
            Message.resident_id.is_not(None),
            ~exists().where(Callback.dedup_key == key),
        )
        .order_by(Message.id)
        .limit(50)
    )


def _spoken(session: Session, cfg: DeskConfig, message: Message) -> str:
    """As it is read out: without the sign, the matter's number digit by digit."""
    words = unsigned(cfg, message.body)
    ticket = session.get(Ticket, message.ticket_id) if message.ticket_id else None
    if ticket is None:
        return words
    return words.replace(f"{ticket.number}号", f"{spoken_digits(str(ticket.number))}号")


def _refused(session: Session, resident_id: int, ticket_id: int) -> Callback | None:
    query = select(Callback).where(
        Callback.kind == CallbackKind.NOTICE,
        Callback.resident_id == resident_id,
        Callback.ticket_id == ticket_id,
        Callback.outcome == Outcome.REFUSED,
    )
    return session.scalars(query.limit(1)).first()
