"""Telling the dispatcher something that only a person can decide."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.desk.config import DeskConfig
from app.desk.messages import queue_text
from app.desk.place import Place
from app.desk.rosters import duty_number
from app.desk.units import ancestors, unit_id_for
from models.message import Message
from models.staff import Role, Staff


def tell_dispatcher(
    session: Session,
    cfg: DeskConfig,
    body: str,
    purpose: str,
    *,
    now: datetime,
    dedup_key: str,
    unit_id: int | None = None,
    ticket_id: int | None = None,
    may_wait: bool = True,
) -> Message | None:
    """The nearest dispatcher with a telephone, up the tree from the unit (without one: the hotline's), else whoever is
    on duty there, else the hotline's own person; None if there is nobody."""
    if unit_id is None:
        unit_id = unit_id_for(session, Place(), None, cfg.hotline_number)
    height = {unit.id: n for n, unit in enumerate(ancestors(session, unit_id))}
    query = select(Staff).where(
        Staff.active,
        Staff.role == Role.DISPATCHER,
        Staff.phone_index.is_not(None),
        Staff.unit_id.in_(height),
    )
    staff = min(session.scalars(query).all(), key=lambda one: (height[one.unit_id], one.id), default=None)
    phone = staff.phone if staff else duty_number(session, cfg, unit_id, now=now) or cfg.human_number
    if not phone:
        return None
    return queue_text(
        session,
        cfg,
        phone=phone,
        body=body,
        purpose=purpose,
        now=now,
        ticket_id=ticket_id,
        staff_id=staff.id if staff else None,
        may_wait=may_wait,
        dedup_key=dedup_key,
    )
