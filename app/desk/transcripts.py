"""Recordings on their way from the carrier, through the engine, to the matter they belong to.

A row is claimed by moving its `due_at` ahead: a worker that dies leaves it to be taken again. Audio is never given up,
only the attempt to make words of it: what the machine cannot hear, a person can.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.desk.config import DeskConfig
from app.desk.rights import Actor
from app.desk.tickets import amend, note
from app.desk.understanding import understand
from app.queue import JobName, defer
from models.call import Call
from models.lifecycle import Status
from models.rating import Rating
from models.recording import Recording
from models.ticket import Ticket

FETCH, TRANSCRIBE, DONE, FAILED = "fetch", "transcribe", "done", "failed"
_CLAIM = timedelta(minutes=5)  # longer than any job may run
_TRIES = 6
_MOST = timedelta(hours=1)


@dataclass(frozen=True)
class Claimed:
    """`carrier_url` is set while the carrier still holds a copy; `path` once we hold one."""

    id: int
    state: str
    path: str | None
    carrier_url: str | None
    carrier_sid: str | None
    call_id: int | None
    turn_n: int


def due_recordings(session: Session, *, now: datetime, limit: int = 50) -> list[int]:
    """To be fetched, to be heard, or heard and still lying at the carrier."""
    left_there = and_(Recording.path.is_not(None), Recording.carrier_url.is_not(None))
    query = (
        select(Recording.id)
        .where(Recording.due_at <= now, or_(Recording.state.in_((FETCH, TRANSCRIBE)), left_there))
        .order_by(Recording.due_at)
        .limit(limit)
    )
    return list(session.scalars(query))


def claim_recording(session: Session, id_: int, *, now: datetime) -> Claimed | None:
    row = _locked(session, id_)
    if row is None or row.due_at > now:
        return None
    if row.state not in (FETCH, TRANSCRIBE) and not (row.path and row.carrier_url):
        return None
    row.tries += 1
    row.due_at = now + _CLAIM
    if row.tries > _TRIES and row.state == TRANSCRIBE:
        # It ended its worker again and again, as damaged audio or a damaged model can.
        _give_up(session, row, "the engine did not survive this recording", now)
        return None
    return Claimed(row.id, row.state, row.path, row.carrier_url, row.carrier_sid, row.call_id, row.turn_n)


def fetched(session: Session, id_: int, path: str, seconds: float, *, now: datetime) -> None:
    """Our copy is on disk and readable."""
    row = _locked(session, id_)
    if row is not None and row.state == FETCH:
        row.path, row.seconds, row.state, row.tries, row.due_at = path, seconds, TRANSCRIBE, 0, now
        defer(session, JobName.TRANSCRIBE, row.id)


def not_fetched(session: Session, id_: int, *, now: datetime, permanent: bool, error: str) -> None:
    """The carrier did not give it; asked again with growing pauses, for some days unless `permanent`."""
    row = _locked(session, id_)
    if row is None or row.state != FETCH:
        return
    if permanent or now - row.created_at > timedelta(days=3):
        _give_up(session, row, error, now)
    else:
        row.due_at = now + min(timedelta(seconds=15 * 2 ** min(row.tries, 10)), _MOST)


def transcribed(
    session: Session, cfg: DeskConfig, id_: int, text: str, confidence: float, *, now: datetime
) -> None:
    """Words go to the rating or the matter that waits for them. What a machine heard counts as unverified."""
    row = _locked(session, id_)
    if row is None or row.state != TRANSCRIBE:
        return
    row.transcript, row.confidence, row.state, row.tries, row.due_at = text, confidence, DONE, 0, now
    for rating in session.scalars(select(Rating).where(Rating.remark_recording_id == row.id)):
        if text and not rating.remark:
            rating.remark = text
    ticket_id = row.ticket_id
    if row.call_id is not None:
        of_call = session.scalar(select(Call.ticket_id).where(Call.id == row.call_id).with_for_update())
        ticket_id = ticket_id or of_call
    ticket = session.get(Ticket, ticket_id, with_for_update=True) if ticket_id else None
    if text and ticket is not None and ticket.status is Status.NEEDS_LISTENING and not ticket.verified:
        _tell_ticket(session, cfg, ticket, text, now)


def tell_waiting_words(
    session: Session, cfg: DeskConfig, ticket: Ticket, call_id: int, *, now: datetime
) -> None:
    """Words that the worker had found before there was a ticket to put them on; nobody has understood them yet."""
    found = select(Recording.transcript).where(
        Recording.call_id == call_id, Recording.source != "stream", Recording.state == DONE
    )
    for text in session.scalars(found.order_by(Recording.id)).all():
        if text:
            _tell_ticket(session, cfg, ticket, text, now)


def not_transcribed(session: Session, id_: int, *, now: datetime, error: str) -> None:
    """No engine, or audio that it can't read: a person listens."""
    row = _locked(session, id_)
    if row is not None and row.state == TRANSCRIBE:
        _give_up(session, row, error, now)


def carrier_copy_gone(session: Session, id_: int) -> None:
    row = _locked(session, id_)
    if row is not None:
        row.carrier_url = None


def carrier_copy_stays(session: Session, id_: int, *, now: datetime) -> None:
    """The carrier did not delete it: asked again with growing pauses."""
    row = _locked(session, id_)
    if row is not None:
        row.due_at = now + min(timedelta(seconds=60 * 2 ** min(row.tries, 10)), _MOST)


def _tell_ticket(session: Session, cfg: DeskConfig, ticket: Ticket, text: str, now: datetime) -> None:
    """It still needs a person's ear, but danger must not wait for one."""
    heard = understand(text)
    amend(
        session,
        cfg,
        ticket,
        Actor.clock(),
        now=now,
        text=text if not ticket.text else None,
        category=heard.category if ticket.category is None else None,
        danger=heard.danger if ticket.danger is None else None,
        urgent=True if heard.urgent else None,
        matter=heard.matter if ticket.matter is None else None,
    )


def _give_up(session: Session, row: Recording, error: str, now: datetime) -> None:
    row.state, row.due_at = FAILED, now
    ticket = session.get(Ticket, row.ticket_id) if row.ticket_id else None
    if ticket is not None:
        note(session, ticket, "not_heard", Actor.clock(), now=now, reason=error, data={"recording": row.id})


def _locked(session: Session, id_: int) -> Recording | None:
    return session.scalars(
        select(Recording)
        .where(Recording.id == id_)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
