"""Enrolment of a kiosk, and how often it may be tried: eight digits must not be found by trying.

Failed tries are counted in the audit log, as failed sign-ins are (app.desk.throttle): several processes count together.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.desk import audit, kiosks
from app.desk.throttle import WINDOW, network
from app.errors import TooManyTries
from models.audit import AuditEntry
from models.crypto import blind_index

FROM_ONE, FROM_ALL = 10, 100
"""Wrong codes within a quarter of an hour, from one address and from everywhere. A code lives for two of these: with
five codes open somebody's chance is one in a hundred thousand."""
_FAILED = "kiosk_code_wrong"


def enrol(session: Session, code: str, address: str, *, now: datetime) -> kiosks.Enrolled | None:
    """As `kiosks.enrol`; a wrong code is written down, so commit in any case. Raises TooManyTries."""
    source = blind_index(session.get_bind(), f"address:{network(address)}")[:32]
    query = select(AuditEntry.at, AuditEntry.data).where(
        AuditEntry.at > now - WINDOW, AuditEntry.deed == _FAILED
    )
    failed = session.execute(query.order_by(AuditEntry.at)).all()
    own = [row.at for row in failed if row.data.get("address") == source]
    for times, most in ((own, FROM_ONE), ([row.at for row in failed], FROM_ALL)):
        if len(times) >= most:
            raise TooManyTries(times[len(times) - most] + WINDOW, "试的次数太多了，请过一刻钟再试。")
    enrolled = kiosks.enrol(session, code, now=now)
    if enrolled is None:
        audit.record(session, None, _FAILED, now=now, data={"address": source})
    return enrolled
