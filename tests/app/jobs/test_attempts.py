"""Calls to residents: one ring for one attempt, whatever happens to answers and workers."""

import re

import pytest
from sqlalchemy import select

from app.desk import callbacks
from app.errors import CarrierBusy, CarrierRefused, CarrierUnclear
from app.jobs.attempts import place_attempt, sweep_attempts, sweep_unknown_attempts
from app.jobs.callbacks import plan_callbacks, sweep_callbacks
from models.callback import Attempt, AttemptState, Callback, CallbackState
from tests.support.office import NUMBERS, Office


def the_attempt(office: Office) -> Attempt:
    with office.db.transaction(read_only=True) as session:
        return session.scalars(select(Attempt)).one()


def run_due(office: Office) -> None:
    for sweep in (sweep_attempts, sweep_unknown_attempts):
        for _, id_ in sweep(office.runtime):
            place_attempt(office.runtime, id_)


def test_a_resolved_ticket_is_found_by_the_sweeper_until_it_is_planned(office: Office) -> None:
    ticket_id = office.resolve_one()
    ((name, found),) = sweep_callbacks(office.runtime)
    assert (name.value, found) == ("plan_callbacks", ticket_id)
    plan_callbacks(office.runtime, ticket_id)
    plan_callbacks(office.runtime, ticket_id)
    assert sweep_callbacks(office.runtime) == []
    assert ("place_attempt", the_attempt(office).id) in [(n.value, i) for n, i in office.hands.pushed]


def test_a_call_is_placed_once_with_the_attempt_in_both_urls(office: Office) -> None:
    id_ = office.plan_one()
    for _ in range(3):
        place_attempt(office.runtime, id_)
    (call,) = office.carrier.calls
    uid = the_attempt(office).uid
    assert call.to == NUMBERS.wang
    assert call.url == f"https://hotline.example/voice/callback/{uid}"
    assert call.status_url == f"https://hotline.example/voice/status?attempt={uid}"
    assert (the_attempt(office).state, the_attempt(office).carrier_sid) == (AttemptState.PLACED, call.sid)
    assert re.fullmatch(r"[ -~]+", call.url + call.status_url)


def test_a_lost_answer_is_reconciled_and_nobody_is_rung_twice(office: Office) -> None:
    id_ = office.plan_one()
    office.carrier.failures.append(CarrierUnclear("timed out"))
    place_attempt(office.runtime, id_)
    assert the_attempt(office).state is AttemptState.UNKNOWN
    run_due(office)
    office.pass_time(seconds=70)
    run_due(office)
    assert the_attempt(office).state is AttemptState.PLACED
    assert the_attempt(office).carrier_sid == office.carrier.calls[0].sid
    assert len(office.carrier.calls) == 1


def test_a_call_that_the_carrier_never_had_is_placed_again(office: Office) -> None:
    id_ = office.plan_one()
    office.carrier.takes_unclear_orders = False
    office.carrier.failures.append(CarrierUnclear("timed out"))
    place_attempt(office.runtime, id_)
    office.pass_time(seconds=30)
    run_due(office)
    assert office.carrier.calls == []  # too early to prove anything
    office.pass_time(seconds=40)
    run_due(office)
    run_due(office)
    assert the_attempt(office).state is AttemptState.PLACED
    assert len(office.carrier.calls) == 1


def test_while_the_carrier_is_silent_nobody_is_rung_and_then_a_person_takes_over(office: Office) -> None:
    id_ = office.plan_one()
    office.carrier.failures.append(CarrierUnclear("timed out"))
    place_attempt(office.runtime, id_)
    office.carrier.silent = CarrierBusy("down")
    for minutes in (2, 10, 30):
        office.pass_time(minutes=minutes)
        run_due(office)
        assert the_attempt(office).state is AttemptState.UNKNOWN
    office.pass_time(minutes=30)
    run_due(office)
    with office.db.transaction(read_only=True) as session:
        assert session.scalars(select(Callback)).one().state is CallbackState.PERSON
    assert len(office.carrier.calls) == 1


def test_a_worker_that_died_between_claim_and_order_is_made_up_for(office: Office) -> None:
    id_ = office.plan_one()
    with office.db.transaction() as session:
        assert callbacks.claim_attempt(session, office.runtime.desk, id_, now=office.moment) is not None
    run_due(office)
    assert office.carrier.calls == []
    office.pass_time(seconds=70)
    run_due(office)
    run_due(office)
    assert len(office.carrier.calls) == 1


def test_an_order_that_outlived_its_lease_is_hung_up(office: Office) -> None:
    """Another worker has meanwhile proven it absent and rung again."""
    id_ = office.plan_one()
    place_slowly = office.carrier.place_call

    def slow(to: str, url: str, status_url: str, *, ring_seconds: int = 30) -> str:
        office.carrier.place_call = place_slowly  # type: ignore[method-assign]
        office.pass_time(seconds=90)
        run_due(office)
        run_due(office)
        return place_slowly(to, url, status_url, ring_seconds=ring_seconds)

    office.carrier.place_call = slow  # type: ignore[method-assign]
    place_attempt(office.runtime, id_)
    assert [call.status for call in office.carrier.calls] == ["queued", "completed"]
    assert the_attempt(office).carrier_sid == office.carrier.calls[0].sid


@pytest.mark.parametrize("error", [CarrierBusy("429"), CarrierBusy("503")])
def test_a_busy_carrier_is_asked_again_later(office: Office, error: CarrierBusy) -> None:
    id_ = office.plan_one()
    office.carrier.failures.append(error)
    place_attempt(office.runtime, id_)
    assert the_attempt(office).state is AttemptState.PENDING
    assert the_attempt(office).due_at > office.moment
    office.pass_time(minutes=5)
    run_due(office)
    assert len(office.carrier.calls) == 1


def test_a_number_that_the_carrier_will_never_ring_goes_to_a_person(office: Office) -> None:
    id_ = office.plan_one()
    office.carrier.failures.append(CarrierRefused("no such number", code=21211))
    place_attempt(office.runtime, id_)
    with office.db.transaction(read_only=True) as session:
        assert session.scalars(select(Callback)).one().state is CallbackState.PERSON
    office.pass_time(hours=5)
    run_due(office)
    assert office.carrier.calls == []


def test_a_call_whose_last_word_never_came_is_finished_from_the_carriers_list(office: Office) -> None:
    place_attempt(office.runtime, office.plan_one())
    office.carrier.calls[0].status = "busy"
    office.pass_time(minutes=25)
    run_due(office)
    assert the_attempt(office).state is AttemptState.DONE
