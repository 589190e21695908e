"""The working calendar and the limits counted in it."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from app.desk import limits
from app.desk.catalogue import CATEGORIES, UNSORTED
from app.desk.limits import HARD_LIMIT, Limits, first_cycle, next_cycle
from app.desk.workdays import CLOSES, OPENS, WorkingCalendar, read_holidays
from app.errors import SettingsError

ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkingCalendar(ZONE)
moments = st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001
some_limits = st.sampled_from([limits for _, _, limits in CATEGORIES])


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 11, 23), True),  # a Monday
        (date(2026, 11, 22), False),  # a Sunday
        (date(2026, 10, 1), False),  # National Day
        (date(2026, 10, 10), True),  # a Saturday that pays for it
        (date(2026, 2, 17), False),  # Spring Festival
    ],
)
def test_public_holidays_and_the_days_that_pay_for_them(day: date, working: bool) -> None:
    assert CALENDAR.is_working(day) is working


def test_the_communitys_own_file_wins(tmp_path: Path) -> None:
    file = tmp_path / "holidays.csv"
    file.write_text(
        "date,meaning\n2026-11-23,holiday\n\n2026-11-22,workday\n# 备注\n2027-02-06,休息日\n", "utf-8-sig"
    )
    calendar = WorkingCalendar.load(ZONE, file)
    assert not calendar.is_working(date(2026, 11, 23))
    assert calendar.is_working(date(2026, 11, 22))
    assert calendar.is_working(date(2026, 11, 24))
    assert not calendar.is_working(date(2026, 10, 1))


def test_a_year_nobody_knows_falls_back_to_weekdays_and_says_so_once() -> None:
    calendar = WorkingCalendar(ZONE)
    with capture_logs() as logs:
        assert calendar.is_working(date(2099, 1, 1))  # a Thursday
        assert not calendar.is_working(date(2099, 1, 3))
    assert [entry["year"] for entry in logs if entry["event"] == "holidays_unknown"] == [2099]
    assert calendar.missing_years == {2099}


def test_a_year_in_the_file_is_known(tmp_path: Path) -> None:
    calendar = WorkingCalendar(ZONE, {date(2099, 1, 1): False})
    with capture_logs() as logs:
        assert not calendar.is_working(date(2099, 1, 1))
        assert calendar.is_working(date(2099, 1, 2))
    assert logs == []


@pytest.mark.parametrize("line", ["2026-13-01,holiday", "2026-11-23,perhaps", "2026-11-23", "soon,holiday"])
def test_a_line_that_makes_no_sense_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "holidays.csv"
    file.write_text(f"2026-11-24,holiday\n{line}\n", "utf-8")
    with pytest.raises(SettingsError, match="第 2 行"):
        read_holidays(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.csv"):
        WorkingCalendar.load(ZONE, tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        ("2026-11-23T10:00", 4, "2026-11-23T14:00"),
        ("2026-11-23T16:00", 4, "2026-11-24T11:00"),
        ("2026-11-23T07:00", 1, "2026-11-23T10:00"),
        ("2026-11-23T20:00", 1, "2026-11-24T10:00"),
        ("2026-11-27T17:00", 4, "2026-11-30T12:00"),  # over a weekend
        ("2026-09-30T17:00", 2, "2026-10-08T10:00"),  # over the National Day week
    ],
)
def test_working_hours(start: str, hours: int, expected: str) -> None:
    assert CALENDAR.after_hours(local(start), hours) == local(expected)


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("2026-11-23T00:01", 3, "2026-11-26T18:00"),
        ("2026-11-23T23:59", 3, "2026-11-26T18:00"),
        ("2026-11-28T10:00", 1, "2026-11-30T18:00"),
        ("2026-09-30T10:00", 3, "2026-10-10T18:00"),
    ],
)
def test_working_days_begin_the_day_after(start: str, days: int, expected: str) -> None:
    assert CALENDAR.after_days(local(start), days) == local(expected)


@given(moments, st.integers(1, 30))
def test_working_time_ends_within_working_hours(moment: datetime, amount: int) -> None:
    end = CALENDAR.after_hours(moment, amount)
    assert end > moment
    assert CALENDAR.is_working(CALENDAR.local_date(end))
    assert OPENS < end.astimezone(ZONE).time() <= CLOSES
    day = CALENDAR.workday_after(CALENDAR.local_date(moment), amount)
    span = (day - CALENDAR.local_date(moment)).days
    between = (CALENDAR.local_date(moment) + timedelta(days=n) for n in range(1, span + 1))
    assert sum(map(CALENDAR.is_working, between)) == amount


@given(moments, moments, st.integers(1, 30))
def test_who_comes_first_is_due_first(a: datetime, b: datetime, amount: int) -> None:
    a, b = sorted((a, b))
    assert CALENDAR.after_hours(a, amount) <= CALENDAR.after_hours(b, amount)
    assert CALENDAR.after_days(a, amount) <= CALENDAR.after_days(b, amount)


@given(moments, some_limits, st.sampled_from(["simple", "complex"]), st.booleans())
def test_nothing_takes_longer_than_fifteen_days(
    moment: datetime, category: Limits, tier: str, urgent: bool
) -> None:
    due = first_cycle(category, CALENDAR, moment, tier=tier, urgent=urgent)
    assert moment < due.respond <= due.resolve <= due.hard == moment + HARD_LIMIT
    assert due.promised_on == CALENDAR.local_date(due.resolve)


@given(moments, some_limits)
def test_urgent_is_counted_in_minutes_day_and_night(moment: datetime, category: Limits) -> None:
    due = first_cycle(category, CALENDAR, moment, tier="complex", urgent=True)
    assert due.respond == moment + timedelta(minutes=category.urgent_respond_minutes)
    assert due.resolve == moment + timedelta(minutes=category.urgent_resolve_minutes)


def test_the_second_cycle_is_shorter_and_keeps_the_first_ones_hard_limit() -> None:
    start, again = local("2026-11-23T10:00"), local("2026-11-25T10:00")
    hard = start + HARD_LIMIT
    due = next_cycle(UNSORTED, CALENDAR, again, urgent=False, hard=hard)
    assert due.resolve == local("2026-11-27T18:00")
    assert due.hard == hard
    late = next_cycle(UNSORTED, CALENDAR, hard - timedelta(hours=1), urgent=False, hard=hard)
    assert late.resolve == hard
    after = next_cycle(UNSORTED, CALENDAR, hard + timedelta(days=1), urgent=False, hard=hard)
    assert after.resolve > hard + timedelta(days=1)  # missed already: it binds no more


def test_every_categorys_second_cycle_is_shorter() -> None:
    for _, _, category in CATEGORIES:
        assert category.reopen_days < category.simple_days <= category.complex_days


def test_when_the_clock_must_look_again() -> None:
    start = datetime(2026, 11, 23, tzinfo=UTC)
    due = start + timedelta(hours=10)
    assert limits.next_look(start, due, warned=0, escalation=0, top=False) == start + timedelta(hours=5)
    assert limits.next_look(start, due, warned=50, escalation=0, top=False) == start + timedelta(hours=8)
    assert limits.next_look(start, due, warned=80, escalation=0, top=False) == due
    assert limits.next_look(start, due, warned=80, escalation=1, top=False) == due + timedelta(hours=10)
    assert limits.next_look(start, due, warned=80, escalation=2, top=True) is None


@pytest.mark.parametrize(("hour", "share"), [(4, 0), (5, 50), (7, 50), (8, 80), (9, 80), (30, 80)])
def test_share_of_the_limit(hour: int, share: int) -> None:
    start = datetime(2026, 11, 23, tzinfo=UTC)
    assert limits.share_reached(start, start + timedelta(hours=10), start + timedelta(hours=hour)) == share


def test_the_end_of_a_local_day() -> None:
    assert limits.end_of(CALENDAR, date(2026, 11, 23)).astimezone(ZONE).time() == time(23, 59)
