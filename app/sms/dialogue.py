"""One text in, one answer out: who sent it decides what it can do."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4
from xml.sax.saxutils import escape

import structlog
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app.db import insert_values
from app.desk.config import DeskConfig
from app.desk.residents import may_text, normalise_phone
from app.desk.understanding import understand
from app.errors import BadNumber
from app.sms.incoming import Incoming
from app.sms.keeper import answer_staff
from app.sms.reply import Reply
from app.sms.resident import Sender, acknowledgement, answer_resident, report
from models.base import UtcDateTime
from models.crypto import BlindIndex
from models.message import Message
from models.receipt import InboundReceipt
from models.resident import ResidentPhone
from models.staff import Staff

log = structlog.get_logger(__name__)

_ECHOED = 5  # of our last answers, looked through for an echo
_HOUR = timedelta(hours=1)
_ANSWERS_AN_HOUR = 60  # to one number that is not staff's: each costs money, and machines answer machines


def answer(session: Session, cfg: DeskConfig, incoming: Incoming, *, now: datetime) -> Reply:
    """Do what the text asks for. Nothing is sent back to senders that are no telephone."""
    try:
        phone = normalise_phone(incoming.phone, cfg.default_region)
    except BadNumber:
        return Reply(None, "other", phone=incoming.phone[:20] or "?")
    quotes_us = incoming.text.startswith(f"【{cfg.sms_signature}】")
    if quotes_us and _is_echo(session, phone, incoming.text):
        return Reply(None, "other", phone=phone)  # our own words come back: a forwarding loop
    who = session.connection().execute(_WHO, {"phone": phone, "since": now - _HOUR}).one()
    staff_id = who.staff_id
    if staff_id is None:
        reply = answer_resident(session, cfg, Sender(phone, who.resident_id), incoming, now=now)
        # Whoever quotes us and adds something is heard; a robot that echoes us gets no answer to echo
        if who.recent >= _ANSWERS_AN_HOUR or quotes_us or not may_text(cfg, phone):
            log.warning("text_not_answered", recent=who.recent)
            reply = replace(reply, text=None)  # what was asked for is done all the same
        return replace(reply, phone=phone)
    staff = session.get_one(Staff, staff_id)
    reply = answer_staff(session, cfg, staff, incoming.text, now=now)
    if reply.intent == "other":
        reply = _danger(session, cfg, staff, incoming, now) or reply
    return replace(reply, phone=phone, staff_id=staff_id)


def _is_echo(session: Session, phone: str, text: str) -> bool:
    """Is it word for word what we sent there, or answered there lately?"""
    sent = select(Message.id).where(
        Message.phone_index == phone, Message.direction == "outbound", Message.body == text
    )
    if session.scalar(sent.limit(1)) is not None:
        return True
    answers = (
        select(InboundReceipt.response)
        .join(Message, Message.carrier_sid == InboundReceipt.external_id)
        .where(InboundReceipt.source == "sms", Message.phone_index == phone)
        .order_by(Message.id.desc())
        .limit(_ECHOED)
    )
    return any(answer and f">{escape(text)}<" in answer for answer in session.scalars(answers))


def keep(session: Session, incoming: Incoming, reply: Reply, *, now: datetime) -> None:
    """The text itself, as it came."""
    pictures = f"\n[{incoming.media} media]" if incoming.media else ""
    insert_values(
        session,
        Message,
        uid=str(uuid4()),
        direction="inbound",
        purpose="inbound",
        state="received",
        carrier_sid=incoming.sid,
        phone=reply.phone,
        phone_index=reply.phone,
        body=incoming.text + pictures,
        ticket_id=reply.ticket_id,
        staff_id=reply.staff_id,
        until_delivered=False,
        tries=0,
        due_at=now,
        created_at=now,
    )


def _danger(
    session: Session, cfg: DeskConfig, staff: Staff, incoming: Incoming, now: datetime
) -> Reply | None:
    """A keeper who writes `3栋着火了` is not asked to learn our commands first."""
    heard = understand(incoming.text)
    if heard.danger is None:
        return None
    ticket = report(session, cfg, heard, incoming, reporter_id=None, first=staff.id, now=now)
    return Reply(acknowledgement(cfg, ticket), "field_report", ticket.number, ticket.id)


# Built once, and of tables instead of records: building a statement takes longer than executing it, and every text
# needs these two (docs/benchmarks.md).
_MESSAGES, _STAFF, _PHONES = Message.__table__, Staff.__table__, ResidentPhone.__table__
_PHONE = bindparam("phone", type_=BlindIndex())
_RECENT = (
    select(_MESSAGES.c.id)
    .where(
        _MESSAGES.c.phone_index == _PHONE,
        _MESSAGES.c.direction == "inbound",
        _MESSAGES.c.created_at > bindparam("since", type_=UtcDateTime()),
    )
    .limit(_ANSWERS_AN_HOUR)
    .subquery()
)
_WHO = select(  # staff who also live here write as staff
    select(_STAFF.c.id)
    .where(_STAFF.c.phone_index == _PHONE, _STAFF.c.active)
    .scalar_subquery()
    .label("staff_id"),
    select(_PHONES.c.resident_id)
    .where(_PHONES.c.phone_index == _PHONE)
    .scalar_subquery()
    .label("resident_id"),
    select(func.count()).select_from(_RECENT).scalar_subquery().label("recent"),
)
