"""Calls of which nobody knows: the carrier is asked what it has, and only what it never had may be placed again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.desk import desk_calls
from app.desk.attempts import (
    FINAL,
    LEASE,
    PROVEN_ABSENT,
    adopt,
    finish_attempt,
    outcome_of,
    put_back,
    refused_for_good,
)
from app.desk.config import DeskConfig
from models.callback import LIVE, Attempt, AttemptState, Callback
from models.staff import Staff

_LOST = timedelta(minutes=20)  # a placed call without a final word by then has lost its status callback
_PERSON_AFTER = timedelta(hours=1)  # of not knowing, while the carrier does not answer


@dataclass(frozen=True, slots=True)
class UnknownAttempt:
    """Ask the carrier for calls to `phone` since `since`; ours carries `uid` (or `sid`, where one is known)."""

    id: int
    uid: str
    phone: str
    since: datetime
    sid: str | None


def unknown_attempts(session: Session, *, now: datetime) -> list[UnknownAttempt]:
    """Calls of which nobody knows: lost answers, claims of workers that died, calls without a final word.

    A lease that ends further ahead than twice its length was written under a clock that has since been set back.
    """
    lease_over = or_(Attempt.lease_until < now, Attempt.lease_until > now + 2 * LEASE)
    query = (
        select(Attempt, Callback, Staff)
        .join(Callback)
        .outerjoin(
            Staff, Staff.id == Attempt.staff_id
        )  # from the callback desk: it was her phone that was to ring
        .where(
            or_(
                and_(Attempt.state.in_((AttemptState.DIALING, AttemptState.UNKNOWN)), lease_over),
                and_(Attempt.state == AttemptState.PLACED, Attempt.intent_at < now - _LOST),
            )
        )
        .order_by(Attempt.intent_at)
        .limit(50)
    )
    found = []
    for attempt, callback, staff in session.execute(query):
        since = (attempt.intent_at or attempt.created_at) - timedelta(minutes=1)
        phone = (staff or callback).phone or ""
        found.append(UnknownAttempt(attempt.id, attempt.uid, phone, since, attempt.carrier_sid))
    return found


def reconcile(
    session: Session,
    cfg: DeskConfig,
    attempt_id: int,
    found_sid: str | None,
    *,
    now: datetime,
    status: str | None = None,
) -> None:
    """What the carrier's list says: a call of ours is adopted; one proven absent may be placed again.

    `status`: the found call's, so that one that is already over is also finished here.
    """
    attempt = session.scalar(select(Attempt).where(Attempt.id == attempt_id).with_for_update())
    if attempt is None or attempt.state not in LIVE or attempt.intent_at is None:
        return
    proven_absent = now >= attempt.intent_at + PROVEN_ABSENT
    if attempt.staff_id is not None:
        desk_calls.reconciled(attempt, found_sid, status, proven=proven_absent, now=now)
    elif found_sid is not None:
        if attempt.carrier_sid is None:
            attempt.carrier_sid = found_sid
        if attempt.state is not AttemptState.PLACED:
            adopt(session, attempt)
            session.flush()
        if status in FINAL:
            attempt.carrier_rank = 4
            finish_attempt(session, cfg, attempt, FINAL[status] or outcome_of(session, attempt), now=now)
    elif attempt.carrier_sid is not None:
        # It was surely placed, and the carrier has forgotten it: over, with nothing to show for it.
        finish_attempt(session, cfg, attempt, outcome_of(session, attempt), now=now)
    elif proven_absent:
        put_back(attempt, due_at=now, error="the carrier never had it")
        session.flush()


def not_reconciled(session: Session, cfg: DeskConfig, attempt_id: int, *, now: datetime) -> None:
    """The carrier did not answer the question. After an hour of that a person takes the callback over."""
    attempt = session.scalar(select(Attempt).where(Attempt.id == attempt_id).with_for_update())
    if attempt is None or attempt.state not in LIVE or attempt.intent_at is None:
        return
    if now < attempt.intent_at + _PERSON_AFTER:
        return
    if attempt.staff_id is not None:
        desk_calls.reconciled(attempt, None, None, proven=True, now=now)
    else:
        callback = session.get_one(Callback, attempt.callback_id)
        refused_for_good(session, cfg, attempt, callback, "carrier unreachable", now=now)
