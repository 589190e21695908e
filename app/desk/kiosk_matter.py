"""A matter as somebody tapped or said it at a kiosk: the ticket, her voice, and what could not be used."""

from dataclasses import replace
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from app.desk import wording
from app.desk.config import DeskConfig
from app.desk.draft import Draft
from app.desk.kiosk_place import kiosk_unit_id
from app.desk.kiosk_said import MatterSaid, Result, Submission
from app.desk.place import Place
from app.desk.recordings import add_recording
from app.desk.residents import find_or_create, normalise_phone
from app.desk.rights import Actor
from app.desk.tickets import note, open_ticket
from app.desk.understanding import Understanding, understand
from app.errors import BadNumber
from app.queue import JobName, defer
from models.base import Json
from models.kiosk import Kiosk
from models.recording import Recording
from models.service_item import ServiceItem
from models.station import Station
from models.ticket import Ticket

CHANNEL = "kiosk"
_BAD_PHONE = "留的电话号码不对，打不通；她会到驿站来问"
_GONE_ITEM = "选的那一项已经没有了"


class OnDisk(Protocol):
    """A recording. `path` below the data directory."""

    @property
    def path(self) -> str: ...
    @property
    def seconds(self) -> float: ...


def take_matter(
    session: Session,
    cfg: DeskConfig,
    kiosk: Kiosk,
    submission: Submission,
    said: MatterSaid,
    occurred_at: datetime,
    audio: OnDisk | None,
    *,
    now: datetime,
) -> tuple[Result, int]:
    """The result and the ticket's id. Never refuses."""
    faults = list(said.faults)
    item = session.get(ServiceItem, said.item) if said.item is not None else None
    if said.item is not None and item is None:
        faults.append(_GONE_ITEM)
    reporter = None
    if said.phone:
        try:
            number = normalise_phone(said.phone, cfg.default_region)
            reporter = find_or_create(session, number, now=now)
        except BadNumber:
            faults.append(_BAD_PHONE)
    draft = _draft(cfg, said, item, occurred_at)
    origin: Json = {
        "kiosk": kiosk.id,
        "device_at": submission.device_at.isoformat() if submission.device_at else None,
        "slip": submission.slip,
        "late_s": int((now - draft.occurred_at).total_seconds()),
    }
    station = session.get_one(Station, kiosk.station_id)
    draft = replace(
        draft,
        reporter_id=reporter.id if reporter else None,
        unit_id=kiosk_unit_id(session, station.unit_id, draft.place, reporter),
        slip=submission.slip,
        origin=origin,
    )
    ticket = open_ticket(session, cfg, draft, now=now)
    if audio is not None:
        _keep_voice(session, ticket, said, audio, now=now)
    if faults:
        reason = "自助屏：" + "；".join(faults)
        note(session, ticket, "remark", Actor("kiosk", kiosk.id), now=now, reason=reason)
    result = Result(
        "taken",
        ticket=ticket.number,
        category=ticket.category,
        promised_on=ticket.promised_on,
        danger=ticket.danger,
    )
    return result, ticket.id


def _draft(cfg: DeskConfig, said: MatterSaid, item: ServiceItem | None, occurred_at: datetime) -> Draft:
    """Words that she confirmed, else what she tapped. What nobody can read yet, somebody must hear."""
    tapped = Place(said.estate, said.building, said.unit, said.room)
    category = said.category or (item.category if item else None)
    meaning = understand(said.words or (item.name if item else ""))
    place = _place(tapped, meaning)
    draft = Draft.from_understanding(
        meaning,
        channel=CHANNEL,
        occurred_at=occurred_at,
        place=place,
        text=said.words or ("" if said.pcm else _tapped_text(cfg, item, category, place)),
        needs_listening=not said.words and (said.pcm is not None or not (item or category)),
    )
    if not said.words:
        return replace(draft, category=category, matter=item.name if item else None)
    # Whoever is in danger has no time to choose well
    return replace(draft, category=category) if category and meaning.danger is None else draft


def _place(tapped: Place, meaning: Understanding) -> Place:
    """What she tapped wins, as a whole: two places made into one would be a third."""
    if tapped.estate or tapped.building:
        return replace(tapped, landmark=meaning.place.landmark)
    return meaning.place


def _tapped_text(cfg: DeskConfig, item: ServiceItem | None, category: str | None, place: Place) -> str:
    """楼道灯不亮（幸福里3栋2单元). No room: the text is not ciphertext."""
    what = item.name if item else wording.category_name(cfg, category) if category else ""
    where = replace(place, room=None, landmark=None)
    if not what or not where:
        return what
    parts = (where.estate or "", f"{where.building}栋" if where.building else "")
    return f"{what}（{''.join(parts)}{f'{where.unit}单元' if where.unit else ''}）"


def _keep_voice(
    session: Session, ticket: Ticket, said: MatterSaid, audio: OnDisk, *, now: datetime
) -> Recording:
    recording = add_recording(
        session,
        call_id=None,
        turn_n=0,
        ticket_id=ticket.id,
        source=CHANNEL,
        path=audio.path,
        seconds=audio.seconds,
        transcript=said.words or None,
        confidence=None,
        state="done" if said.words else "transcribe",
        now=now,
    )
    if not said.words:
        defer(session, JobName.TRANSCRIBE, recording.id)
    return recording
