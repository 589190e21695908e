"""The database side of a media stream: open the turn that a token names, save what was heard."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.desk.recordings import add_recording, store_audio
from app.runtime import Runtime
from ivr.listening import ListenSpec
from ivr.runner import save_heard
from models.base import Json
from models.call import Call, CallTurn
from speech.audio import mulaw_decode
from speech.turn_hearing import PhraseList

log = structlog.get_logger(__name__)
TOKEN_LIFE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class StreamTurn:
    """What the gateway needs to know of a turn."""

    id: int
    call_id: int
    call_uid: str
    n: int
    spec: ListenSpec
    admitted: PhraseList
    prompts: tuple[str, ...]  # sentences to be played on the stream
    spool: str


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def open_turn(session: Session, token: str, carrier_sid: str, *, now: datetime) -> StreamTurn | None:
    """Use the one-time token; None if it is unknown, used, stale, or of another call."""
    row = session.execute(
        select(CallTurn, Call)
        .join(Call, Call.id == CallTurn.call_id)
        .where(CallTurn.token_hash == hash_token(token))
    ).one_or_none()
    if row is None:
        return None
    turn, call = row
    if turn.created_at < now - TOKEN_LIFE or call.carrier_sid != carrier_sid or turn.listen is None:
        return None
    spool = f"{call.uid}-{turn.n}.ulaw"
    used = session.execute(
        update(CallTurn)
        .where(CallTurn.id == turn.id, CallTurn.token_used_at.is_(None), CallTurn.heard_at.is_(None))
        .values(token_used_at=now, spool=spool)
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]
        return None
    listen = turn.listen
    return StreamTurn(
        id=turn.id,
        call_id=call.id,
        call_uid=call.uid,
        n=turn.n,
        spec=ListenSpec(
            keys=listen["keys"],
            num_digits=int(listen["num_digits"]),
            closing_silence=float(listen["closing_silence"]),
            no_input=float(listen["no_input"]),
            max_length=float(listen["max_length"]),
        ),
        admitted=PhraseList.of(str(listen["expect"]), listen.get("phrases")),
        prompts=tuple(turn.said) if listen.get("on_stream") else (),
        spool=spool,
    )


def save_turn(runtime: Runtime, turn: StreamTurn, heard: Json, mulaw: bytes | None) -> None:
    """Audio to disk, where there is any worth keeping; then row and result in one transaction; then the spool may go.
    Blocking; again, it replaces what is there."""
    now, stored = runtime.now(), None
    if mulaw is not None:
        name = f"{turn.call_uid}-{turn.n}"
        stored = store_audio(runtime.settings.data_dir, name, mulaw_decode(mulaw), now=now)
    with runtime.db.transaction() as session:
        # The call first, as everybody does: who locks in another order waits for ever
        call = session.get_one(Call, turn.call_id, with_for_update=True)
        if session.scalar(select(CallTurn.heard_at).where(CallTurn.id == turn.id)) is not None:
            return  # an earlier try was committed and only its answer was lost
        if stored:
            recording = add_recording(
                session,
                call_id=turn.call_id,
                turn_n=turn.n,
                source="stream",
                path=stored[0],
                seconds=stored[1],
                transcript=heard.get("text") or None,
                confidence=heard.get("confidence"),
                now=now,
            )
            heard = heard | {"recording_id": recording.id}
        save_heard(session, runtime, turn.id, heard, now=now, call=call)
    (runtime.settings.spool_dir / turn.spool).unlink(missing_ok=True)
    log.info(
        "turn_heard",
        call=turn.call_uid,
        turn=turn.n,
        kind=heard["kind"],
        result=json.dumps(heard.get("frames")),
    )
