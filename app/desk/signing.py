"""Signing in at the console: who somebody is, for how long, and the end of it."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update
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
        .where(
            StaffSession.token_hash == _hash(token),
            StaffSession.ended_at.is_(None),
            StaffSession.created_at > now - LONGEST,
            StaffSession.seen_at > now - IDLE,
            Staff.active,
        )
    ).one_or_none()
    return (row[0], row[1], row[2]) if row else None


def is_stale(found: StaffSession, now: datetime) -> bool:
    """Is it time to write down that she is still there?"""
    return found.seen_at < now - _SEEN_EVERY


def seen(session: Session, session_id: int, *, now: datetime) -> None:
    session.execute(update(StaffSession).where(StaffSession.id == session_id).values(seen_at=now))


def end(session: Session, session_id: int, *, now: datetime) -> None:
    session.execute(update(StaffSession).where(StaffSession.id == session_id).values(ended_at=now))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
