"""Audio that residents left: written and synced to disk before a row says that it is there."""

from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from app.db import insert_row
from app.desk.durable import write_durably
from models.recording import Recording
from speech.audio import SAMPLE_RATE, encode_wav, mulaw_decode


def store_audio(
    data_dir: Path, name: str, pcm: bytes, *, now: datetime, rate: int = SAMPLE_RATE
) -> tuple[str, float]:
    """Write PCM16 at `rate` Hz as a WAV below `recordings/YYYY-MM/`; (path below the data directory, seconds)."""
    relative = Path("recordings") / f"{now:%Y-%m}" / f"{name}.wav"
    write_durably(data_dir / relative, encode_wav(pcm, rate))
    return str(relative), len(pcm) / 2 / rate


def drop_audio(data_dir: Path, path: str) -> None:
    """A file that no row speaks of. Safe to repeat."""
    (data_dir / path).unlink(missing_ok=True)


def add_recording(
    session: Session,
    *,
    call_id: int | None,
    turn_n: int,
    source: str,
    path: str,
    seconds: float,
    transcript: str | None,
    confidence: float | None,
    now: datetime,
    state: str = "done",
    ticket_id: int | None = None,
) -> Recording:
    """A row for audio that is on disk. State `transcribe` asks the worker to listen to it."""
    recording = Recording(
        call_id=call_id,
        turn_n=turn_n,
        ticket_id=ticket_id,
        source=source,
        path=path,
        seconds=seconds,
        transcript=transcript,
        confidence=confidence,
        state=state,
        due_at=now,
        created_at=now,
    )
    insert_row(session, recording)
    return recording


def read_spool(spool_dir: Path, name: str) -> bytes:
    """PCM16 of what the gateway had written (mu-law) before it died; empty if there is nothing."""
    path = spool_dir / name
    return mulaw_decode(path.read_bytes()) if path.is_file() else b""
