"""A call from the callback desk: the worker's own telephone rings first, then the resident's, and the two are joined.

One attempt among the robot's, under the same rules: the intent is committed before the carrier is asked, an answer that
got lost is never dialled again, no resident has two live calls, hours and pace are looked at when dialling. What came
of it the person says; an attempt that ended before the resident's telephone was tried counts for nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.desk.attempts import FINAL, LEASE
from app.desk.claims import is_held
from app.desk.config import DeskConfig
from app.desk.pacing import not_before
from app.desk.residents import check_dialable
from app.desk.rights import Actor
from app.errors import BadInput, BadNumber
from app.hygiene import clean
from models.callback import LIVE, Attempt, AttemptState, Callback, CallbackState, Outcome
from models.staff import Staff

_SOON = timedelta(minutes=2)
_SEEN = {
    "completed": Outcome.ANSWERED,
    "answered": Outcome.ANSWERED,
    "busy": Outcome.BUSY,
    "no-answer": Outcome.NO_ANSWER,
    "failed": Outcome.FAILED,
}


@dataclass(frozen=True, slots=True)
class DeskCall:
    """What the carrier must be asked, with no transaction open. `phone` is the worker's."""

    attempt_id: int
    uid: str
    phone: str
    lease_token: str


def begin(session: Session, cfg: DeskConfig, callback: Callback, actor: Actor, *, now: datetime) -> DeskCall:
    """Write down the intent. Raises BadInput with what to do instead: not hers, no telephone, not at this hour."""
    session.refresh(callback, with_for_update=True)
    if not is_held(callback, actor, now) or callback.state is not CallbackState.PERSON:
        raise BadInput("这件回电已经不在您手里，请看下一位")
    staff = session.get_one(Staff, actor.id)
    if not staff.phone:
        raise BadInput("您的账号没有登记电话。请管理员登记，或用“自己拨”。")
    if not callback.phone:
        raise BadInput("没有她的号码，不能拨打")
    for phone in (staff.phone, callback.phone):
        check_dialable(cfg, phone)
    if session.scalar(select(Attempt.id).where(Attempt.staff_id == actor.id, Attempt.state.in_(LIVE))):
        raise BadInput("您还有一通电话没有挂断")
    if (later := not_before(session, cfg, callback, now)) > now:
        if later - now <= _SOON:
            raise BadInput("线路正忙，请过一会儿再拨")
        raise _too_early(cfg.local(later), cfg.local(now))
    last = session.scalar(select(func.max(Attempt.n)).where(Attempt.callback_id == callback.id))
    attempt = Attempt(
        uid=str(uuid4()),
        callback_id=callback.id,
        n=(last or 0) + 1,
        phone_index=callback.phone,
        state=AttemptState.DIALING,
        due_at=now,
        intent_at=now,
        lease_token=str(uuid4()),
        lease_until=now + LEASE,
        staff_id=actor.id,
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(attempt)
            session.flush()
    except IntegrityError as error:
        raise BadInput("这个号码正在通话，请过一会儿再拨") from error
    return DeskCall(attempt.id, attempt.uid, staff.phone, str(attempt.lease_token))


def refused(session: Session, attempt_id: int, lease_token: str, *, now: datetime, error: str) -> None:
    """The carrier surely did not ring anybody."""
    attempt = session.scalar(
        select(Attempt).where(Attempt.id == attempt_id, Attempt.lease_token == lease_token).with_for_update()
    )
    if attempt is not None and attempt.state in LIVE:
        _end(attempt, now, error)


def picked_up(session: Session, uid: str, sid: str) -> bool:
    """The worker's telephone was answered; the webhook may overtake the answer to our order. False: it is over."""
    attempt = _live(session, uid, sid)
    if attempt is None:
        return False
    attempt.carrier_sid, attempt.carrier_rank = sid, max(attempt.carrier_rank, 3)
    attempt.state, attempt.lease_until = AttemptState.PLACED, None
    return True


def number_to_ring(session: Session, cfg: DeskConfig, uid: str, sid: str) -> str | None:
    """The worker pressed 1: whom to join her with. None if that must not be any more."""
    attempt = _live(session, uid, sid)
    if attempt is None:
        return None
    callback = session.get_one(Callback, attempt.callback_id)
    try:
        check_dialable(cfg, callback.phone or "")
    except BadNumber:
        return None
    attempt.rang = True
    return callback.phone


def told(session: Session, uid: str, sid: str, dial_status: str, *, bridged: bool | None) -> None:
    """How the resident's end went, as the carrier saw it: a suggestion to the person who talked, or did not."""
    attempt = session.scalar(select(Attempt).where(Attempt.uid == uid).with_for_update())
    if attempt is None or attempt.staff_id is None or attempt.carrier_sid not in (None, sid):
        return
    seen = _SEEN.get(dial_status)
    attempt.seen = Outcome.NO_ANSWER if seen is Outcome.ANSWERED and bridged is False else seen
    attempt.rang = dial_status not in ("failed", "canceled")


def over(session: Session, uid: str, sid: str, status: str, *, now: datetime) -> None:
    """The worker's telephone: whatever ends there ends the call. Repeats and late ones change nothing."""
    attempt = _live(session, uid, sid)
    if attempt is None:
        return
    attempt.carrier_sid = sid
    if status in FINAL:
        _end(attempt, now, None if status == "completed" else f"desk {status}")


def reconciled(
    attempt: Attempt, found_sid: str | None, status: str | None, *, proven: bool, now: datetime
) -> None:
    """What the carrier's list says of a call of whose end nobody knows. It is never placed again by itself."""
    if found_sid is not None:
        attempt.carrier_sid = attempt.carrier_sid or found_sid
        attempt.state, attempt.lease_until = AttemptState.PLACED, None
        if status in FINAL:
            _end(attempt, now, None)
    elif attempt.carrier_sid is not None or proven:
        _end(attempt, now, "the carrier never had it")


def _too_early(later: datetime, now: datetime) -> BadInput:
    """Both local."""
    clock = f"{later:%H:%M}"
    if later.date() == now.date():
        return BadInput("现在不是给她打电话的时间，请{time}再拨", time=clock)
    return BadInput(
        "现在不是给她打电话的时间，请{month}月{day}日{time}再拨", month=later.month, day=later.day, time=clock
    )


def _end(attempt: Attempt, now: datetime, error: str | None) -> None:
    attempt.state, attempt.ended_at = AttemptState.DONE, now
    attempt.lease_token = attempt.lease_until = None
    attempt.last_error = clean(error, limit=200) if error else None


def _live(session: Session, uid: str, sid: str) -> Attempt | None:
    """The attempt, if it is a person's, still running, and this call's."""
    attempt = session.scalar(select(Attempt).where(Attempt.uid == uid).with_for_update())
    if attempt is None or attempt.staff_id is None or attempt.state not in LIVE:
        return None
    return attempt if attempt.carrier_sid in (None, sid) else None
