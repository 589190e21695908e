"""Whose matter is it? The station's community decides which 3栋 is meant, and gets what nobody says the place of."""

from sqlalchemy.orm import Session

from app.desk.place import Place
from app.desk.units import WANTED, ancestors, choose_unit
from models.resident import Resident
from models.unit import Unit


def community_of(session: Session, unit_id: int) -> Unit:
    """The station's community; where none is called so, the top of its tree."""
    chain = ancestors(session, unit_id)
    return next((unit for unit in chain if unit.kind == "community"), chain[-1])


def kiosk_unit_id(session: Session, station_unit_id: int, place: Place, resident: Resident | None) -> int:
    """As for the telephone (`choose_unit`): building, else estate, else where she lives, else the station's own unit,
    which also tells estates apart that have a 3栋 each."""
    chain = ancestors(session, station_unit_id)
    community = community_of(session, station_unit_id)
    home = session.get(Unit, resident.unit_id) if resident is not None and resident.unit_id else None
    lives = home if home is not None and home.path.startswith(community.path) else chain[0]
    given = {
        "estate": place.estate or "",
        "building": place.building or "",
        "hotline": "",
        "resident": resident.id if resident is not None else None,
    }
    named = [unit.id for unit in session.execute(WANTED, given)]
    units = [session.get_one(Unit, id_) for id_ in {*named, *(unit.id for unit in chain)}]
    inside = [unit for unit in units if unit.path.startswith(community.path)]
    found = choose_unit(sorted(inside, key=lambda unit: unit.id), place, lives.path, None)
    return found.id if found is not None else community.id
