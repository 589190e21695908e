"""Placing calls: claim and commit, ask the carrier with no transaction open, note what came of it.

Nobody is rung twice because an answer got lost: such an attempt stays `unknown` until the carrier's own list, a status
callback or the call itself says what happened.
"""

import structlog
from sqlalchemy import select

from app.carriers.protocol import CarrierCall
from app.desk import callbacks
from app.desk.callbacks import ClaimedAttempt, UnknownAttempt
from app.errors import CarrierBusy, CarrierError, CarrierMisconfigured, CarrierRefused, CarrierUnclear
from app.queue import JobName
from app.runtime import Runtime
from models.callback import Attempt

log = structlog.get_logger(__name__)

RING_SECONDS = 30


def place_attempt(runtime: Runtime, attempt_id: int) -> None:
    """Ring, if it is time; an attempt of which nobody knows is looked up at the carrier instead."""
    now = runtime.now()
    with runtime.db.transaction() as session:
        claimed = callbacks.claim_attempt(session, runtime.desk, attempt_id, now=now)
        lost = [] if claimed else callbacks.unknown_attempts(session, now=now)
    if claimed is not None:
        _ring(runtime, claimed)
    for unknown in lost:
        if unknown.id == attempt_id:
            _look_up(runtime, unknown)


def sweep_attempts(runtime: Runtime) -> list[tuple[JobName, int]]:
    with runtime.db.transaction() as session:
        due = callbacks.plan_attempts(session, runtime.desk, now=runtime.now())
    return [(JobName.PLACE_ATTEMPT, id_) for id_ in due]


def sweep_unknown_attempts(runtime: Runtime) -> list[tuple[JobName, int]]:
    with runtime.db.transaction(read_only=True) as session:
        lost = callbacks.unknown_attempts(session, now=runtime.now())
    return [(JobName.PLACE_ATTEMPT, unknown.id) for unknown in lost]


def _ring(runtime: Runtime, claimed: ClaimedAttempt) -> None:
    public = runtime.settings.public_url.rstrip("/")
    url = f"{public}/voice/callback/{claimed.uid}"
    status_url = f"{public}/voice/status?attempt={claimed.uid}"
    try:
        sid = runtime.carrier.place_call(claimed.phone, url, status_url, ring_seconds=RING_SECONDS)
    except CarrierUnclear as error:
        log.warning("call_unclear", attempt=claimed.id, reason=str(error))
        with runtime.db.transaction() as session:
            callbacks.attempt_unknown(
                session, claimed.id, claimed.lease_token, now=runtime.now(), error=str(error)
            )
        return
    except (CarrierBusy, CarrierMisconfigured, CarrierRefused) as error:
        permanent = isinstance(error, CarrierRefused)
        log.warning("call_refused", attempt=claimed.id, permanent=permanent, reason=str(error))
        with runtime.db.transaction() as session:
            callbacks.attempt_refused(
                session,
                runtime.desk,
                claimed.id,
                claimed.lease_token,
                now=runtime.now(),
                permanent=permanent,
                error=str(error),
            )
        return
    with runtime.db.transaction() as session:
        ours = callbacks.attempt_placed(session, claimed.id, claimed.lease_token, sid, now=runtime.now())
    if not ours:
        _hang_up(runtime, claimed.id, sid)


def _hang_up(runtime: Runtime, attempt_id: int, sid: str) -> None:
    """We were slower than our lease, and the row has gone on without us: this call belongs to nobody."""
    log.warning("call_without_claim", attempt=attempt_id)
    try:
        runtime.carrier.hang_up(sid)
    except CarrierError as error:
        log.error("call_not_hung_up", attempt=attempt_id, reason=str(error))


def _look_up(runtime: Runtime, unknown: UnknownAttempt) -> None:
    try:
        calls = runtime.carrier.find_calls(unknown.phone, unknown.since)
    except CarrierError as error:
        log.warning("call_not_looked_up", attempt=unknown.id, reason=str(error))
        with runtime.db.transaction() as session:
            callbacks.not_reconciled(session, runtime.desk, unknown.id, now=runtime.now())
        return
    with runtime.db.transaction() as session:
        sids = [call.sid for call in calls]
        taken = session.scalars(
            select(Attempt.carrier_sid).where(Attempt.carrier_sid.in_(sids), Attempt.id != unknown.id)
        )
        found = match(unknown, calls, set(taken))
        callbacks.reconcile(
            session,
            runtime.desk,
            unknown.id,
            found.sid if found else None,
            now=runtime.now(),
            status=found.status if found else None,
        )


def match(unknown: UnknownAttempt, calls: list[CarrierCall], taken: set[str | None]) -> CarrierCall | None:
    """Our call among the carrier's. By its SID or status URL where these are known; else by number and time: to one
    number there is never more than one call of ours, so any that no other attempt has claimed is this one's."""
    free = [call for call in calls if call.sid not in taken]
    if unknown.sid is not None:
        return next((call for call in free if call.sid == unknown.sid), None)
    told = [call for call in free if call.status_url is not None]
    named = next((call for call in told if unknown.uid in (call.status_url or "")), None)
    return named or next((call for call in free if call.status_url is None), None)
