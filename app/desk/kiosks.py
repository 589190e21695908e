"""Kiosks as devices: one-time codes, tokens that can be taken back, and when each was last heard from.

Codes and tokens are kept as hashes only. A code is short, so its hash is keyed: else all could be tried.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.desk.audit import record
from app.desk.rights import Actor, oversees
from app.errors import BadInput, KioskRefused, NotAllowed, NotFound
from models.crypto import blind_index
from models.kiosk import Kiosk
from models.staff import Role
from models.station import Station
from models.unit import Unit

CODE_LIFE = timedelta(minutes=30)
SILENT = timedelta(minutes=10)
"""Not heard from for so long: somebody must look. Kiosks send a sign of life every two minutes."""
_CHARGE = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
_MOST = 2_000_000_000  # seconds that the column holds: enough for a clock that stands at 1970


@dataclass(frozen=True, slots=True)
class Added:
    """The code is shown once and kept nowhere."""

    kiosk: Kiosk
    station: Station
    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The token is told to the device and kept nowhere."""

    kiosk: Kiosk
    token: str


def add(session: Session, actor: Actor, station_id: int, *, now: datetime) -> Added:
    """A kiosk of this station, to be enrolled within half an hour. One that never was gets a new code instead.

    Raises NotFound, NotAllowed.
    """
    station = _station(session, actor, station_id)
    session.execute(
        select(Station.id).where(Station.id == station.id).with_for_update()
    )  # two at once: two numbers
    forgotten = select(Kiosk).where(
        Kiosk.station_id == station.id,
        Kiosk.enrolled_at.is_(None),
        Kiosk.revoked_at.is_(None),
        Kiosk.code_expires_at <= now,
    )
    kiosk = session.scalars(forgotten.order_by(Kiosk.id).limit(1)).first()
    if kiosk is None:
        kiosk = Kiosk(
            station_id=station.id,
            slip_prefix=_prefix(session, station),
            waiting=0,
            clock_offset_s=0,
            last_slip=0,
            created_at=now,
        )
        session.add(kiosk)
    code = f"{secrets.randbelow(10**8):08}"
    kiosk.code_hash, kiosk.code_expires_at = _code_hash(session, code), now + CODE_LIFE
    session.flush()
    record(session, actor.id, "kiosk_added", now=now, subject="kiosk", subject_id=kiosk.id)
    return Added(kiosk, station, code, now + CODE_LIFE)


def enrol(session: Session, code: str, *, now: datetime) -> Enrolled | None:
    """Exchange a code for a token, once. None for a wrong, an old or a used one; see app.desk.kiosk_enrolment."""
    hashed = _code_hash(session, code)
    query = select(Kiosk).where(Kiosk.code_hash == hashed, Kiosk.revoked_at.is_(None)).with_for_update()
    kiosk = session.scalars(query).first()
    if kiosk is None or kiosk.code_expires_at is None or kiosk.code_expires_at <= now:
        return None
    token = secrets.token_urlsafe(32)
    kiosk.code_hash = kiosk.code_expires_at = None
    kiosk.token_hash, kiosk.enrolled_at, kiosk.last_seen_at = _token_hash(token), now, now
    session.flush()
    record(session, None, "kiosk_enrolled", now=now, subject="kiosk", subject_id=kiosk.id)
    return Enrolled(kiosk, token)


def by_token(session: Session, token: str) -> Kiosk:
    """The kiosk that holds it. Raises KioskRefused."""
    kiosk = session.scalars(select(Kiosk).where(Kiosk.token_hash == _token_hash(token))).first()
    if kiosk is None:
        raise KioskRefused("unknown_kiosk", "这台自助屏还没有登记，请找工作人员")
    if kiosk.revoked_at is not None:
        raise KioskRefused("revoked", "这台自助屏已经停用，请找工作人员")
    return kiosk


def revoke(session: Session, actor: Actor, kiosk_id: int, *, now: datetime) -> Kiosk:
    """Its token and code are worth nothing from now on. Raises NotFound, NotAllowed."""
    kiosk = session.get(Kiosk, kiosk_id)
    if kiosk is None:
        raise NotFound("没有 {id} 号自助屏", id=kiosk_id)
    _station(session, actor, kiosk.station_id)
    if kiosk.revoked_at is None:
        kiosk.revoked_at, kiosk.code_hash = now, None
        record(session, actor.id, "kiosk_revoked", now=now, subject="kiosk", subject_id=kiosk.id)
        session.flush()
    return kiosk


