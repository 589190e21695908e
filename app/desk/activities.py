"""What goes on in a unit and around it: the next times of each activity. Weekly ones repeat by the local calendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import literal, or_, select
from sqlalchemy.orm import Session

from app.desk.config import DeskConfig
from models.activity import Activity
from models.unit import Unit

_WEEK = timedelta(days=7)
_LOOKED_AT = 500


@dataclass(frozen=True)
class Occurrence:
    """One time of an activity; `starts_at` is aware."""

    theme: str
    place: str
    starts_at: datetime
    weekly: bool


def next_time(activity: Activity, zone: ZoneInfo, now: datetime) -> datetime | None:
    """When it takes place next, at `now` or later; None if never again. Pure.

    A weekly activity keeps its local weekday and time, whatever the clocks do.
    """
    if activity.cancelled_at is not None:
        return None
    start = activity.starts_at.astimezone(zone)
    if activity.weekly and start < now:
        # Whole days are counted on the local calendar; one week more if that hour has passed today
        days = (now.astimezone(zone).date() - start.date()).days // 7 * 7
        start = datetime.combine(start.date() + timedelta(days=days), start.time(), zone)
        if start < now:
            start = datetime.combine(start.date() + _WEEK, start.time(), zone)
    if start < now or (activity.until is not None and start.date() > activity.until):
        return None
    return start


def upcoming(
    session: Session, cfg: DeskConfig, unit_id: int | None, *, now: datetime, limit: int = 3
) -> list[Occurrence]:
    """The next ones of the unit, of those above it and of those below it, the soonest first."""
    found = [
        Occurrence(activity.theme, activity.place, at, activity.weekly)
        for activity in _around(session, unit_id, now=now)
        if (at := next_time(activity, cfg.zone, now)) is not None
    ]
    return sorted(found, key=lambda one: one.starts_at)[:limit]


def _around(session: Session, unit_id: int | None, *, now: datetime) -> Sequence[Activity]:
    path = select(Unit.path).where(Unit.id == unit_id).scalar_subquery()
    query = (
        select(Activity)
        .join(Unit, Unit.id == Activity.unit_id)
        .where(
            or_(path.like(Unit.path.concat(literal("%"))), Unit.path.like(path.concat(literal("%")))),
            Activity.cancelled_at.is_(None),
            or_(Activity.weekly, Activity.starts_at >= now),
        )
        .order_by(Activity.starts_at.desc())
        .limit(_LOOKED_AT)
    )
    return session.scalars(query).all()
