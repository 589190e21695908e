"""How does my earlier matter stand? What may be told to whom, on every channel alike.

From the number that reported it: its own matters. From anywhere else: number and last four digits of the reporter's
phone. Category, state and dates only; never a name, an address or the text.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import uuid4

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.desk.config import DeskConfig
from app.desk.residents import phones_of
from app.errors import NotAllowed
from models.crypto import blind_index
from models.lifecycle import OPEN, Status
from models.receipt import InboundReceipt
from models.ticket import Ticket

TRIES = 5
WINDOW = timedelta(hours=1)
_RECENT = timedelta(days=30)
_PROMISED = OPEN | {Status.PLANNED, Status.REFERRED}


@dataclass(frozen=True)
class Matter:
    """Local dates; `promised_on` None where nothing is owed any more."""

    number: int
    category: str | None
    status: str
    said_on: date
    promised_on: date | None


class ProofLocked(NotAllowed):
    """Five wrong proofs within an hour, for this ticket or from this caller."""


def own_matters(
    session: Session,
    cfg: DeskConfig,
    resident_id: int | None,
    *,
    now: datetime,
    limit: int = 3,
    number: int | None = None,
) -> list[Matter]:
    """What this resident reported: what is still open first, then what was finished in the last 30 days. `number`:
    only that one, however old."""
    if resident_id is None:
        return []
    recent = or_(Ticket.status.in_(_PROMISED), Ticket.occurred_at > now - _RECENT)
    tickets = session.scalars(
        select(Ticket)
        .where(Ticket.reporter_id == resident_id, recent if number is None else Ticket.number == number)
        .order_by(Ticket.status.in_(_PROMISED).desc(), Ticket.id.desc())
        .limit(limit)
    )
    return [_matter(cfg, ticket) for ticket in tickets]


def proven_matter(
    session: Session, cfg: DeskConfig, number: str, last_four: str, *, asker: str, now: datetime
) -> Matter | None:
    """None if number and digits don't belong together; then it counts as a wrong try. Raises ProofLocked.

    `asker` is whatever tells askers apart (a phone number, a device): kept as a keyed hash only.
    """
    sources = (f"proof:{number[:8]}", f"prover:{blind_index(session.get_bind(), asker)[:24]}")
    wrong = session.execute(
        select(InboundReceipt.source, func.count())
        .where(InboundReceipt.source.in_(sources), InboundReceipt.at > now - WINDOW)
        .group_by(InboundReceipt.source)
    ).all()
    if any(count >= TRIES for _, count in wrong):
        raise ProofLocked("试的次数太多了，请过一个小时再试，或者找人工")
    ticket = None
    if number.isascii() and number.isdigit() and len(number) <= 9:
        ticket = session.scalar(select(Ticket).where(Ticket.number == int(number)))
    if ticket and ticket.reporter_id and len(last_four) == 4:
        phones = phones_of(session, ticket.reporter_id)
        if any(phone.endswith(last_four) for phone in phones):
            return _matter(cfg, ticket)
    for source in sources:
        session.add(InboundReceipt(source=source, external_id=str(uuid4()), request_hash="", at=now))
    session.flush()
    return None


def _matter(cfg: DeskConfig, ticket: Ticket) -> Matter:
    owed = ticket.status in _PROMISED
    return Matter(
        ticket.number,
        ticket.category,
        ticket.status.value,
        cfg.local(ticket.occurred_at).date(),
        ticket.promised_on if owed else None,
    )
