"""Recordings: fetched from the carrier, heard by the engine, deleted at the carrier once we hold them safely."""

from functools import cache
from pathlib import Path

import structlog

from app.desk import erasure, transcripts
from app.desk.recordings import store_audio
from app.errors import AudioError, CarrierError, CarrierRefused, SpeechModelError
from app.queue import JobName
from app.runtime import Runtime
from speech.audio import decode_wav, read_wav
from speech.engine import Engine
from speech.turn_hearing import hear_openly
from speech.vosk_engine import VoskEngine

log = structlog.get_logger(__name__)


def transcribe(runtime: Runtime, recording_id: int) -> None:
    """The next step of a recording, whatever that is."""
    with runtime.db.transaction() as session:
        claimed = transcripts.claim_recording(session, recording_id, now=runtime.now())
    if claimed is None:
        return
    if claimed.state == transcripts.FETCH:
        _fetch(runtime, claimed)
        return
    if claimed.state == transcripts.TRANSCRIBE:
        _hear(runtime, claimed)
    if claimed.carrier_url is not None:
        _delete_there(runtime, claimed)


def sweep_recordings(runtime: Runtime) -> list[tuple[JobName, int]]:
    with runtime.db.transaction() as session:
        erasure.drop_files(session, runtime.settings.data_dir)
    with runtime.db.transaction(read_only=True) as session:
        due = transcripts.due_recordings(session, now=runtime.now())
    return [(JobName.TRANSCRIBE, id_) for id_ in due]


def _fetch(runtime: Runtime, claimed: transcripts.Claimed) -> None:
    try:
        if claimed.carrier_url is None:
            raise CarrierRefused("the carrier gave no address for it")
        pcm = decode_wav(runtime.carrier.fetch_recording(claimed.carrier_url))
    except (CarrierError, AudioError) as error:
        permanent = isinstance(error, CarrierRefused)
        log.warning("recording_not_fetched", id=claimed.id, reason=str(error), permanent=permanent)
        with runtime.db.transaction() as session:
            transcripts.not_fetched(
                session, claimed.id, now=runtime.now(), permanent=permanent, error=str(error)
            )
        return
    path, seconds = store_audio(
        runtime.settings.data_dir,
        f"call{claimed.call_id}-{claimed.turn_n}-{claimed.id}",
        pcm,
        now=runtime.now(),
    )
    with runtime.db.transaction() as session:
        transcripts.fetched(session, claimed.id, path, seconds, now=runtime.now())


def _hear(runtime: Runtime, claimed: transcripts.Claimed) -> None:
    try:
        if claimed.path is None:
            raise AudioError("there is no audio file")
        heard = hear_openly(
            _engine(runtime.settings.speech_model), read_wav(runtime.settings.data_dir / claimed.path)
        )
    except (SpeechModelError, AudioError) as error:
        log.error("recording_not_heard", id=claimed.id, reason=str(error))
        with runtime.db.transaction() as session:
            transcripts.not_transcribed(session, claimed.id, now=runtime.now(), error=str(error))
        return
    with runtime.db.transaction() as session:
        transcripts.transcribed(
            session, runtime.desk, claimed.id, heard.text, heard.confidence, now=runtime.now()
        )


def _delete_there(runtime: Runtime, claimed: transcripts.Claimed) -> None:
    """Only after our copy was read back: `_fetch` decoded it, `_hear` read the file."""
    try:
        if claimed.carrier_sid:
            runtime.carrier.delete_recording(claimed.carrier_sid)
    except CarrierError as error:
        log.warning("recording_not_deleted", id=claimed.id, reason=str(error))
        with runtime.db.transaction() as session:
            transcripts.carrier_copy_stays(session, claimed.id, now=runtime.now())
        return
    with runtime.db.transaction() as session:
        transcripts.carrier_copy_gone(session, claimed.id)


@cache
def _engine(model: Path) -> Engine:
    """Loaded once a process; a failure is not remembered, so a model that was repaired is found."""
    return VoskEngine.load(model)
