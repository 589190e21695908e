"""Places and the units they lie in."""

from typing import Any

from app.desk import rosters, units
from app.desk.units import choose_unit
from models.staff import Role, Staff
from models.unit import Unit
from tests.app.desk.conftest import HOTLINE, MONDAY, NOWHERE, Town, place

PLACES: list[tuple[Any, str | None, str | None, str | None]] = [
    (place(building="3", unit="2"), "wang", HOTLINE, "b3"),
    (place(building="5"), "wang", HOTLINE, "b5"),
    (place(building="3"), None, HOTLINE, "community"),  # two estates have one: nobody guesses
    (place(building="3", estate="阳光"), "wang", HOTLINE, "other3"),
    (place(building="3", estate="幸福"), None, HOTLINE, "b3"),
    (place(building="5"), None, HOTLINE, "b5"),  # only one estate has a 5栋
    (place(building="99"), "wang", HOTLINE, "estate"),  # misheard: her estate, not her building
    (place(building="99"), None, HOTLINE, "community"),
    (place(building="99", estate="阳光"), "wang", HOTLINE, "estate2"),
    (place(estate="阳光"), "wang", HOTLINE, "estate2"),
    (place(landmark="菜市场门口"), "wang", HOTLINE, "estate"),
    (place(landmark="菜市场门口"), None, HOTLINE, "community"),
    (NOWHERE, "wang", HOTLINE, "b3"),
    (NOWHERE, None, HOTLINE, "community"),
    (NOWHERE, None, "+864009999999", "elsewhere"),
    (place(building="5"), None, "+864009999999", "elsewhere"),  # not into another community
    (NOWHERE, None, None, None),  # two communities: which?
    (NOWHERE, "wang", None, "b3"),
]


def test_the_smallest_unit_that_surely_holds_the_place(town: Town) -> None:
    with town.db.transaction() as session:
        for where, who, hotline, expected in PLACES:
            found = units.unit_id_for(session, where, town.resident[who] if who else None, hotline)
            wanted = town.unit[expected] if expected else None
            assert found == wanted, (where, who, hotline)


def test_it_takes_one_statement(town: Town, statements: list[str]) -> None:
    with town.db.transaction() as session:
        session.connection()
        statements.clear()
        units.unit_id_for(session, place(building="3"), town.resident["wang"], HOTLINE)
        assert len(statements) == 1


def test_with_a_single_community_no_hotline_is_needed() -> None:
    root = Unit(id=1, parent_id=None, path="/1/", kind="community", name="", label="幸福里")
    assert choose_unit([root], NOWHERE, None, None) is root  # type: ignore[arg-type]


def test_ancestors_go_up_to_the_root(town: Town) -> None:
    with town.db.transaction() as session:
        chain = [unit.id for unit in units.ancestors(session, town.unit["b3"])]
        assert chain == [town.unit[name] for name in ("b3", "estate", "grid", "community")]
        assert units.ancestors(session, None) == []
        assert units.ancestors(session, 404) == []


def test_ids_that_begin_alike_are_not_ancestors(town: Town) -> None:
    """/1/ and /11/: a path is compared with its closing slash."""
    with town.db.transaction() as session:
        session.add(
            Unit(
                id=town.unit["b3"] * 10,
                parent_id=None,
                path=f"/{town.unit['b3']}0/",
                kind="x",
                name="",
                label="",
            )
        )
        session.flush()
        assert [u.id for u in units.ancestors(session, town.unit["b3"] * 10)] == [town.unit["b3"] * 10]


def test_the_duty_number_is_the_nearest_one_above(town: Town) -> None:
    with town.db.transaction() as session:
        assert rosters.duty_number(session, town.cfg, town.unit["b3"], now=MONDAY) == "+8613800009000"
        session.get_one(Unit, town.unit["grid"]).duty_phone = "+8613800009001"
        session.flush()
        assert rosters.duty_number(session, town.cfg, town.unit["b3"], now=MONDAY) == "+8613800009001"
        assert rosters.duty_number(session, town.cfg, town.unit["other3"], now=MONDAY) == "+8613800009000"
        assert rosters.duty_number(session, town.cfg, town.unit["elsewhere"], now=MONDAY) is None
        assert rosters.duty_number(session, town.cfg, None, now=MONDAY) is None


def test_who_answers_for_a_unit(town: Town) -> None:
    with town.db.transaction() as session:
        assert units.in_charge(session, town.unit["b3"]) is None
        assert units.in_charge(session, town.unit["grid"]) == ("+8613800002001", town.staff["zhao"])
        assert units.in_charge(session, town.unit["community"]) == ("+8613800009000", None)
        session.get_one(Unit, town.unit["community"]).duty_phone = None
        session.flush()
        # the supervisor has no phone, the dispatcher has one
        assert units.in_charge(session, town.unit["community"]) == ("+8613800004001", town.staff["sun"])
        session.get_one(Staff, town.staff["zhao"]).active = False
        session.flush()
        assert units.in_charge(session, town.unit["grid"]) is None


def test_the_nearest_of_a_role(town: Town) -> None:
    with town.db.transaction() as session:
        assert units.nearest_staff(session, town.unit["b3"], Role.DISPATCHER) == town.staff["sun"]
        assert units.nearest_staff(session, town.unit["other3"], Role.DISPATCHER) == town.staff["gridsun"]
        assert units.nearest_staff(session, town.unit["elsewhere"], Role.SUPERVISOR) is None
        assert units.nearest_staff(session, None, Role.DISPATCHER) is None
