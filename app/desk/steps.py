"""What each step of the lifecycle asks for and changes besides the status. Used by app.desk.tickets alone."""

from dataclasses import dataclass
from datetime import date, datetime

from app.desk import limits
from app.desk.config import DeskConfig
from app.desk.limits import REOPEN_WITHIN, Limits
from app.desk.rights import Actor
from app.errors import BadInput, Names
from app.texts.catalogue import mark
from models.base import Json
from models.lifecycle import OPEN, UNRATED_REASONS, Action, Status
from models.ticket import Ticket

# Who only hands a matter back, gives a mark or closes the file has not taken it up.
_TAKES_IT_UP = frozenset(
    {
        Action.LISTEN,
        Action.DISPATCH,
        Action.ACCEPT,
        Action.HOLD,
        Action.PLAN,
        Action.REFER,
        Action.RESOLVE,
    }
)
_MISSING = {
    "reason": mark("请写明原因"),
    "until": mark("请写明暂缓到哪一天"),
    "review_on": mark("请写明哪一天再看"),
    "text": mark("请写明是怎么办好的"),
    "duplicate_of": mark("请写明和哪一件是同一件事"),
}


@dataclass(frozen=True, slots=True)
class Given:
    """What came with an action; already cleaned."""

    now: datetime
    actor: Actor
    reason: str | None = None
    text: str | None = None
    until: datetime | None = None
    review_on: date | None = None
    duplicate_of: Ticket | None = None
    assignee_id: int | None = None


def check(action: Action, needs: tuple[str, ...], given: Given, cfg: DeskConfig) -> None:
    """BadInput, in words for whoever is acting, if something needed is missing or makes no sense."""
    for need in needs:
        if not getattr(given, need):
            raise BadInput(_MISSING[need])
    if action is Action.DISPATCH and given.assignee_id is None:
        raise BadInput("请写明派给谁")
    if given.until is not None and given.until <= given.now:
        raise BadInput("暂缓的日期要在今天以后")
    if given.review_on is not None and given.review_on < cfg.calendar.local_date(given.now):
        raise BadInput("再看的日期不能早于今天")
    if action is Action.CLOSE_UNRATED and given.reason not in UNRATED_REASONS:
        raise BadInput("原因只能是：{reasons}", reasons=Names(sorted(UNRATED_REASONS)))


def reopenable(ticket: Ticket, now: datetime) -> bool:
    """Within 14 days after closing; what awaits its evaluation always."""
    return ticket.closed_at is None or now <= ticket.closed_at + REOPEN_WITHIN


