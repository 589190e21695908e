"""A call from the callback desk over the local exchange: the worker's telephone first, then the resident's, joined."""

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from app.desk.callbacks import request_return_call
from models.callback import Attempt, AttemptState, Callback, CallbackState, Outcome
from models.staff import Staff
from tests.support.console import Desk
from tests.support.town import DOUBLED, PACE, Town

pytestmark = pytest.mark.scenario
PRESS_1 = {"press": "1"}


def worker(town: Town) -> tuple[Desk, str]:
    """周明 at his desk, with a telephone of his own."""
    phone = town.stranger()
    runtime = town.stage.runtime
    with runtime.db.transaction() as session:
        zhou = session.scalars(select(Staff).where(Staff.login == "zhou")).one()
        zhou.phone = zhou.phone_index = phone
    office: Any = SimpleNamespace(runtime=runtime, db=runtime.db)
    return Desk(office, "zhou"), phone


def wanted(town: Town, caller: str) -> int:
    runtime = town.stage.runtime
    with runtime.db.transaction() as session:
        callback = request_return_call(
            session, runtime.desk, phone=caller, reason="asked_person", now=runtime.now()
        )
        return callback.id


def attempt_of(town: Town, callback_id: int) -> Attempt | None:
    with town.db() as session:
        attempt = session.scalar(select(Attempt).where(Attempt.callback_id == callback_id))
        return attempt if attempt is not None and attempt.state is AttemptState.DONE else None


@pytest.mark.parametrize("faults", [{}, DOUBLED], ids=["plain", "doubled"])
def test_the_two_are_joined_and_the_outcome_is_hers_to_tell(town: Town, faults: dict[str, Any]) -> None:
    caller = town.resident()
    desk, phone = worker(town)
    town.answers(phone, PRESS_1, {"silence": 4.0}, **faults)
    town.answers(caller, {"silence": 2.0}, {"hangup": True})
    callback_id = wanted(town, caller)
    desk.get(f"/staff/callbacks/{callback_id}")
    assert desk.post(f"/staff/callbacks/{callback_id}/ring").status_code == 303
    attempt = town.wait("the call is over", lambda: attempt_of(town, callback_id))
    assert (attempt.outcome, attempt.seen, attempt.rang) == (None, Outcome.ANSWERED, True)
    assert len(town.exchange.calls_to(phone)) == 1 and len(town.exchange.calls_to(caller)) == 1
    desk.post(f"/staff/callbacks/{callback_id}/record", {"outcome": "answered"})
    with town.db() as session:
        done = session.scalars(select(Attempt).where(Attempt.callback_id == callback_id)).one()
        assert done.outcome is Outcome.ANSWERED


def test_a_desk_that_nobody_sits_at_rings_no_resident(town: Town) -> None:
    caller = town.resident()
    desk, phone = worker(town)
    town.exchange.handset(phone, calls=[{"outcome": "machine", "delay": 0.5, "pace": PACE}])
    callback_id = wanted(town, caller)
    desk.get(f"/staff/callbacks/{callback_id}")
    desk.post(f"/staff/callbacks/{callback_id}/ring")
    attempt = town.wait("the call is over", lambda: attempt_of(town, callback_id))
    assert (attempt.outcome, attempt.rang) == (None, False)
    assert town.exchange.calls_to(caller) == []
    with town.db() as session:
        assert session.get_one(Callback, callback_id).state is CallbackState.PERSON
    desk.post(f"/staff/callbacks/{callback_id}/release")
