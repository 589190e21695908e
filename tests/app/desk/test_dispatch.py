"""Dispatch: ordered rules, the first match wins, and the reason can be read."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.desk.dispatch import Candidate, Matter, dispatch_ticket, rank, waiting
from app.hygiene import utf16_units
from models.lifecycle import Action, Status
from models.routing_rule import RoutingRule
from models.staff import AssigneeKind, Staff
from tests.app.desk.conftest import MONDAY, Town, place

KEEPER, PROPERTY = AssigneeKind.KEEPER, AssigneeKind.PROPERTY
MATTER = Matter("repairs", "simple", False, "/1/2/3/", "3栋", 10)
PATHS = {1: "/1/", 2: "/1/2/", 3: "/1/2/3/", 9: "/1/9/"}
PEOPLE = [
    Candidate(10, KEEPER, "/1/", 0),
    Candidate(11, KEEPER, "/1/2/", 5),
    Candidate(12, KEEPER, "/1/2/", 3),
    Candidate(13, KEEPER, "/1/9/", 0),
    Candidate(14, PROPERTY, "/1/", 0),
    Candidate(15, KEEPER, "/1/2/3/", 0, field=False),
]


def rule(position: int, kind: AssigneeKind = KEEPER, **conditions: Any) -> RoutingRule:
    return RoutingRule(
        id=position, position=position, name="", assignee_kind=kind, **{"active": True, **conditions}
    )


@pytest.mark.parametrize(
    ("conditions", "matches"),
    [
        ({}, True),
        ({"category": "repairs"}, True),
        ({"category": "care"}, False),
        ({"tier": "simple"}, True),
        ({"tier": "complex"}, False),
        ({"urgent": False}, True),
        ({"urgent": True}, False),
        ({"unit_id": 2}, True),
        ({"unit_id": 3}, True),
        ({"unit_id": 9}, False),
        ({"unit_id": 404}, False),
        ({"from_hour": 8, "to_hour": 18}, True),
        ({"from_hour": 10, "to_hour": 11}, True),
        ({"from_hour": 8, "to_hour": 10}, False),
        ({"from_hour": 20, "to_hour": 8}, False),
        ({"from_hour": 20, "to_hour": 11}, True),
        ({"from_hour": 11}, False),
        ({"to_hour": 11}, True),
        ({"active": False}, False),
        ({"max_load": 3}, False),
        ({"max_load": 4}, True),
    ],
)
def test_conditions(conditions: dict[str, Any], matches: bool) -> None:
    people = [person for person in PEOPLE if person.id in (11, 12)]
    found = rank([rule(1, **conditions)], MATTER, people, PATHS)
    assert (found.assignee_id == 12) is matches
    assert (found.rule is not None) is matches


def test_the_first_match_wins_whatever_the_order_of_the_rows() -> None:
    rules = [rule(9), rule(4, PROPERTY, category="repairs"), rule(2, category="care")]
    found = rank(rules, MATTER, PEOPLE, PATHS)
    assert found.assignee_id == 14
    assert found.reason == "规则4：基础设施维修 · 3栋 → 物业"


def test_the_nearest_of_that_kind_up_the_tree_then_the_least_busy() -> None:
    assert rank([rule(1)], MATTER, PEOPLE, PATHS).assignee_id == 12
    high = replace(MATTER, unit_path="/1/")
    assert rank([rule(1)], high, PEOPLE, PATHS).assignee_id == 10


def test_a_named_assignee_is_taken_wherever_they_sit() -> None:
    assert rank([rule(1, assignee_id=13)], MATTER, PEOPLE, PATHS).assignee_id == 13


def test_full_people_make_the_rule_not_match() -> None:
    found = rank([rule(1, max_load=3), rule(2, PROPERTY)], MATTER, PEOPLE[1:3], PATHS)
    assert found.rule is not None and found.rule.position == 2


def test_nobody_of_that_kind_is_said_with_the_rule() -> None:
    found = rank([rule(1, AssigneeKind.VOLUNTEER), rule(2)], MATTER, PEOPLE, PATHS)
    assert found.assignee_id is None
    assert found.reason == "规则1：基础设施维修 · 3栋 → 志愿者，但没有可派的志愿者"


def test_without_a_match_the_dispatcher_decides() -> None:
    found = rank([rule(1, category="care")], MATTER, PEOPLE, PATHS)
    assert (found.assignee_id, found.rule, found.reason) == (None, None, "没有适用的派单规则")


def test_a_place_nobody_knows_has_no_nearest() -> None:
    nowhere = replace(MATTER, unit_path=None)
    assert rank([rule(1)], nowhere, PEOPLE, PATHS).assignee_id is None
    assert rank([rule(1, assignee_id=13)], nowhere, PEOPLE, PATHS).assignee_id == 13


AddRule = Callable[..., RoutingRule]


def test_a_new_ticket_goes_to_the_nearest_keeper_who_gets_a_text(town: Town, add_rule: AddRule) -> None:
    with town.db.transaction() as session:
        add_rule(session, 4, category="repairs")
        ticket = town.open(session)
        assert waiting(session) == [ticket.id]
        event = dispatch_ticket(session, town.cfg, ticket.id, now=MONDAY)
        assert event is not None and event.actor.startswith("rule:")
        assert (ticket.status, ticket.assignee_id) == (Status.DISPATCHED, town.staff["zhao"])
        assert ticket.dispatch_reason == event.reason == "规则4：基础设施维修 · 3 → 网格员"
        assert waiting(session) == []
        [text] = town.staff_texts(session, ticket)
        assert (text.phone, text.staff_id) == ("+8613800002001", town.staff["zhao"])
        for part in ("【家常热线】", "1001号", "3栋2单元", "路灯不亮", "基础设施维修", "11月26日", "接1001"):
            assert part in text.body
        assert utf16_units(text.body) <= 70


def test_dispatching_twice_is_once(town: Town, add_rule: AddRule) -> None:
    with town.db.transaction() as session:
        add_rule(session, 1)
        id_ = town.open(session).id
    for expected in (True, False):
        with town.db.transaction() as session:
            assert (dispatch_ticket(session, town.cfg, id_, now=MONDAY) is not None) is expected
    with town.db.transaction() as session:
        assert len(town.staff_texts(session)) == 1
        assert dispatch_ticket(session, town.cfg, 404, now=MONDAY) is None


def test_without_a_rule_it_stays_new_and_says_why_once(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.open(session)
        for _ in range(3):
            dispatch_ticket(session, town.cfg, ticket.id, now=MONDAY)
        assert (ticket.status, ticket.assignee_id) == (Status.NEW, None)
        notes = [e for e in town.events(session, ticket) if e.action == "undispatched"]
        assert [e.reason for e in notes] == ["没有适用的派单规则"]
        assert waiting(session) == []
        assert town.texts(session, ticket) == []


def test_a_rule_for_a_grid_does_not_reach_into_another(town: Town, add_rule: AddRule) -> None:
    with town.db.transaction() as session:
        add_rule(session, 1, unit_id=town.unit["grid2"])
        ours = town.open(session)
        theirs = town.open(session, unit_id=town.unit["other3"])
        assert dispatch_ticket(session, town.cfg, theirs.id, now=MONDAY) is not None
        assert theirs.assignee_id == town.staff["qian"]
        dispatch_ticket(session, town.cfg, ours.id, now=MONDAY)
        assert ours.status is Status.NEW


def test_people_who_have_left_get_nothing(town: Town, add_rule: AddRule) -> None:
    with town.db.transaction() as session:
        add_rule(session, 1)
        session.get_one(Staff, town.staff["zhao"]).active = False
        ticket = town.open(session)
        dispatch_ticket(session, town.cfg, ticket.id, now=MONDAY)
        assert ticket.status is Status.NEW


def test_local_hours_decide(town: Town, add_rule: AddRule) -> None:
    with town.db.transaction() as session:
        add_rule(session, 1, assignee_kind=PROPERTY, from_hour=20, to_hour=8)
        add_rule(session, 2)
        day = town.open(session)
        dispatch_ticket(session, town.cfg, day.id, now=MONDAY)
        night_time = MONDAY + timedelta(hours=11)  # 21:00 in Shanghai
        night = town.open(session, now=night_time)
        dispatch_ticket(session, town.cfg, night.id, now=night_time)
        assert (day.assignee_id, night.assignee_id) == (town.staff["zhao"], town.staff["wuye"])


def test_load_moves_work_to_the_next_rule(town: Town, add_rule: AddRule) -> None:
    with town.db.transaction() as session:
        add_rule(session, 1, max_load=2)
        add_rule(session, 2, assignee_kind=PROPERTY)
        got = []
        for _ in range(3):
            ticket = town.open(session)
            dispatch_ticket(session, town.cfg, ticket.id, now=MONDAY)
            got.append(ticket.assignee_id)
        assert got == [town.staff["zhao"], town.staff["zhao"], town.staff["wuye"]]


@pytest.mark.parametrize(
    ("more", "parts"),
    [
        ({"urgent": True}, ("紧急！", "11月23日14:00前")),
        ({"danger": "120"}, ("紧急，涉及120！",)),
        ({"matter": None, "text": ""}, ("请听录音",)),
        ({"matter": "楼" * 40}, ("楼楼楼", "…", "11月26日", "接1001")),
        ({"matter": "灯坏了", "place": place(building="3", landmark="很长很长的地标" * 5)}, ("接1001",)),
    ],
)
def test_what_the_assignee_reads(town: Town, more: dict[str, Any], parts: tuple[str, ...]) -> None:
    with town.db.transaction() as session:
        ticket = town.dispatched(session, **more)
        [text] = town.staff_texts(session, ticket)
        assert all(part in text.body for part in parts), text.body
        if "place" not in more:
            assert utf16_units(text.body) <= 70


def test_dispatching_again_by_hand_texts_the_new_assignee(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.dispatched(session)
        town.act(session, ticket, Action.DISPATCH, "sun", assignee_id=town.staff["wuye"])
        texts = [t.staff_id for t in town.staff_texts(session, ticket)]
        assert texts == [town.staff["zhao"], town.staff["wuye"]]


def test_reopened_and_returned_tickets_are_not_dispatched_by_rules(town: Town, add_rule: AddRule) -> None:
    with town.db.transaction() as session:
        add_rule(session, 1)
        for status in (Status.REOPENED, Status.RETURNED, Status.NEEDS_LISTENING):
            ticket = town.bring_to(session, status)
            assert dispatch_ticket(session, town.cfg, ticket.id, now=MONDAY) is None
            assert ticket.status is status
