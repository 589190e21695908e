"""Stations: where residents walk in, and what the kiosk there is like."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.desk import dialing
from app.desk.audit import record
from app.desk.config import DeskConfig
from app.desk.rights import Actor, oversees
from app.errors import BadInput, NotAllowed, NotFound
from app.hygiene import clean
from app.settings import parse_hours
from models.staff import Role
from models.station import Station
from models.unit import Unit

PRINTERS = (None, 58, 80)
_CHARGE = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Given:
    """`inches` of the screen, `distance_mm` eye to screen, `printer_mm` width of the slip."""

    unit_id: int
    name: str
    letter: str
    address: str
    hours: str
    staffed: bool
    inches: float
    distance_mm: int
    printer_mm: int | None
    speaker: bool
    active: bool


def below(session: Session, actor: Actor) -> list[tuple[Station, Unit]]:
    """Of the actor's subtree, in the order of their letters."""
    query = (
        select(Station, Unit)
        .join(Unit, Unit.id == Station.unit_id)
        .where(Unit.path.startswith(actor.unit_path or "-", autoescape=True))
        .order_by(Station.letter)
    )
    return [(station, unit) for station, unit in session.execute(query)]


def save(session: Session, actor: Actor, station_id: int | None, given: Given, *, now: datetime) -> Station:
    """Raises NotFound, NotAllowed, BadInput: a letter that another station has, hours that make no sense …."""
    values = _checked(session, actor, given)
    if station_id is None:
        station = Station(created_at=now, **values)
        session.add(station)
    else:
        station = seen(session, actor, station_id)
        for name, value in values.items():
            setattr(station, name, value)
    try:
        session.flush()
    except IntegrityError as error:
        raise BadInput("字母 {letter} 已经是别的驿站的了，请换一个", letter=values["letter"]) from error
    record(session, actor.id, "change_station", now=now, subject="station", subject_id=station.id)
    return station


def is_open(cfg: DeskConfig, station: Station, now: datetime) -> bool:
    """By its opening hours, at this moment."""
    return dialing.within_hours(parse_hours(station.hours), cfg.zone, now)


def seen(session: Session, actor: Actor, station_id: int) -> Station:
    station = session.get(Station, station_id)
    if station is None or not oversees(actor, session.get_one(Unit, station.unit_id).path):
        raise NotFound("没有这个驿站，或不归您管")
    return station


def _checked(session: Session, actor: Actor, given: Given) -> dict[str, object]:
    unit = session.get(Unit, given.unit_id)
    if unit is None or not oversees(actor, unit.path):
        raise BadInput("请选驿站在哪个单位")
    if actor.role not in _CHARGE:
        raise NotAllowed("驿站由负责人和管理员登记")
    name, letter = clean(given.name, limit=40), clean(given.letter, limit=3).upper()
    if not name:
        raise BadInput("请写驿站的名称")
    if not (letter.isascii() and letter.isalpha() and len(letter) <= 2):
        raise BadInput("字母请写一到两个英文字母，自助屏的编号用它开头，例如 A017")
    hours = clean(given.hours, limit=60)
    try:
        parse_hours(hours)
    except ValueError as error:
        raise BadInput("开放时间请这样写：08:00-21:00") from error
    if not 5 <= given.inches <= 100 or not 200 <= given.distance_mm <= 2000:
        raise BadInput("屏幕请填 5 到 100 英寸，眼睛离屏幕 200 到 2000 毫米")
    if given.printer_mm not in PRINTERS:
        raise BadInput("小票宽度请选 58 或 80 毫米")
    return asdict(given) | {
        "name": name,
        "letter": letter,
        "hours": hours,
        "address": clean(given.address, limit=80),
    }
