"""Ringing whoever is on duty for somebody at a kiosk: once, and not much longer than she waits."""

import structlog

from app.desk import kiosk_help
from app.errors import CarrierError, CarrierUnclear
from app.queue import JobName
from app.runtime import Runtime

log = structlog.get_logger(__name__)


def ring_help(runtime: Runtime, help_id: int) -> None:
    with runtime.db.transaction() as session:
        call = kiosk_help.claim(session, runtime.desk, help_id, now=runtime.now())
    if call is None:
        return
    public = runtime.settings.public_url.rstrip("/")
    url, status_url = f"{public}/voice/help/{call.uuid}", f"{public}/voice/status?help={call.uuid}"
    try:
        sid = runtime.carrier.place_call(call.phone, url, status_url, ring_seconds=call.ring_seconds)
    except CarrierError as error:
        unclear = isinstance(error, CarrierUnclear)
        log.warning("help_not_rung", help=call.id, unclear=unclear, reason=str(error))
        with runtime.db.transaction() as session:
            kiosk_help.not_placed(session, call.id, str(error), unclear=unclear)
        return
    with runtime.db.transaction() as session:
        ours = kiosk_help.placed(session, call.id, sid)
    if not ours:
        _hang_up(runtime, sid)


def sweep_kiosk_helps(runtime: Runtime) -> list[tuple[JobName, int]]:
    """Those that are over first: nobody is to be rung for a resident who has gone."""
    with runtime.db.transaction() as session:
        late = kiosk_help.give_up(session, now=runtime.now())
        waiting = kiosk_help.due(session, now=runtime.now())
    for sid in late:
        _hang_up(runtime, sid)
    return [(JobName.RING_HELP, id_) for id_ in waiting]


def _hang_up(runtime: Runtime, sid: str) -> None:
    """Where the carrier cannot be reached the call ends by itself: ringing has a limit, and a key pressed late is told so."""
    try:
        runtime.carrier.hang_up(sid)
    except CarrierError as error:
        log.warning("help_not_hung_up", reason=str(error))
