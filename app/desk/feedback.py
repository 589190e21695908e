"""What a resident says by text or at a kiosk of her own matters: marks, "not done", a remark. Pure of words: those are read before."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.desk.callbacks import request_return_call
from app.desk.config import DeskConfig
from app.desk.limits import REOPEN_WITHIN
from app.desk.ratings import apply_rating
from app.desk.rights import Actor
from app.desk.tickets import note
from app.hygiene import clean
from models.callback import Callback
from models.lifecycle import Status
from models.rating import Rating
from models.ticket import Ticket

_DONE = (Status.RESOLVED, Status.CLOSED)
_LOOKED_AT = 50
MARKS = ("fact", "speed", "effect", "attitude")


@dataclass(frozen=True)
class Own:
    """`told`: the ticket whose number she knows; `ticket`: where the work is done, another one for a duplicate."""

    told: Ticket
    ticket: Ticket

    @property
    def number(self) -> int:
        return self.told.number


def own_matter(session: Session, resident_id: int, number: int) -> Own | None:
    """None for a number that is not hers; whose it is, or whether there is such a number, is nobody's business."""
    if number >= 2**31:
        return None
    query = select(Ticket).where(Ticket.number == number, Ticket.reporter_id == resident_id)
    ticket = session.scalar(query)
    return as_own(session, ticket) if ticket else None


def as_own(session: Session, ticket: Ticket) -> Own:
    """For whoever has proven that it is hers."""
    return Own(ticket, _master(session, ticket))


def finished(session: Session, resident_id: int, *, now: datetime) -> list[Own]:
    """Her matters that are done or were closed within 14 days: what she may be speaking of. Newest first."""
    query = (
        select(Ticket)
        .where(
            Ticket.reporter_id == resident_id,
            Ticket.status.in_((*_DONE, Status.DUPLICATE)),
            or_(Ticket.closed_at.is_(None), Ticket.closed_at >= now - REOPEN_WITHIN),
        )
        .order_by(Ticket.id.desc())
        .limit(_LOOKED_AT)
    )
    own = [as_own(session, ticket) for ticket in session.scalars(query)]
    return [one for one in own if is_done(one.ticket, now=now)]


def is_done(ticket: Ticket, *, now: datetime) -> bool:
    """Feedback is still accepted, and means this work."""
    return ticket.status in _DONE and (ticket.closed_at is None or ticket.closed_at >= now - REOPEN_WITHIN)


def rating_of(session: Session, own: Own, resident_id: int) -> Rating | None:
    """What she has said of the running cycle so far, on whatever channel."""
    query = select(Rating).where(
        Rating.ticket_id == own.ticket.id,
        Rating.cycle == own.ticket.cycle,
        Rating.resident_id == resident_id,
        Rating.applied_at.is_not(None),
    )
    return session.scalar(query.order_by(Rating.id.desc()).limit(1))


def give_marks(
    session: Session,
    cfg: DeskConfig,
    own: Own,
    resident_id: int,
    marks: tuple[int | None, ...],
    *,
    channel: str,
    words: str = "",
    now: datetime,
) -> Rating:
    """Store the marks (fact, speed, effect, attitude) with her words, if she wrote any, and draw the consequence. Calls
    that were to ask her are spared.

    Marks that come later complete the rating; that it is not done after all is a word of its own.
    """
    session.refresh(own.ticket, with_for_update=True)
    given = {name: mark for name, mark in zip(MARKS, marks, strict=True) if mark is not None}
    rating = rating_of(session, own, resident_id)
    if rating is None or given.get("fact") in (2, 3):
        rating = Rating(
            ticket_id=own.ticket.id,
            cycle=own.ticket.cycle,
            resident_id=resident_id,
            channel=channel,
            asked_by="text" if channel == "sms" else channel,
            raw={},
            created_at=now,
        )
        session.add(rating)
    for name, mark in given.items():
        setattr(rating, name, mark)
    if words:
        rating.raw = rating.raw | {"text": clean(words, limit=100)}
    rating.applied_at = None
    session.flush()
    apply_rating(session, cfg, rating, now=now, actor=Actor.resident(resident_id))
    return rating


def remark(
    session: Session,
    cfg: DeskConfig,
    own: Own,
    resident_id: int,
    *,
    words: str,
    phone: str,
    now: datetime,
) -> Callback:
    """Her words go to the ticket, and a person rings her about them. Raises BadNumber for numbers that we don't ring."""
    callback = request_return_call(
        session, cfg, phone=phone, reason="remark", now=now, resident_id=resident_id, ticket_id=own.told.id
    )
    note(session, own.ticket, "remark", Actor.resident(resident_id), now=now, reason=words)
    return callback


def _master(session: Session, ticket: Ticket) -> Ticket:
    while ticket.duplicate_of_id is not None:
        ticket = session.get_one(Ticket, ticket.duplicate_of_id)
    return ticket
