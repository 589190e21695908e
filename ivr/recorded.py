"""Recordings that the carrier makes where there are no streams: kept as soon as they are told of, heard by the worker."""

from typing import Any

from sqlalchemy import select

from app.db import insert_once
from app.desk import settling
from app.errors import NotFound
from app.queue import JobName, defer
from app.runtime import Runtime
from ivr.conversation import Conversation, find
from ivr.webhook import RecordingPost
from models.base import Json
from models.call import CallTurn
from models.recording import Recording


def keep(talk: Conversation, post: RecordingPost, turn_n: int) -> None:
    """Fetched and heard by the worker. The carrier may tell of it twice, by the verb and by a callback."""
    now = talk.context.now
    values: dict[str, Any] = {
        "call_id": talk.call.id,
        "turn_n": turn_n,
        "source": "carrier",
        "seconds": post.seconds,
        "carrier_sid": post.sid,
        "carrier_url": post.url,
        "state": "fetch",
        "tries": 0,
        "due_at": now,
        "created_at": now,
    }
    new = insert_once(talk.session, Recording, values, ["carrier_sid"])
    recording = talk.session.scalars(select(Recording).where(Recording.carrier_sid == post.sid)).one()
    if new:
        settling.keep_recording(talk.session, talk.runtime.desk, talk.call, recording, now=now)
    if post.ready and recording.state == "fetch":
        defer(talk.session, JobName.TRANSCRIBE, recording.id)


def words_of(talk: Conversation, heard: Json, turn: CallTurn, *, last: bool) -> Json | None:
    """A recording's words once the worker has them; None: ask again in a moment."""
    recording = talk.session.scalar(select(Recording).where(Recording.carrier_sid == heard["recording"]))
    if recording is None:
        raise NotFound(f"recording {heard['recording']}")
    found = {
        "kind": "speech",
        "text": recording.transcript or "",
        "confidence": recording.confidence or 0.0,
        "open": True,  # the worker holds nobody to a list
        "speech_seconds": max(recording.seconds, 0.1),
        "recording_id": recording.id,
    }
    # A remark is kept as it is; nobody has to wait for its words.
    waits = recording.state not in ("done", "failed") and (turn.listen or {}).get("expect") != "remark"
    return None if waits and not last else found


def ready(runtime: Runtime, call_uid: str, call_sid: str, post: RecordingPost) -> None:
    """The carrier says that it can be fetched. Raises NotFound for a call that isn't ours."""
    now = runtime.now()
    with runtime.db.transaction() as session:
        talk = find(runtime, session, call_uid, call_sid, now)
        keep(talk, post, talk.call.last_turn)
