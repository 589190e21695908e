"""The call that asks whether it is really done: every ending, and the crash in between."""

import os
import signal
from typing import Any

import pytest
from sqlalchemy import select

from app.community import NUMBERS
from app.demo import speak
from models.callback import Attempt, AttemptState, Callback, CallbackKind, CallbackState, Outcome
from models.rating import Rating, RemedialAction
from models.ticket import Ticket
from tests.support.town import DOUBLED, PACE, Town, said

pytestmark = pytest.mark.scenario
PASSES = pytest.mark.parametrize("faults", [{}, DOUBLED], ids=["plain", "doubled"])
YES, GOOD, BAD = {"press": "1"}, {"press": "1"}, {"press": "3"}


def resolved(town: Town, caller: str) -> Ticket:
    """A matter of this caller that the keeper says is done; her phone must be set up before."""
    town.ring(caller, [speak("三栋二单元路灯不亮了"), {"press": "1"}])
    (ticket,) = town.tickets(caller)
    town.wait("dispatch", town.status_is(ticket.number, "dispatched"))
    town.keeper(NUMBERS.zhao, f"接 {ticket.number}")
    town.keeper(NUMBERS.zhao, f"办结 {ticket.number} 换了灯泡")
    return ticket


def the_call(town: Town, caller: str) -> dict[str, Any]:
    """The one call back to this number, when it is over."""

    def over() -> dict[str, Any] | None:
        calls = town.exchange.calls_to(caller)
        return calls[0] if calls and calls[0]["done"] else None

    return town.wait("the call back", over)


def rating_of(town: Town, ticket: Ticket) -> Rating | None:
    with town.db() as session:
        return session.scalars(select(Rating).where(Rating.ticket_id == ticket.id)).one_or_none()


def evaluation(town: Town, ticket: Ticket) -> tuple[Callback, list[Attempt]]:
    with town.db() as session:
        query = select(Callback).where(
            Callback.ticket_id == ticket.id, Callback.kind == CallbackKind.EVALUATION
        )
        callback = session.scalars(query).one()
        attempts = session.scalars(
            select(Attempt).where(Attempt.callback_id == callback.id).order_by(Attempt.n)
        )
        return callback, list(attempts)


@PASSES
def test_good_by_voice_and_by_key_closes_it(town: Town, faults: dict[str, Any]) -> None:
    caller = town.resident()
    hang_up = {"hangup": True, "wait_prompt": True}
    town.answers(caller, speak("是的"), speak("好了"), speak("满意"), GOOD, speak("一般"), hang_up, **faults)
    ticket = resolved(town, caller)
    the_call(town, caller)
    town.wait("closed", town.status_is(ticket.number, "closed"))
    rating = rating_of(town, ticket)
    assert rating is not None
    assert (rating.fact, rating.speed, rating.effect, rating.attitude) == (1, 1, 1, 2)
    assert len(town.exchange.calls_to(caller)) == 1


@PASSES
def test_hang_up_after_it_is_good_closes_it_with_missing_marks_missing(
    town: Town, faults: dict[str, Any]
) -> None:
    caller = town.resident()
    town.answers(caller, YES, {"press": "1"}, {"hangup": True, "wait_prompt": True}, **faults)
    ticket = resolved(town, caller)
    town.wait("closed", town.status_is(ticket.number, "closed"))
    rating = rating_of(town, ticket)
    assert rating is not None
    assert (rating.fact, rating.speed, rating.effect, rating.attitude) == (1, None, None, None)


@PASSES
def test_only_partly_good_reopens_it(town: Town, faults: dict[str, Any]) -> None:
    caller = town.resident()
    town.answers(
        caller, YES, {"press": "2"}, GOOD, GOOD, GOOD, {"hangup": True, "wait_prompt": True}, **faults
    )
    ticket = resolved(town, caller)
    town.wait("reopened", town.status_is(ticket.number, "reopened"))
    assert town.ticket(ticket.number).cycle == 2
    assert town.actions(ticket).count("reopen") == 1


