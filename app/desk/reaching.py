"""Whom a notice reaches: before it is sent, and how far it has come."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.desk.config import DeskConfig
from app.desk.messages import DELIVERED, FAILED, segments, signed
from models.callback import Callback, Outcome
from models.message import Message
from models.notice import Notice, NoticeRecipient, RecipientState
from models.resident import Resident, ResidentPhone
from models.unit import Unit


@dataclass(frozen=True)
class Reach:
    """Whom a notice would go to, in telephones but for `without_number`. `parts`: segments of one text."""

    to_text: int
    to_call: int
    opted_out: int
    without_number: int
    parts: int


@dataclass(frozen=True)
class Progress:
    """How far a notice has come, in telephones. `delivered` and `failed` are among those `texted`, `heard` among
    those `called`."""

    total: int
    waiting: int
    texted: int
    delivered: int
    failed: int
    called: int
    heard: int
    opted_out: int
    unreachable: int


def reach(session: Session, cfg: DeskConfig, notice: Notice) -> Reach:
    """As of now: who lives there may change until the notice is approved."""
    numbers = numbers_of(session, notice.unit_id).subquery()
    count = func.count()
    to_text, to_call, opted_out = (
        session.scalar(select(count).select_from(numbers).where(condition)) or 0
        for condition in (
            ~numbers.c.opted_out & numbers.c.can_text,
            ~numbers.c.opted_out & ~numbers.c.can_text,
            numbers.c.opted_out,
        )
    )
    people = session.scalar(select(count).select_from(_residents(session, notice.unit_id).subquery())) or 0
    without = people - to_text - to_call - opted_out
    return Reach(to_text, to_call, opted_out, without, segments(signed(cfg, notice.body)))


def progress(session: Session, notice: Notice) -> Progress:
    states = _counts(session, notice, NoticeRecipient.state)
    messages = _counts(session, notice, Message.state, NoticeRecipient.message_id == Message.id)
    calls = _counts(session, notice, Callback.outcome, NoticeRecipient.callback_id == Callback.id)
    return Progress(
        total=sum(states.values()),
        waiting=states.get(RecipientState.WAITING, 0),
        texted=states.get(RecipientState.TEXTED, 0),
        delivered=messages.get(DELIVERED, 0),
        failed=messages.get(FAILED, 0),
        called=states.get(RecipientState.CALLED, 0),
        heard=calls.get(Outcome.ANSWERED, 0),
        opted_out=states.get(RecipientState.OPTED_OUT, 0),
        unreachable=states.get(RecipientState.UNREACHABLE, 0),
    )


def numbers_of(session: Session, unit_id: int) -> Select[str, int, bool, bool]:
    """One telephone a resident of the unit, rather one that takes texts."""
    place = func.row_number().over(
        partition_by=ResidentPhone.resident_id, order_by=(ResidentPhone.can_text.desc(), ResidentPhone.id)
    )
    people = _residents(session, unit_id).subquery()
    ranked = (
        select(
            ResidentPhone.phone_index,
            ResidentPhone.resident_id,
            ResidentPhone.can_text,
            # who does not want to be rung gets what texts can tell, and nothing else
            (people.c.opted_out | (people.c.no_call & ~ResidentPhone.can_text)).label("opted_out"),
            place.label("place"),
        )
        .join(people, people.c.id == ResidentPhone.resident_id)
        .subquery()
    )
    columns = (ranked.c.phone_index, ranked.c.resident_id, ranked.c.can_text, ranked.c.opted_out)
    return select(*columns).where(ranked.c.place == 1)


def _residents(session: Session, unit_id: int) -> Select[int, bool, bool]:
    path = session.get_one(Unit, unit_id).path
    query = select(Resident.id, Resident.opted_out, Resident.no_call).join(Unit, Resident.unit_id == Unit.id)
    return query.where(Unit.path.startswith(path, autoescape=True))


def _counts(session: Session, notice: Notice, column: Any, joined: Any = None) -> dict[Any, int]:
    query = select(column, func.count()).where(NoticeRecipient.notice_id == notice.id)
    if joined is not None:
        query = query.where(joined)
    return {row[0]: row[1] for row in session.execute(query.group_by(column))}
