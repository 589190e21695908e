"""The clock's round over open matters: remind, escalate, resume, review. The dates themselves are app.desk.limits."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.desk import limits, notices, steps, wording
from app.desk.config import DeskConfig
from app.desk.messages import queue_text
from app.desk.rights import Actor
from app.desk.tickets import note, transition
from app.desk.units import ancestors, in_charge, nearest_staff
from app.texts.catalogue import mark
from models.lifecycle import OPEN, Action, Status
from models.staff import Role, Staff
from models.ticket import Ticket, TicketEvent
from models.unit import Unit

_BATCH = 100
_REVIEW_AGAIN = timedelta(days=7)


def sweep(session: Session, cfg: DeskConfig, *, now: datetime) -> int:
    """Look at every ticket whose time has come; returns how many. Call again while it returns any.

    Each ticket says itself when it must be looked at (`watch_at`), so a quiet day costs one empty query.
    """
    due = (
        select(Ticket)
        .where(Ticket.watch_at <= now)
        .order_by(Ticket.watch_at, Ticket.id)
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    )
    tickets = session.scalars(due).all()
    for ticket in tickets:
        _look_at(session, cfg, ticket, now)
    return len(tickets)


def _look_at(session: Session, cfg: DeskConfig, ticket: Ticket, now: datetime) -> None:
    top = False
    if ticket.status in (Status.PLANNED, Status.REFERRED):
        _review(session, cfg, ticket, now)
        ticket.watch_at = now + _REVIEW_AGAIN  # until somebody sets a new date or does it
        session.flush()
        return
    if ticket.status is Status.ON_HOLD and ticket.hold_until is not None and ticket.hold_until <= now:
        transition(session, cfg, ticket, Action.RESUME, Actor.clock(), now=now, reason="暂缓的日期到了")
    if steps.awaits_response(ticket) and now >= ticket.respond_due_at:
        _ask_for_an_answer(session, cfg, ticket, now)
    if ticket.status in OPEN:
        if now >= limits.breach_at(ticket.cycle_at, ticket.due_at, ticket.escalation):
            top = _escalate(session, cfg, ticket, now)
        elif not ticket.escalation:
            _remind(session, cfg, ticket, now)
    ticket.watch_at = steps.next_watch(ticket, cfg, top=top)
    session.flush()


def _remind(session: Session, cfg: DeskConfig, ticket: Ticket, now: datetime) -> None:
    """At 50 % and 80 % of the limit: the assignee, or who answers for the unit while there is none."""
    share = limits.share_reached(ticket.cycle_at, ticket.due_at, now)
    if share <= ticket.warned:
        return
    ticket.warned = share
    event = note(session, ticket, "warn", Actor.clock(), now=now, data={"share": share})
    pattern = cfg.texts("提醒：{number}号的时间已过{share}%，{due}前要办好。{what}")
    if ticket.assignee_id is not None:
        body = _body(cfg, ticket, pattern, share=share)
        notices.tell_assignee(session, cfg, ticket, body, "warn", event, now=now)
    else:
        pattern = cfg.texts("提醒：{number}号还没有派人，时间已过{share}%，{due}前要办好。{what}")
        _tell_unit(session, cfg, ticket, _body(cfg, ticket, pattern, share=share), "warn", event, 0, now)


def _ask_for_an_answer(session: Session, cfg: DeskConfig, ticket: Ticket, now: datetime) -> None:
    """The time to respond is over and nobody has taken the matter up: whoever has it, else whoever answers for it."""
    ticket.respond_missed = True
    event = note(session, ticket, "late_response", Actor.clock(), now=now)
    if ticket.assignee_id is not None:
        body = _body(cfg, ticket, cfg.texts("{number}号还没有接单，请回复“接{number}”。{what}"))
        notices.tell_assignee(session, cfg, ticket, body, "warn", event, now=now)
    else:
        body = _body(cfg, ticket, cfg.texts("{number}号还没有人接，请安排。{what}"))
        _tell_unit(session, cfg, ticket, body, "warn", event, 0, now)


def _escalate(session: Session, cfg: DeskConfig, ticket: Ticket, now: datetime) -> bool:
    """One level up the tree of units; True once there is nothing further up."""
    chain = ancestors(session, ticket.unit_id)
    highest = max(len(chain) - 1, 1)
    if ticket.escalation >= highest:
        return True
    ticket.warned = 80
    ticket.escalation = min(ticket.escalation + 1, highest)
    unit = chain[min(ticket.escalation, len(chain) - 1)] if chain else None
    event = note(
        session,
        ticket,
        "escalate",
        Actor.clock(),
        now=now,
        reason=f"超过时限，上报{unit.name}" if unit else "超过时限，地点不明",
        data={
            "level": ticket.escalation,
            "unit": unit.id if unit else None,
            "due": ticket.due_at.isoformat(),
        },
    )
    pattern = cfg.texts("督办：{number}号已超过{due}的时限，还没办好，请过问。承办：{who}。{what}")
    staff = session.get(Staff, ticket.assignee_id) if ticket.assignee_id else None
    body = _body(cfg, ticket, pattern, who=staff.name if staff else cfg.texts("未派单"))
    _tell_unit(session, cfg, ticket, body, "escalate", event, ticket.escalation, now)
    return ticket.escalation >= highest


def _review(session: Session, cfg: DeskConfig, ticket: Ticket, now: datetime) -> None:
    """Planned and referred matters are not done and not forgotten."""
    event = note(session, ticket, "review", Actor.clock(), now=now, reason="到了该再看的日期")
    pattern = cfg.texts("请再看一下：{number}号（{state}）到了复查的日期。{what}")
    state = cfg.texts(mark("纳入计划", "state") if ticket.status is Status.PLANNED else mark("转办", "state"))
    body = _body(cfg, ticket, pattern, state=state)
    dispatcher = nearest_staff(session, ticket.unit_id, Role.DISPATCHER)
    staff = session.get(Staff, dispatcher) if dispatcher else None
    if staff is None or not staff.phone:
        _tell_unit(session, cfg, ticket, body, "review", event, 0, now)
        return
    queue_text(
        session,
        cfg,
        phone=staff.phone,
        body=body,
        purpose="review",
        now=now,
        ticket_id=ticket.id,
        staff_id=staff.id,
        dedup_key=f"event:{event.id}",
    )


def _tell_unit(
    session: Session,
    cfg: DeskConfig,
    ticket: Ticket,
    body: str,
    purpose: str,
    event: TicketEvent,
    level: int,
    now: datetime,
) -> None:
    """Who answers for the unit `level` steps above the ticket's, or for the nearest one above that has somebody else
    than the assignee."""
    chain: list[Unit] = ancestors(session, ticket.unit_id)
    for unit in chain[min(level, max(len(chain) - 1, 0)) :]:
        reached = in_charge(session, unit.id)
        if reached and (reached[1] is None or reached[1] != ticket.assignee_id):
            phone, staff_id = reached
            queue_text(
                session,
                cfg,
                phone=phone,
                body=body,
                purpose=purpose,
                now=now,
                ticket_id=ticket.id,
                staff_id=staff_id,
                dedup_key=f"event:{event.id}",
            )
            return


def _body(cfg: DeskConfig, ticket: Ticket, pattern: str, **more: object) -> str:
    fields: dict[str, object] = {"number": ticket.number, "due": wording.when_of(cfg, ticket), **more}
    what = wording.place_of(cfg, ticket) + wording.what_of(cfg, ticket)
    return wording.within_segment(cfg, lambda what: pattern.format(what=what, **fields), what)
