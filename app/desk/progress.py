"""How does my earlier matter stand? What may be told to whom, on every channel alike.

From the number that reported it: its own matters. From anywhere else: number (or a kiosk's slip) and last four digits
of the reporter's phone. Category, state and dates only; never a name, an address or the text.
"""

import re
import unicodedata
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
SLIP = re.compile(r"[A-Z]{1,2}\d{3,6}")
"""A kiosk's prefix and three digits."""
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


def find_by_label(session: Session, label: str) -> Ticket | None:
    """By the number that she was told, 1024, or by the one on a kiosk's slip, A017: kiosks begin anew after 999, so
    the newest with it. Nothing may be told of it without proof."""
    written = unicodedata.normalize("NFKC", label).strip().upper()
    if written.isascii() and written.isdigit() and len(written) <= 9:
        return session.scalar(select(Ticket).where(Ticket.number == int(written)))
    if SLIP.fullmatch(written):
        return session.scalar(
            select(Ticket).where(Ticket.slip == written).order_by(Ticket.id.desc()).limit(1)
        )
    return None


def number_of_slip(session: Session, slip: str) -> int | None:
    """Of the ticket that was given this slip last."""
    found = find_by_label(session, slip)
    return found.number if found is not None else None


def public_matter(session: Session, cfg: DeskConfig, ticket_id: int) -> Matter | None:
    """For whoever has the unguessable address on the slip."""
    ticket = session.get(Ticket, ticket_id)
    return _matter(cfg, ticket) if ticket else None


def proven_matter(
    session: Session,
    cfg: DeskConfig,
    number: str,
    last_four: str,
    *,
    asker: str,
    now: datetime,
    tries: int = TRIES,
) -> Matter | None:
    """None if number (or slip) and digits don't belong together; then it counts as a wrong try. Raises ProofLocked.

    `asker` is whatever tells askers apart (a phone number, a device): kept as a keyed hash only. `tries`: how many
    wrong ones the asker has; a ticket has `TRIES` of them, whoever asks.
    """
    ticket = proven_ticket(session, number, last_four, asker=asker, now=now, tries=tries)
    return _matter(cfg, ticket) if ticket else None


def proven_ticket(
    session: Session, number: str, last_four: str, *, asker: str, now: datetime, tries: int = TRIES
) -> Ticket | None:
    """As `proven_matter`, for services that go on with the ticket."""
    ticket = find_by_label(session, number)
    label = str(ticket.number) if ticket else number.strip()[:8]
    sources = {
        f"proof:{label}": TRIES,
        f"prover:{blind_index(session.get_bind(), asker)[:24]}": tries,
    }
    wrong = session.execute(
        select(InboundReceipt.source, func.count())
        .where(InboundReceipt.source.in_(list(sources)), InboundReceipt.at > now - WINDOW)
        .group_by(InboundReceipt.source)
    ).all()
    if any(count >= sources[source] for source, count in wrong):
        raise ProofLocked("试的次数太多了，请过一个小时再试，或者找人工")
    if ticket and ticket.reporter_id and len(last_four) == 4:
        phones = phones_of(session, ticket.reporter_id)
        if any(phone.endswith(last_four) for phone in phones):
            return ticket
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
