"""Asking residents by text, and what becomes of questions that nobody answered: nothing she wanted is lost."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.desk import questions
from app.desk.callbacks import request_return_call
from app.desk.config import DeskConfig
from app.desk.draft import Draft
from app.desk.questions import Kind, answered
from app.desk.residents import phones_of
from app.desk.tickets import open_ticket
from app.desk.understanding import understand
from app.errors import BadNumber
from models.base import Json
from models.question import Question

_AT_ONCE = 50


def ask(
    session: Session,
    cfg: DeskConfig,
    resident_id: int,
    kind: Kind,
    *,
    ticket_id: int | None = None,
    data: Json | None = None,
    now: datetime,
) -> None:
    """Await an answer from now on. What was asked before is settled as if it had expired."""
    old = questions.put(session, resident_id, kind, ticket_id=ticket_id, data=data, now=now)
    if old is not None:
        settle(session, cfg, old, now=now)
        answered(session, old)
        questions.put(session, resident_id, kind, ticket_id=ticket_id, data=data, now=now)


def expire(session: Session, cfg: DeskConfig, *, now: datetime) -> int:
    """Settle questions that nobody answered in time, some at a time; how many there were."""
    query = select(Question).where(Question.expires_at <= now).order_by(Question.expires_at).limit(_AT_ONCE)
    found = session.scalars(query.with_for_update(skip_locked=True)).all()
    for question in found:
        settle(session, cfg, question, now=now)
        answered(session, question)
    return len(found)


def settle(session: Session, cfg: DeskConfig, question: Question, *, now: datetime) -> None:
    """No answer came. Where she began to report something, it becomes a ticket and a person rings; where she said that
    one of several matters is not done, a person asks which. A place or a mark may stay unknown."""
    if not questions.owes(question):
        return
    ticket = None
    if question.kind == "matter":
        ticket = open_ticket(session, cfg, _unfinished(question), now=now)
    phone = next(iter(phones_of(session, question.resident_id)), None)
    if phone is None:
        return
    try:
        request_return_call(
            session,
            cfg,
            phone=phone,
            reason="text_unanswered",
            now=now,
            resident_id=question.resident_id,
            ticket_id=ticket.id if ticket else None,
        )
    except BadNumber:
        return  # not a number that we ring; a ticket lies with the dispatcher all the same


def _unfinished(question: Question) -> Draft:
    """Her words so far, at the moment when she wrote them."""
    text = str(question.data.get("text", ""))
    more: Json = {"category": category} if (category := question.data.get("category")) else {}
    return Draft.from_understanding(
        understand(text),
        channel="sms",
        occurred_at=question.asked_at,
        reporter_id=question.resident_id,
        hotline=question.data.get("hotline"),
        **more,
    )
