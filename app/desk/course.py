"""The course of a callback from robot to person to visit: what an attempt's end leads to. Policy: app.desk.dialing."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.desk import dialing
from app.desk.config import DeskConfig
from app.desk.dialing import Kind, Tried
from app.desk.messages import queue_text
from app.desk.questions import put
from app.desk.residents import can_text, phones_of
from app.desk.rights import Actor
from app.desk.staff_calls import tell_somebody
from app.desk.tickets import note, transition
from app.desk.units import ancestors, in_charge
from app.desk.wishes import calling_hours
from models.callback import Attempt, AttemptState, Callback, CallbackKind, CallbackState, Outcome
from models.lifecycle import Action, Status
from models.resident import Resident
from models.staff import Staff
from models.ticket import Ticket

OPEN = (CallbackState.WAITING, CallbackState.PERSON, CallbackState.VISIT)
_STAGES = {
    CallbackState.WAITING: Kind.ROBOT,
    CallbackState.PERSON: Kind.PERSON,
    CallbackState.VISIT: Kind.VISIT,
}


def master_of(session: Session, callback: Callback) -> Ticket | None:
    """The ticket under which the work is done: reporters of duplicates are asked about their own number, but it is
    the master that closes or is done again."""
    ticket = session.get(Ticket, callback.ticket_id) if callback.ticket_id else None
    while ticket is not None and ticket.duplicate_of_id is not None:
        ticket = session.get_one(Ticket, ticket.duplicate_of_id)
    return ticket


def is_moot(session: Session, callback: Callback) -> bool:
    """An evaluation has lost its object once the matter is being done again: no redial until resolved again. News of a
    matter is none once the matter is through."""
    if callback.kind is CallbackKind.NOTICE:
        about = session.get(Ticket, callback.ticket_id) if callback.ticket_id else None
        return about is not None and about.status in (Status.RESOLVED, Status.CLOSED, Status.CANCELLED)
    if callback.kind is not CallbackKind.EVALUATION:
        return False
    ticket = master_of(session, callback)
    if ticket is None:
        return True
    return ticket.status not in (Status.RESOLVED, Status.CLOSED) or ticket.cycle != callback.cycle


def finish(session: Session, callback: Callback, outcome: Outcome, *, now: datetime) -> None:
    """Over and done; attempts that were still to be made are dropped."""
    if callback.state not in OPEN:
        return
    callback.state, callback.outcome, callback.done_at = CallbackState.DONE, outcome, now
    drop_pending(session, callback, now=now)


def cancel(session: Session, callback: Callback, *, now: datetime) -> None:
    if callback.state not in OPEN:
        return
    callback.state, callback.done_at = CallbackState.CANCELLED, now
    drop_pending(session, callback, now=now)


def drop_pending(session: Session, callback: Callback, *, now: datetime) -> None:
    pending = select(Attempt).where(Attempt.callback_id == callback.id, Attempt.state == AttemptState.PENDING)
    for attempt in session.scalars(pending):
        attempt.state, attempt.ended_at, attempt.last_error = AttemptState.DONE, now, "dropped"


def to_person(session: Session, cfg: DeskConfig, callback: Callback, *, at: datetime, now: datetime) -> None:
    """Into the callback workers' queue, and they are told; the robot leaves it alone from now on."""
    callback.state, callback.due_at = CallbackState.PERSON, at
    drop_pending(session, callback, now=now)
    tell_somebody(session, cfg, callback, now=now)


def advance(session: Session, cfg: DeskConfig, callback: Callback, *, now: datetime) -> None:
    """The last attempt did not get an answer: draw the consequence that the policy names."""
    if callback.state not in OPEN:
        return
    if callback.kind is CallbackKind.NOTICE and _told_enough(session, cfg, callback):
        finish(session, callback, Outcome.NO_ANSWER, now=now)
        return
    step = dialing.next_step(
        history(session, callback),
        _STAGES[callback.state],
        robot_attempts=cfg.robot_attempts,
        hours=calling_hours(session, cfg, callback.resident_id),
        zone=cfg.zone,
    )
    if step.text:
        say_that_we_rang(session, cfg, callback, now=now)
    match step.kind:
        case Kind.ROBOT:
            callback.due_at = step.at
        case Kind.PERSON:
            to_person(session, cfg, callback, at=step.at, now=now)
        case Kind.VISIT:
            send_somebody(session, cfg, callback, now=now)
        case Kind.GIVE_UP:
            give_up(session, cfg, callback, now=now)


