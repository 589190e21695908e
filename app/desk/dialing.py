"""When a resident may be rung, and what follows an attempt. Pure: local hours and a history in, the next step out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from models.callback import Outcome

Hours = Sequence[tuple[time, time]]
ROUNDS = 4  # the first attempt and three more: +30 min, +3 h, the next day's other half
NEVER_RANG = 5  # attempts in a row that never rang (a dead line, no network), before a person looks into it
_WAITS = (timedelta(minutes=30), timedelta(hours=3))
_BACKOFF = timedelta(minutes=5)


class Kind(StrEnum):
    ROBOT = "robot"
    PERSON = "person"
    VISIT = "visit"
    GIVE_UP = "give_up"


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt that is over. The clock of the next one starts at its end."""

    outcome: Outcome
    rang: bool
    ended_at: datetime
    by_person: bool = False

    @property
    def counts(self) -> bool:
        """Attempts that never reached the resident's telephone don't count; an engaged line is one that was reached."""
        return self.rang or self.by_person or self.outcome is Outcome.BUSY


@dataclass(frozen=True, slots=True)
class Step:
    """`text`: say by text message that we could not get through, if that has not been said yet."""

    kind: Kind
    at: datetime
    text: bool = False


def shared_hours(hours: Hours, wished: Hours) -> Hours:
    """The calling hours that somebody likes too; if there are none, the house's own: she is rung rather than forgotten."""
    both = [(max(a, c), min(b, d)) for a, b in hours for c, d in wished]
    return [(start, end) for start, end in both if start < end] or hours


def within_hours(hours: Hours, zone: ZoneInfo, moment: datetime) -> bool:
    clock = moment.astimezone(zone).time()
    return any(start <= clock and (clock < end or end == time.max) for start, end in hours)


def next_time(hours: Hours, zone: ZoneInfo, moment: datetime) -> datetime:
    """The moment itself inside calling hours, else the next opening."""
    if within_hours(hours, zone, moment):
        return moment
    return _opening(hours, zone, moment)


def other_half(hours: Hours, zone: ZoneInfo, moment: datetime) -> datetime:
    """The next day, in the half of the calling hours in which this attempt was not: who is out in the mornings may
    be in after lunch."""
    halves = _halves(hours)
    local = moment.astimezone(zone)
    later_half = local.time() >= halves[1]
    day = (local + timedelta(days=1)).date()
    return datetime.combine(day, halves[0 if later_half else 1], zone).astimezone(moment.tzinfo)


def retry_time(hours: Hours, zone: ZoneInfo, ended_at: datetime, counted: int) -> datetime:
    """After `counted` attempts that counted, the last of which ended at `ended_at`."""
    if counted <= len(_WAITS):
        return next_time(hours, zone, ended_at + _WAITS[max(counted, 1) - 1])
    return other_half(hours, zone, ended_at)


def next_step(
    history: Sequence[Tried], stage: Kind, *, robot_attempts: int, hours: Hours, zone: ZoneInfo
) -> Step:
    """What follows the last attempt of `history`, which did not get an answer. `stage`: who has it in hand now.

    The robot gives up after `robot_attempts`; a person goes on in the same rhythm; after the fourth attempt the
    keeper goes there; only after that visit is somebody unreachable.
    """
    last = history[-1]
    counted = [tried for tried in history if tried.counts]
    again = retry_time(hours, zone, last.ended_at, len(counted))
    if stage is Kind.VISIT:
        return Step(Kind.GIVE_UP, last.ended_at)
    if stage is Kind.ROBOT:
        if last.outcome in (Outcome.WRONG_NUMBER, Outcome.REFUSED):
            return Step(Kind.PERSON, next_time(hours, zone, last.ended_at))
        if not last.counts:
            return _never_rang(history, hours, zone)
        if len(counted) < min(robot_attempts, ROUNDS):
            return Step(Kind.ROBOT, again)
        return Step(Kind.PERSON, again, text=True)
    if last.outcome is Outcome.WRONG_NUMBER or len(counted) >= ROUNDS:
        return Step(Kind.VISIT, last.ended_at, text=last.outcome is not Outcome.WRONG_NUMBER)
    return Step(Kind.PERSON, again)


def _never_rang(history: Sequence[Tried], hours: Hours, zone: ZoneInfo) -> Step:
    in_a_row = 0
    for tried in reversed(history):
        if tried.counts:
            break
        in_a_row += 1
    last = history[-1].ended_at
    if in_a_row >= NEVER_RANG:
        return Step(Kind.PERSON, next_time(hours, zone, last))
    return Step(Kind.ROBOT, next_time(hours, zone, last + _BACKOFF * 2 ** (in_a_row - 1)))


def _opening(hours: Hours, zone: ZoneInfo, moment: datetime) -> datetime:
    local = moment.astimezone(zone)
    starts = sorted(start for start, _ in hours)
    for days in (0, 1):
        for start in starts:
            opening = datetime.combine((local + timedelta(days=days)).date(), start, zone)
            if opening > local:
                return opening.astimezone(moment.tzinfo)
    raise ValueError("no calling hours")


def _halves(hours: Hours) -> tuple[time, time]:
    """When the first and the second half of a day's calling hours begin; one long span is cut in the middle."""
    spans = sorted(hours)
    if len(spans) > 1:
        return spans[0][0], spans[-1][0]
    start, end = spans[0]
    middle = (start.hour * 60 + start.minute + end.hour * 60 + end.minute + 1) // 2
    return start, time(middle // 60, middle % 60)
