"""One holder at a time, by a row: the one clock among several processes. The row is its heartbeat too.

Times are the database's own, so that two machines whose clocks differ cannot both believe to hold it.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, or_, select, text, update
from sqlalchemy.orm import Session

from app.db import insert_once
from models.housekeeping import Lease


def database_time(session: Session) -> datetime:
    """Now, as the database sees it; aware UTC."""
    if session.get_bind().dialect.name == "sqlite":
        stamp = session.scalar(text("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')"))
        return datetime.fromisoformat(str(stamp)).replace(tzinfo=UTC)
    moment = session.scalar(text("SELECT clock_timestamp()"))
    if not isinstance(moment, datetime):
        raise TypeError(f"the database's time is {moment!r}")
    return moment.astimezone(UTC)


def take_lease(session: Session, name: str, holder: str, length: timedelta) -> bool:
    """Take or renew; False while somebody else holds it.

    A lease that ends further ahead than twice its length was written under a clock that has since been set back.
    """
    now = database_time(session)
    values = {"holder": holder, "until": now + length, "beat_at": now}
    if insert_once(session, Lease, {"name": name, **values}, ["name"]):
        return True
    free = or_(Lease.holder == holder, Lease.until < now, Lease.until > now + 2 * length)
    done = session.execute(update(Lease).where(Lease.name == name, free).values(**values))
    return bool(done.rowcount == 1)  # type: ignore[attr-defined]


def give_back(session: Session, name: str, holder: str) -> None:
    """So that the next one need not wait for its end."""
    session.execute(delete(Lease).where(Lease.name == name, Lease.holder == holder))


def last_beat(session: Session, name: str) -> datetime | None:
    """When the holder last renewed it, for `readyz` and the status page."""
    return session.scalar(select(Lease.beat_at).where(Lease.name == name))
