"""Alerts that reach nobody: the next one up the tree of units is told, while the first is still being tried."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Select, String, cast, exists, literal, or_, select
from sqlalchemy.orm import Session, aliased

from app.desk.alerts import alert_text
from app.desk.config import DeskConfig
from app.desk.messages import DELIVERED, FAILED, queue_text
from app.desk.rights import Actor
from app.desk.rosters import duty_chain
from app.desk.tickets import note
from app.desk.units import ancestors, in_charge
from models.message import Message
from models.ticket import Ticket

_PATIENCE = timedelta(
    minutes=5
)  # without a receipt; a number that cannot be reached at all is not waited for
_STALE = timedelta(hours=24)


def climb(session: Session, cfg: DeskConfig, *, now: datetime) -> int:
    """Tell somebody else of every alert that has not arrived; how many were told. Each alert is passed on once, and
    what it was passed on as can be passed on again, until nobody is left."""
    told = 0
    for message in session.scalars(_not_arrived(now)).all():
        ticket = session.get_one(Ticket, message.ticket_id)
        phone = next(_others(session, cfg, ticket, now), None)
        if phone is None:
            continue
        queue_text(
            session,
            cfg,
            phone=phone,
            body=alert_text(cfg, ticket),
            purpose="alert",
            now=now,
            ticket_id=ticket.id,
            until_delivered=True,
            dedup_key=f"climb:{message.id}",
        )
        note(
            session,
            ticket,
            "alert",
            Actor.clock(),
            now=now,
            reason="前一位值班人员没有收到短信，已通知上一级",
            data={"undelivered": message.id},
        )
        told += 1
    return told


def _not_arrived(now: datetime) -> Select[Message]:
    passed_on = aliased(Message)
    key = literal("climb:").concat(cast(Message.id, String))
    return (
        select(Message)
        .where(
            Message.until_delivered,
            Message.state != DELIVERED,
            Message.ticket_id.is_not(None),
            Message.created_at > now - _STALE,
            or_(Message.state == FAILED, Message.created_at < now - _PATIENCE),
            ~exists().where(passed_on.dedup_key == key),
        )
        .order_by(Message.id)
        .limit(50)
    )


def _others(session: Session, cfg: DeskConfig, ticket: Ticket, now: datetime) -> Iterator[str]:
    """Duty numbers from the place upwards, then whoever answers for these units, then the hotline's person; without
    those that have been texted about this matter."""
    session.flush()
    query = select(Message.phone).where(Message.ticket_id == ticket.id, Message.until_delivered)
    tried = set(session.scalars(query))
    chain = ancestors(session, ticket.unit_id)
    numbers: list[str | None] = [*duty_chain(session, cfg, ticket.unit_id, now=now)]
    numbers += [reached[0] if (reached := in_charge(session, unit.id)) else None for unit in chain]
    for number in (*numbers, cfg.human_number):
        if number and number not in tried:
            yield number
