"""When residents may be rung, and what follows an attempt."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.desk.dialing import Kind, Tried, next_step, next_time, other_half, retry_time, within_hours
from models.callback import Outcome

ZONE = ZoneInfo("Asia/Shanghai")
HOURS = ((time(9), time(11, 30)), (time(14, 30), time(20)))
ALWAYS = ((time(0), time.max),)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


@pytest.mark.parametrize(
    ("clock", "open_"),
    [("08:59", False), ("09:00", True), ("11:29", True), ("11:30", False), ("14:30", True), ("20:00", False)],
)
def test_calling_hours_begin_on_the_minute_and_end_before_it(clock: str, open_: bool) -> None:
    assert within_hours(HOURS, ZONE, local(f"2026-11-23T{clock}")) is open_


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-23T10:00", "2026-11-23T10:00"),
        ("2026-11-23T12:00", "2026-11-23T14:30"),
        ("2026-11-23T21:00", "2026-11-24T09:00"),
        ("2026-11-23T03:00", "2026-11-23T09:00"),
    ],
)
def test_next_time_is_now_or_the_next_opening(moment: str, expected: str) -> None:
    assert next_time(HOURS, ZONE, local(moment)) == local(expected)


def test_open_all_day_is_always_open() -> None:
    for clock in ("00:00", "12:00", "23:59:59.999999"):
        assert within_hours(ALWAYS, ZONE, local(f"2026-11-23T{clock}"))


@given(st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_next_time_lies_in_calling_hours_and_never_before(moment: datetime) -> None:
    found = next_time(HOURS, ZONE, moment)
    assert found >= moment
    assert within_hours(HOURS, ZONE, found)
    assert found - moment <= timedelta(hours=13)


def test_next_days_other_half() -> None:
    assert other_half(HOURS, ZONE, local("2026-11-23T10:00")) == local("2026-11-24T14:30")
    assert other_half(HOURS, ZONE, local("2026-11-23T15:00")) == local("2026-11-24T09:00")
    one_span = ((time(9), time(17)),)
    assert other_half(one_span, ZONE, local("2026-11-23T10:00")) == local("2026-11-24T13:00")
    assert other_half(one_span, ZONE, local("2026-11-23T16:00")) == local("2026-11-24T09:00")


def test_retries_after_half_an_hour_three_hours_and_the_next_days_other_half() -> None:
    ended = local("2026-11-23T15:00")
    assert retry_time(HOURS, ZONE, ended, 1) == local("2026-11-23T15:30")
    assert retry_time(HOURS, ZONE, ended, 2) == local("2026-11-23T18:00")
    assert retry_time(HOURS, ZONE, ended, 3) == local("2026-11-24T09:00")
    assert retry_time(HOURS, ZONE, local("2026-11-23T11:20"), 1) == local("2026-11-23T14:30")


def missed(count: int, *, by_person: int = 0, outcome: Outcome = Outcome.NO_ANSWER) -> list[Tried]:
    ended = local("2026-11-23T15:00")
    robot = [Tried(outcome, True, ended)] * (count - by_person)
    return robot + [Tried(outcome, True, ended, by_person=True)] * by_person


@pytest.mark.parametrize(
    ("history", "stage", "robot_attempts", "kind", "text"),
    [
        (missed(1), Kind.ROBOT, 2, Kind.ROBOT, False),
        (missed(2), Kind.ROBOT, 2, Kind.PERSON, True),
        (missed(3, by_person=1), Kind.PERSON, 2, Kind.PERSON, False),
        (missed(4, by_person=2), Kind.PERSON, 2, Kind.VISIT, True),
        (missed(5, by_person=3), Kind.VISIT, 2, Kind.GIVE_UP, False),
        (missed(3), Kind.ROBOT, 4, Kind.ROBOT, False),
        (missed(4), Kind.ROBOT, 4, Kind.PERSON, True),
        (missed(4), Kind.ROBOT, 9, Kind.PERSON, True),
        (missed(5, by_person=1), Kind.PERSON, 4, Kind.VISIT, True),
        (missed(1, by_person=1), Kind.PERSON, 2, Kind.PERSON, False),
        (missed(1, outcome=Outcome.WRONG_NUMBER), Kind.ROBOT, 2, Kind.PERSON, False),
        (missed(1, by_person=1, outcome=Outcome.WRONG_NUMBER), Kind.PERSON, 2, Kind.VISIT, False),
        (missed(2, outcome=Outcome.BUSY), Kind.ROBOT, 2, Kind.PERSON, True),
        (missed(2, outcome=Outcome.MACHINE), Kind.ROBOT, 2, Kind.PERSON, True),
    ],
)
def test_robot_then_text_then_person_then_visit(
    history: list[Tried], stage: Kind, robot_attempts: int, kind: Kind, text: bool
) -> None:
    step = next_step(history, stage, robot_attempts=robot_attempts, hours=HOURS, zone=ZONE)
    assert (step.kind, step.text) == (kind, text)


def test_attempts_that_never_rang_do_not_count_but_do_not_go_on_for_ever() -> None:
    ended = local("2026-11-23T15:00")
    dead = Tried(Outcome.FAILED, False, ended)
    for times in range(1, 5):
        step = next_step([dead] * times, Kind.ROBOT, robot_attempts=2, hours=HOURS, zone=ZONE)
        assert step.kind is Kind.ROBOT
        assert step.at == ended + timedelta(minutes=5 * 2 ** (times - 1))
    step = next_step([dead] * 5, Kind.ROBOT, robot_attempts=2, hours=HOURS, zone=ZONE)
    assert step.kind is Kind.PERSON
    rang = Tried(Outcome.NO_ANSWER, True, ended)
    assert next_step([rang, dead], Kind.ROBOT, robot_attempts=2, hours=HOURS, zone=ZONE).kind is Kind.ROBOT


def test_the_retry_clock_starts_at_the_end_of_the_attempt() -> None:
    early, late = local("2026-11-23T15:00"), local("2026-11-23T15:04")
    history = [Tried(Outcome.NO_ANSWER, True, late)]
    step = next_step(history, Kind.ROBOT, robot_attempts=2, hours=HOURS, zone=ZONE)
    assert step.at == late + timedelta(minutes=30) != early + timedelta(minutes=30)
