"""Calls and visits that people make: whose they are, and who is told that somebody waits."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.desk.config import DeskConfig
from app.desk.messages import queue_text
from app.desk.place import Place
from app.desk.rights import Actor, oversees
from app.desk.spoken import spoken_time
from app.desk.units import ancestors, unit_id_for
from models.callback import Callback, CallbackState
from models.staff import Role, Staff
from models.ticket import Ticket
from models.unit import Unit

CALLERS = frozenset({Role.CALLBACK_WORKER, Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR})
_TOLD = (Role.CALLBACK_WORKER, Role.DISPATCHER)


def may_call(session: Session, cfg: DeskConfig, actor: Actor, callback: Callback) -> bool:
    """The service desk of the resident's unit and above; for a visit also whoever has the matter in hand."""
    if actor.role in CALLERS and oversees(actor, _path(session, cfg, callback)):
        return True
    if callback.state is not CallbackState.VISIT or actor.role is None or actor.id is None:
        return False
    ticket = session.get(Ticket, callback.ticket_id) if callback.ticket_id else None
    while ticket is not None and ticket.duplicate_of_id is not None:
        ticket = session.get_one(Ticket, ticket.duplicate_of_id)
    return ticket is not None and ticket.assignee_id == actor.id


def tell_somebody(session: Session, cfg: DeskConfig, callback: Callback, *, now: datetime) -> None:
    """One text a callback, to the nearest of those who ring residents, at the moment that the call is due: asked for
    at night it can wait until somebody may be rung. Nothing personal is in it."""
    cfg = cfg.house
    nearest = _nearest(session, _unit_id(session, cfg, callback))
    if nearest is None or nearest.phone is None:
        return
    at = max(callback.due_at, now)
    body = cfg.texts("有居民等回电话：{time}。用 jiachang ticket calls 查看。")
    message = queue_text(
        session,
        cfg,
        phone=nearest.phone,
        body=body.format(time=spoken_time(cfg, at, at)),
        purpose="person_call",
        now=now,
        staff_id=nearest.id,
        dedup_key=f"person:{callback.id}",
    )
    if message.created_at == now and message.tries == 0:
        message.due_at = at
        session.flush()


def _nearest(session: Session, unit_id: int | None) -> Staff | None:
    """With a phone, up the tree; of two equally near the callback worker. From nowhere known: the tops of the trees."""
    units = ancestors(session, unit_id) or session.scalars(select(Unit).where(Unit.parent_id.is_(None))).all()
    height = {unit.id: n for n, unit in enumerate(units)}
    query = select(Staff).where(
        Staff.active, Staff.role.in_(_TOLD), Staff.phone_index.is_not(None), Staff.unit_id.in_(height)
    )
    staff = session.scalars(query).all()
    return min(staff, key=lambda one: (height[one.unit_id], _TOLD.index(one.role), one.id), default=None)


def _path(session: Session, cfg: DeskConfig, callback: Callback) -> str | None:
    unit_id = _unit_id(session, cfg, callback)
    return session.scalar(select(Unit.path).where(Unit.id == unit_id)) if unit_id else None


def _unit_id(session: Session, cfg: DeskConfig, callback: Callback) -> int | None:
    """The ticket's unit, else where the resident lives, else what the hotline belongs to."""
    ticket = session.get(Ticket, callback.ticket_id) if callback.ticket_id else None
    if ticket is not None and ticket.unit_id is not None:
        return ticket.unit_id
    return unit_id_for(session, Place(), callback.resident_id, cfg.hotline_number)
