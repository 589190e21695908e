"""Attempts to ring a resident: claimed before the carrier is asked, finished once, never repeated blindly.

pending → dialing (intent and lease committed) → placed → done; or unknown, when the carrier's answer was lost: then
the carrier is asked what it knows, and only a call that it proves never to have had becomes pending again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db import insert_once
from app.desk import course, dialing
from app.desk.config import DeskConfig
from app.desk.pacing import not_before
from app.desk.residents import check_dialable
from app.desk.rights import Actor
from app.errors import BadNumber
from app.hygiene import clean
from models.call import Call
from models.callback import Attempt, AttemptState, Callback, CallbackKind, CallbackState, Outcome
from models.rating import Rating

LEASE = timedelta(seconds=60)
"""Several times the carrier's time-out: a claim that outlives it belongs to a worker that died."""

PROVEN_ABSENT = timedelta(seconds=60)  # after this the carrier's list shows every call it took
_RANKS = {"queued": 1, "initiated": 1, "ringing": 2, "in-progress": 3}
FINAL = {
    "completed": None,  # what was said decides
    "busy": Outcome.BUSY,
    "no-answer": Outcome.NO_ANSWER,
    "failed": Outcome.FAILED,
    "canceled": Outcome.FAILED,
}


@dataclass(frozen=True, slots=True)
class ClaimedAttempt:
    """Everything the job needs to ask the carrier with no transaction open. `uid` goes into both URLs."""

    id: int
    uid: str
    phone: str
    lease_token: str


def plan_attempts(session: Session, cfg: DeskConfig, *, now: datetime) -> list[int]:
    """Attempts that may be placed now, most urgent first; makes the rows for callbacks that have become due."""
    due = (
        select(Callback)
        .where(Callback.state == CallbackState.WAITING, Callback.due_at <= now)
        .order_by(Callback.priority, Callback.due_at, Callback.id)
        .limit(200)
        .with_for_update(skip_locked=True)
    )
    for callback in session.scalars(due).all():
        ensure_attempt(session, cfg, callback, now=now)
    session.flush()
    if not dialing.within_hours(cfg.hours, cfg.zone, now):
        return []
    query = (
        select(Attempt.id)
        .join(Callback)
        .where(Attempt.state == AttemptState.PENDING, Attempt.due_at <= now)
        .order_by(Callback.priority, Attempt.due_at, Attempt.id)
    )
    return list(session.scalars(query.limit(cfg.calls_at_once)))


def ensure_attempt(session: Session, cfg: DeskConfig, callback: Callback, *, now: datetime) -> Attempt | None:
    """The callback's attempt that is still to be made or running; None if the robot must not ring (any more)."""
    if callback.state is not CallbackState.WAITING:
        return None
    if course.is_moot(session, callback):
        course.cancel(session, callback, now=now)
        return None
    if callback.kind is CallbackKind.NOTICE and now > callback.not_after:
        course.cancel(session, callback, now=now)  # news of yesterday misleads
        return None
    if now > callback.not_after or callback.phone is None or cfg.robot_attempts < 1:
        course.to_person(session, cfg, callback, at=dialing.next_time(cfg.hours, cfg.zone, now), now=now)
        return None
    attempts = session.scalars(select(Attempt).where(Attempt.callback_id == callback.id)).all()
    for attempt in attempts:
        if attempt.state is not AttemptState.DONE:
            return attempt
    n = max((attempt.n for attempt in attempts), default=0) + 1
    _insert(session, callback, n, AttemptState.PENDING, due_at=callback.due_at, now=now)
    return session.scalar(select(Attempt).where(Attempt.callback_id == callback.id, Attempt.n == n))


def claim_attempt(
    session: Session, cfg: DeskConfig, attempt_id: int, *, now: datetime
) -> ClaimedAttempt | None:
    """Write down the intent to ring, before the carrier is asked. None: not now (the row says when), or never."""
    attempt = session.scalar(
        select(Attempt)
        .where(Attempt.id == attempt_id, Attempt.state == AttemptState.PENDING, Attempt.due_at <= now)
        .with_for_update(skip_locked=True)
    )
    if attempt is None:
        return None
    callback = _locked(session, attempt)
    if ensure_attempt(session, cfg, callback, now=now) is not attempt or callback.phone is None:
        return None
    try:
        check_dialable(cfg, callback.phone)
    except BadNumber as error:
        refused_for_good(session, cfg, attempt, callback, str(error), now=now)
        return None
    if (later := not_before(session, cfg, callback, now)) > now:
        attempt.due_at = later
        session.flush()
        return None
    try:
        with session.begin_nested():
            attempt.state, attempt.intent_at = AttemptState.DIALING, now
            attempt.lease_token, attempt.lease_until = str(uuid4()), now + LEASE
            attempt.last_error = None
            session.flush()
    except IntegrityError:  # the number is being rung by somebody else this very moment
        session.refresh(attempt)
        attempt.due_at = now + timedelta(minutes=1)
        session.flush()
        return None
    return ClaimedAttempt(attempt.id, attempt.uid, callback.phone, str(attempt.lease_token))


