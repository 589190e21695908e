"""找真人帮忙 at a kiosk: the telephone on duty is rung, and whoever presses 1 is on the way.

As with every call of ours the intent is committed before the carrier is asked, and an answer that got lost is never
dialled again. Nothing that comes late changes what the resident was told: page, telephone and sweeper all look at `until`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.db import insert_once
from app.desk.config import DeskConfig
from app.desk.residents import check_dialable
from app.desk.rosters import duty_chain
from app.errors import BadNumber, NotFound
from app.hygiene import clean
from app.queue import JobName, defer
from models.kiosk import Kiosk
from models.kiosk_help import HelpState, KioskHelp
from models.station import Station

PATIENCE = timedelta(seconds=25)
"""From the press until nobody comes, unless the telephone was picked up by then."""
DECIDING = timedelta(seconds=20)  # the sentence, and ten seconds for the key
_TRANSIT = timedelta(seconds=2)  # so much earlier the ringing ends: an answer still counts when it reaches us
_WORTH_RINGING = timedelta(seconds=8)
_SETTLING = timedelta(seconds=2)  # the word that the call is over may overtake the key that was pressed in it
_RINGS_PER_KIOSK, _IN = 6, timedelta(minutes=10)
_LIVE = (HelpState.ASKED, HelpState.RINGING)
_NOT_ANSWERED = frozenset({"busy", "no-answer", "failed", "canceled"})


@dataclass(frozen=True, slots=True)
class HelpCall:
    """What the carrier must be asked, with no transaction open."""

    id: int
    uuid: str
    phone: str
    ring_seconds: int


def ask(session: Session, cfg: DeskConfig, kiosk: Kiosk, uuid: str, *, now: datetime) -> HelpState:
    """RINGING, or NOBODY at once if there is no number to ring. The same press again is the same ring, and so is
    another press while it rings."""
    session.execute(select(Kiosk.id).where(Kiosk.id == kiosk.id).with_for_update())
    running = session.scalar(
        select(KioskHelp.id).where(
            KioskHelp.kiosk_id == kiosk.id, KioskHelp.state.in_(_LIVE), KioskHelp.until > now
        )
    )
    rings = running is None and not _too_often(session, kiosk.id, now)
    rings = rings and number_on_duty(session, cfg, kiosk.station_id, now=now) is not None
    values = {
        "uuid": uuid,
        "kiosk_id": kiosk.id,
        "same_as_id": running,
        "state": HelpState.ASKED if rings else HelpState.NOBODY,
        "asked_at": now,
        "until": now + PATIENCE,
    }
    if insert_once(session, KioskHelp, values, ["uuid"]) and rings:
        defer(session, JobName.RING_HELP, session.scalars(_of(uuid)).one().id)
    return state_of(session, kiosk, uuid, now=now)


def state_of(session: Session, kiosk: Kiosk, uuid: str, *, now: datetime) -> HelpState:
    """RINGING, COMING or NOBODY. Raises NotFound: nothing of this kiosk."""
    asked = session.scalars(_of(uuid)).first()
    if asked is None or asked.kiosk_id != kiosk.id:
        raise NotFound("没有这次求助")
    ring = session.get_one(KioskHelp, asked.same_as_id) if asked.same_as_id is not None else asked
    if ring.state not in _LIVE:
        return ring.state
    return HelpState.RINGING if now < ring.until else HelpState.NOBODY


def number_on_duty(session: Session, cfg: DeskConfig, station_id: int, *, now: datetime) -> str | None:
    """Who is rung from this station: on duty at its unit or above it, else the hotline's own people."""
    unit_id = session.get_one(Station, station_id).unit_id
    numbers = [*duty_chain(session, cfg, unit_id, now=now), cfg.human_number]
    return next((number for number in numbers if number and _dialable(cfg, number)), None)


def claim(session: Session, cfg: DeskConfig, help_id: int, *, now: datetime) -> HelpCall | None:
    """Write down the intent to ring. None: somebody else has it, it is over, or it comes to nothing."""
    wanted = KioskHelp.id == help_id, KioskHelp.state == HelpState.ASKED
    asked = session.scalar(select(KioskHelp).where(*wanted).with_for_update(skip_locked=True))
    if asked is None:
        return None
    station_id = select(Kiosk.station_id).where(Kiosk.id == asked.kiosk_id)
    phone = number_on_duty(session, cfg, session.scalars(station_id).one(), now=now)
    left = asked.until - _TRANSIT - now
    if phone is None or left < _WORTH_RINGING:
        asked.state = HelpState.NOBODY
        return None
    asked.state, asked.intent_at = HelpState.RINGING, now
    return HelpCall(asked.id, asked.uuid, phone, int(left.total_seconds()))


