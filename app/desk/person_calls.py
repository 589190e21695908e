"""What a person at the callback desk, or at somebody's door, writes down of a call or a visit.

A mark takes effect a few minutes later (`settle`): it may text a resident, close her ticket or send a keeper out again,
and none of that can be taken back. Until then the case is nobody else's, and `undo` makes it as if nothing had been said.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.desk import course, dialing, ratings
from app.desk.attempts import go_on
from app.desk.claims import BY_PERSON, LEASE, is_held
from app.desk.config import DeskConfig
from app.desk.rights import Actor, may
from app.desk.staff_calls import may_call
from app.desk.tickets import actor_of, view_of
from app.desk.wishes import calling_hours
from app.errors import BadInput, NotAllowed, NotFound
from app.hygiene import clean
from models.base import Json
from models.callback import LIVE, Attempt, AttemptState, Callback, CallbackKind, CallbackState, Outcome
from models.lifecycle import Action, Status
from models.rating import Rating
from models.staff import Staff

UNDO = timedelta(minutes=3)
WORDS = {"good": 1, "fair": 2, "bad": 3}
"""满意, 一般, 不满意 as they are pressed; staff may also write 1–5."""
_ANSWERS = ("fact", *ratings.MARKS)


@dataclass(frozen=True, slots=True)
class Answers:
    """`fact` 1 好了, 2 好了一部分, 3 没好; the three marks by the keys of `WORDS`, or "1" to "5", 5 best; None: not asked.

    `attended`: who else was there, at a visit.
    """

    fact: int | None = None
    speed: str | None = None
    effect: str | None = None
    attitude: str | None = None
    remark: str | None = None
    attended: str | None = None


def wants_answers(session: Session, callback: Callback) -> bool:
    """Is `answered` to be told with what she says of the work? Without it nobody would ever close the ticket."""
    if callback.kind is not CallbackKind.EVALUATION:
        return False
    ticket = course.master_of(session, callback)
    return ticket is not None and ticket.status is Status.RESOLVED and ticket.cycle == callback.cycle


def record(
    session: Session,
    cfg: DeskConfig,
    callback_id: int,
    actor: Actor,
    outcome: Outcome,
    *,
    now: datetime,
    answers: Answers | None = None,
    later: datetime | None = None,
) -> Callback:
    """How it went. Of an evaluation that was answered the fact is needed, of `call_later` the time.

    Raises NotFound, NotAllowed, BadInput.
    """
    callback = _open(session, cfg, callback_id, actor)
    if callback.state not in BY_PERSON or callback.settles_at is not None:
        raise BadInput("这件回电已经有结果了")
    held_by_another = callback.claimed_until is not None and now <= callback.claimed_until
    if held_by_another and not is_held(callback, actor, now):
        raise BadInput("这件回电已经由别人接着办了")
    if outcome is Outcome.CALL_LATER:
        later = _later(session, cfg, callback, later, now)
    elif outcome is Outcome.ANSWERED and wants_answers(session, callback):
        _keep(session, cfg, callback, actor, answers, now)
    attempt = _attempt(session, callback, actor, now)
    attempt.state, attempt.outcome, attempt.ended_at = AttemptState.DONE, outcome, attempt.ended_at or now
    attempt.rang = attempt.rang or outcome not in (Outcome.FAILED, Outcome.BUSY)
    attempt.lease_token = attempt.lease_until = None
    callback.claimed_by, callback.claimed_until = actor.id, None
    if later is not None:
        callback.due_at = later
        course.remember(session, callback, outcome, attempt.n, actor, now=now)
    else:
        callback.settles_at = now + UNDO
    session.flush()
    return callback


def undo(session: Session, cfg: DeskConfig, callback_id: int, actor: Actor, *, now: datetime) -> Callback:
    """A slip: the case is hers again, as it was before. Raises BadInput if it has taken effect, or is another's."""
    callback = _open(session, cfg, callback_id, actor)
    attempt = _marked(session, callback)
    if (
        attempt is None
        or attempt.ended_at is None
        or callback.claimed_by != actor.id
        or callback.claimed_until is not None
        or callback.state not in BY_PERSON
        or (callback.settles_at is None and attempt.outcome is not Outcome.CALL_LATER)
        or now >= (callback.settles_at or attempt.ended_at + UNDO)
    ):
        raise BadInput("已经生效，不能撤回了。要改，请在诉求页里办。")
    attempt.outcome = None
    rating = session.scalar(select(Rating).where(Rating.callback_id == callback.id))
    if rating is not None and rating.applied_at is None:
        before: Json = rating.raw.get("before", {})
        for which in _ANSWERS:
            setattr(rating, which, before.get(which))
        rating.remark, rating.raw = before.get("remark"), before.get("raw", {})
    callback.settles_at = None
    callback.due_at = min(callback.due_at, now)
    callback.claimed_until = now + LEASE
    session.flush()
    return callback


def due(session: Session, *, now: datetime) -> list[int]:
    """Callbacks whose mark can no longer be taken back."""
    query = select(Callback.id).where(Callback.settles_at <= now).order_by(Callback.settles_at)
    return list(session.scalars(query.limit(200)))


