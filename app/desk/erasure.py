"""Erasing a resident at her own wish (PIPL, article 47): what she said, wrote and is goes; the counted matter stays.

Category, dates, building and marks of her matters remain, because the public figures rest on them and name nobody.
Audio is deleted after the commit (`drop_files`), so that a lost commit never costs a recording that is still hers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from app.desk import course, examples
from app.desk.audit import record
from app.desk.resident_card import known
from app.desk.rights import Actor
from app.errors import BadInput, Names, NotAllowed, NotFound
from app.hygiene import clean
from models.call import Call, CallTurn
from models.callback import Attempt, Callback
from models.draft import StaffDraft
from models.lifecycle import OPEN, Status
from models.message import Message
from models.notice import NoticeRecipient
from models.photo import Photo
from models.question import Question
from models.rating import Rating
from models.receipt import InboundReceipt
from models.recording import Recording
from models.resident import Resident, ResidentPhone
from models.resident_change import Erasure, ResidentMerge
from models.staff import Role
from models.ticket import Ticket, TicketEvent

GONE = "（应居民本人要求，内容已删除）"
ERASED = "erased"
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_NOBODY = "0" * 64  # a blind index that no number has
_CHARGE = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
_UNFINISHED = OPEN | {Status.PLANNED, Status.REFERRED, Status.RESOLVED}


@dataclass(frozen=True, slots=True)
class Erased:
    tickets: int
    calls: int
    messages: int
    recordings: int


def erase(session: Session, actor: Actor, resident_id: int, reason: str, *, now: datetime) -> Erased:
    """NotAllowed below the supervisor; BadInput without a reason, or while a matter of hers is not finished: nobody
    could ring her about it any more."""
    if actor.role not in _CHARGE:
        raise NotAllowed("删除居民资料由负责人或管理员办理")
    resident = known(session, actor, resident_id)
    why = clean(reason, limit=200)
    if not why:
        raise BadInput("请写明原因，例如：本人来电要求删除")
    hers = or_(Ticket.reporter_id == resident.id, Ticket.beneficiary_id == resident.id)
    open_ones = session.scalars(select(Ticket.number).where(hers, Ticket.status.in_(_UNFINISHED))).all()
    if open_ones:
        raise BadInput(
            "{numbers} 号还没有办完。请先办结、回访，或撤销，再删除资料",
            numbers=Names(map(str, open_ones)),
        )
    done = _wipe(session, resident, now=now)
    session.add(Erasure(resident_id=resident.id, by_staff_id=actor.id, reason=why, at=now))
    record(session, actor.id, "erase_resident", now=now, subject="resident", subject_id=resident.id)
    return done


def erase_again(session: Session, resident_id: int, *, now: datetime) -> Erased | None:
    """After a restore from a backup that still had her. None if she is erased already, or unknown there."""
    resident = session.get(Resident, resident_id)
    if resident is None or resident.erased_at is not None:
        return None
    done = _wipe(session, resident, now=now)
    session.add(Erasure(resident_id=resident.id, reason="恢复备份后重新删除", at=now))
    return done


def drop_files(session: Session, data_dir: Path) -> int:
    """Delete the audio of erased recordings; how many files. Safe to repeat."""
    rows = session.scalars(
        select(Recording).where(Recording.state == ERASED, Recording.path.is_not(None))
    ).all()
    for row in rows:
        (data_dir / str(row.path)).unlink(missing_ok=True)
        row.path = None
    return len(rows)


def remember_outside(data_dir: Path, resident_id: int, now: datetime) -> None:
    """One line in a file beside the database: a restored database no longer knows whom it has to forget."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with _list_of(data_dir).open("a", encoding="utf-8") as file:
        file.write(f"{resident_id}\t{now.isoformat()}\n")


