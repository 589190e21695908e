"""Sessions at the console: who somebody is, for how long, and the end of it."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from models.staff import Staff
from models.staff_session import StaffSession
from models.unit import Unit

IDLE = timedelta(minutes=60)
LONGEST = timedelta(hours=12)
_SEEN_EVERY = timedelta(minutes=1)  # not every page view is a write


def begin(session: Session, staff_id: int, *, now: datetime) -> str:
    """A new session; returns its token, which is kept nowhere but in the cookie."""
    token = secrets.token_urlsafe(32)
    session.add(StaffSession(token_hash=_hash(token), staff_id=staff_id, created_at=now, seen_at=now))
    return token


def find(session: Session, token: str, *, now: datetime) -> tuple[StaffSession, Staff, Unit] | None:
    """The living session of this token, in one statement; None if it is over or its owner has left."""
    row = session.execute(
        select(StaffSession, Staff, Unit)
        .join(Staff, Staff.id == StaffSession.staff_id)
        .join(Unit, Unit.id == Staff.unit_id)
        .where(StaffSession.token_hash == _hash(token), *_living(now), Staff.active)
    ).one_or_none()
    return (row[0], row[1], row[2]) if row else None


def of(session: Session, staff_id: int, *, now: datetime) -> Sequence[StaffSession]:
    """Somebody's living sessions, the newest first."""
    query = select(StaffSession).where(StaffSession.staff_id == staff_id, *_living(now))
    return session.scalars(query.order_by(StaffSession.id.desc())).all()


def is_stale(found: StaffSession, now: datetime) -> bool:
    """Is it time to write down that she is still there?"""
    return found.seen_at < now - _SEEN_EVERY


def seen(session: Session, session_id: int, *, now: datetime) -> None:
    session.execute(update(StaffSession).where(StaffSession.id == session_id).values(seen_at=now))


def end(session: Session, session_id: int, *, now: datetime) -> None:
    session.execute(update(StaffSession).where(StaffSession.id == session_id).values(ended_at=now))


def end_token(session: Session, token: str, *, now: datetime) -> None:
    """The same for whoever holds the token."""
    same = StaffSession.token_hash == _hash(token), StaffSession.ended_at.is_(None)
    session.execute(update(StaffSession).where(*same).values(ended_at=now))


def end_all(session: Session, staff_id: int, *, now: datetime, keep: int | None = None) -> None:
    """All of somebody's sessions; `keep` is the id of the one that goes on."""
    query = update(StaffSession).where(StaffSession.staff_id == staff_id, StaffSession.ended_at.is_(None))
    if keep is not None:
        query = query.where(StaffSession.id != keep)
    session.execute(query.values(ended_at=now))


def _living(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        StaffSession.ended_at.is_(None),
        StaffSession.created_at > now - LONGEST,
        StaffSession.seen_at > now - IDLE,
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