def heard_from(
    session: Session, kiosk: Kiosk, *, waiting: int, offset_s: float, version: str, now: datetime
) -> None:
    """A sign of life. `offset_s`: our clock minus its own, now."""
    kiosk.last_seen_at = now
    kiosk.waiting = max(0, min(waiting, 100_000))
    kiosk.clock_offset_s = int(max(-_MOST, min(offset_s, _MOST)))
    kiosk.app_version = version[:20] or None


def below(session: Session, actor: Actor, *, station_id: int | None = None) -> list[tuple[Kiosk, Station]]:
    """Of the actor's subtree, those in use first."""
    query = (
        select(Kiosk, Station)
        .join(Station, Station.id == Kiosk.station_id)
        .join(Unit, Unit.id == Station.unit_id)
        .order_by(Kiosk.revoked_at.is_not(None), Station.letter, Kiosk.id)
    )
    if actor.kind != "operator":
        query = query.where(Unit.path.startswith(actor.unit_path or "-", autoescape=True))
    if station_id is not None:
        query = query.where(Station.id == station_id)
    return [(kiosk, station) for kiosk, station in session.execute(query)]


def unheard(session: Session, unit_path: str, *, now: datetime) -> list[tuple[Kiosk, Station]]:
    """Those in this subtree that ought to be running and have been silent for more than ten minutes."""
    query = (
        select(Kiosk, Station)
        .join(Station, Station.id == Kiosk.station_id)
        .join(Unit, Unit.id == Station.unit_id)
        .where(
            Unit.path.startswith(unit_path, autoescape=True),
            Kiosk.enrolled_at.is_not(None),
            Kiosk.revoked_at.is_(None),
            Kiosk.last_seen_at < now - SILENT,
        )
        .order_by(Kiosk.last_seen_at)
    )
    return [(kiosk, station) for kiosk, station in session.execute(query)]


def station_named(session: Session, name: str) -> Station:
    """By letter or by name. Raises NotFound, and BadInput where several have the name."""
    wanted = name.strip()
    query = select(Station).where(or_(Station.letter == wanted.upper(), Station.name == wanted))
    found = session.scalars(query).all()
    if len(found) == 1:
        return found[0]
    if found:
        letters = "、".join(station.letter for station in found)
        raise BadInput("有几个驿站叫“{name}”，请写字母：{letters}", name=wanted, letters=letters)
    known = "、".join(
        f"{s.letter} {s.name}" for s in session.scalars(select(Station).order_by(Station.letter))
    )
    if not known:
        raise NotFound("还没有驿站，请先在工作台的“驿站”一页登记")
    raise NotFound("没有驿站“{name}”。现有：{known}", name=wanted, known=known)


def _station(session: Session, actor: Actor, station_id: int) -> Station:
    station = session.get(Station, station_id)
    if station is None:
        raise NotFound("没有这个驿站，或不归您管")
    if actor.kind == "operator":
        return station
    if not oversees(actor, session.get_one(Unit, station.unit_id).path):
        raise NotFound("没有这个驿站，或不归您管")
    if actor.role not in _CHARGE:
        raise NotAllowed("自助屏由负责人和管理员登记、停用")
    return station


def _prefix(session: Session, station: Station) -> str:
    """A for the station's first, then A1, A2 …; one that was given never comes again."""
    count = session.scalar(select(func.count(Kiosk.id)).where(Kiosk.station_id == station.id)) or 0
    given = set(
        session.scalars(select(Kiosk.slip_prefix).where(Kiosk.slip_prefix.startswith(station.letter)))
    )
    while (prefix := f"{station.letter}{count or ''}") in given:
        count += 1
    if len(prefix) > Kiosk.slip_prefix.type.length:
        raise BadInput("驿站 {letter} 登记过的自助屏太多了，请换一个字母", letter=station.letter)
    return prefix


def _code_hash(session: Session, code: str) -> str:
    return blind_index(session.get_bind(), f"kiosk-code:{code}")


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
