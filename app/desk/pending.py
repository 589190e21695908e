"""Steps that can be taken back: what somebody orders is carried out a minute later, unless they think better of it.

The table of the lifecycle has no way back from a cancellation, and a text that went out cannot be fetched. So nothing
happens in that minute: no event, no text, no change of state. The log stays append-only and needs no "undone".
"""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.desk.config import DeskConfig
from app.desk.rights import Actor, oversees
from app.desk.tickets import actor_of, by_number, check_step, note, transition, view_of
from app.errors import BadInput, JiachangError, NotAllowed, NotFound, StaleTicket
from models.base import Json
from models.lifecycle import Action
from models.pending_step import PendingStep
from models.staff import Staff
from models.ticket import Ticket, TicketEvent

WINDOW = timedelta(seconds=60)
SLIPS = frozenset(
    {
        Action.RETURN,
        Action.HOLD,
        Action.PLAN,
        Action.REFER,
        Action.RESOLVE,
        Action.REOPEN,
        Action.CLOSE_UNRATED,
        Action.DUPLICATE,
        Action.CANCEL,
    }
)
"""The others need no way back: who has accepted can return, a dispatch goes to somebody else by another one."""
_MOMENTS, _DATES = ("until",), ("review_on",)


def order(
    session: Session,
    cfg: DeskConfig,
    ticket: Ticket,
    action: Action,
    actor: Actor,
    *,
    now: datetime,
    expected_version: int | None = None,
    **given: Any,
) -> TicketEvent | PendingStep:
    """Do it: at once, or in a minute where it is a slip that cannot be put right. `given` as for `transition`.

    Raises what `transition` raises, now and not in a minute; BadInput while another step still waits.
    """
    check_nothing_waits(session, ticket)
    if action not in SLIPS or actor.id is None:
        return transition(
            session, cfg, ticket, action, actor, now=now, expected_version=expected_version, **given
        )
    check_step(session, cfg, ticket, action, actor, now=now, expected_version=expected_version, **given)
    step = PendingStep(
        ticket_id=ticket.id,
        staff_id=actor.id,
        action=action.value,
        given=_packed(given),
        source=ticket.status,
        assignee_id=ticket.assignee_id,
        due_at=now + WINDOW,
        created_at=now,
    )
    session.add(step)
    session.flush()
    return step


def check_nothing_waits(session: Session, ticket: Ticket) -> None:
    """Raises BadInput while a step of this ticket can still be taken back."""
    if waiting_for(session, ticket.id) is not None:
        raise BadInput("{number} 号还有一步等着生效：请先撤回，或让它马上生效", number=ticket.number)


def waiting_for(session: Session, ticket_id: int) -> PendingStep | None:
    return session.scalar(select(PendingStep).where(PendingStep.ticket_id == ticket_id))


def take_back(session: Session, ticket: Ticket, actor: Actor) -> Action:
    """As if it had never been ordered. Raises NotFound if it is too late, NotAllowed for somebody else's step."""
    step = _own(session, ticket, actor)
    session.delete(step)
    session.flush()
    return Action(step.action)


def at_once(
    session: Session, cfg: DeskConfig, ticket: Ticket, actor: Actor, *, now: datetime
) -> TicketEvent | None:
    """Don't wait for the minute to be over."""
    return carry_out(session, cfg, _own(session, ticket, actor).id, now=now)


def due(session: Session, *, now: datetime) -> list[int]:
    query = select(PendingStep.id).where(PendingStep.due_at <= now).order_by(PendingStep.due_at).limit(200)
    return list(session.scalars(query))


def carry_out(session: Session, cfg: DeskConfig, step_id: int, *, now: datetime) -> TicketEvent | None:
    """In the name of whoever ordered it. None if somebody was quicker or it has become impossible: then the ticket's
    log says so, and nothing else has changed."""
    step = session.scalar(select(PendingStep).where(PendingStep.id == step_id).with_for_update())
    if step is None:
        return None
    ticket = session.get_one(Ticket, step.ticket_id, with_for_update=True, populate_existing=True)
    actor = actor_of(session, session.get_one(Staff, step.staff_id))
    given = _unpacked(session, step.given)
    session.delete(step)
    try:
        if (ticket.status, ticket.assignee_id) != (step.source, step.assignee_id):
            raise StaleTicket("别人先办了别的一步")
        check_step(session, cfg, ticket, Action(step.action), actor, now=now, **given)
    except JiachangError as error:
        data = {"action": step.action}
        note(session, ticket, "step_void", actor, now=now, reason=error.said(cfg.house.texts), data=data)
        return None
    return transition(session, cfg, ticket, Action(step.action), actor, now=now, **given)


def _own(session: Session, ticket: Ticket, actor: Actor) -> PendingStep:
    step = waiting_for(session, ticket.id)
    if step is None:
        raise NotFound("来不及了：这一步已经生效")
    if step.staff_id != actor.id and not oversees(actor, view_of(session, ticket).unit_path):
        raise NotAllowed("这一步是别人办的，您不能撤回")
    return step


def _packed(given: Json) -> Json:
    packed = {name: value for name, value in given.items() if value is not None}
    for name in (*_MOMENTS, *_DATES):
        if name in packed:
            packed[name] = packed[name].isoformat()
    if "duplicate_of" in packed:
        packed["duplicate_of"] = packed["duplicate_of"].number
    return packed


def _unpacked(session: Session, packed: Json) -> Json:
    given = dict(packed)
    for name in _MOMENTS:
        if name in given:
            given[name] = datetime.fromisoformat(given[name])
    for name in _DATES:
        if name in given:
            given[name] = date.fromisoformat(given[name])
    if "duplicate_of" in given:
        given["duplicate_of"] = by_number(session, given["duplicate_of"])
    return given
