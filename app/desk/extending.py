"""延: whoever has a matter in hand needs more time than was promised."""

from datetime import date, datetime, time

from sqlalchemy.orm import Session

from app.desk import wording
from app.desk.config import DeskConfig
from app.desk.dispatchers import tell_dispatcher
from app.desk.rights import Actor
from app.desk.tickets import note, transition
from app.errors import BadInput
from app.hygiene import fit
from models.lifecycle import Action, Status
from models.ticket import Ticket

_RESUMES = time(9)


def extend(
    session: Session,
    cfg: DeskConfig,
    ticket: Ticket,
    actor: Actor,
    *,
    reason: str,
    until: date,
    now: datetime,
) -> bool:
    """Put it on hold until the morning of a local day. False: that day lies past the hard limit, so it is not held and
    the dispatcher is asked instead.

    Who postpones a matter has taken it up; who postpones it again begins a new wait. Raises what `transition` raises.
    """
    if until <= cfg.calendar.local_date(now):
        raise BadInput("日期要在今天以后。")
    if until > cfg.calendar.local_date(ticket.hard_due_at):
        _ask_dispatcher(session, cfg, ticket, actor, reason, until, now)
        return False
    if ticket.status is Status.DISPATCHED:
        transition(session, cfg, ticket, Action.ACCEPT, actor, now=now)
    if ticket.status is Status.ON_HOLD:
        transition(session, cfg, ticket, Action.RESUME, actor, now=now)
    morning = cfg.calendar.at(until, _RESUMES)
    transition(session, cfg, ticket, Action.HOLD, actor, now=now, reason=reason, until=morning)
    return True


def _ask_dispatcher(
    session: Session,
    cfg: DeskConfig,
    ticket: Ticket,
    actor: Actor,
    reason: str,
    until: date,
    now: datetime,
) -> None:
    data = {"until": until.isoformat()}
    event = note(session, ticket, "ask_extension", actor, now=now, reason=reason, data=data)
    pattern = cfg.texts("{number}号想延到{date}，超过最长时限{hard}，请定：{reason}")
    body = pattern.format(
        number=ticket.number,
        date=wording.short_date(cfg, until),
        hard=wording.short_date(cfg, cfg.calendar.local_date(ticket.hard_due_at)),
        reason=fit(reason, 20),
    )
    key = f"event:{event.id}"
    tell_dispatcher(
        session, cfg, body, "extension", now=now, dedup_key=key, unit_id=ticket.unit_id, ticket_id=ticket.id
    )
