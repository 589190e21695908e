"""How many sign-ins may fail: counted in the audit log, so that several processes count together.

Every try is written down before the password is looked at, and a right one after it: what failed is the difference.
Addresses and logins are there as keyed hashes only.
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.desk import audit
from app.errors import TooManyTries
from models.audit import AuditEntry
from models.crypto import blind_index

WINDOW = timedelta(minutes=15)
ALLOWED = 20
TRIED, HALF_WAY, SIGNED_IN = "sign_in_tried", "sign_in_password", "sign_in"


@dataclass(frozen=True, slots=True)
class Tries:
    """Of which account and from which address somebody tries, as the log keeps it."""

    account: str
    address: str

    @classmethod
    def of(cls, session: Session, login: str, address: str) -> "Tries":
        bind = session.connection()
        keyed = (("account", login.casefold()), ("address", network(address)))
        return cls(*(blind_index(bind, f"{kind}:{value}")[:32] for kind, value in keyed))

    @property
    def data(self) -> dict[str, str]:
        return {"account": self.account, "address": self.address}


def check(session: Session, tries: Tries, *, now: datetime, among: int = ALLOWED) -> None:
    """Raises TooManyTries where `among` have failed within the window already."""
    log = AuditEntry
    query = select(log.at, log.deed, log.data).where(
        log.at > now - WINDOW,
        log.deed.in_((TRIED, HALF_WAY, SIGNED_IN)),
        or_(
            log.data["account"].as_string() == tries.account, log.data["address"].as_string() == tries.address
        ),
    )
    found = session.execute(query.order_by(log.at)).all()
    for kind, key in tries.data.items():
        own = [row for row in found if row.data.get(kind) == key]
        tried = [row.at for row in own if row.deed == TRIED]
        failed = len(tried) - sum(row.deed != TRIED for row in own)
        if failed >= among:
            raise TooManyTries(tried[failed - among] + WINDOW)


def note(session: Session, tries: Tries, *, now: datetime, staff_id: int | None = None) -> None:
    """Somebody tries."""
    audit.record(session, staff_id, TRIED, now=now, data=tries.data)


def network(address: str) -> str:
    """One subscriber of IPv6 has a whole /64."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
