"""Activities: when they take place next, and for whom."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.desk.activities import next_time, upcoming
from models.activity import Activity
from tests.app.desk.conftest import MONDAY, Town

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
WEDNESDAY = datetime(2026, 11, 25, 9, 0, tzinfo=SHANGHAI)


def activity(**more: object) -> Activity:
    return Activity(
        **{
            "theme": "话家常",
            "place": "广场",
            "starts_at": WEDNESDAY,
            "weekly": True,
            "created_at": MONDAY,
            "until": None,
            "cancelled_at": None,
        }
        | more
    )


@pytest.mark.parametrize(
    ("now", "weekly", "expected"),
    [
        (WEDNESDAY - timedelta(days=30), True, WEDNESDAY),
        (WEDNESDAY, True, WEDNESDAY),
        (WEDNESDAY + timedelta(minutes=1), True, WEDNESDAY + timedelta(days=7)),
        (WEDNESDAY + timedelta(days=7), True, WEDNESDAY + timedelta(days=7)),
        (WEDNESDAY + timedelta(days=100), True, WEDNESDAY + timedelta(days=105)),
        (WEDNESDAY - timedelta(hours=1), False, WEDNESDAY),
        (WEDNESDAY + timedelta(minutes=1), False, None),
    ],
)
def test_when_it_is_next(now: datetime, weekly: bool, expected: datetime | None) -> None:
    assert next_time(activity(weekly=weekly), SHANGHAI, now.astimezone(UTC)) == expected


def test_it_ends_with_its_last_day_and_when_it_is_called_off() -> None:
    weekly = activity(until=date(2026, 12, 2))
    assert next_time(weekly, SHANGHAI, WEDNESDAY + timedelta(days=1)) == WEDNESDAY + timedelta(days=7)
    assert next_time(weekly, SHANGHAI, WEDNESDAY + timedelta(days=8)) is None
    assert next_time(activity(cancelled_at=MONDAY), SHANGHAI, MONDAY) is None


def test_the_local_hour_stays_when_the_clocks_change() -> None:
    """Berlin, 2026-03-29: nine o'clock stays nine o'clock."""
    start = datetime(2026, 3, 25, 9, 0, tzinfo=BERLIN)
    found = next_time(activity(starts_at=start.astimezone(UTC)), BERLIN, start + timedelta(days=6))
    assert found == datetime(2026, 4, 1, 9, 0, tzinfo=BERLIN)
    assert found is not None
    assert found.utcoffset() != start.utcoffset()


def test_the_soonest_of_the_unit_those_above_and_those_below(town: Town) -> None:
    with town.db.transaction() as session:
        for unit, theme, hours in (
            ("community", "c", 3),
            ("b3", "b", 1),
            ("estate", "e", 2),
            ("b5", "next door", 1),
            ("elsewhere", "elsewhere", 1),
        ):
            at = MONDAY + timedelta(hours=hours)
            session.add(activity(unit_id=town.unit[unit], theme=theme, starts_at=at, weekly=False))
        session.flush()

        def themes(unit: str, limit: int = 9) -> list[str]:
            found = upcoming(session, town.cfg, town.unit[unit], now=MONDAY, limit=limit)
            return [one.theme for one in found]

        assert themes("b3") == ["b", "e", "c"]
        assert themes("b3", limit=1) == ["b"]
        assert set(themes("community")) == {"b", "e", "c", "next door"}
        assert upcoming(session, town.cfg, None, now=MONDAY) == []