def _locked(session: Session, attempt: Attempt) -> Callback:
    """As it is now: a rating by another channel may be finishing it at this moment."""
    return session.get_one(Callback, attempt.callback_id, with_for_update=True, populate_existing=True)


def attempt_placed(session: Session, attempt_id: int, lease_token: str, sid: str, *, now: datetime) -> bool:
    """The carrier took the order. False: the claim had run out and the row went on without us; hang that call up.

    A status callback may have been quicker than the carrier's answer; then this only confirms it.
    """
    attempt = _fenced(session, attempt_id, lease_token)
    if attempt is None or attempt.carrier_sid not in (None, sid):
        return False
    attempt.carrier_sid = sid
    if attempt.state in (AttemptState.DIALING, AttemptState.UNKNOWN):
        attempt.state, attempt.lease_until = AttemptState.PLACED, None
    session.flush()
    return True


def attempt_refused(
    session: Session,
    cfg: DeskConfig,
    attempt_id: int,
    lease_token: str,
    *,
    now: datetime,
    permanent: bool,
    error: str,
) -> None:
    """The carrier surely did not ring. For now: later again, the same attempt. For good: a person looks into it."""
    attempt = _fenced(session, attempt_id, lease_token)
    if attempt is None or attempt.state not in (AttemptState.DIALING, AttemptState.UNKNOWN):
        return
    if permanent:
        callback = session.get_one(Callback, attempt.callback_id)
        refused_for_good(session, cfg, attempt, callback, error, now=now)
        return
    attempt.tries += 1
    backoff = timedelta(seconds=min(30 * 2 ** (attempt.tries - 1), 1800))
    put_back(attempt, due_at=now + backoff, error=error)
    session.flush()


def attempt_unknown(
    session: Session, attempt_id: int, lease_token: str, *, now: datetime, error: str
) -> None:
    """The answer was lost: it may be ringing. Reconciled after a minute, never redialled blindly."""
    attempt = _fenced(session, attempt_id, lease_token)
    if attempt is not None and attempt.state is AttemptState.DIALING:
        attempt.state, attempt.lease_until = AttemptState.UNKNOWN, now + PROVEN_ABSENT
        attempt.last_error = clean(error, limit=200)
        session.flush()


def attempt_status(
    session: Session,
    cfg: DeskConfig,
    attempt_uid: str,
    status: str,
    sid: str,
    answered_by: str | None,
    *,
    now: datetime,
) -> Attempt | None:
    """What the carrier says of the call; repeats and late ones change nothing. None if there is no such attempt.

    It may come before the answer to our order (then the sid is new to us), and after we gave the call up for lost.
    """
    attempt = session.scalar(select(Attempt).where(Attempt.uid == attempt_uid).with_for_update())
    if attempt is None:
        return None
    rank = 4 if status in FINAL else _RANKS.get(status, 0)
    if attempt.intent_at is None or attempt.carrier_sid not in (None, sid) or rank <= attempt.carrier_rank:
        return attempt
    attempt.carrier_sid, attempt.carrier_rank = sid, rank
    attempt.answered_by = clean(answered_by, limit=30) if answered_by else attempt.answered_by
    attempt.rang = attempt.rang or status in ("ringing", "in-progress", "completed", "no-answer")
    if attempt.state not in (AttemptState.PLACED, AttemptState.DONE):
        adopt(session, attempt)
    session.flush()
    if rank == 4 and not (status == "completed" and _is_being_settled(session, attempt)):
        outcome = FINAL[status] or outcome_of(session, attempt)
        finish_attempt(session, cfg, attempt, outcome, now=now)
    return attempt


def finish_attempt(
    session: Session, cfg: DeskConfig, attempt: Attempt, outcome: Outcome, *, now: datetime
) -> None:
    """The call is over. Once: whatever comes later of the same attempt changes nothing."""
    if attempt.state is AttemptState.DONE:
        return
    attempt.state, attempt.outcome, attempt.ended_at = AttemptState.DONE, outcome, now
    attempt.rang = attempt.rang or outcome not in (Outcome.FAILED, Outcome.BUSY)
    attempt.lease_token = attempt.lease_until = None
    session.flush()
    callback = _locked(session, attempt)
    course.remember(session, callback, outcome, attempt.n, Actor.callback(callback.id), now=now)
    go_on(session, cfg, callback, outcome, now=now)


