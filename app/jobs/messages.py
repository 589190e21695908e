"""Sending texts: claim, ask the carrier with no transaction open, note what came of it."""

import structlog

from app.desk import sending, telling, undelivered
from app.desk.messages import segments
from app.errors import CarrierBusy, CarrierError, CarrierMisconfigured, CarrierRefused, CarrierUnclear
from app.queue import JobName
from app.runtime import Runtime

log = structlog.get_logger(__name__)


def send_message(runtime: Runtime, message_id: int) -> None:
    """Send a due text; a lost one is looked up at the carrier instead."""
    now = runtime.now()
    with runtime.db.transaction() as session:
        sending.resend_unconfirmed(session, message_id, now=now)
        claimed = sending.claim_message(session, message_id, now=now)
    if claimed is None:
        _look_up(runtime, message_id)
        return
    url = f"{runtime.settings.public_url}/sms/status?message={claimed.uid}&attempt={claimed.attempt}"
    try:
        sid = runtime.carrier.send_text(claimed.phone, claimed.body, url)
    except CarrierUnclear as error:
        with runtime.db.transaction() as session:
            sending.message_unclear(
                session, claimed.id, claimed.lease_token, now=runtime.now(), error=str(error)
            )
        return
    except (CarrierBusy, CarrierMisconfigured, CarrierRefused) as error:
        permanent = isinstance(error, CarrierRefused)
        log.warning("text_refused", id=claimed.id, permanent=permanent, code=error.code)
        with runtime.db.transaction() as session:
            sending.message_refused(
                session,
                claimed.id,
                claimed.lease_token,
                now=runtime.now(),
                permanent=permanent,
                error=str(error),
                code=error.code,
            )
        return
    with runtime.db.transaction() as session:
        sending.message_sent(session, claimed.id, claimed.lease_token, sid, now=runtime.now())
    log.info("text_sent", id=claimed.id, segments=segments(claimed.body))  # what it costs


def _look_up(runtime: Runtime, message_id: int) -> None:
    now = runtime.now()
    with runtime.db.transaction(read_only=True) as session:
        unclear = sending.unclear_message(session, message_id, now=now)
    if unclear is None:
        return
    try:
        found = runtime.carrier.find_texts(unclear.phone, unclear.since)
    except CarrierError as error:
        log.warning("text_not_looked_up", id=unclear.id, code=error.code)
        with runtime.db.transaction() as session:
            sending.message_not_looked_up(session, unclear.id, now=runtime.now())
        return
    with runtime.db.transaction() as session:
        taken = sending.known_sids(session, [text.sid for text in found])
        mine = [text for text in found if text.body == unclear.body and text.sid not in taken]
        if mine:
            # the newest one: an earlier send of the same words may have been refused on the way
            sending.message_found(session, unclear.id, mine[0].sid, now=runtime.now())
        else:
            sending.message_absent(session, unclear.id, now=runtime.now())


def sweep_messages(runtime: Runtime) -> list[tuple[JobName, int]]:
    now = runtime.now()
    with runtime.db.transaction() as session:
        sending.expire_claims(session, now=now)
        undelivered.climb(session, runtime.desk, now=now)
        telling.ring_instead(session, runtime.desk, now=now)
        due = sending.due_messages(session, now=now)
    return [(JobName.SEND_MESSAGE, id_) for id_ in due]
