"""Joint handling (联办): one leads, several help, each says when their part is done; the lead resolves."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.desk import wording
from app.desk.config import DeskConfig
from app.desk.messages import queue_text
from app.desk.rights import Actor, capacities
from app.desk.tickets import note, view_of
from app.errors import BadInput, NotAllowed, NotFound
from app.hygiene import clean
from models.co_handler import CoHandler
from models.lifecycle import OPEN, Who
from models.staff import Staff
from models.ticket import Ticket, TicketEvent
from models.unit import Unit

_TASK = 200
_ARRANGES = frozenset({Who.DISPATCHER, Who.ASSIGNEE})


def add_helper(
    session: Session,
    cfg: DeskConfig,
    ticket: Ticket,
    actor: Actor,
    staff_id: int,
    task: str | None,
    *,
    now: datetime,
) -> CoHandler:
    """Somebody helps; told by text what with, if they have a telephone. Raises NotAllowed, BadInput."""
    _check_arranges(session, ticket, actor)
    staff = session.get(Staff, staff_id)
    if staff is None or not staff.active:
        raise BadInput("没有这个人，或已经不在岗，请另找一位")
    if staff.id == ticket.assignee_id:
        raise BadInput("{name} 是承办人，不用再请来协办", name=staff.name)
    view = view_of(session, ticket)
    root = session.get_one(Unit, staff.unit_id).path.strip("/").split("/")[0]
    if view.unit_path is not None and view.unit_path.strip("/").split("/")[0] != root:
        raise BadInput("不能请别的社区的人协办")
    if _find(session, ticket, staff_id) is not None:
        raise BadInput("{name} 已经在协办了", name=staff.name)
    helper = CoHandler(
        ticket_id=ticket.id,
        staff_id=staff_id,
        task=(clean(task, limit=_TASK) or None) if task else None,
        created_at=now,
    )
    session.add(helper)
    event = note(session, ticket, "joint", actor, now=now, reason=helper.task, data={"staff": staff_id})
    _tell(session, cfg, ticket, staff, helper.task, event, now)
    return helper


def remove_helper(
    session: Session, ticket: Ticket, actor: Actor, staff_id: int, *, now: datetime
) -> TicketEvent:
    """Raises NotAllowed, NotFound."""
    _check_arranges(session, ticket, actor)
    session.delete(_helper(session, ticket, staff_id))
    return note(session, ticket, "joint_leave", actor, now=now, data={"staff": staff_id})


def mark_done(
    session: Session,
    ticket: Ticket,
    actor: Actor,
    staff_id: int,
    *,
    now: datetime,
    done: bool = True,
    words: str | None = None,
) -> TicketEvent:
    """By the co-handler, or by whoever arranges it; `done=False` takes the mark back. Raises NotAllowed, NotFound."""
    helper = _helper(session, ticket, staff_id)
    if staff_id != actor.id or actor.role is None:
        _check_arranges(session, ticket, actor)
    helper.done_at = now if done else None
    action = "joint_done" if done else "joint_undone"
    return note(session, ticket, action, actor, now=now, reason=words, data={"staff": staff_id})


def _check_arranges(session: Session, ticket: Ticket, actor: Actor) -> None:
    if not capacities(actor, view_of(session, ticket)) & _ARRANGES:
        raise NotAllowed("{number} 号的联办由承办人和派单员安排", number=ticket.number)
    if ticket.status not in OPEN:
        raise BadInput("{number} 号已经不在办，不用联办", number=ticket.number)


def _helper(session: Session, ticket: Ticket, staff_id: int) -> CoHandler:
    found = _find(session, ticket, staff_id)
    if found is None:
        raise NotFound("没有这位协办人")
    return found


def _find(session: Session, ticket: Ticket, staff_id: int) -> CoHandler | None:
    query = select(CoHandler).where(CoHandler.ticket_id == ticket.id, CoHandler.staff_id == staff_id)
    return session.scalar(query)


def _tell(
    session: Session,
    cfg: DeskConfig,
    ticket: Ticket,
    staff: Staff,
    task: str | None,
    event: TicketEvent,
    now: datetime,
) -> None:
    if not staff.phone:
        return
    cfg = cfg.house
    lead = session.get(Staff, ticket.assignee_id) if ticket.assignee_id else None
    pattern = cfg.texts("请您协办{number}号：{place}{what}。{due}前办好，承办人{who}")
    fields = {
        "number": ticket.number,
        "place": wording.place_of(cfg, ticket),
        "due": wording.when_of(cfg, ticket),
        "who": lead.name if lead else cfg.texts("未定"),
    }
    what = task or wording.what_of(cfg, ticket)
    queue_text(
        session,
        cfg,
        phone=staff.phone,
        body=wording.within_segment(cfg, lambda part: pattern.format(what=part, **fields), what),
        purpose="joint",
        now=now,
        ticket_id=ticket.id,
        staff_id=staff.id,
        may_wait=not ticket.urgent,
        dedup_key=f"event:{event.id}",
    )
