"""What staff write by hand: a remark in the log, a text to the resident."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.desk import notices
from app.desk.config import DeskConfig
from app.desk.messages import queue_text, segments, signed
from app.desk.residents import may_text, phones_of
from app.desk.rights import Actor
from app.desk.seeing import check_part
from app.desk.tickets import note, view_of
from app.errors import BadInput
from app.hygiene import clean, fit
from models.message import Message
from models.resident import Resident
from models.ticket import Ticket, TicketEvent

MOST_SEGMENTS = 3
_REMARK = 1000
_QUOTED = 40


def remark(
    session: Session,
    cfg: DeskConfig,
    ticket: Ticket,
    actor: Actor,
    words: str,
    *,
    now: datetime,
    tell: bool = False,
) -> TicketEvent:
    """Into the ticket's log; `tell`: whoever has it in hand gets a text. Raises NotAllowed, BadInput."""
    check_part(session, actor, ticket, view_of(session, ticket))
    words = clean(words, limit=_REMARK)
    if not words:
        raise BadInput("请写上要记下的话")
    event = note(session, ticket, "remark", actor, now=now, reason=words)
    if tell and ticket.assignee_id is not None and ticket.assignee_id != actor.id:
        body = cfg.house.texts("{number}号：{words}").format(number=ticket.number, words=fit(words, _QUOTED))
        notices.tell_assignee(session, cfg, ticket, body, "remark", event, now=now)
    return event


def text_reporter(
    session: Session, cfg: DeskConfig, ticket: Ticket, actor: Actor, words: str, *, now: datetime
) -> Message:
    """A text in the community's name, at an hour at which people are texted. Raises NotAllowed, BadInput."""
    check_part(session, actor, ticket, view_of(session, ticket))
    words = clean(words, limit=400)
    if not words:
        raise BadInput("请写上短信的内容")
    if (parts := segments(signed(cfg, words))) > MOST_SEGMENTS:
        raise BadInput(
            "短信太长了，要分 {parts} 条发；请写短一点，最多 {most} 条", parts=parts, most=MOST_SEGMENTS
        )
    resident = session.get(Resident, ticket.reporter_id) if ticket.reporter_id else None
    if resident is None:
        raise BadInput("这件事没有登记是谁反映的，发不了短信")
    if resident.opted_out:
        raise BadInput("她退订了短信，请打电话")
    phone = next((p for p in phones_of(session, resident.id, textable=True) if may_text(cfg, p)), None)
    if phone is None:
        raise BadInput("她没有能收短信的号码，请打电话")
    event = note(session, ticket, "text", actor, now=now)
    return queue_text(
        session,
        cfg,
        phone=phone,
        body=words,
        purpose="staff",
        now=now,
        ticket_id=ticket.id,
        resident_id=resident.id,
        may_wait=not ticket.urgent,
        dedup_key=f"event:{event.id}:reporter",
    )