def apply(action: Action, ticket: Ticket, given: Given, cfg: DeskConfig, category: Limits) -> Json:
    """Change the ticket's other columns; what would be lost by that goes into the event's data.

    首问责任: whoever hears of a matter first stays responsible until it is answered. A robot is nobody, so on a
    matter that came by phone or text it is the first dispatcher or assignee who takes it up; never changed afterwards.
    """
    now = given.now
    if ticket.first_responder_id is None and given.actor.kind == "staff" and action in _TAKES_IT_UP:
        ticket.first_responder_id = given.actor.id
    data: Json = {}
    match action:
        case Action.LISTEN:
            ticket.verified = True
            if given.text:
                data["heard_before"] = ticket.text
                ticket.text = given.text
        case Action.DISPATCH:
            data = {"assignee": given.assignee_id, "before": ticket.assignee_id}
            ticket.assignee_id = given.assignee_id
            ticket.dispatch_reason = given.reason[:200] if given.reason else None
            ticket.accepted_at = ticket.hold_until = ticket.review_on = None
        case Action.ACCEPT:
            ticket.accepted_at = now
        case Action.RETURN:
            data["assignee"] = ticket.assignee_id
            ticket.assignee_id = ticket.accepted_at = ticket.dispatch_reason = None
        case Action.HOLD if given.until is not None:
            data = {"due_before": _text(ticket.due_at), "until": _text(given.until)}
            ticket.hold_until = given.until
            # A new promise is made for that day; the hard limit runs on.
            wanted = limits.end_of(cfg.calendar, cfg.calendar.local_date(given.until))
            ticket.due_at = max(ticket.due_at, min(wanted, ticket.hard_due_at))
            ticket.promised_on = cfg.calendar.local_date(ticket.due_at)
        case Action.RESUME:
            ticket.hold_until = None
        case Action.PLAN | Action.REFER if given.review_on is not None:
            data["review_on"] = given.review_on.isoformat()
            ticket.review_on, ticket.hold_until = given.review_on, None
        case Action.RESOLVE:
            data["text"] = given.text
            ticket.resolution, ticket.resolved_at = given.text, now
            ticket.hold_until = ticket.review_on = None
            if ticket.accepted_at is None and given.actor.id == ticket.assignee_id:
                ticket.accepted_at = now  # whoever did it has accepted it
        case Action.RATE_OK:
            ticket.closed_at, ticket.close_reason = now, None
        case Action.CLOSE_UNRATED:
            ticket.closed_at, ticket.close_reason = now, given.reason
        case Action.REOPEN:
            data = _next_cycle(ticket, now, cfg, category)
        case Action.DUPLICATE if given.duplicate_of is not None:
            data["duplicate_of"] = given.duplicate_of.number
            ticket.duplicate_of_id = given.duplicate_of.id
        case _:
            pass
    return data


def next_watch(ticket: Ticket, cfg: DeskConfig, *, top: bool = False) -> datetime | None:
    """When the clock must look at the ticket again. `top`: a breach has been reported to the top of the tree."""
    if ticket.status in (Status.PLANNED, Status.REFERRED):
        return limits.review_at(cfg.calendar, ticket.review_on) if ticket.review_on else None
    if ticket.status not in OPEN:
        return None
    if ticket.status is Status.ON_HOLD:
        # Who waits with a good reason is not reminded, but the hard limit runs on.
        breach = None if top else limits.breach_at(ticket.cycle_at, ticket.due_at, ticket.escalation)
        looks = [ticket.hold_until, breach]
    else:
        looks = [
            limits.next_look(
                ticket.cycle_at, ticket.due_at, warned=ticket.warned, escalation=ticket.escalation, top=top
            ),
            ticket.respond_due_at if awaits_response(ticket) else None,
        ]
    return min((moment for moment in looks if moment), default=None)


def awaits_response(ticket: Ticket) -> bool:
    """Nobody has taken it up yet, and that has not been held against us yet."""
    return ticket.status in OPEN and ticket.accepted_at is None and not ticket.respond_missed


def _next_cycle(ticket: Ticket, now: datetime, cfg: DeskConfig, category: Limits) -> Json:
    """Back to the dispatcher with a shorter limit; the earlier cycle stays on record in the event."""
    data: Json = {
        "cycle": ticket.cycle,
        "assignee": ticket.assignee_id,
        "resolution": ticket.resolution,
        "close_reason": ticket.close_reason,
        "escalation": ticket.escalation,
        "began": _text(ticket.cycle_at),
        "due": _text(ticket.due_at),
        "accepted": _text(ticket.accepted_at),
        "resolved": _text(ticket.resolved_at),
        "closed": _text(ticket.closed_at),
    }
    due = limits.next_cycle(category, cfg.calendar, now, urgent=ticket.urgent, hard=ticket.hard_due_at)
    ticket.cycle += 1
    ticket.cycle_at = now
    ticket.respond_due_at, ticket.due_at, ticket.promised_on = due.respond, due.resolve, due.promised_on
    ticket.escalation = ticket.warned = 0
    ticket.respond_missed = False
    ticket.assignee_id = ticket.dispatch_reason = ticket.resolution = ticket.close_reason = None
    ticket.accepted_at = ticket.resolved_at = ticket.closed_at = None
    return data


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
