"""Texts that follow from what happens to a ticket: to its assignee, and to the resident who reported it.

Which steps a resident is told of, and why not of others: docs/texts.md. Whoever cannot be texted is rung about those
in `RUNG_INSTEAD` (app.desk.telling).
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.desk import wording
from app.desk.config import DeskConfig
from app.desk.messages import RUNG_INSTEAD, queue_text
from app.desk.residents import may_text, phones_of
from app.desk.rights import Actor
from app.texts.catalogue import mark
from models.lifecycle import Action
from models.message import Message
from models.resident import Resident
from models.staff import Staff
from models.ticket import Ticket, TicketEvent

_MANY = 10
_MANY_WITHIN = timedelta(minutes=10)
"""More texts about ordinary matters than that, and a keeper gets one that says so: a flood of reports must not flood
her telephone."""
_PUBLIC = frozenset({"repairs", "environment"})
"""Categories in which what staff wrote may stand in a text: others may read it over her shoulder."""
_PATTERNS = {
    Action.DISPATCH: mark("您反映的{number}号已交给{who}，{date}前办好。"),
    Action.HOLD: mark("您反映的{number}号的事要等一等{what}。我们{date}前给您办，请多包涵。"),
    Action.PLAN: mark("您反映的{number}号一时办不了，已纳入计划{what}。{review}再看，有结果告诉您。"),
    Action.REFER: mark("您反映的{number}号已转给有关单位办{what}。我们{review}再跟进，有结果告诉您。"),
    Action.RESOLVE: mark("您反映的{number}号办好了{what}。我们会打电话问您满不满意，没好请回“没好”。"),
    Action.REOPEN: mark("您说{number}号的事还没办好，我们记下了，会重新去办，{date}前给您办好。"),
    Action.DUPLICATE: mark("您反映的{number}号，和{other}号是同一件事，我们一起办，办好了再给您打电话。"),
}


def after_step(
    session: Session, cfg: DeskConfig, ticket: Ticket, event: TicketEvent, *, now: datetime
) -> None:
    """Whoever must know of this step gets a text; nobody is texted twice for one event."""
    action = Action(event.action)
    if action is Action.DISPATCH:
        body = wording.dispatch_text(cfg, ticket)
        tell_assignee(session, cfg, ticket, body, "dispatch", event, now=now)
    if action not in _PATTERNS or _knows_already(session, ticket, event):
        return
    words = {Action.RESOLVE: ticket.resolution}.get(action, event.reason)
    if words is None or ticket.category not in _PUBLIC:
        words = ""
    review = event.data.get("review_on")
    staff = session.get(Staff, ticket.assignee_id) if ticket.assignee_id else None
    master = session.get(Ticket, ticket.duplicate_of_id) if ticket.duplicate_of_id else None

    def write(local: DeskConfig) -> str:
        pattern = local.texts(_PATTERNS[action])
        fields = {
            "number": ticket.number,
            "date": wording.short_date(local, ticket.promised_on),
            "review": wording.short_date(local, date.fromisoformat(review)) if review else "",
            "who": wording.role_of(local, staff.kind) if staff else "",
            "other": master.number if master else "",
        }
        return wording.within_segment(
            local,
            lambda what: pattern.format(
                what=local.texts("：{what}").format(what=what) if what else "", **fields
            ),
            words.rstrip("。"),
        )

    tell_reporter(session, cfg, ticket, write, action, dedup_key=f"event:{event.id}:reporter", now=now)


def _knows_already(session: Session, ticket: Ticket, event: TicketEvent) -> bool:
    """Who says by text that it isn't done has the answer to her text; and to whom the matter goes next is news once."""
    if event.action == Action.REOPEN:
        by_reporter = event.actor == Actor.resident(ticket.reporter_id).label
        return by_reporter and event.data.get("channel") == "sms"
    if event.action == Action.DISPATCH:
        query = select(Message.id).where(
            Message.ticket_id == ticket.id,
            Message.purpose == Action.DISPATCH,
            Message.resident_id.is_not(None),
            Message.created_at >= ticket.cycle_at,
        )
        return session.scalar(query.limit(1)) is not None
    return False


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
    """Urgent matters at once, day and night, others in `cfg.text_hours`. None if there is no assignee, or one without a
    phone (a company that looks at its list)."""
    staff = session.get(Staff, ticket.assignee_id) if ticket.assignee_id else None
    if staff is None or not staff.phone:
        return None
    key = f"event:{event.id}"
    if not ticket.urgent and _has_many(session, staff.phone, now):
        body = cfg.texts("派给您的事一下子来了很多，不一件件发短信了，请回“单”查看。")
        key = f"many:{staff.id}:{now:%Y%m%d%H}{now.minute // 10}"
    return queue_text(
        session,
        cfg,
        phone=staff.phone,
        body=body,
        purpose=purpose,
        now=now,
        ticket_id=ticket.id,
        staff_id=staff.id,
        may_wait=not ticket.urgent,
        dedup_key=key,
    )


def _has_many(session: Session, phone: str, now: datetime) -> bool:
    query = select(func.count(Message.id)).where(
        Message.phone_index == phone,
        Message.direction == "outbound",
        Message.purpose.in_(("dispatch", "warn")),
        Message.created_at > now - _MANY_WITHIN,
    )
    return session.scalars(query).one() >= _MANY


def tell_reporter(
    session: Session,
    cfg: DeskConfig,
    ticket: Ticket,
    write: Callable[[DeskConfig], str],
    purpose: str,
    *,
    dedup_key: str,
    now: datetime,
) -> Message | None:
    """`write` puts it into the resident's own language. None if nobody can be reached, or the resident has opted out of
    unasked texts. For a number that takes no texts the row is failed from the start, so that it is rung about."""
    resident = session.get(Resident, ticket.reporter_id) if ticket.reporter_id else None
    if resident is None or resident.opted_out:
        return None
    texted = [phone for phone in phones_of(session, resident.id, textable=True) if may_text(cfg, phone)]
    others = phones_of(session, resident.id) if purpose in RUNG_INSTEAD else []
    phone = next(iter((*texted, *others)), None)
    if phone is None:
        return None
    return queue_text(
        session,
        cfg,
        phone=phone,
        body=write(cfg.speaking(resident.language) if texted else cfg),
        purpose=purpose,
        now=now,
        ticket_id=ticket.id,
        resident_id=resident.id,
        may_wait=not ticket.urgent,
        takes_texts=bool(texted),
        dedup_key=dedup_key,
    )
