"""Audio that a gateway had written when it died: found, attached to its call, and given to the worker."""

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.desk.config import DeskConfig
from app.desk.recordings import add_recording, read_spool, store_audio
from app.desk.settling import GRACE, keep_recording
from app.queue import JobName, defer
from models.call import Call, CallTurn
from speech.endpointing import Endpointer

_SPOOL_AGE = timedelta(minutes=5)  # longer than any turn: nobody is writing there any more
_SPOOL_REST = timedelta(seconds=30)  # where the call has ended or gone on without the result
_AT_ONCE = 50
_NEVER = 1e9  # seconds


def attach_spools(session: Session, cfg: DeskConfig, data_dir: Path, *, now: datetime) -> list[int]:
    """Audio that a gateway had written when it died: ids of recordings made of it, for the worker to listen to.

    The files may go once the caller has committed: `drop_spools`.
    """
    made = []
    for turn, call in session.execute(
        select(CallTurn, Call)
        .join(Call, Call.id == CallTurn.call_id)
        .where(
            CallTurn.spool.is_not(None),
            CallTurn.heard_at.is_(None),
            or_(
                CallTurn.token_used_at < now - _SPOOL_AGE,
                and_(
                    CallTurn.token_used_at < now - _SPOOL_REST,
                    or_(Call.ended_at < now - GRACE, CallTurn.n < Call.last_turn),
                ),
            ),
        )
        .order_by(CallTurn.id)
        .limit(_AT_ONCE)
    ):
        session.refresh(call, with_for_update=True)  # it may be settled at this moment
        pcm = read_spool(data_dir / "spool", str(turn.spool))
        turn.heard_at = now
        if not _has_speech(pcm):
            continue
        path, seconds = store_audio(data_dir, f"{call.uid}-{turn.n}-spool", pcm, now=now)
        recording = add_recording(
            session,
            call_id=call.id,
            turn_n=turn.n,
            source="spool",
            path=path,
            seconds=seconds,
            transcript=None,
            confidence=None,
            now=now,
            state="transcribe",
        )
        keep_recording(session, cfg, call, recording, now=now)
        defer(session, JobName.TRANSCRIBE, recording.id)
        made.append(recording.id)
    return made


def _has_speech(pcm: bytes) -> bool:
    ear = Endpointer(closing_silence=_NEVER, no_input=_NEVER, max_length=_NEVER)
    ear.feed(pcm)
    return ear.speech_started is not None or ear.doubtful


def drop_spools(session: Session, data_dir: Path) -> None:
    """Remove spool files whose audio is safe; call it in a transaction of its own, after the commit."""
    for file in (data_dir / "spool").glob("*.ulaw"):
        turn = session.scalar(select(CallTurn).where(CallTurn.spool == file.name))
        if turn is not None and turn.heard_at is not None:
            file.unlink(missing_ok=True)
