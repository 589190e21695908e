"""Due dates, pure: what a category's limits mean for a matter that began at a given moment."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.desk.workdays import WorkingCalendar

HARD_LIMIT = timedelta(days=15)  # from intake, over every other limit
REOPEN_WITHIN = timedelta(days=14)  # after closing
_SHARES = (50, 80)  # per cent of the time limit at which the assignee is reminded


@dataclass(frozen=True, slots=True)
class Limits:
    """A category's; working hours and working days, except for urgent matters: minutes, day and night."""

    respond_hours: int
    simple_days: int
    complex_days: int
    reopen_days: int
    urgent_respond_minutes: int
    urgent_resolve_minutes: int


@dataclass(frozen=True, slots=True)
class DueTimes:
    respond: datetime
    resolve: datetime
    hard: datetime
    promised_on: date  # local; what the resident is told


def first_cycle(
    limits: Limits, calendar: WorkingCalendar, start: datetime, *, tier: str, urgent: bool
) -> DueTimes:
    """The clock starts when the resident spoke, not when somebody accepted: else offices bounce work to stop it."""
    hard = start + HARD_LIMIT
    if urgent:
        respond = start + timedelta(minutes=limits.urgent_respond_minutes)
        resolve = start + timedelta(minutes=limits.urgent_resolve_minutes)
    else:
        respond = calendar.after_hours(start, limits.respond_hours)
        resolve = calendar.after_days(start, limits.complex_days if tier == "complex" else limits.simple_days)
    resolve = min(resolve, hard)
    return DueTimes(min(respond, resolve), resolve, hard, calendar.local_date(resolve))


def next_cycle(
    limits: Limits, calendar: WorkingCalendar, start: datetime, *, urgent: bool, hard: datetime
) -> DueTimes:
    """After a reopening: the shorter limit. A hard limit that has already passed binds no more: it was missed."""
    resolve = calendar.after_days(start, limits.reopen_days)
    respond = calendar.after_hours(start, limits.respond_hours)
    if urgent:
        resolve = min(resolve, start + timedelta(minutes=limits.urgent_resolve_minutes))
        respond = min(respond, start + timedelta(minutes=limits.urgent_respond_minutes))
    if hard > start:
        resolve = min(resolve, hard)
    return DueTimes(min(respond, resolve), resolve, hard, calendar.local_date(resolve))


def warning_at(start: datetime, due: datetime, share: int) -> datetime:
    return start + (due - start) * share / 100


def share_reached(start: datetime, due: datetime, now: datetime) -> int:
    """The highest share of the limit that has been used up and is warned of: 0, 50 or 80."""
    return max((share for share in _SHARES if now >= warning_at(start, due, share)), default=0)


def breach_at(start: datetime, due: datetime, level: int) -> datetime:
    """When a matter goes one level further up the tree: at the breach, and after every further period."""
    return due + _period(start, due) * level


def next_look(start: datetime, due: datetime, *, warned: int, escalation: int, top: bool) -> datetime | None:
    """When the clock must look at an open matter again; None once nobody is left above (`top`)."""
    for share in _SHARES:
        if warned < share and not escalation:
            return warning_at(start, due, share)
    return None if top else breach_at(start, due, escalation)


def _period(start: datetime, due: datetime) -> timedelta:
    return max(due - start, timedelta(minutes=1))


def review_at(calendar: WorkingCalendar, day: date) -> datetime:
    return calendar.at(day, time(9))


def end_of(calendar: WorkingCalendar, day: date) -> datetime:
    """The last moment of a local day that is promised to a resident."""
    return calendar.at(day, time(23, 59))
