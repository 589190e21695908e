"""The one question that a resident may have open: what it is, how long it waits, when it has become pointless."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import insert_once
from models.base import Json
from models.lifecycle import Status
from models.question import Question
from models.rating import Rating
from models.ticket import Ticket

Kind = Literal["place", "matter", "rate", "which", "proof"]
"""place: where is it? matter: what is it about? rate: is it done, and how was it? which: of several matters, the
number? proof: the last four digits of the reporter's telephone."""

_LASTS: Mapping[str, timedelta] = {
    "place": timedelta(hours=24),
    "matter": timedelta(hours=2),  # nobody has begun yet: after that a person rings
    "rate": timedelta(days=14),  # as long as feedback is accepted
    "which": timedelta(hours=24),
    "proof": timedelta(hours=1),
}


def open_question(session: Session, resident_id: int, *, now: datetime) -> Question | None:
    """The question that she may be answering."""
    query = select(Question).where(Question.resident_id == resident_id, Question.expires_at > now)
    question = session.scalar(query.with_for_update())
    if question is not None and question.kind == "rate" and not _still_to_rate(session, question):
        return None
    return question


def answered(session: Session, question: Question) -> None:
    session.delete(question)
    session.flush()


def owes(question: Question) -> bool:
    """Dropped without a word, something that she wanted would be lost."""
    return question.kind == "matter" or (question.kind == "which" and question.data.get("intent") == "reopen")


def put(
    session: Session,
    resident_id: int,
    kind: Kind,
    *,
    ticket_id: int | None = None,
    data: Json | None = None,
    now: datetime,
) -> Question | None:
    """Await an answer from now on, in place of what was asked before. None: it is done. Else nothing has changed, and
    the old question, which owes her something, must be settled first (`app.desk.asking`)."""
    values: dict[str, Any] = {
        "resident_id": resident_id,
        "kind": kind,
        "ticket_id": ticket_id,
        "data": data or {},
        "asked_at": now,
        "expires_at": now + _LASTS[kind],
    }
    if insert_once(session, Question, values, ["resident_id"]):
        return None
    old = session.get_one(Question, resident_id, with_for_update=True, populate_existing=True)
    if owes(old):
        return old
    for name, value in values.items():
        setattr(old, name, value)
    session.flush()
    return None


def _still_to_rate(session: Session, question: Question) -> bool:
    """Another channel may have been quicker, or it is being done again."""
    ticket = session.get(Ticket, question.ticket_id) if question.ticket_id else None
    while ticket is not None and ticket.duplicate_of_id is not None:
        ticket = session.get_one(Ticket, ticket.duplicate_of_id)
    if ticket is None or ticket.status not in (Status.RESOLVED, Status.CLOSED):
        return False
    if question.data.get("rating"):
        return True  # closed by her own word; only the marks are missing
    rated = select(Rating.id).where(
        Rating.ticket_id == ticket.id,
        Rating.cycle == ticket.cycle,
        Rating.resident_id == question.resident_id,
        Rating.applied_at.is_not(None),
    )
    return session.scalar(rated.limit(1)) is None