def remembered(data_dir: Path) -> list[int]:
    """Raises NotFound where nobody was ever erased."""
    path = _list_of(data_dir)
    if not path.exists():
        raise NotFound("没有删除记录：还没有居民要求删除过资料")
    return [int(line.split("\t")[0]) for line in path.read_text(encoding="utf-8").splitlines() if line]


def _list_of(data_dir: Path) -> Path:
    return data_dir / "erasures.tsv"


def _wipe(session: Session, resident: Resident, *, now: datetime) -> Erased:
    id_ = resident.id
    phones = list(session.scalars(select(ResidentPhone.phone).where(ResidentPhone.resident_id == id_)))
    tickets = list(
        session.scalars(select(Ticket.id).where(or_(Ticket.reporter_id == id_, Ticket.beneficiary_id == id_)))
    )
    callbacks = session.scalars(select(Callback).where(_of(Callback, id_, phones))).all()
    for callback in callbacks:
        course.cancel(session, callback, now=now)
        callback.phone = callback.words = None
        callback.phone_index = None
    ids = [callback.id for callback in callbacks]
    session.execute(update(Attempt).where(Attempt.callback_id.in_(ids)).values(phone_index=_NOBODY))
    calls = session.scalars(select(Call).where(_of(Call, id_, phones))).all()
    for call in calls:
        call.phone = call.phone_index = None
        call.state = {}
    call_ids = [call.id for call in calls]
    for turn in session.scalars(select(CallTurn).where(CallTurn.call_id.in_(call_ids))):
        turn.said, turn.twiml, turn.heard = [], "", None
    recordings = session.scalars(
        select(Recording).where(or_(Recording.call_id.in_(call_ids), Recording.ticket_id.in_(tickets)))
    ).all()
    for recording in recordings:
        recording.state, recording.transcript, recording.carrier_url = ERASED, None, None
    messages = session.scalars(select(Message).where(_of(Message, id_, phones))).all()
    for message in messages:
        message.body, message.phone, message.phone_index = "", "", _NOBODY
    _wipe_tickets(session, tickets)
    examples.forget(session, id_)
    session.execute(
        update(Rating).where(Rating.resident_id == id_).values(remark=None, remark_recording_id=None)
    )
    for model in (Question, NoticeRecipient, ResidentPhone):
        session.execute(delete(model).where(model.resident_id == id_))
    session.execute(delete(ResidentMerge).where(ResidentMerge.kept_id == id_))
    for name in ("name", "room", "note", "dialect", "language", "preferred_hours", "household_id"):
        setattr(resident, name, None)
    resident.no_call = resident.opted_out = True
    resident.erased_at = now
    session.flush()
    return Erased(len(tickets), len(calls), len(messages), len(recordings))


def _of(
    model: type[Callback] | type[Call] | type[Message], id_: int, phones: Sequence[str]
) -> ColumnElement[bool]:
    return or_(model.resident_id == id_, model.phone_index.in_(phones))


def _wipe_tickets(session: Session, ids: Sequence[int]) -> None:
    """The log keeps who did what and when; what it quotes of her goes."""
    for ticket in session.scalars(select(Ticket).where(Ticket.id.in_(ids))):
        session.execute(delete(StaffDraft).where(StaffDraft.form == f"ticket:{ticket.number}"))
        ticket.text, ticket.matter, ticket.verified = GONE, None, False
        ticket.unit_no = ticket.room = ticket.landmark = None
    for event in session.scalars(select(TicketEvent).where(TicketEvent.ticket_id.in_(ids))):
        if event.actor.startswith(("resident", "callback")):
            event.reason = None
        if "before" in event.data:
            event.data = {"before": {}}
    # Pictures may show her: as if deleted long ago, so that the clock takes the files away (app.desk.photos.expire)
    session.execute(update(Photo).where(Photo.ticket_id.in_(ids)).values(deleted_at=_LONG_AGO))
    session.execute(update(InboundReceipt).where(InboundReceipt.ticket_id.in_(ids)).values(response=None))