def log_attempt(
    session: Session,
    cfg: DeskConfig,
    callback: Callback,
    actor: Actor,
    outcome: Outcome,
    *,
    now: datetime,
    later: datetime | None = None,
) -> Attempt | None:
    """A person rang, or went there: one history with the robot's attempts. `later`: when the resident asked to be rung.

    None if the callback is over already.
    """
    if callback.state not in course.OPEN:
        return None
    numbers = session.scalars(select(Attempt.n).where(Attempt.callback_id == callback.id)).all()
    n = max(numbers, default=0) + 1
    _insert(
        session, callback, n, AttemptState.DONE, due_at=now, now=now, outcome=outcome, rang=True, ended_at=now
    )
    session.flush()
    course.remember(session, callback, outcome, n, actor, now=now)
    if later is not None and outcome is Outcome.CALL_LATER:
        callback.due_at = later
    else:
        go_on(session, cfg, callback, outcome, now=now)
    return session.scalar(select(Attempt).where(Attempt.callback_id == callback.id, Attempt.n == n))


def go_on(session: Session, cfg: DeskConfig, callback: Callback, outcome: Outcome, *, now: datetime) -> None:
    """What follows from an attempt that is over."""
    if outcome is Outcome.ANSWERED:
        course.finish(session, callback, outcome, now=now)
    elif course.is_moot(session, callback):
        course.cancel(session, callback, now=now)
    elif outcome is Outcome.CALL_LATER:
        callback.due_at = dialing.retry_time(cfg.hours, cfg.zone, now, 2)
    elif outcome is Outcome.REFUSED and callback.kind is CallbackKind.EVALUATION:
        course.finish(session, callback, outcome, now=now)
        course.close_unrated(session, cfg, callback, "declined", now=now)
    elif outcome is Outcome.REFUSED:
        course.finish(session, callback, outcome, now=now)
    else:
        course.advance(session, cfg, callback, now=now)
    session.flush()


def outcome_of(session: Session, attempt: Attempt) -> Outcome:
    """Of a call that was put through: answered means that the question was answered, not that somebody picked up."""
    callback = session.get_one(Callback, attempt.callback_id)
    if callback.state is CallbackState.DONE and callback.outcome is not None:
        return callback.outcome
    fact = session.scalar(select(Rating.fact).where(Rating.callback_id == callback.id))
    if fact is not None:
        return Outcome.ANSWERED
    return Outcome.MACHINE if (attempt.answered_by or "").startswith("machine") else Outcome.NO_ANSWER


def _is_being_settled(session: Session, attempt: Attempt) -> bool:
    """The last answers of a call may come in after the word that it is over: who settles the call finishes this, too."""
    query = select(Call.id).where(Call.attempt_id == attempt.id, Call.settled_at.is_(None))
    return session.scalar(query) is not None


def _fenced(session: Session, attempt_id: int, lease_token: str) -> Attempt | None:
    """The row, if the claim is still ours."""
    return session.scalar(
        select(Attempt).where(Attempt.id == attempt_id, Attempt.lease_token == lease_token).with_for_update()
    )


def adopt(session: Session, attempt: Attempt) -> None:
    """It exists at the carrier. The lease's token stays, so that our own late confirmation is still welcome."""
    attempt.state, attempt.lease_until = AttemptState.PLACED, None


def put_back(attempt: Attempt, *, due_at: datetime, error: str) -> None:
    attempt.state, attempt.due_at = AttemptState.PENDING, due_at
    attempt.lease_token = attempt.lease_until = None
    attempt.last_error = clean(error, limit=200)


def refused_for_good(
    session: Session, cfg: DeskConfig, attempt: Attempt, callback: Callback, error: str, *, now: datetime
) -> None:
    attempt.state, attempt.outcome, attempt.ended_at = AttemptState.DONE, Outcome.FAILED, now
    attempt.lease_token = attempt.lease_until = None
    attempt.last_error = clean(error, limit=200)
    session.flush()
    course.remember(session, callback, Outcome.FAILED, attempt.n, Actor.callback(callback.id), now=now)
    if callback.state is CallbackState.WAITING:
        at = dialing.next_time(cfg.hours, cfg.zone, now)
        course.to_person(session, cfg, callback, at=at, now=now)
    session.flush()


def _insert(
    session: Session,
    callback: Callback,
    n: int,
    state: AttemptState,
    *,
    due_at: datetime,
    now: datetime,
    **more: object,
) -> bool:
    """UNIQUE(callback, n) makes two planners one."""
    values = {
        "uid": str(uuid4()),
        "callback_id": callback.id,
        "n": n,
        "phone_index": callback.phone_index or "",
        "state": state,
        "due_at": due_at,
        "created_at": now,
        "rang": False,
        "carrier_rank": 0,
        "tries": 0,
        **more,
    }
    return insert_once(session, Attempt, values, ["callback_id", "n"])
