"""Danger and urgent matters reach whoever is on duty at once, day and night."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.desk import wording
from app.desk.config import DeskConfig
from app.desk.messages import queue_text
from app.desk.rosters import duty_number
from app.hygiene import fit, utf16_units
from models.crypto import blind_index
from models.message import Message
from models.ticket import Ticket


def alert_duty(session: Session, cfg: DeskConfig, ticket: Ticket, *, now: datetime) -> Message | None:
    """Text the unit's duty number, or the nearest one above it, and retry until it is delivered.

    Asked twice it texts once, unless there is something new to say: a danger, or where it is.

    Without any duty number the hotline's human number is texted; None if there is none either.
    """
    cfg = cfg.house
    phone = duty_number(session, cfg, ticket.unit_id, now=now) or cfg.human_number
    if not phone:
        return None
    body = alert_text(cfg, ticket)
    # Keyed: the number could be found by trying them all
    digest = blind_index(session.get_bind(), f"{phone} {body}")[:16]
    return queue_text(
        session,
        cfg,
        phone=phone,
        body=body,
        purpose="alert",
        now=now,
        ticket_id=ticket.id,
        until_delivered=True,
        dedup_key=f"alert:{ticket.id}:{digest}",
    )


def alert_text(cfg: DeskConfig, ticket: Ticket) -> str:
    """Names the emergency number that the resident was told, and where; shortened to one segment."""
    _ = cfg.texts
    head = _("紧急！{number}号：").format(number=ticket.number)
    tail = (
        _("。已请居民拨打{danger}，请马上过去看").format(danger=ticket.danger)
        if ticket.danger
        else _("。请马上处理，{due}前办好").format(due=wording.when_of(cfg, ticket))
    )
    spare = wording.SEGMENT - utf16_units(f"【{cfg.sms_signature}】{head}{tail}")
    return head + fit(wording.place_of(cfg, ticket) + wording.what_of(cfg, ticket), max(spare, 4)) + tail
