"""What residents say of a finished matter, and what follows from it: closed, done again, or a talk with somebody.

The fact comes first (好了 / 好了一部分 / 没好): older people give good marks to things that failed.
"""

from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import insert_once
from app.desk import course, steps
from app.desk.config import DeskConfig
from app.desk.rights import Actor, may
from app.desk.tickets import note, transition, view_of
from app.desk.units import nearest_staff
from app.errors import BadInput, NotAllowed, TransitionError
from app.hygiene import clean
from models.base import Json
from models.callback import Callback, Outcome
from models.lifecycle import Action, Status
from models.rating import Rating, RemedialAction
from models.staff import Role
from models.ticket import Ticket, TicketEvent

Which = Literal["fact", "speed", "effect", "attitude"]
MARKS = ("speed", "effect", "attitude")
_REVIEW_DAYS = 5  # working days until a remedial action is due
_LOW = 3
BY_STAFF = {1: 3, 2: 3, 3: 2, 4: 1, 5: 1}  # 1–2 low, 3 一般, 4–5 满意
_FACTS = {2: "好了一部分", 3: "没好"}


def open_rating(
    session: Session,
    cfg: DeskConfig,
    callback: Callback,
    *,
    now: datetime,
    channel: str = "phone",
    asked_by: str = "robot",
) -> Rating:
    """The callback's one rating, made empty at first. It belongs to the ticket under which the work was done."""
    values: Json = {
        "ticket_id": _master(session, callback).id,
        "cycle": callback.cycle,
        "callback_id": callback.id,
        "resident_id": callback.resident_id,
        "channel": channel,
        "asked_by": asked_by,
        "raw": {},
        "created_at": now,
    }
    insert_once(session, Rating, values, ["callback_id"])
    return session.scalars(select(Rating).where(Rating.callback_id == callback.id)).one()


def record_answer(
    session: Session, rating: Rating, which: Which, mark: int, raw: str | int, *, now: datetime
) -> None:
    """One answer, normalised 1–3; `raw` is what was pressed or said. The last word counts until it is acted upon."""
    if mark not in (1, 2, 3):
        raise BadInput("评价只能是 1、2、3")
    if rating.applied_at is not None:
        return  # a late repeat of a webhook
    setattr(rating, which, mark)
    rating.raw = rating.raw | {which: raw if isinstance(raw, int) else clean(raw, limit=100)}
    session.flush()


def record_remark(
    session: Session, rating: Rating, text: str | None, *, now: datetime, recording_id: int | None = None
) -> None:
    """Anything else she wanted to say; welcome after the consequence has been drawn, too."""
    rating.remark = clean(text, limit=1000) if text else rating.remark
    rating.remark_recording_id = recording_id or rating.remark_recording_id
    session.flush()


def apply_rating(
    session: Session, cfg: DeskConfig, rating: Rating, *, now: datetime, actor: Actor | None = None
) -> TicketEvent | None:
    """Close the ticket or have it done again; once, however often it is asked for.

    Without an answer to the first question there is no rating and nothing happens, unless she only says that she is
    not satisfied. 好了 and then a hang-up closes, the missing marks stay null. A low mark on speed or attitude closes
    and is followed up; on effect it reopens.
    """
    session.refresh(rating, with_for_update=True)
    if rating.applied_at is not None or (rating.fact is None and rating.effect != _LOW):
        return None
    rating.applied_at = now
    ticket = session.get_one(Ticket, rating.ticket_id, with_for_update=True, populate_existing=True)
    _follow_up(session, cfg, rating, ticket, now=now)
    callback = session.get(Callback, rating.callback_id) if rating.callback_id else None
    if callback is not None:
        course.finish(session, callback, Outcome.ANSWERED, now=now)
    elif rating.resident_id is not None:
        _spare_the_resident(session, ticket, rating.resident_id, now=now)
    who = actor or (Actor.callback(callback.id) if callback else Actor.resident(rating.resident_id))
    event = _conclude(session, cfg, rating, ticket, who, now=now)
    session.flush()
    return event


def decline(session: Session, cfg: DeskConfig, callback: Callback, *, now: datetime) -> None:
    """9: don't call me again about this. What she has answered before counts; else the ticket closes unrated."""
    rating = session.scalar(select(Rating).where(Rating.callback_id == callback.id))
    if rating is not None and rating.fact is not None:
        apply_rating(session, cfg, rating, now=now)
        return
    if callback.state in course.OPEN:
        course.finish(session, callback, Outcome.REFUSED, now=now)
        course.close_unrated(session, cfg, callback, "declined", now=now)
    session.flush()


