"""One text in, one answer out: who sent it decides what it can do."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4
from xml.sax.saxutils import escape

import structlog
from sqlalchemy import bindparam, case, func, select, update
from sqlalchemy.orm import Session

from app.db import insert_values
from app.desk.config import DeskConfig
from app.desk.language import language_of
from app.desk.messages import segments
from app.desk.residents import is_service, may_text, normalise_phone
from app.errors import BadNumber
from app.sms.guard import hushed, is_machine
from app.sms.incoming import Incoming
from app.sms.keeper import answer_staff
from app.sms.reply import Reply
from app.sms.resident import Sender, answer_resident
from models.base import UtcDateTime
from models.crypto import BlindIndex
from models.message import Message
from models.question import Question
from models.receipt import InboundReceipt
from models.resident import Resident, ResidentPhone
from models.staff import Staff

log = structlog.get_logger(__name__)

_ECHOED = 5  # of our last answers, looked through for an echo
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_COUNTED = 1000  # texts of one number within an hour: more need not be told apart


def answer(session: Session, cfg: DeskConfig, incoming: Incoming, *, now: datetime) -> Reply:
    """Do what the text asks for. Nothing is sent back to senders that are no telephone."""
    try:
        phone = normalise_phone(incoming.phone, cfg.default_region)
    except BadNumber:
        return Reply(None, "other", phone=incoming.phone[:20] or "?")
    quotes_us = incoming.text.startswith(f"【{cfg.sms_signature}】")
    if is_service(phone) or (quotes_us and _is_echo(session, phone, incoming.text)):
        # An advertisement; our own words that come back: a forwarding loop
        return Reply(None, "other", phone=phone)
    since = {"since": now - _HOUR, "lately": now - _MINUTE, "most": cfg.texts_a_minute}
    who = session.connection().execute(_WHO, {"phone": phone, **since}).one()
    if is_machine(incoming.text):
        return Reply(None, "other", phone=phone, staff_id=who.staff_id)
    if who.staff_id is None:
        sender = Sender(phone, who.resident_id, bool(who.asked), bool(who.opted_out))
        told = language_of(incoming.text)
        local = cfg.speaking(told or who.language)
        reply = answer_resident(session, local, sender, incoming, now=now)
        if told and told != (who.language or cfg.language):
            session.connection().execute(_SPEAKS, {"phone": phone, "told": told})
    else:
        staff = session.get_one(Staff, who.staff_id)
        reply = answer_staff(session, cfg, staff, incoming, now=now)
    reply = replace(reply, phone=phone, staff_id=who.staff_id)
    # Whoever quotes us and adds something is heard; a robot that echoes us gets no answer to echo
    if (quotes_us and who.staff_id is None) or not may_text(cfg, phone):
        return replace(reply, text=None)
    return hushed(session, cfg, phone, reply, recent=who.recent, overall=who.overall, now=now)


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


def keep(session: Session, incoming: Incoming, reply: Reply, answer: str | None, *, now: datetime) -> None:
    """The text itself, as it came. `answer` as it goes back, sign included: its segments are counted."""
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
        segments=segments(answer) if answer else 0,
    )


# Built once, and of tables instead of records: building a statement takes longer than executing it, and every text
# needs these two (docs/benchmarks.md).
_MESSAGES, _STAFF, _PHONES = Message.__table__, Staff.__table__, ResidentPhone.__table__
_QUESTIONS, _RESIDENTS = Question.__table__, Resident.__table__
_PHONE = bindparam("phone", type_=BlindIndex())
_RECENT = (
    select(_MESSAGES.c.id)
    .where(
        _MESSAGES.c.phone_index == _PHONE,
        _MESSAGES.c.direction == "inbound",
        _MESSAGES.c.created_at > bindparam("since", type_=UtcDateTime()),
    )
    .limit(_COUNTED)
    .subquery()
)
_LATELY = select(
    _MESSAGES.c.id
).where(  # by the index that the sender's work has anyway: what came in is due at once
    _MESSAGES.c.state == "received", _MESSAGES.c.due_at > bindparam("lately", type_=UtcDateTime())
)
# Texts in and out since the first of the last minute: hardly ever so many that those which came in must be counted
_AT_MOST = (
    select(func.max(_MESSAGES.c.id)).scalar_subquery()
    - _LATELY.order_by(_MESSAGES.c.due_at).limit(1).scalar_subquery()
    + 1
)
_COUNTED_LATELY = select(func.count()).select_from(_LATELY.limit(bindparam("most")).subquery())
_OVERALL = case((bindparam("most") <= _AT_MOST, _COUNTED_LATELY.scalar_subquery()), else_=0)
_RESIDENT = select(_PHONES.c.resident_id).where(_PHONES.c.phone_index == _PHONE).scalar_subquery()
_SPEAKS = (
    update(_RESIDENTS)  # type: ignore[arg-type]
    .where(_RESIDENTS.c.id == _RESIDENT)
    .values(language=bindparam("told"))
)
_WHO = select(  # staff who also live here write as staff
    select(_STAFF.c.id)
    .where(_STAFF.c.phone_index == _PHONE, _STAFF.c.active)
    .scalar_subquery()
    .label("staff_id"),
    _RESIDENT.label("resident_id"),
    select(_RESIDENTS.c.language).where(_RESIDENTS.c.id == _RESIDENT).scalar_subquery().label("language"),
    select(_RESIDENTS.c.opted_out).where(_RESIDENTS.c.id == _RESIDENT).scalar_subquery().label("opted_out"),
    select(func.count())
    .select_from(_QUESTIONS.join(_PHONES, _PHONES.c.resident_id == _QUESTIONS.c.resident_id))
    .where(_PHONES.c.phone_index == _PHONE)
    .scalar_subquery()
    .label("asked"),
    select(func.count()).select_from(_RECENT).scalar_subquery().label("recent"),
    _OVERALL.label("overall"),
)
