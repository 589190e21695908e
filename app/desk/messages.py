"""Texts that we owe somebody: the row is the work. How rows are worked off: app.desk.sending."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import insert_once
from app.desk.config import DeskConfig
from app.hygiene import clean, fit, utf16_units
from app.queue import JobName, defer
from models.message import Message

PENDING, SENDING, SENT, DELIVERED, FAILED, UNKNOWN = (
    "pending",
    "sending",
    "sent",
    "delivered",
    "failed",
    "unknown",
)
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
    """With the sign in front, as carriers in the mainland require; cut to LONGEST."""
    return fit(f"【{cfg.sms_signature}】{clean(body, limit=2 * LONGEST)}", LONGEST)


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
    dedup_key: str | None = None,
) -> Message:
    """Have a text sent to `phone` (E.164). The same `dedup_key` again gives the first row and sends nothing."""
    values: dict[str, Any] = {
        "uid": str(uuid4()),
        "direction": "outbound",
        "phone": phone,
        "phone_index": phone,
        "body": signed(cfg, body),
        "purpose": purpose,
        "ticket_id": ticket_id,
        "staff_id": staff_id,
        "resident_id": resident_id,
        "state": PENDING,
        "until_delivered": until_delivered,
        "dedup_key": dedup_key,
        "tries": 0,
        "due_at": now,
        "created_at": now,
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
    defer(session, JobName.SEND_MESSAGE, message.id)
    return message