def enter_rating(
    session: Session,
    cfg: DeskConfig,
    ticket: Ticket,
    actor: Actor,
    fact: int,
    speed: int | None,
    effect: int | None,
    attitude: int | None,
    channel: str,
    remark: str | None,
    *,
    now: datetime,
    resident_id: int | None = None,
    attended: str | None = None,
) -> Rating:
    """A rating given to staff, at a visit, the station or a meeting: marks 1–5, kept raw and normalised.

    `attended`: who else was there. Raises NotAllowed, BadInput, TransitionError if the matter is not resolved.
    """
    if not may(actor, Action.RATE_OK, view := view_of(session, ticket)):
        raise NotAllowed("{number} 号的评价不归您登记", number=ticket.number)
    given = {"speed": speed, "effect": effect, "attitude": attitude}
    if fact not in (1, 2, 3):
        raise BadInput("先问办好了没有：1 好了，2 好了一部分，3 没好")
    if any(mark is not None and mark not in BY_STAFF for mark in given.values()):
        raise BadInput("三项评价写 1 到 5，没有问的空着")
    if view.status not in (Status.RESOLVED, Status.CLOSED) or not steps.reopenable(ticket, now):
        raise TransitionError(Action.RATE_OK, ticket.status, ())
    raw: Json = {"fact": fact} | {which: mark for which, mark in given.items() if mark is not None}
    rating = Rating(
        ticket_id=ticket.id,
        cycle=ticket.cycle,
        resident_id=resident_id or ticket.reporter_id,
        channel=channel,
        asked_by=actor.label,
        fact=fact,
        raw=raw | ({"attended": clean(attended, limit=100)} if attended else {}),
        remark=clean(remark, limit=1000) if remark else None,
        created_at=now,
        **{which: BY_STAFF[mark] for which, mark in given.items() if mark is not None},
    )
    session.add(rating)
    session.flush()
    apply_rating(session, cfg, rating, now=now, actor=actor)
    return rating


def _conclude(
    session: Session, cfg: DeskConfig, rating: Rating, ticket: Ticket, actor: Actor, *, now: datetime
) -> TicketEvent | None:
    """None where the ticket has gone on meanwhile: another reporter was quicker, or it is being done again."""
    given = {which: getattr(rating, which) for which in ("fact", *MARKS)}
    data: Json = {"rating": rating.id, "channel": rating.channel, **given}
    if ticket.cycle != rating.cycle or ticket.status not in (Status.RESOLVED, Status.CLOSED):
        return note(session, ticket, "rating", actor, now=now, data=data)
    reason = _why_again(rating)
    if reason is None and ticket.status is Status.CLOSED:
        return note(session, ticket, "rating", actor, now=now, data=data)
    if reason is not None and not steps.reopenable(ticket, now):
        return note(session, ticket, "rating", actor, now=now, reason=reason, data=data)
    if reason is None:
        key = f"rating:{rating.id}"
        return transition(session, cfg, ticket, Action.RATE_OK, actor, now=now, dedup_key=key, data=data)
    for callback in course.open_evaluations(session, ticket):
        course.cancel(session, callback, now=now)  # no redial until resolved again
    key = f"rating:{rating.id}:again"  # marks that were given later may undo what the first word closed
    return transition(
        session, cfg, ticket, Action.REOPEN, actor, now=now, reason=reason, dedup_key=key, data=data
    )


def _why_again(rating: Rating) -> str | None:
    if rating.fact in _FACTS:
        return f"居民说{_FACTS[rating.fact]}"
    return "居民对解决效果不满意" if rating.effect == _LOW else None


def _follow_up(session: Session, cfg: DeskConfig, rating: Rating, ticket: Ticket, *, now: datetime) -> None:
    """Each low mark has an owner and a date, for the monthly review: what was not solved goes to the dispatcher, what
    was slow to the first responder, what was unfriendly to the supervisor."""
    causes = [which for which in MARKS if getattr(rating, which) == _LOW]
    if rating.fact in _FACTS:
        causes.insert(0, "fact")
    for cause in causes:
        values = {
            "rating_id": rating.id,
            "ticket_id": ticket.id,
            "cause": cause,
            "owner_id": _owner(session, ticket, cause),
            "due_on": cfg.calendar.workday_after(cfg.calendar.local_date(now), _REVIEW_DAYS),
            "created_at": now,
        }
        insert_once(session, RemedialAction, values, ["rating_id", "cause"])


def _owner(session: Session, ticket: Ticket, cause: str) -> int | None:
    if cause == "speed" and (first := ticket.first_responder_id or ticket.assignee_id):
        return first
    role = Role.SUPERVISOR if cause == "attitude" else Role.DISPATCHER
    return nearest_staff(session, ticket.unit_id, role)


def _spare_the_resident(session: Session, ticket: Ticket, resident_id: int, *, now: datetime) -> None:
    """Who has said it at the door need not say it again on the telephone."""
    for callback in course.open_evaluations(session, ticket):
        if callback.resident_id == resident_id:
            course.finish(session, callback, Outcome.ANSWERED, now=now)


def _master(session: Session, callback: Callback) -> Ticket:
    ticket = course.master_of(session, callback)
    if ticket is None:
        raise BadInput("这个回电没有对应的事项，不能评价")
    return ticket
