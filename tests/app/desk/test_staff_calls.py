"""Calls that people make: the nearest is told once, and who may write down how it went."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from app.desk import course
from app.desk.callbacks import log_attempt, request_return_call
from app.desk.staff_calls import may_call
from models.callback import CallbackState, Outcome
from models.lifecycle import Action
from models.message import Message
from models.staff import Role, Staff
from tests.app.desk.conftest import MONDAY, WANG, ZONE, Town, plan_due

NIGHT = datetime(2026, 11, 23, 23, 0, tzinfo=ZONE)


def told(town: Town, session: Session) -> list[Message]:
    return [text for text in town.texts(session) if text.purpose == "person_call"]


def test_a_dispatcher_is_told_once_that_somebody_waits(town: Town) -> None:
    with town.db.transaction() as session:
        for _ in range(2):
            request_return_call(session, town.cfg, phone=WANG, reason="asked_person", now=MONDAY)
        [text] = told(town, session)
        assert (text.staff_id, text.due_at) == (town.staff["sun"], MONDAY)
        assert "今天上午十一点前" in text.body and "jiachang ticket calls" in text.body
        assert WANG not in text.body and "1111" not in text.body and text.resident_id is None
        assert ("send_message", text.id) in session.info["deferred"]


def test_what_is_asked_for_at_night_is_told_in_the_morning(town: Town) -> None:
    with town.db.transaction() as session:
        request_return_call(session, town.cfg, phone=WANG, reason="asked_person", now=NIGHT)
        [text] = told(town, session)
        assert text.due_at == datetime(2026, 11, 24, 9, tzinfo=ZONE)
        assert "今天上午十点前" in text.body, "as it is read, not as it was written"


def test_the_nearest_with_a_telephone_is_told_and_a_callback_worker_first(town: Town) -> None:
    with town.db.transaction() as session:
        lamp = {"phone": WANG, "reason": "hung_up", "now": MONDAY}
        request_return_call(session, town.cfg, ticket_id=town.open(session).id, **lamp)
        zhou = session.get_one(Staff, town.staff["zhou"])
        zhou.phone = zhou.phone_index = "+8613800006001"
        request_return_call(session, town.cfg, ticket_id=town.open(session).id, **lamp)
        near = Staff(
            login="near", name="near", phone="+8613800006002", phone_index="+8613800006002",
            role=Role.DISPATCHER, unit_id=town.unit["grid"],
        )  # fmt: skip
        session.add(near)
        request_return_call(session, town.cfg, ticket_id=town.open(session).id, **lamp)
        near.active = False
        request_return_call(session, town.cfg, ticket_id=town.open(session).id, **lamp)
        assert [t.staff_id for t in told(town, session)] == [town.staff["sun"], zhou.id, near.id, zhou.id]


def test_an_evaluation_for_a_person_is_told_as_well(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.resolved(session)
        plan_due(session, town.cfg, now=MONDAY)
        assert told(town, session) == [], "the robot rings first"
        [callback] = course.open_evaluations(session, ticket)
        course.to_person(session, town.cfg, callback, at=MONDAY, now=MONDAY)
        assert len(told(town, session)) == 1


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("zhou", True),
        ("sun", True),
        ("wu", True),
        ("admin", True),
        ("gridsun", False),
        ("stranger", False),
        ("gone", False),
        ("eye", False),
        ("zhao", False),
    ],
)
def test_rights_go_by_role_and_subtree(small_town: Town, who: str, may: bool) -> None:
    town = small_town
    with town.db.transaction() as session:
        for ticket_id in (None, town.dispatched(session).id):
            callback = request_return_call(
                session, town.cfg, phone=WANG, reason="hung_up", now=MONDAY, ticket_id=ticket_id,
                resident_id=town.resident["wang"],
            )  # fmt: skip
            assert may_call(session, town.cfg, town.actor(session, who), callback) is may


def test_the_keeper_writes_down_his_own_visit(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.open(session)
        town.act(session, ticket, Action.DISPATCH, "sun", assignee_id=town.staff["zhao"])
        callback = request_return_call(
            session, town.cfg, phone=WANG, reason="hung_up", now=MONDAY, ticket_id=ticket.id
        )
        zhao = town.actor(session, "zhao")
        assert not may_call(session, town.cfg, zhao, callback)
        zhou = town.actor(session, "zhou")
        log_attempt(session, town.cfg, callback, zhou, Outcome.WRONG_NUMBER, now=MONDAY)
        assert callback.state is CallbackState.VISIT and may_call(session, town.cfg, zhao, callback)
        assert not may_call(session, town.cfg, town.actor(session, "qian"), callback)