def placed(session: Session, help_id: int, sid: str) -> bool:
    """The carrier took the order. False: it is over, or another call's; hang that one up."""
    ring = session.get_one(KioskHelp, help_id, with_for_update=True, populate_existing=True)
    if ring.state is HelpState.NOBODY or ring.carrier_sid not in (None, sid):
        return False
    ring.carrier_sid = sid
    return True


def not_placed(session: Session, help_id: int, error: str, *, unclear: bool) -> None:
    """Surely not ringing: nobody comes. Unclear: it may ring, so only time or the telephone itself tells."""
    ring = session.get_one(KioskHelp, help_id, with_for_update=True, populate_existing=True)
    ring.last_error = clean(error, limit=200)
    if not unclear and ring.state is HelpState.RINGING:
        ring.state = HelpState.NOBODY


def picked_up(session: Session, uuid: str, sid: str, *, now: datetime) -> Station | None:
    """Where help is wanted, for whoever picked up. None: too late. The webhook may overtake the answer to our order."""
    ring = _ringing(session, uuid, sid, now)
    if ring is None:
        return None
    ring.carrier_sid = sid
    if ring.answered_at is None:
        ring.answered_at, ring.until = now, now + DECIDING
    station = select(Station).join(Kiosk, Kiosk.station_id == Station.id).where(Kiosk.id == ring.kiosk_id)
    return session.scalars(station).one()


def decided(session: Session, uuid: str, sid: str, *, goes: bool, now: datetime) -> bool:
    """1, or another key, was pressed: does the resident know that somebody comes? A repeat gets the same answer."""
    ring = _ringing(session, uuid, sid, now)
    if ring is None:
        known = session.scalars(_of(uuid)).first()
        return known is not None and known.state is HelpState.COMING and known.carrier_sid == sid
    ring.carrier_sid = sid
    if not goes:
        ring.state = HelpState.NOBODY
        return False
    ring.state, ring.accepted_at = HelpState.COMING, now
    return True


def over(session: Session, uuid: str, sid: str, status: str, *, now: datetime) -> None:
    """What the carrier says of the call. Repeats, late ones and those of other calls change nothing."""
    ring = _ringing(session, uuid, sid, now)
    if ring is None:
        return
    ring.carrier_sid = sid
    if status in _NOT_ANSWERED:
        ring.state = HelpState.NOBODY
    elif status == "completed":
        ring.until = min(ring.until, now + _SETTLING)


def due(session: Session, *, now: datetime) -> list[int]:
    """Asked for and not rung yet: their job was lost."""
    wanted = KioskHelp.state == HelpState.ASKED, KioskHelp.until > now
    return list(session.scalars(select(KioskHelp.id).where(*wanted).order_by(KioskHelp.id).limit(50)))


def give_up(session: Session, *, now: datetime) -> list[str]:
    """Those to which nobody came become so for good; calls of theirs that may still ring, by SID."""
    query = select(KioskHelp).where(KioskHelp.state.in_(_LIVE), KioskHelp.until <= now)
    late = session.scalars(query.order_by(KioskHelp.id).limit(50).with_for_update(skip_locked=True)).all()
    for ring in late:
        ring.state = HelpState.NOBODY
    return [ring.carrier_sid for ring in late if ring.carrier_sid is not None]


def _of(uuid: str) -> Select[KioskHelp]:
    return select(KioskHelp).where(KioskHelp.uuid == uuid)


def _ringing(session: Session, uuid: str, sid: str, now: datetime) -> KioskHelp | None:
    """The ring, if it is this call's and the resident still waits."""
    ring = session.scalars(_of(uuid).with_for_update()).first()
    if ring is None or ring.state is not HelpState.RINGING or now >= ring.until:
        return None
    return ring if ring.carrier_sid in (None, sid) else None


def _too_often(session: Session, kiosk_id: int, now: datetime) -> bool:
    """A child with a big button must not keep whoever is on duty from their work."""
    query = select(func.count(KioskHelp.id)).where(
        KioskHelp.kiosk_id == kiosk_id, KioskHelp.asked_at > now - _IN, KioskHelp.intent_at.is_not(None)
    )
    return (session.scalar(query) or 0) >= _RINGS_PER_KIOSK


def _dialable(cfg: DeskConfig, phone: str) -> bool:
    try:
        check_dialable(cfg, phone)
    except BadNumber:
        return False
    return True
