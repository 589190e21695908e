"""One submission of a kiosk → one ticket, rating or return call, together with the receipt that makes it so once.

Anything of a matter that can be kept is kept: what was unusable becomes a note for staff, and never a refusal.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import String, cast, literal, select
from sqlalchemy.orm import Session

from app.db import insert_once
from app.desk import audit
from app.desk.config import DeskConfig
from app.desk.kiosk_feedback import rate, ring_back
from app.desk.kiosk_limits import next_one
from app.desk.kiosk_matter import take_matter
from app.desk.kiosk_said import RATE, MatterSaid, RatingSaid, Result, Submission, Told
from app.desk.kiosk_times import occurred_at
from app.desk.recordings import store_audio
from app.errors import StaleTicket
from app.texts.catalogue import mark
from models.base import Json
from models.crypto import blind_index
from models.kiosk import Kiosk
from models.receipt import InboundReceipt
from models.ticket import Ticket

_CONFLICT = mark("同一件事送来了两份不一样的，留下的是先到的那份")


@dataclass(frozen=True, slots=True)
class Audio:
    """On disk already. `path` below the data directory."""

    path: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Taken:
    """`wait`: seconds until there is room for what it was told to send later."""

    told: Told
    wait: int = 0


def store_voice(data_dir: Path, kiosk_id: int, submission: Submission, *, now: datetime) -> Audio | None:
    """Write the recording durably, before any row says that it is there; copies of one submission write one file, also
    those that come next month.

    Raises OSError.
    """
    body = submission.body
    if not isinstance(body, MatterSaid) or not body.pcm:
        return None
    content = hashlib.sha256(submission.content).hexdigest()[:12]  # what is in conflict has another file
    name = f"kiosk{kiosk_id}-{submission.uuid}-{content}"
    return Audio(*store_audio(data_dir, name, body.pcm, now=submission.device_at or now, rate=RATE))


def told_before(session: Session, cfg: DeskConfig, submission: Submission) -> Told | None:
    """What the first copy was told; None if there was none. Another content under its name is a conflict."""
    first = receipt_of(session, submission.uuid)
    if first is None:
        return None
    if first.request_hash != _hash(session, submission):
        says = cfg.speaking(submission.language).texts(_CONFLICT)
        return Result("conflict", says=says).as_json(submission.uuid)
    if first.response is not None:
        told: Json = json.loads(first.response)
        return told
    ticket = session.get(Ticket, first.ticket_id) if first.ticket_id else None  # she was erased since
    return Result("taken", ticket=ticket.number if ticket else None).as_json(submission.uuid)


def take(
    session: Session,
    cfg: DeskConfig,
    kiosk_id: int,
    submission: Submission,
    audio: Audio | None,
    *,
    sent_at: datetime | None,
    now: datetime,
) -> Taken:
    """Take it, once, however often and from however many connections it comes. The kiosk's row is locked.

    Raises StaleTicket if somebody changed the ticket meanwhile, ProofLocked: both mean again, later.
    """
    kiosk = session.get_one(Kiosk, kiosk_id, with_for_update=True, populate_existing=True)
    if known := told_before(session, cfg, submission):
        if known["status"] == "conflict":
            _audit(session, kiosk.id, submission.uuid, "kiosk_conflict", now)
        return Taken(known)
    body, ticket_id = submission.body, None
    spoken = cfg.speaking(submission.language)
    if not isinstance(body, RatingSaid):  # they need proof, and have a limit of their own
        full_at, wait = next_one(kiosk.paced_until, now)
        if full_at is None:
            says = spoken.texts("这台机器刚才记了很多事，过一会儿再送出去")
            return Taken(Result("later", says=says).as_json(submission.uuid), _whole(wait))
        kiosk.paced_until = full_at
    if isinstance(body, MatterSaid):
        when = occurred_at(submission.device_at, submission.offset_s, sent_at, now)
        result, ticket_id = take_matter(session, cfg, kiosk, submission, body, when, audio, now=now)
        _count_slip(kiosk, submission.slip)
    elif isinstance(body, RatingSaid):
        result, ticket_id = rate(session, spoken, kiosk, body, now=now)
    else:
        result, ticket_id = ring_back(session, spoken, body, now=now)
    if result.status == "refused":
        _audit(session, kiosk.id, submission.uuid, "kiosk_refused", now, why=result.says)
    told = result.as_json(submission.uuid)
    values = {
        "source": _source(kiosk.id),
        "external_id": submission.uuid,
        "request_hash": _hash(session, submission),
        "ticket_id": ticket_id,
        "response": json.dumps(told, ensure_ascii=False),
        "at": now,
    }
    if not insert_once(session, InboundReceipt, values, ["source", "external_id"]):
        raise StaleTicket("同一件事正在同时送来，请再送一次")
    return Taken(told)


def refuse(session: Session, kiosk_id: int, uuid: str | None, why: str, *, now: datetime) -> Told:
    """For what is no submission at all: staff find in the audit log that something was dropped."""
    _audit(session, kiosk_id, uuid, "kiosk_refused", now, why=why)
    return Result("refused", says=why).as_json(uuid)


def receipt_of(session: Session, uuid: str) -> InboundReceipt | None:
    """By the name that the kiosk gave it. Any kiosk's: one that is enrolled anew sends what it still had."""
    sources = select(literal("kiosk:").concat(cast(Kiosk.id, String)))
    query = select(InboundReceipt).where(
        InboundReceipt.source.in_(sources), InboundReceipt.external_id == uuid
    )
    return session.scalars(query.limit(1)).first()


def _source(kiosk_id: int) -> str:
    return f"kiosk:{kiosk_id}"


def _hash(session: Session, submission: Submission) -> str:
    """Keyed: a telephone number in it could be found by trying them all."""
    digest = hashlib.sha256(submission.content).hexdigest()
    return blind_index(session.get_bind(), f"kiosk:{digest}")


def _audit(
    session: Session, kiosk_id: int, uuid: str | None, deed: str, now: datetime, *, why: str | None = None
) -> None:
    data = {name: said for name, said in (("uuid", uuid), ("why", why)) if said}
    audit.record(session, None, deed, now=now, subject="kiosk", subject_id=kiosk_id, data=data)


def _count_slip(kiosk: Kiosk, slip: str | None) -> None:
    if slip and slip[:-3] == kiosk.slip_prefix:
        kiosk.last_slip = int(slip[-3:])


def _whole(wait: timedelta) -> int:
    return int(wait.total_seconds()) + 1
