"""A kiosk that has been enrolled as on site: a code from the operator, exchanged for a token."""

from sqlalchemy import select

from app.community import furnish_station
from app.desk import kiosks
from app.desk.people import OPERATOR
from models.station import Station
from tests.support.office import Office


def enrolled_kiosk(office: Office) -> tuple[int, str]:
    """Id and token, at 幸福里驿站."""
    with office.db.transaction() as session:
        station = session.scalars(select(Station)).first() or furnish_station(session, now=office.moment)
        session.flush()
        code = kiosks.add(session, OPERATOR, station.id, now=office.moment).code
    with office.db.transaction() as session:
        enrolled = kiosks.enrol(session, code, now=office.moment)
        assert enrolled is not None
        return enrolled.kiosk.id, enrolled.token


def revoke_kiosk(office: Office, kiosk_id: int) -> None:
    with office.db.transaction() as session:
        kiosks.revoke(session, OPERATOR, kiosk_id, now=office.moment)
