"""One text in, one answer out: who sent it decides what it can do."""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.desk.config import DeskConfig
from app.desk.residents import normalise_phone
from app.desk.understanding import understand
from app.errors import BadNumber
from app.sms.keeper import answer_staff
from app.sms.reply import Reply
from app.sms.resident import acknowledgement, answer_resident, report
from models.message import Message
from models.staff import Staff


@dataclass(frozen=True)
class Incoming:
    """`phone` and `hotline` as the carrier wrote them, `text` already cleaned, `media` the number of pictures."""

    sid: str
    phone: str
    hotline: str
    text: str
    media: int = 0


def answer(session: Session, cfg: DeskConfig, incoming: Incoming, *, now: datetime) -> Reply:
    """Do what the text asks for and keep it. Nothing is sent back to senders that are no telephone."""
    try:
        phone = normalise_phone(incoming.phone, cfg.default_region)
    except BadNumber:
        _keep(session, incoming, incoming.phone[:20] or "?", Reply(None, "other"), None, now)
        return Reply(None, "other")
    staff = session.scalar(select(Staff).where(Staff.phone_index == phone, Staff.active))
    if staff is None:
        reply = answer_resident(
            session, cfg, phone, incoming.text, incoming.media, hotline=incoming.hotline, now=now
        )
    else:
        reply = answer_staff(session, cfg, staff, incoming.text, now=now)
        if reply.intent == "other":
            reply = _danger(session, cfg, staff, incoming, now) or reply
    _keep(session, incoming, phone, reply, staff, now)
    return reply


def _danger(
    session: Session, cfg: DeskConfig, staff: Staff, incoming: Incoming, now: datetime
) -> Reply | None:
    """A keeper who writes `3栋着火了` is not asked to learn our commands first."""
    heard = understand(incoming.text)
    if heard.danger is None:
        return None
    ticket = report(
        session,
        cfg,
        heard,
        reporter_id=None,
        media=incoming.media,
        hotline=incoming.hotline,
        first=staff.id,
        now=now,
    )
    return Reply(acknowledgement(cfg, ticket), "field_report", ticket.number, ticket.id)


def _keep(
    session: Session, incoming: Incoming, phone: str, reply: Reply, staff: Staff | None, now: datetime
) -> None:
    pictures = f"\n[{incoming.media} media]" if incoming.media else ""
    session.execute(
        insert(Message).values(
            uid=str(uuid4()),
            direction="inbound",
            carrier_sid=incoming.sid[:64],
            phone=phone,
            phone_index=phone,
            body=incoming.text + pictures,
            purpose="inbound",
            ticket_id=reply.ticket_id,
            staff_id=staff.id if staff else None,
            state="received",
            until_delivered=False,
            tries=0,
            due_at=now,
            created_at=now,
        )
    )