def _told_enough(session: Session, cfg: DeskConfig, callback: Callback) -> bool:
    """News is not pursued like a matter: the robot's attempts, then one by a person where it is of somebody's own matter."""
    if callback.state is not CallbackState.WAITING:
        return True
    counted = [tried for tried in history(session, callback) if tried.counts]
    return callback.ticket_id is None and len(counted) >= cfg.robot_attempts


def give_up(session: Session, cfg: DeskConfig, callback: Callback, *, now: datetime) -> None:
    """Robot, person and visit have all missed the resident."""
    finish(session, callback, Outcome.NO_ANSWER, now=now)
    close_unrated(session, cfg, callback, "unreachable", now=now)


def close_unrated(
    session: Session, cfg: DeskConfig, callback: Callback, reason: str, *, now: datetime
) -> None:
    """Close the ticket unrated, unless another of its reporters is still to be asked."""
    ticket = master_of(session, callback)
    if callback.kind is not CallbackKind.EVALUATION or ticket is None or ticket.status is not Status.RESOLVED:
        return
    if open_evaluations(session, ticket):
        return
    actor = Actor.callback(callback.id)
    transition(session, cfg, ticket, Action.CLOSE_UNRATED, actor, now=now, reason=reason)


def leave_in_peace(session: Session, cfg: DeskConfig, resident_id: int, *, now: datetime) -> None:
    """She opted out: neither robot nor person asks how it was. Calls that she asked for herself stay."""
    query = select(Callback).where(
        Callback.resident_id == resident_id,
        Callback.kind == CallbackKind.EVALUATION,
        Callback.state.in_(OPEN),
    )
    for callback in session.scalars(query.order_by(Callback.id).with_for_update()).all():
        finish(session, callback, Outcome.REFUSED, now=now)
        close_unrated(session, cfg, callback, "declined", now=now)


def open_evaluations(session: Session, ticket: Ticket) -> list[Callback]:
    """Evaluations of the running cycle that are still to be done, those of the duplicates' reporters included."""
    related = select(Ticket.id).where((Ticket.id == ticket.id) | (Ticket.duplicate_of_id == ticket.id))
    query = select(Callback).where(
        Callback.ticket_id.in_(related),
        Callback.kind == CallbackKind.EVALUATION,
        Callback.cycle == ticket.cycle,
        Callback.state.in_(OPEN),
    )
    return list(session.scalars(query))


def history(session: Session, callback: Callback) -> list[Tried]:
    """Attempts that are over, in order. Those of a person carry her name, or no intent: nobody asked the carrier."""
    query = select(Attempt).where(
        Attempt.callback_id == callback.id,
        Attempt.state == AttemptState.DONE,
        Attempt.outcome.is_not(None),
    )
    return [
        Tried(
            attempt.outcome,
            attempt.rang,
            attempt.ended_at,
            by_person=attempt.staff_id is not None or attempt.intent_at is None,
        )
        for attempt in session.scalars(query.order_by(Attempt.n))
        if attempt.outcome is not None and attempt.ended_at is not None
    ]


def remember(
    session: Session, callback: Callback, outcome: Outcome, n: int, actor: Actor, *, now: datetime
) -> None:
    """The ticket's own log says when its reporter was rung, and what came of it."""
    ticket = session.get(Ticket, callback.ticket_id) if callback.ticket_id else None
    if ticket is not None:
        data = {"callback": callback.id, "n": n, "outcome": outcome.value}
        note(session, ticket, "callback", actor, now=now, data=data)


