"""Texts that follow from what happens to a ticket: to its assignee, and to the resident who reported it."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.desk import wording
from app.desk.config import DeskConfig
from app.desk.messages import queue_text
from app.desk.residents import may_text, phones_of
from app.hygiene import fit
from models.lifecycle import Action
from models.message import Message
from models.resident import Resident
from models.staff import Staff
from models.ticket import Ticket, TicketEvent


def after_step(
    session: Session, cfg: DeskConfig, ticket: Ticket, event: TicketEvent, *, now: datetime
) -> None:
    """Whoever must know of this step gets a text; nobody is texted twice for one event."""
    _ = cfg.texts
    match event.action:
        case Action.DISPATCH:
            tell_assignee(
                session, cfg, ticket, wording.dispatch_text(cfg, ticket), "dispatch", event, now=now
            )
        case Action.HOLD:
            body = _("您反映的{number}号的事要等一等：{reason}。我们{date}前给您办，请多包涵。")
            reason = fit((event.reason or "").rstrip("。"), 30)
            _tell(session, cfg, ticket, body, event, now=now, reason=reason)
        case Action.REOPEN:
            body = _("您说{number}号的事还没办好，我们记下了，会重新去办，{date}前给您办好。")
            _tell(session, cfg, ticket, body, event, now=now)
        case Action.DUPLICATE if ticket.duplicate_of_id is not None:
            master = session.get_one(Ticket, ticket.duplicate_of_id)
            body = _("您反映的{number}号，和{other}号是同一件事，我们一起办，办好了再给您打电话。")
            _tell(session, cfg, ticket, body, event, now=now, other=master.number)
        case _:
            pass


def tell_assignee(
    session: Session,
    cfg: DeskConfig,
    ticket: Ticket,
    body: str,
    purpose: str,
    event: TicketEvent,
    *,
    now: datetime,
) -> Message | None:
    """None if there is no assignee, or one without a phone (a company that looks at its list)."""
    staff = session.get(Staff, ticket.assignee_id) if ticket.assignee_id else None
    if staff is None or not staff.phone:
        return None
    return queue_text(
        session,
        cfg,
        phone=staff.phone,
        body=body,
        purpose=purpose,
        now=now,
        ticket_id=ticket.id,
        staff_id=staff.id,
        dedup_key=f"event:{event.id}",
    )


def tell_reporter(
    session: Session,
    cfg: DeskConfig,
    ticket: Ticket,
    body: str,
    purpose: str,
    *,
    dedup_key: str,
    now: datetime,
) -> Message | None:
    """None if nobody can be reached by text, or the resident has opted out of unasked texts."""
    resident = session.get(Resident, ticket.reporter_id) if ticket.reporter_id else None
    if resident is None or resident.opted_out:
        return None
    phone = next(iter(phones_of(session, resident.id, textable=True)), None)
    if phone is None or not may_text(cfg, phone):
        return None
    return queue_text(
        session,
        cfg,
        phone=phone,
        body=body,
        purpose=purpose,
        now=now,
        ticket_id=ticket.id,
        resident_id=resident.id,
        dedup_key=dedup_key,
    )


def _tell(
    session: Session,
    cfg: DeskConfig,
    ticket: Ticket,
    pattern: str,
    event: TicketEvent,
    *,
    now: datetime,
    **more: object,
) -> None:
    date = wording.short_date(cfg, ticket.promised_on)
    body = pattern.format(number=ticket.number, date=date, **more)
    tell_reporter(session, cfg, ticket, body, event.action, dedup_key=f"event:{event.id}", now=now)