@PASSES
def test_low_on_the_result_reopens_it_with_somebody_who_owes_a_plan(
    town: Town, faults: dict[str, Any]
) -> None:
    caller = town.resident()
    town.answers(
        caller, YES, {"press": "1"}, GOOD, BAD, GOOD, {"hangup": True, "wait_prompt": True}, **faults
    )
    ticket = resolved(town, caller)
    town.wait("reopened", town.status_is(ticket.number, "reopened"))
    with town.db() as session:
        (action,) = session.scalars(select(RemedialAction).where(RemedialAction.ticket_id == ticket.id))
        assert action.cause == "effect" and action.owner_id is not None


@PASSES
def test_nine_is_never_asked_again_and_never_counted_as_satisfied(town: Town, faults: dict[str, Any]) -> None:
    caller = town.resident()
    town.answers(caller, YES, {"press": "9"}, **faults)
    ticket = resolved(town, caller)
    town.wait("closed", town.status_is(ticket.number, "closed"))
    assert town.ticket(ticket.number).close_reason == "declined"
    assert rating_of(town, ticket) is None
    assert len(town.exchange.calls_to(caller)) == 1


@PASSES
def test_the_wrong_person_hears_nothing_of_the_matter(town: Town, faults: dict[str, Any]) -> None:
    caller = town.resident()
    town.answers(caller, speak("不是"), **faults)
    ticket = resolved(town, caller)
    call = the_call(town, caller)
    assert "维修" not in said(call) and "路灯" not in said(call)
    outcome = town.wait("an outcome", lambda: evaluation(town, ticket)[1][0].outcome)
    assert outcome is Outcome.WRONG_NUMBER
    assert town.ticket(ticket.number).status == "resolved"


@pytest.mark.parametrize("outcome", ["busy", "no_answer", "machine"])
def test_nobody_there_is_tried_again_later(town: Town, outcome: str) -> None:
    caller = town.resident()
    town.exchange.handset(caller, calls=[{"outcome": outcome, "delay": 0.5, "pace": PACE}])
    ticket = resolved(town, caller)
    the_call(town, caller)
    first = town.wait(
        "the attempt's end", lambda: a if (a := evaluation(town, ticket)[1][0]).outcome is not None else None
    )
    # A voicemail box that falls silent after its greeting can't be told from nobody: both are tried again
    possible = {"machine", "no_answer"} if outcome == "machine" else {outcome}
    assert first.outcome is not None and first.outcome.value in possible
    callback, attempts = evaluation(town, ticket)
    assert callback.state is CallbackState.WAITING
    assert first.ended_at is not None
    wait = (attempts[-1].due_at if len(attempts) > 1 else callback.due_at) - first.ended_at
    assert 29 <= wait.total_seconds() / 60 <= 31
    assert len(town.exchange.calls_to(caller)) == 1


def test_worker_killed_between_done_and_call_back_rings_once(town: Town) -> None:
    caller = town.resident()
    town.answers(caller, YES, {"press": "1"}, {"hangup": True, "wait_prompt": True})
    town.ring(caller, [speak("三栋二单元路灯不亮了"), {"press": "1"}])
    (ticket,) = town.tickets(caller)
    town.wait("dispatch", town.status_is(ticket.number, "dispatched"))
    pid = town.stage.supervisor.pid("worker")
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)  # so that it cannot act before it dies
    town.keeper(NUMBERS.zhao, f"办结 {ticket.number} 换了灯泡")
    os.kill(pid, signal.SIGKILL)
    town.wait("closed", town.status_is(ticket.number, "closed"), patience=150)
    assert len(town.exchange.calls_to(caller)) == 1


def test_an_answer_lost_by_the_carrier_is_never_dialled_twice(town: Town) -> None:
    """The order is carried out, the answer is a 500: unknown, then found at the carrier and adopted."""
    caller = town.resident()
    town.answers(caller, YES, {"press": "1"}, {"hangup": True, "wait_prompt": True})
    failure = {"times": 1, "status": 500, "resource": "Calls", "method": "POST", "accept": True}
    town.exchange.faults(rest_errors=[failure])
    ticket = resolved(town, caller)
    town.wait("closed", town.status_is(ticket.number, "closed"), patience=120)
    assert len(town.exchange.calls_to(caller)) == 1
    assert evaluation(town, ticket)[1][0].state is AttemptState.DONE
