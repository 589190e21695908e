"""What a kiosk must know beforehand, so that it works without a network: its station, tiles, places, activities."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.desk import services, stations
from app.desk.activities import upcoming
from app.desk.config import DeskConfig
from app.desk.kiosk_help import number_on_duty
from app.desk.kiosk_place import community_of
from app.desk.residents import national
from app.desk.rosters import duty_phones
from models.base import Json
from models.kiosk import Kiosk
from models.station import Station
from models.unit import Unit

_SOON = timedelta(days=7)
_ACTIVITIES = 20


def facts(session: Session, cfg: DeskConfig, kiosk: Kiosk, *, now: datetime) -> Json:
    """As JSON; changes only when something did. Nothing in it is personal: numbers are those of offices."""
    station = session.get_one(Station, kiosk.station_id)
    return {
        "kiosk": {"id": kiosk.id, "slip_prefix": kiosk.slip_prefix, "last_slip": kiosk.last_slip},
        "station": {
            "name": station.name,
            "address": station.address,
            "hours": station.hours,
            "staffed": station.staffed,
            "open": station.active and stations.is_open(cfg, station, now),
        },
        "profile": {
            "inches": station.inches,
            "distance_mm": station.distance_mm,
            "printer_mm": station.printer_mm,
            "speaker": station.speaker,
        },
        "hotline": cfg.hotline_number,
        "hotline_shown": national(cfg.hotline_number),
        "human_now": number_on_duty(session, cfg, station.id, now=now) is not None,
        "categories": _categories(session),
        "places": _places(session, cfg, station, now),
        "activities": [
            {
                "theme": one.theme,
                "place": one.place,
                "starts_at": one.starts_at.isoformat(),
                "weekly": one.weekly,
            }
            for one in upcoming(session, cfg, station.unit_id, now=now, limit=_ACTIVITIES)
            if one.starts_at <= now + _SOON
        ],
    }


def _categories(session: Session) -> list[Json]:
    items = [item for item in services.items(session) if item.active]
    return [
        {
            "code": category.code,
            "position": category.position,
            "name": category.name,
            "items": [
                {"id": item.id, "name": item.name, "picture": item.picture}
                for item in items
                if item.category == category.code
            ],
        }
        for category in services.categories(session)
    ]


def _places(session: Session, cfg: DeskConfig, station: Station, now: datetime) -> list[Json]:
    """Estates of the station's community with their buildings; buildings outside any estate under one without an id."""
    community = community_of(session, station.unit_id)
    query = select(Unit).where(Unit.path.startswith(community.path, autoescape=True)).order_by(Unit.id)
    units = session.scalars(query).all()
    phones = duty_phones(session, cfg, units, now=now, public=True)
    estates = [unit for unit in units if unit.kind == "estate"]
    buildings = sorted((u for u in units if u.kind == "building"), key=lambda u: (len(u.label), u.label))
    found = [
        {"unit_id": estate.id, "label": estate.label, "name": estate.name, "buildings": []}
        for estate in estates
    ]
    outside: Json = {"unit_id": None, "label": "", "name": "", "buildings": []}
    for building in buildings:
        path = {int(id_) for id_ in building.path.strip("/").split("/")}
        home: Json = next((place for place in found if place["unit_id"] in path), outside)
        home["buildings"].append(
            {
                "unit_id": building.id,
                "label": building.label,
                "name": building.name,
                "keeper_phone": (phone := _nearest(building, units, phones)),
                "keeper_shown": phone and national(phone),
            }
        )
    return [*found, outside] if outside["buildings"] else found


def _nearest(building: Unit, units: Sequence[Unit], phones: dict[int, str]) -> str | None:
    """The number on duty of the building, else of what is above it in the community."""
    above = [unit for unit in units if building.path.startswith(unit.path)]
    above.sort(key=lambda unit: len(unit.path), reverse=True)
    return next((phones[unit.id] for unit in above if unit.id in phones), None)