def say_that_we_rang(session: Session, cfg: DeskConfig, callback: Callback, *, now: datetime) -> None:
    """By text, once a callback, to whoever can be texted and has not opted out. An evaluation may be answered there."""
    resident = session.get(Resident, callback.resident_id) if callback.resident_id else None
    if callback.kind is CallbackKind.NOTICE:
        return  # it is about somebody whom no text reaches
    if callback.texted_at is not None or callback.phone is None or (resident and resident.opted_out):
        return
    phones = [callback.phone] if can_text(callback.phone) else []
    if resident is not None and not phones:
        phones = phones_of(session, resident.id, textable=True)
    if not phones:
        return
    cfg = cfg.speaking(resident.language if resident is not None else None)
    ticket = session.get(Ticket, callback.ticket_id) if callback.ticket_id else None
    if ticket is not None and _ask_by_text(session, callback, ticket, now=now):
        pattern = cfg.texts(
            "{number}号办好了吗？电话没打通。请回：1好了 2好了一部分 3没好，也可以打{hotline}。"
        )
        body = pattern.format(number=ticket.number, hotline=shown_hotline(cfg))
    else:
        pattern = cfg.texts("您好，我们给您回电话没打通，过后再打给您。您也可以打{hotline}。")
        body = pattern.format(hotline=shown_hotline(cfg))
    queue_text(
        session,
        cfg,
        phone=phones[0],
        body=body,
        purpose="missed_call",
        now=now,
        ticket_id=callback.ticket_id,
        resident_id=callback.resident_id,
        dedup_key=f"missed:{callback.id}",
    )
    callback.texted_at = now


def _ask_by_text(session: Session, callback: Callback, ticket: Ticket, *, now: datetime) -> bool:
    """The question is open from now on, unless one is that must not be pushed aside: two questions would be mixed."""
    if callback.kind is not CallbackKind.EVALUATION or callback.resident_id is None:
        return False
    return put(session, callback.resident_id, "rate", ticket_id=ticket.id, now=now) is None


def shown_hotline(cfg: DeskConfig) -> str:
    """As residents dial it, without the country code: +864001234567 → 4001234567."""
    return cfg.hotline_number.removeprefix("+86")


def send_somebody(session: Session, cfg: DeskConfig, callback: Callback, *, now: datetime) -> None:
    """A visit: by the keeper who had the matter, else by who answers for the place. Without a ticket there is no place
    to go to, and it ends here."""
    ticket = master_of(session, callback)
    if ticket is None:
        give_up(session, cfg, callback, now=now)
        return
    callback.state, callback.due_at = CallbackState.VISIT, now
    drop_pending(session, callback, now=now)
    rung = bool(history(session, callback))
    reason = "电话联系不上，上门回访" if rung else "居民不想接电话，上门回访"
    event = note(session, ticket, "visit", Actor.callback(callback.id), now=now, reason=reason)
    to = _keeper_of(session, ticket)
    if to is None:
        return
    if not rung:
        pattern = cfg.texts("请上门回访：{number}号已办结，居民不想接电话，请当面问问办得怎么样。")
    elif callback.kind is CallbackKind.EVALUATION:
        pattern = cfg.texts("请上门回访：{number}号已办结，电话联系不上居民，请当面问问办得怎么样。")
    else:
        pattern = cfg.texts("请上门看看：{number}号的居民要我们回电话，一直没打通，请当面问问。")
    queue_text(
        session,
        cfg,
        phone=to[0],
        body=pattern.format(number=ticket.number),
        purpose="visit",
        now=now,
        ticket_id=ticket.id,
        staff_id=to[1],
        dedup_key=f"event:{event.id}",
    )


def _keeper_of(session: Session, ticket: Ticket) -> tuple[str, int | None] | None:
    staff = session.get(Staff, ticket.assignee_id) if ticket.assignee_id else None
    if staff is not None and staff.active and staff.phone:
        return staff.phone, staff.id
    for unit in ancestors(session, ticket.unit_id):
        if found := in_charge(session, unit.id):
            return found
    return None
