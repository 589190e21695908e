"""Who is on duty: shifts by day and hour, over midnight, single days; and whose number may be told to residents."""

from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy import select

from app.desk import rosters
from app.desk.rights import Actor
from app.errors import BadInput, NotAllowed, NotFound
from models.roster import DutyShift
from models.staff import Role, Staff
from models.unit import Unit
from tests.app.desk.conftest import MONDAY, Town


def _shift(id_: int, weekday: int | None, start: int, end: int, on: date | None = None) -> DutyShift:
    return DutyShift(
        id=id_, unit_id=1, weekday=weekday, on_date=on, from_minute=start * 60, to_minute=end * 60
    )


WEEK = [
    _shift(1, 0, 8, 17),
    _shift(2, 0, 20, 6),
    _shift(3, None, 8, 12, date(2026, 11, 23)),
    _shift(4, 6, 22, 24),
]


@pytest.mark.parametrize(
    ("day", "hour", "expected"),
    [
        (23, 7, None),
        (23, 8, 3),  # made for this day: wins
        (23, 12, 1),
        (23, 17, None),
        (23, 23, 2),
        (24, 5, 2),  # Monday's night lasts until Tuesday's morning
        (24, 6, None),
        (24, 8, None),
        (30, 9, 1),  # the next Monday
        (29, 23, 4),  # until midnight
        (30, 0, None),
    ],
)
def test_the_shift_that_holds(day: int, hour: int, expected: int | None) -> None:
    found = rosters.on_duty(WEEK, datetime(2026, 11, day, hour, 0, tzinfo=UTC))
    assert (found.id if found else None) == expected


def _actor(role: Role, path: str) -> Actor:
    return Actor("staff", 1, role, path)


def test_during_a_shift_its_number_counts_and_afterwards_the_standing_one(town: Town) -> None:
    with town.db.transaction() as session:
        grid = session.get_one(Unit, town.unit["grid"])
        grid.duty_phone = "+8613800009001"
        staff = session.scalars(select(Staff).where(Staff.phone_index.is_not(None))).first()
        assert staff is not None
        actor = _actor(Role.SUPERVISOR, "/" + grid.path.strip("/").split("/")[0] + "/")
        now = MONDAY
        local = town.cfg.local(now)
        start, end = time(local.hour), time((local.hour + 1) % 24)
        rosters.add_shift(
            session,
            actor,
            grid.id,
            start=start,
            end=end,
            weekdays=[local.weekday()],
            staff_id=staff.id,
            now=now,
        )
        building = town.unit["b3"]
        assert rosters.duty_number(session, town.cfg, building, now=now) == staff.phone
        # a private number is nobody's business
        assert rosters.duty_number(session, town.cfg, building, now=now, public=True) == "+8613800009001"
        with pytest.raises(BadInput, match="已经有人值班"):
            rosters.add_shift(
                session,
                actor,
                grid.id,
                start=start,
                end=end,
                weekdays=[local.weekday()],
                phone="+8613800009002",
                now=now,
            )
        staff.active = False
        session.flush()
        assert rosters.duty_number(session, town.cfg, building, now=now) == "+8613800009001"


def test_only_the_desk_plans_and_only_its_own_units(town: Town) -> None:
    with town.db.transaction() as session:
        path = session.get_one(Unit, town.unit["grid"]).path
        given = {
            "start": time(8),
            "end": time(17),
            "weekdays": [0],
            "phone": "+8613800009002",
            "now": MONDAY,
        }
        with pytest.raises(NotAllowed):
            rosters.add_shift(session, _actor(Role.KEEPER, path), town.unit["grid"], **given)  # type: ignore[arg-type]
        with pytest.raises(NotFound):
            rosters.add_shift(session, _actor(Role.SUPERVISOR, path), town.unit["elsewhere"], **given)  # type: ignore[arg-type]