def settle(session: Session, cfg: DeskConfig, callback_id: int, *, now: datetime) -> None:
    """Draw the consequence of a person's mark, once. The retry clock has run since the call's end."""
    callback = session.get_one(Callback, callback_id, with_for_update=True, populate_existing=True)
    if callback.settles_at is None or callback.settles_at > now:
        return
    callback.settles_at = callback.claimed_by = callback.claimed_until = None
    attempt = _marked(session, callback)
    if attempt is None or attempt.outcome is None:
        return
    staff = session.get(Staff, attempt.staff_id) if attempt.staff_id else None
    who = actor_of(session, staff) if staff else Actor.callback(callback.id)
    course.remember(session, callback, attempt.outcome, attempt.n, who, now=now)
    rating = session.scalar(select(Rating).where(Rating.callback_id == callback.id))
    if attempt.outcome is Outcome.ANSWERED and rating is not None and rating.fact is not None:
        ticket = course.master_of(session, callback)
        entitled = ticket is not None and may(who, Action.RATE_OK, view_of(session, ticket))
        ratings.apply_rating(session, cfg, rating, now=now, actor=who if entitled else None)
    if callback.state in course.OPEN:
        go_on(session, cfg, callback, attempt.outcome, now=now)
    session.flush()


def unrecorded(session: Session, actor: Actor) -> int | None:
    """A call of hers that rang at the resident's and of which nobody has said how it went: that comes first."""
    since = aliased(Attempt)
    told = select(since.id).where(
        since.callback_id == Attempt.callback_id, since.n > Attempt.n, since.outcome.is_not(None)
    )
    return session.scalar(
        select(Attempt.callback_id)
        .join(Callback)
        .where(
            ~told.exists(),
            Attempt.staff_id == actor.id,
            Attempt.outcome.is_(None),
            Attempt.rang,
            Callback.state.in_(BY_PERSON),
            Callback.settles_at.is_(None),
        )
        .order_by(Attempt.id)
        .limit(1)
    )


def _open(session: Session, cfg: DeskConfig, callback_id: int, actor: Actor) -> Callback:
    callback = session.get(Callback, callback_id, with_for_update=True, populate_existing=True)
    if callback is None:
        raise NotFound("没有这件回电")
    if not may_call(session, cfg, actor, callback):
        raise NotAllowed("这件回电不归您办")
    return callback


def _later(
    session: Session, cfg: DeskConfig, callback: Callback, later: datetime | None, now: datetime
) -> datetime:
    if later is None or later <= now:
        raise BadInput("请写好什么时候再打，要在现在以后")
    if callback.state is CallbackState.VISIT:
        return later
    return dialing.next_time(calling_hours(session, cfg, callback.resident_id), cfg.zone, later)


def _attempt(session: Session, callback: Callback, actor: Actor, now: datetime) -> Attempt:
    """The call that she made through the carrier, if its end has not been told; else one that she dialled herself."""
    made = select(Attempt).where(
        Attempt.callback_id == callback.id,
        Attempt.staff_id == actor.id,
        Attempt.outcome.is_(None),
        Attempt.rang | Attempt.state.in_(LIVE) | Attempt.intent_at.is_(None),
    )
    if found := session.scalars(made.order_by(Attempt.n.desc()).limit(1)).first():
        return found
    last = session.scalar(select(func.max(Attempt.n)).where(Attempt.callback_id == callback.id))
    attempt = Attempt(
        uid=str(uuid4()),
        callback_id=callback.id,
        n=(last or 0) + 1,
        phone_index=callback.phone or "",
        state=AttemptState.DONE,
        rang=False,
        due_at=now,
        staff_id=actor.id,
        created_at=now,
    )
    session.add(attempt)
    return attempt


def _marked(session: Session, callback: Callback) -> Attempt | None:
    """What a person wrote down last."""
    query = select(Attempt).where(
        Attempt.callback_id == callback.id, Attempt.staff_id.is_not(None), Attempt.outcome.is_not(None)
    )
    return session.scalars(query.order_by(Attempt.n.desc()).limit(1)).first()


def _keep(
    session: Session,
    cfg: DeskConfig,
    callback: Callback,
    actor: Actor,
    answers: Answers | None,
    now: datetime,
) -> None:
    """Her answers, raw and normalised; what the robot had heard before stays below `before`."""
    if answers is None or answers.fact not in (1, 2, 3):
        raise BadInput("先问办好了没有：1 好了，2 好了一部分，3 没好")
    channel = "visit" if callback.state is CallbackState.VISIT else "phone"
    rating = ratings.open_rating(session, cfg, callback, now=now, channel=channel, asked_by=actor.label)
    if rating.applied_at is not None:
        return  # she has said it elsewhere meanwhile
    before = {which: getattr(rating, which) for which in (*_ANSWERS, "remark", "raw")}
    given = {which: raw for which in ratings.MARKS if (raw := getattr(answers, which))}
    rating.channel, rating.asked_by, rating.fact = channel, actor.label, answers.fact
    for which in ratings.MARKS:
        setattr(rating, which, _mark(given[which]) if which in given else None)
    rating.raw = {"before": before, "fact": answers.fact} | {
        which: int(raw) if raw.isdigit() else raw for which, raw in given.items()
    }
    if answers.attended:
        rating.raw |= {"attended": clean(answers.attended, limit=100)}
    rating.remark = clean(answers.remark, limit=1000) if answers.remark else rating.remark
    session.flush()


def _mark(raw: str) -> int:
    """1 满意, 2 一般, 3 不满意, of a word or of one to five."""
    mark = WORDS.get(raw) or (ratings.BY_STAFF.get(int(raw)) if raw.isdigit() and len(raw) == 1 else None)
    if mark is None:
        raise BadInput("三项评价写 1 到 5，没有问的空着")
    return mark
