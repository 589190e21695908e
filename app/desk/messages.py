"""Texts that we owe somebody: the row is the work. How rows are worked off: app.desk.sending."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.db import insert_once
from app.desk import dialing
from app.desk.config import DeskConfig
from app.desk.residents import may_text
from app.hygiene import clean, fit, mask_links, utf16_units
from app.queue import JobName, defer
from models.lifecycle import Action
from models.message import Message

PENDING, SENDING, SENT, DELIVERED, FAILED, UNKNOWN = (
    "pending",
    "sending",
    "sent",
    "delivered",
    "failed",
    "unknown",
)
RUNG_INSTEAD = frozenset({Action.HOLD, Action.PLAN, Action.REFER, Action.DUPLICATE, "notice"})
"""Purposes of texts whose content is told by telephone where no text arrives. The others can wait or come by telephone
anyway: 办结 is followed by the evaluation call, and who reopens does so in a call."""
LONGEST = 600
"""UTF-16 units of one text, nine segments; carriers refuse more than 1,600 characters."""


def segments(text: str) -> int:
    """Parts that a carrier sends and charges: 70 UTF-16 units alone, 67 each when there are several."""
    if utf16_units(text) <= 70:
        return 1
    parts, used = 1, 0
    for character in text:
        units = utf16_units(character)
        if used + units > 67:  # a surrogate pair is not split
            parts, used = parts + 1, 0
        used += units
    return parts


def signed(cfg: DeskConfig, body: str) -> str:
    """With the sign in front, as carriers in the mainland require; cut to LONGEST. What others wrote may hold links:
    none of them is sent on under our name."""
    return fit(f"【{cfg.sms_signature}】{mask_links(clean(body, limit=2 * LONGEST))}", LONGEST)


def unsigned(cfg: DeskConfig, body: str) -> str:
    return body.removeprefix(f"【{cfg.sms_signature}】")


def queue_text(
    session: Session,
    cfg: DeskConfig,
    *,
    phone: str,
    body: str,
    purpose: str,
    now: datetime,
    ticket_id: int | None = None,
    staff_id: int | None = None,
    resident_id: int | None = None,
    until_delivered: bool = False,
    may_wait: bool = False,
    takes_texts: bool = True,
    dedup_key: str | None = None,
) -> Message:
    """Have a text sent to `phone` (E.164). The same `dedup_key` again gives the first row and sends nothing.

    `may_wait`: at night it waits for the morning (`cfg.text_hours`). To premium, foreign and short numbers, and to one
    that does not take texts, nothing is ever sent: the row stays, as failed.
    """
    sendable = takes_texts and may_text(cfg, phone)
    body = signed(cfg, body)
    due_at = dialing.next_time(cfg.text_hours, cfg.zone, now) if may_wait else now
    values: dict[str, Any] = {
        "uid": str(uuid4()),
        "direction": "outbound",
        "phone": phone,
        "phone_index": phone,
        "body": body,
        "purpose": purpose,
        "ticket_id": ticket_id,
        "staff_id": staff_id,
        "resident_id": resident_id,
        "state": PENDING if sendable else FAILED,
        "until_delivered": until_delivered,
        "dedup_key": dedup_key,
        "tries": 0,
        "due_at": due_at,
        "last_error": None if sendable else "a number that is not texted",
        "created_at": now,
        "segments": segments(body),
    }
    if dedup_key is None:
        message = Message(**values)
        session.add(message)
        session.flush()
    else:
        new = insert_once(session, Message, values, ["dedup_key"])
        message = session.scalars(select(Message).where(Message.dedup_key == dedup_key)).one()
        if not new:
            return message
    if sendable and due_at <= now:  # the sweeper finds what waits
        defer(session, JobName.SEND_MESSAGE, message.id)
    return message


def segments_sent(session: Session, since: datetime, until: datetime) -> int:
    """Parts that the carrier took, answers to texts included: what a month costs."""
    sends = case((Message.direction == "outbound", Message.tries), else_=1)
    query = select(func.coalesce(func.sum(Message.segments * sends), 0)).where(
        Message.created_at >= since, Message.created_at < until
    )
    return int(session.scalars(query).one())
