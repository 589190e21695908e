"""What goes on in a unit and around it: the next times of each activity. Weekly ones repeat by the local calendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import literal, or_, select
from sqlalchemy.orm import Session

from app.desk.config import DeskConfig
from app.desk.rights import Actor, oversees
from app.errors import BadInput, NotAllowed, NotFound
from app.hygiene import clean
from models.activity import Activity
from models.staff import Role
from models.unit import Unit

_WEEK = timedelta(days=7)
_LOOKED_AT = 500
_MAY_PLAN = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR})
_LONGEST = 40  # characters of theme and place: several fit into one text


@dataclass(frozen=True)
class Occurrence:
    """One time of an activity; `starts_at` is aware."""

    theme: str
    place: str
    starts_at: datetime
    weekly: bool


def add(
    session: Session,
    actor: Actor,
    unit: Unit,
    theme: str,
    place: str,
    starts_at: datetime,
    *,
    weekly: bool = False,
    until: date | None = None,
    now: datetime,
) -> Activity:
    """From now on residents hear of it. `until`: last local day of a weekly one. Raises BadInput, NotAllowed."""
    _check(actor, unit)
    theme, place = (clean(words, limit=_LONGEST + 1) for words in (theme, place))
    if not theme or not place:
        raise BadInput("请写明是什么活动、在哪里")
    if len(theme) > _LONGEST or len(place) > _LONGEST:
        raise BadInput("活动和地点各写在 {most} 个字以内，短信才放得下", most=_LONGEST)
    if starts_at < now:
        raise BadInput("开始的时间已经过了")
    if until is not None and (not weekly or until < starts_at.date()):
        raise BadInput("截止日期只用于每周重复的活动，而且不能早于第一次")
    activity = Activity(
        unit_id=unit.id,
        theme=theme,
        place=place,
        starts_at=starts_at,
        weekly=weekly,
        until=until,
        created_by=actor.id,
        created_at=now,
    )
    session.add(activity)
    session.flush()
    return activity


def cancel(session: Session, actor: Actor, activity_id: int, *, now: datetime) -> Activity:
    """It is told to nobody any more. Raises NotFound, NotAllowed."""
    activity = session.get(Activity, activity_id)
    if activity is None:
        raise NotFound("没有 {n} 号活动，请看一看活动表", n=activity_id)
    _check(actor, session.get_one(Unit, activity.unit_id))
    activity.cancelled_at = activity.cancelled_at or now
    session.flush()
    return activity


def restore(session: Session, actor: Actor, activity_id: int) -> Activity:
    """Undoes `cancel`. Raises NotFound, NotAllowed."""
    activity = session.get(Activity, activity_id)
    if activity is None:
        raise NotFound("没有 {n} 号活动，请看一看活动表", n=activity_id)
    _check(actor, session.get_one(Unit, activity.unit_id))
    activity.cancelled_at = None
    session.flush()
    return activity


def calendar(
    session: Session, cfg: DeskConfig, unit_path: str, *, now: datetime
) -> list[tuple[datetime, Activity, str]]:
    """(next time, activity, its unit's name) of a subtree, the soonest first; what was cancelled in the last day last."""
    query = (
        select(Activity, Unit.name)
        .join(Unit, Unit.id == Activity.unit_id)
        .where(
            Unit.path.startswith(unit_path, autoescape=True),
            or_(Activity.weekly, Activity.starts_at >= now),
            or_(Activity.cancelled_at.is_(None), Activity.cancelled_at > now - timedelta(days=1)),
        )
        .limit(_LOOKED_AT)
    )
    rows = session.execute(query).all()
    coming = [(at, row, name) for row, name in rows if (at := next_time(row, cfg.zone, now)) is not None]
    gone = [(row.cancelled_at, row, name) for row, name in rows if row.cancelled_at is not None]
    return sorted(coming, key=lambda one: one[0]) + gone


def _check(actor: Actor, unit: Unit) -> None:
    if actor.role not in _MAY_PLAN or not oversees(actor, unit.path):
        raise NotAllowed("您不能安排“{unit}”的活动", unit=unit.name)


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
