"""What is masked until somebody asks for it: numbers, the room, a voice. Each time it is written down who asked."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from app.desk import audit
from app.desk.config import DeskConfig
from app.desk.residents import phones_of
from app.desk.rights import Actor
from app.desk.seeing import check_part, find_ticket
from app.desk.wording import place_of
from app.errors import NotAllowed, NotFound
from models.recording import Recording
from models.resident import Resident
from models.staff import Role
from models.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Person:
    name: str | None
    phones: tuple[str, ...]
    note: str | None


@dataclass(frozen=True, slots=True)
class Revealed:
    """`place` with the room."""

    reporter: Person | None
    beneficiary: Person | None
    place: str


def reveal(session: Session, cfg: DeskConfig, actor: Actor, number: int, *, now: datetime) -> Revealed:
    """Full numbers and address of one ticket. Raises NotFound, NotAllowed for whoever may only look."""
    ticket, view = find_ticket(session, actor, number)
    check_part(session, actor, ticket, view)
    audit.record(session, actor.id, "see_phone", now=now, subject="ticket", subject_id=ticket.id)
    other = ticket.beneficiary_id if ticket.beneficiary_id != ticket.reporter_id else None
    return Revealed(
        reporter=_person(session, ticket.reporter_id),
        beneficiary=_person(session, other),
        place=place_of(cfg, ticket),
    )


def listen_to(session: Session, actor: Actor, recording_id: int, *, now: datetime) -> Recording:
    """The recording, and in the audit that she listens to it. Raises NotFound, NotAllowed."""
    recording = find_recording(session, actor, recording_id)
    audit.record(session, actor.id, "hear_recording", now=now, subject="recording", subject_id=recording.id)
    return recording


def find_recording(session: Session, actor: Actor, recording_id: int) -> Recording:
    """NotFound for one that belongs to no ticket of theirs, or whose audio is gone."""
    recording = session.get(Recording, recording_id)
    ticket = session.get(Ticket, recording.ticket_id) if recording and recording.ticket_id else None
    if recording is None or ticket is None:
        raise NotFound("没有这段录音")
    find_ticket(session, actor, ticket.number)
    if actor.role is Role.VIEWER:
        raise NotAllowed("您只能看，不能听录音")
    if recording.path is None:
        raise NotFound("这段录音还没有取回来，或已经过期")
    return recording


def inside(data_dir: Path, relative: str) -> Path:
    """The file below the data directory; NotFound for a path that leads out of it, or to nothing."""
    path = (data_dir / relative).resolve()
    if not path.is_relative_to(data_dir.resolve()) or not path.is_file():
        raise NotFound("文件不在了")
    return path


def _person(session: Session, resident_id: int | None) -> Person | None:
    resident = session.get(Resident, resident_id) if resident_id else None
    if resident is None:
        return None
    return Person(resident.name, tuple(phones_of(session, resident.id)), resident.note)
