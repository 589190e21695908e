"""Ringing a resident from the callback desk: the order to the carrier, how far the call is, hanging up."""

import structlog
from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from app.console.access import CALLBACKS, page, who
from app.console.rendering import is_fragment, render
from app.desk import attempts, claims, desk_calls
from app.desk.callback_case import last_call, phase_of
from app.desk.desk_calls import DeskCall
from app.errors import CarrierError, CarrierUnclear, NotFound
from app.runtime import Runtime
from models.callback import LIVE, Attempt, Callback

log = structlog.get_logger(__name__)
RING_SECONDS = 25  # her own telephone stands beside her


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    @page(blueprint, "/callbacks/<int:callback_id>/ring", allow=CALLBACKS, methods=("POST",))
    def callback_ring(callback_id: int) -> ResponseReturnValue:
        actor, now = who().actor, runtime.now()
        with runtime.db.transaction() as session:
            found = claims.claim(session, runtime.desk, actor, callback_id, now=now)
            call = desk_calls.begin(session, runtime.desk, found, actor, now=now)
        _order(runtime, call)
        return _state(callback_id)

    @page(blueprint, "/callbacks/<int:callback_id>/call", allow=CALLBACKS)
    def callback_call(callback_id: int) -> ResponseReturnValue:
        """How far it is; asked every two seconds while it runs."""
        return _state(callback_id)

    @page(blueprint, "/callbacks/<int:callback_id>/hangup", allow=CALLBACKS, methods=("POST",))
    def callback_hangup(callback_id: int) -> ResponseReturnValue:
        with runtime.db.transaction(read_only=True) as session:
            found = _found(session.get(Callback, callback_id))
            call = last_call(session, found, who().actor)
            sid = call.carrier_sid if call is not None and call.state in LIVE else None
        if sid is not None:
            hang_up(runtime, sid)
        return _state(callback_id)

    def _state(callback_id: int) -> ResponseReturnValue:
        if not is_fragment():
            return redirect(f"/staff/callbacks/{callback_id}", 303)
        actor, now = who().actor, runtime.now()
        with runtime.db.transaction() as session:
            claims.renew(session, actor, callback_id, now=now)
            found = _found(session.get(Callback, callback_id))
            call = last_call(session, found, actor)
            return render("callbacks/call.html", callback=found, call=call, phase=phase_of(call))


def hang_up(runtime: Runtime, sid: str) -> None:
    """The carrier tells us afterwards that it is over; where it cannot be reached, it will be over by itself."""
    try:
        runtime.carrier.hang_up(sid)
    except CarrierError as error:
        log.warning("desk_call_not_hung_up", reason=str(error))


def _found(callback: Callback | None) -> Callback:
    if callback is None:
        raise NotFound("没有这件回电")
    return callback


def _order(runtime: Runtime, call: DeskCall) -> None:
    """Ask the carrier to ring the worker, with no transaction open. What went wrong stands in the row."""
    public = runtime.settings.public_url.rstrip("/")
    url, status_url = f"{public}/voice/desk/{call.uid}", f"{public}/voice/status?desk={call.uid}"
    try:
        sid = runtime.carrier.place_call(call.phone, url, status_url, ring_seconds=RING_SECONDS)
    except CarrierError as error:
        log.warning("desk_call_not_placed", attempt=call.attempt_id, reason=str(error))
        with runtime.db.transaction() as session:
            note = (session, call.attempt_id, call.lease_token)
            if isinstance(error, CarrierUnclear):
                attempts.attempt_unknown(*note, now=runtime.now(), error=str(error))
            else:
                desk_calls.refused(*note, now=runtime.now(), error=str(error))
        return
    with runtime.db.transaction() as session:
        ours = attempts.attempt_placed(session, call.attempt_id, call.lease_token, sid, now=runtime.now())
        over = not ours and session.get_one(Attempt, call.attempt_id).carrier_sid != sid
    if over:
        hang_up(runtime, sid)  # we were slower than our lease, and the row has gone on without us
