"""Callbacks and attempts: who is rung, when, how often, and what survives lost answers."""

import threading
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.desk import callbacks, ratings
from app.desk.callbacks import claim_attempt, plan_attempts
from app.desk.config import DeskConfig
from app.desk.spoken import spoken_time
from app.errors import BadNumber
from models.call import Call
from models.callback import Attempt, AttemptState, Callback, CallbackState, Outcome
from models.lifecycle import Action, Status
from models.resident import Resident, ResidentPhone
from models.ticket import Ticket
from tests.app.desk.conftest import CHEN, MONDAY, WANG, ZONE, Town, plan_due

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NIGHT = datetime(2026, 11, 23, 23, 0, tzinfo=ZONE)


def planned(town: Town, session: Session, *, now: datetime = MONDAY, **more: Any) -> tuple[Ticket, Attempt]:
    ticket = town.resolved(session, now=now, **more)
    plan_due(session, town.cfg, now=now)
    plan_attempts(session, town.cfg, now=now)
    return ticket, session.scalars(select(Attempt).order_by(Attempt.id.desc())).first()  # type: ignore[return-value]


def claimed(town: Town, session: Session, attempt: Attempt, *, now: datetime = MONDAY) -> Any:
    found = claim_attempt(session, town.cfg, attempt.id, now=now)
    assert found is not None
    return found


def missed(
    town: Town, session: Session, callback: Callback, *, now: datetime, status: str = "no-answer"
) -> None:
    """The next robot attempt is made and not answered."""
    plan_attempts(session, town.cfg, now=now)
    attempt = session.scalars(
        select(Attempt).where(Attempt.callback_id == callback.id, Attempt.state == AttemptState.PENDING)
    ).one()
    claim = claimed(town, session, attempt, now=now)
    callbacks.attempt_placed(session, claim.id, claim.lease_token, f"CA{claim.id}{now:%H%M%S}", now=now)
    callbacks.attempt_status(
        session, town.cfg, claim.uid, status, f"CA{claim.id}{now:%H%M%S}", None, now=now + MINUTE
    )


def the_callback(session: Session, ticket: Ticket | None = None) -> Callback:
    query = select(Callback).order_by(Callback.id)
    return session.scalars(query.where(Callback.ticket_id == ticket.id) if ticket else query).one()


def test_one_evaluation_a_reporter_and_cycle(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.resolved(session)
        assert callbacks.unplanned(session) == [ticket.id]
        assert plan_due(session, town.cfg, now=MONDAY) == 1
        assert callbacks.unplanned(session) == []
        assert callbacks.plan_ticket(session, town.cfg, ticket.id, now=MONDAY) == 0
        callback = the_callback(session)
        assert (callback.kind, callback.state, callback.phone) == ("evaluation", "waiting", WANG)
        assert callback.dedup_key == f"eval:{ticket.id}:1:{town.resident['wang']}"
        attempt = session.scalars(select(Attempt)).one()
        assert ("place_attempt", attempt.id) in session.info["deferred"]


def test_reporters_of_duplicates_are_asked_about_their_own_number(town: Town) -> None:
    with town.db.transaction() as session:
        master = town.dispatched(session)
        double = town.open(session, reporter_id=town.resident["li"])
        town.act(session, double, Action.DUPLICATE, "sun", reason="同一盏灯", duplicate_of=master)
        town.act(session, master, Action.RESOLVE, "zhao", text="换了灯泡")
        assert plan_due(session, town.cfg, now=MONDAY) == 2
        rows = session.scalars(select(Callback).order_by(Callback.id)).all()
        assert [(row.ticket_id, row.resident_id) for row in rows] == [
            (master.id, town.resident["wang"]),
            (double.id, town.resident["li"]),
        ]
        late = town.open(session, reporter_id=town.resident["chen"])
        town.act(session, late, Action.DUPLICATE, "sun", reason="同一盏灯", duplicate_of=master)
        assert session.info["deferred"][-1] == ("plan_callbacks", master.id)
        assert callbacks.unplanned(session) == [master.id]
        assert plan_due(session, town.cfg, now=MONDAY) == 1


def test_the_same_neighbour_twice_is_rung_once(town: Town) -> None:
    with town.db.transaction() as session:
        master, double = town.dispatched(session), town.open(session)
        town.act(session, double, Action.DUPLICATE, "sun", reason="同一盏灯", duplicate_of=master)
        town.act(session, master, Action.RESOLVE, "zhao", text="换了灯泡")
        assert plan_due(session, town.cfg, now=MONDAY) == 1
        assert callbacks.unplanned(session) == []


def test_without_anybody_to_ring_the_ticket_closes_as_no_contact(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.resolved(session, reporter_id=None)
        assert plan_due(session, town.cfg, now=MONDAY) == 0
        assert (ticket.status, ticket.close_reason) == (Status.CLOSED, "no_contact")


def test_who_prefers_a_person_is_not_rung_by_the_robot(town: Town) -> None:
    with town.db.transaction() as session:
        session.get_one(Resident, town.resident["wang"]).prefers_person = True
        town.resolved(session)
        plan_due(session, town.cfg, now=MONDAY)
        assert the_callback(session).state is CallbackState.PERSON
        assert plan_attempts(session, town.cfg, now=MONDAY) == []


def test_a_planner_that_runs_twice_makes_one_attempt(town: Town) -> None:
    with town.db.transaction() as session:
        town.resolved(session)
        plan_due(session, town.cfg, now=MONDAY)
    ids = []
    for _ in range(2):
        with town.db.transaction() as session:
            ids.append(plan_attempts(session, town.cfg, now=MONDAY))
    assert ids[0] == ids[1] and len(ids[0]) == 1


def test_intent_and_lease_are_committed_before_the_carrier_is_asked(town: Town) -> None:
    with town.db.transaction() as session:
        _, attempt = planned(town, session)
        id_ = attempt.id
    with town.db.transaction() as session:
        claim = claim_attempt(session, town.cfg, id_, now=MONDAY)
    assert claim is not None and claim.phone == WANG
    with town.db.transaction() as session:
        attempt = session.get_one(Attempt, id_)
        assert (attempt.state, attempt.intent_at) == (AttemptState.DIALING, MONDAY)
        assert attempt.lease_token == claim.lease_token
        assert claim_attempt(session, town.cfg, id_, now=MONDAY + HOUR) is None


def test_of_two_claimers_one_gets_it(town: Town) -> None:
    with town.db.transaction() as session:
        id_ = planned(town, session)[1].id
    results: list[Any] = []
    ready = threading.Barrier(4)

    def claim() -> None:
        ready.wait()
        with town.db.transaction() as session:
            results.append(claim_attempt(session, town.cfg, id_, now=MONDAY))

    threads = [threading.Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([result for result in results if result]) == 1
    assert len(results) == 4


def test_calling_hours_are_checked_at_the_moment_of_dialling(town: Town) -> None:
    with town.db.transaction() as session:
        _, attempt = planned(town, session)
        assert plan_attempts(session, town.cfg, now=NIGHT) == []
        assert claim_attempt(session, town.cfg, attempt.id, now=NIGHT) is None
        assert attempt.state is AttemptState.PENDING
        assert attempt.due_at == datetime(2026, 11, 24, 9, tzinfo=ZONE)


def test_one_call_a_second_and_so_many_at_once(town: Town) -> None:
    with town.db.transaction() as session:
        for name in ("wang", "chen", "li"):
            town.resolved(session, reporter_id=town.resident[name])
        plan_due(session, town.cfg, now=MONDAY)
        first, second, third = session.scalars(select(Attempt).order_by(Attempt.id)).all()
        claimed(town, session, first)
        assert claim_attempt(session, town.cfg, second.id, now=MONDAY) is None
        assert second.due_at == MONDAY + timedelta(seconds=1)
        claimed(town, session, second, now=MONDAY + timedelta(seconds=1))
        assert claim_attempt(session, town.cfg, third.id, now=MONDAY + timedelta(seconds=2)) is None
        assert third.state is AttemptState.PENDING  # two are live already


def test_so_many_a_day_and_the_rest_tomorrow(town: Town) -> None:
    cfg = replace(town.cfg, calls_per_day=1)
    with town.db.transaction() as session:
        for name in ("wang", "chen"):
            town.resolved(session, reporter_id=town.resident[name])
        plan_due(session, cfg, now=MONDAY)
        first, second = session.scalars(select(Attempt).order_by(Attempt.id)).all()
        claimed(town, session, first)
        assert claim_attempt(session, cfg, second.id, now=MONDAY + MINUTE) is None
        assert second.due_at == datetime(2026, 11, 24, 9, tzinfo=ZONE)


def test_never_two_live_calls_to_one_resident(town: Town) -> None:
    with town.db.transaction() as session:
        town.resolved(session)
        town.resolved(session)
        plan_due(session, town.cfg, now=MONDAY)
        first, second = session.scalars(select(Attempt).order_by(Attempt.id)).all()
        claimed(town, session, first)
        assert claim_attempt(session, town.cfg, second.id, now=MONDAY + MINUTE) is None
        assert second.state is AttemptState.PENDING and second.due_at > MONDAY + MINUTE


def test_the_database_itself_refuses_two_live_calls_to_one_number(town: Town) -> None:
    """A shared family telephone: two residents, one number; the index is the last word, and the claim bears it."""
    with town.db.transaction() as session:
        town.resolved(session)
        town.resolved(session, reporter_id=town.resident["li"])
        plan_due(session, town.cfg, now=MONDAY)
        first, second = session.scalars(select(Attempt).order_by(Attempt.id)).all()
        claimed(town, session, first)
        # Only the attempt carries the shared number, so that nothing but the index can notice.
        session.execute(update(Attempt).where(Attempt.id == second.id).values(phone_index=WANG))
        assert claim_attempt(session, town.cfg, second.id, now=MONDAY + MINUTE) is None
        assert second.state is AttemptState.PENDING and second.lease_token is None
    with town.db.transaction() as session:
        assert session.get_one(Attempt, second.id).due_at == MONDAY + 2 * MINUTE


@pytest.mark.parametrize("phone", ["+8616812345678", "+864001234567", "+14155552671", "+86110"])
def test_premium_shared_cost_foreign_and_short_numbers_are_never_dialled(
    small_town: Town, phone: str
) -> None:
    town = small_town
    with town.db.transaction() as session:
        row = session.scalars(select(ResidentPhone).where(ResidentPhone.phone_index == WANG)).one()
        row.phone = row.phone_index = phone
        _, attempt = planned(town, session)
        assert claim_attempt(session, town.cfg, attempt.id, now=MONDAY) is None
        assert (attempt.state, attempt.outcome) == (AttemptState.DONE, Outcome.FAILED)
        assert the_callback(session).state is CallbackState.PERSON


def test_two_failed_robot_attempts_then_text_person_visit_unreachable(town: Town) -> None:
    with town.db.transaction() as session:
        ticket, _ = planned(town, session)
        callback = the_callback(session)
        missed(town, session, callback, now=MONDAY)
        assert callback.state is CallbackState.WAITING
        assert callback.due_at == MONDAY + MINUTE + timedelta(minutes=30)
        missed(town, session, callback, now=callback.due_at)
        assert callback.state is CallbackState.PERSON
        texts = [t for t in town.texts(session) if t.purpose == "missed_call"]
        assert [t.phone for t in texts] == [WANG]
        assert ticket.status is Status.RESOLVED
        zhou = town.actor(session, "zhou")
        now = callback.due_at
        for _ in range(2):
            assert callback.state is CallbackState.PERSON
            callbacks.log_attempt(session, town.cfg, callback, zhou, Outcome.NO_ANSWER, now=now)
            now = callback.due_at
        assert callback.state is CallbackState.VISIT
        [visit] = [t for t in town.texts(session) if t.purpose == "visit"]
        assert visit.staff_id == town.staff["zhao"]
        assert ticket.status is Status.RESOLVED
        zhao = town.actor(session, "zhao")
        callbacks.log_attempt(session, town.cfg, callback, zhao, Outcome.NO_ANSWER, now=now)
        assert (ticket.status, ticket.close_reason) == (Status.CLOSED, "unreachable")
        assert callback.state is CallbackState.DONE
        history = [e for e in town.events(session, ticket) if e.action == "callback"]
        assert [e.data["n"] for e in history] == [1, 2, 3, 4, 5]
        assert [e.actor for e in history][2] == zhou.label
        assert len([t for t in town.texts(session) if t.purpose == "missed_call"]) == 1


def test_a_landline_gets_no_text(town: Town) -> None:
    with town.db.transaction() as session:
        planned(town, session, reporter_id=town.resident["chen"])
        callback = the_callback(session)
        assert callback.phone == CHEN
        missed(town, session, callback, now=MONDAY)
        missed(town, session, callback, now=callback.due_at)
        assert callback.state is CallbackState.PERSON
        assert [t for t in town.texts(session) if t.purpose == "missed_call"] == []


def test_attempts_that_never_rang_do_not_count(town: Town) -> None:
    with town.db.transaction() as session:
        planned(town, session)
        callback = the_callback(session)
        for _ in range(3):
            missed(town, session, callback, now=max(callback.due_at, MONDAY), status="failed")
        assert callback.state is CallbackState.WAITING
        missed(town, session, callback, now=callback.due_at)
        missed(town, session, callback, now=callback.due_at)
        assert callback.state is CallbackState.PERSON


def test_status_callbacks_repeat_and_reorder_without_effect(town: Town) -> None:
    with town.db.transaction() as session:
        _, attempt = planned(town, session)
        claim = claimed(town, session, attempt)
        callbacks.attempt_placed(session, claim.id, claim.lease_token, "CA1", now=MONDAY)
        for status in ("no-answer", "no-answer", "ringing", "initiated", "in-progress", "completed"):
            callbacks.attempt_status(session, town.cfg, claim.uid, status, "CA1", None, now=MONDAY + MINUTE)
        assert (attempt.state, attempt.outcome, attempt.rang) == (AttemptState.DONE, Outcome.NO_ANSWER, True)
        assert attempt.ended_at == MONDAY + MINUTE
        assert attempt.carrier_rank == 4
        assert the_callback(session).due_at == MONDAY + timedelta(minutes=31)


def test_a_webhook_may_come_before_the_answer_to_our_order(town: Town) -> None:
    with town.db.transaction() as session:
        _, attempt = planned(town, session)
        claim = claimed(town, session, attempt)
        callbacks.attempt_status(session, town.cfg, claim.uid, "ringing", "CA1", None, now=MONDAY)
        assert (attempt.state, attempt.carrier_sid, attempt.rang) == (AttemptState.PLACED, "CA1", True)
        assert callbacks.attempt_placed(session, claim.id, claim.lease_token, "CA1", now=MONDAY)
        assert attempt.state is AttemptState.PLACED


def test_a_status_of_another_call_is_ignored(town: Town) -> None:
    with town.db.transaction() as session:
        _, attempt = planned(town, session)
        claim = claimed(town, session, attempt)
        callbacks.attempt_placed(session, claim.id, claim.lease_token, "CA1", now=MONDAY)
        callbacks.attempt_status(session, town.cfg, claim.uid, "failed", "CA2", None, now=MONDAY)
        assert attempt.state is AttemptState.PLACED
        assert (
            callbacks.attempt_status(session, town.cfg, "nobody", "failed", "CA2", None, now=MONDAY) is None
        )


def test_a_machine_is_a_failed_attempt(town: Town) -> None:
    with town.db.transaction() as session:
        _, attempt = planned(town, session)
        claim = claimed(town, session, attempt)
        for status in ("in-progress", "completed"):
            callbacks.attempt_status(session, town.cfg, claim.uid, status, "CA1", "machine_start", now=MONDAY)
        assert attempt.outcome is Outcome.MACHINE
        assert the_callback(session).state is CallbackState.WAITING


def test_refused_for_now_is_tried_again_as_the_same_attempt(town: Town) -> None:
    with town.db.transaction() as session:
        _, attempt = planned(town, session)
        now, waits = MONDAY, []
        for _ in range(3):
            claim = claimed(town, session, attempt, now=now)
            callbacks.attempt_refused(
                session, town.cfg, claim.id, claim.lease_token, now=now, permanent=False, error="429"
            )
            waits.append(attempt.due_at - now)
            now = attempt.due_at
        assert waits == [timedelta(seconds=s) for s in (30, 60, 120)]
        assert (attempt.state, attempt.n, attempt.tries) == (AttemptState.PENDING, 1, 3)


def test_refused_for_good_goes_to_a_person(town: Town) -> None:
    with town.db.transaction() as session:
        _, attempt = planned(town, session)
        claim = claimed(town, session, attempt)
        callbacks.attempt_refused(
            session, town.cfg, claim.id, claim.lease_token, now=MONDAY, permanent=True, error="21211"
        )
        assert attempt.state is AttemptState.DONE
        assert the_callback(session).state is CallbackState.PERSON


def test_a_lost_answer_is_reconciled_and_never_redialled_blindly(town: Town) -> None:
    with town.db.transaction() as session:
        _, attempt = planned(town, session)
        claim = claimed(town, session, attempt)
        callbacks.attempt_unknown(session, claim.id, claim.lease_token, now=MONDAY, error="timeout")
        assert plan_attempts(session, town.cfg, now=MONDAY + MINUTE) == []
        assert callbacks.unknown_attempts(session, now=MONDAY + timedelta(seconds=59)) == []
        later = MONDAY + timedelta(seconds=61)
        [unknown] = callbacks.unknown_attempts(session, now=later)
        assert (unknown.id, unknown.uid, unknown.phone) == (attempt.id, attempt.uid, WANG)
        assert unknown.since <= MONDAY
        callbacks.reconcile(session, town.cfg, attempt.id, None, now=MONDAY + timedelta(seconds=30))
        assert attempt.state is AttemptState.UNKNOWN  # too early to be proven absent
        callbacks.reconcile(session, town.cfg, attempt.id, None, now=later)
        assert (attempt.state, attempt.n) == (AttemptState.PENDING, 1)
        again = claimed(town, session, attempt, now=later)
        assert again.lease_token != claim.lease_token
        # The orphan of the first claim wakes up and loses.
        assert not callbacks.attempt_placed(session, claim.id, claim.lease_token, "CA9", now=later)
        assert attempt.carrier_sid is None


def test_a_lost_call_that_the_carrier_knows_is_adopted(town: Town) -> None:
    with town.db.transaction() as session:
        _, attempt = planned(town, session)
        claim = claimed(town, session, attempt)
        callbacks.attempt_unknown(session, claim.id, claim.lease_token, now=MONDAY, error="timeout")
        callbacks.reconcile(session, town.cfg, attempt.id, "CA7", now=MONDAY + MINUTE, status="in-progress")
        assert (attempt.state, attempt.carrier_sid) == (AttemptState.PLACED, "CA7")
        callbacks.reconcile(session, town.cfg, attempt.id, "CA7", now=MONDAY + HOUR, status="no-answer")
        assert (attempt.state, attempt.outcome) == (AttemptState.DONE, Outcome.NO_ANSWER)


@pytest.mark.parametrize("clock", [timedelta(minutes=2), -timedelta(hours=5)])
def test_the_claim_of_a_dead_worker_is_found_even_if_the_clock_was_set_back(
    town: Town, clock: timedelta
) -> None:
    with town.db.transaction() as session:
        _, attempt = planned(town, session)
        claimed(town, session, attempt)
        assert [u.id for u in callbacks.unknown_attempts(session, now=MONDAY + clock)] == [attempt.id]


def test_nobody_knows_for_an_hour_then_a_person(town: Town) -> None:
    with town.db.transaction() as session:
        _, attempt = planned(town, session)
        claim = claimed(town, session, attempt)
        callbacks.attempt_unknown(session, claim.id, claim.lease_token, now=MONDAY, error="timeout")
        callbacks.not_reconciled(session, town.cfg, attempt.id, now=MONDAY + 30 * MINUTE)
        assert attempt.state is AttemptState.UNKNOWN
        callbacks.not_reconciled(session, town.cfg, attempt.id, now=MONDAY + HOUR)
        assert attempt.state is AttemptState.DONE
        assert the_callback(session).state is CallbackState.PERSON


def test_no_redial_until_resolved_again(town: Town) -> None:
    with town.db.transaction() as session:
        ticket, attempt = planned(town, session)
        town.act(session, ticket, Action.REOPEN, "sun", reason="又坏了")
        assert claim_attempt(session, town.cfg, attempt.id, now=MONDAY) is None
        assert the_callback(session).state is CallbackState.CANCELLED
        assert attempt.state is AttemptState.DONE
        assert plan_attempts(session, town.cfg, now=MONDAY + HOUR) == []
        town.act(session, ticket, Action.RESOLVE, "sun", text="这回好了", now=MONDAY + HOUR)
        assert plan_due(session, town.cfg, now=MONDAY + HOUR) == 1
        second = session.scalars(select(Callback).order_by(Callback.id.desc())).first()
        assert second is not None and second.cycle == 2


def test_after_its_last_day_the_robot_leaves_a_callback_to_a_person(town: Town) -> None:
    with town.db.transaction() as session:
        _, attempt = planned(town, session)
        callback = the_callback(session)
        assert claim_attempt(session, town.cfg, attempt.id, now=callback.not_after + HOUR) is None
        assert callback.state is CallbackState.PERSON


def test_one_return_call_a_number_and_hour(town: Town) -> None:
    with town.db.transaction() as session:
        ask = {"phone": WANG, "resident_id": town.resident["wang"]}
        first = callbacks.request_return_call(session, town.cfg, reason="silence", now=MONDAY, **ask)
        ticket = town.open(session)
        again = callbacks.request_return_call(
            session, town.cfg, reason="hung_up", now=MONDAY + 59 * MINUTE, ticket_id=ticket.id, **ask
        )
        assert again.id == first.id and again.ticket_id == ticket.id
        later = callbacks.request_return_call(
            session, town.cfg, reason="silence", now=MONDAY + 61 * MINUTE, **ask
        )
        assert later.id != first.id
        other = callbacks.request_return_call(session, town.cfg, phone=CHEN, reason="silence", now=MONDAY)
        assert other.id != first.id
        assert first.state is CallbackState.PERSON
        assert WANG not in first.dedup_key and WANG.removeprefix("+") not in first.dedup_key
        assert plan_attempts(session, town.cfg, now=MONDAY) == []  # a person's work


def test_a_finished_return_call_is_no_new_promise(town: Town) -> None:
    def ask(session: Session, now: datetime, ticket_id: int | None) -> Callback:
        return callbacks.request_return_call(
            session, town.cfg, phone=WANG, reason="silence", now=now, ticket_id=ticket_id
        )

    with town.db.transaction() as session:
        for ticket_id in (None, town.open(session).id):
            seen = set()
            for minute in range(3):
                now = MONDAY + minute * MINUTE
                callback = ask(session, now, ticket_id)
                assert callback.state is CallbackState.PERSON and callback.due_at == now
                assert callback.id not in seen and callback.ticket_id == ticket_id
                seen.add(callback.id)
                zhou = town.actor(session, "zhou")
                callbacks.log_attempt(session, town.cfg, callback, zhou, Outcome.ANSWERED, now=now)
                assert callback.state is CallbackState.DONE


def test_a_second_matter_within_the_hour_gets_its_own_return_call(town: Town) -> None:
    with town.db.transaction() as session:
        lamp, lift = town.open(session), town.open(session)

        def ask(now: datetime, ticket_id: int | None) -> Callback:
            return callbacks.request_return_call(
                session, town.cfg, phone=WANG, reason="hung_up", now=now, ticket_id=ticket_id
            )

        first, second = ask(MONDAY, lamp.id), ask(MONDAY + MINUTE, lift.id)
        assert (first.ticket_id, second.ticket_id) == (lamp.id, lift.id) and first.id != second.id
        again = ask(MONDAY + 5 * HOUR, lamp.id)
        assert again.id == first.id and again.due_at == MONDAY + 5 * HOUR, "the time promised lies ahead"
        assert ask(MONDAY + 30 * MINUTE, None).id in {first.id, second.id}


def test_who_asks_for_a_call_again_is_rung_and_not_visited(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.dispatched(session)
        ask = {"phone": WANG, "reason": "asked_person", "ticket_id": ticket.id}
        callback = callbacks.request_return_call(session, town.cfg, now=MONDAY, **ask)
        zhou = town.actor(session, "zhou")
        callbacks.log_attempt(session, town.cfg, callback, zhou, Outcome.WRONG_NUMBER, now=MONDAY)
        assert callback.state is CallbackState.VISIT
        assert callbacks.request_return_call(session, town.cfg, now=MONDAY + HOUR, **ask).id == callback.id
        assert (callback.state, callback.due_at) == (CallbackState.PERSON, MONDAY + HOUR)


@pytest.mark.parametrize("about", ["nothing", "a ticket", "a ticket after silence"])
def test_many_askers_at_once_make_one_return_call(town: Town, about: str) -> None:
    with town.db.transaction() as session:
        ticket_id = None if about == "nothing" else town.open(session).id
        if about == "a ticket after silence":
            callbacks.request_return_call(session, town.cfg, phone=WANG, reason="silence", now=MONDAY)
    ready = threading.Barrier(8)

    def ask() -> None:
        ready.wait()
        with town.db.transaction() as session:
            callbacks.request_return_call(
                session, town.cfg, phone=WANG, reason="silence", now=MONDAY, ticket_id=ticket_id
            )

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with town.db.transaction() as session:
        assert the_callback(session).ticket_id == ticket_id


@pytest.mark.parametrize("about", ["nothing", "a ticket"])
def test_who_asks_between_the_look_and_the_promise_is_promised_the_same_call(
    town: Town, monkeypatch: pytest.MonkeyPatch, about: str
) -> None:
    look = callbacks._open_return_call
    with town.db.transaction() as session:
        ticket_id = town.open(session).id if about == "a ticket" else None

        def ask() -> Callback:
            return callbacks.request_return_call(
                session, town.cfg, phone=WANG, reason="silence", now=MONDAY, ticket_id=ticket_id
            )

        def looked_too_early(*args: object) -> Callback | None:
            monkeypatch.setattr(callbacks, "_open_return_call", look)
            found = look(*args)  # type: ignore[arg-type]
            assert found is None
            ask()
            return found

        monkeypatch.setattr(callbacks, "_open_return_call", looked_too_early)
        first, second = ask(), ask()
        assert first.id == second.id == the_callback(session).id


def test_a_number_we_do_not_ring_gets_no_return_call(town: Town) -> None:
    with town.db.transaction() as session:
        with pytest.raises(BadNumber):
            callbacks.request_return_call(
                session, town.cfg, phone="+14155552671", reason="silence", now=MONDAY
            )
        assert session.scalars(select(Callback)).all() == []


@pytest.mark.parametrize(
    ("now", "due", "words"),
    [
        ("2026-11-23T10:05", "2026-11-23T10:05", "今天上午十一点前"),
        ("2026-11-23T10:50", "2026-11-23T10:50", "今天中午十二点前"),
        ("2026-11-23T12:10", "2026-11-23T14:30", "今天下午三点前"),
        ("2026-11-23T13:10", "2026-11-23T13:20", "今天下午两点前"),
        ("2026-11-23T22:10", "2026-11-24T09:00", "明天上午十点前"),
        ("2026-11-23T19:40", "2026-11-23T19:40", "今天晚上九点前"),
        ("2026-11-23T22:40", "2026-11-23T22:40", "今天夜里十二点前"),
        ("2026-11-23T10:00", "2026-11-30T09:00", "11月30号上午十点前"),
    ],
)
def test_the_time_is_said_as_people_say_it(cfg: DeskConfig, now: str, due: str, words: str) -> None:
    moments = [datetime.fromisoformat(text).replace(tzinfo=ZONE) for text in (due, now)]
    assert spoken_time(cfg, *moments) == words


def test_a_call_put_off_by_the_resident_waits(town: Town) -> None:
    with town.db.transaction() as session:
        _, attempt = planned(town, session)
        claim = claimed(town, session, attempt)
        callbacks.finish_attempt(session, town.cfg, attempt, Outcome.CALL_LATER, now=MONDAY)
        callback = the_callback(session)
        assert callback.state is CallbackState.WAITING
        assert callback.due_at == datetime(2026, 11, 23, 14, 30, tzinfo=ZONE)  # 13:00 is nobody's hour
        assert claim.id == attempt.id


def test_refusing_closes_unrated_as_declined(town: Town) -> None:
    with town.db.transaction() as session:
        ticket, attempt = planned(town, session)
        claimed(town, session, attempt)
        callbacks.finish_attempt(session, town.cfg, attempt, Outcome.REFUSED, now=MONDAY)
        assert (ticket.status, ticket.close_reason) == (Status.CLOSED, "declined")


def test_with_another_reporter_to_be_asked_nobody_closes_the_ticket(town: Town) -> None:
    with town.db.transaction() as session:
        master = town.dispatched(session)
        double = town.open(session, reporter_id=town.resident["li"])
        town.act(session, double, Action.DUPLICATE, "sun", reason="同一盏灯", duplicate_of=master)
        town.act(session, master, Action.RESOLVE, "zhao", text="换了灯泡")
        plan_due(session, town.cfg, now=MONDAY)
        first, second = session.scalars(select(Callback).order_by(Callback.id)).all()
        ratings.decline(session, town.cfg, first, now=MONDAY)
        assert master.status is Status.RESOLVED
        ratings.decline(session, town.cfg, second, now=MONDAY)
        assert (master.status, master.close_reason) == (Status.CLOSED, "declined")


def test_hours_open_all_day_ring_at_night(town: Town) -> None:
    cfg = replace(town.cfg, hours=((time(0), time.max),))
    with town.db.transaction() as session:
        town.resolved(session, now=NIGHT)
        plan_due(session, cfg, now=NIGHT)
        [id_] = plan_attempts(session, cfg, now=NIGHT)
        assert claim_attempt(session, cfg, id_, now=NIGHT) is not None


def test_a_call_given_up_as_absent_is_adopted_when_it_speaks_after_all(town: Town) -> None:
    with town.db.transaction() as session:
        _, attempt = planned(town, session)
        claim = claimed(town, session, attempt)
        callbacks.attempt_unknown(session, claim.id, claim.lease_token, now=MONDAY, error="timeout")
        callbacks.reconcile(session, town.cfg, attempt.id, None, now=MONDAY + MINUTE)
        assert attempt.state is AttemptState.PENDING
        callbacks.attempt_status(session, town.cfg, claim.uid, "ringing", "CA5", None, now=MONDAY + MINUTE)
        assert (attempt.state, attempt.carrier_sid) == (AttemptState.PLACED, "CA5")
        assert claim_attempt(session, town.cfg, attempt.id, now=MONDAY + 2 * MINUTE) is None


def test_a_placed_call_without_a_final_word_is_looked_up(town: Town) -> None:
    with town.db.transaction() as session:
        _, attempt = planned(town, session)
        claim = claimed(town, session, attempt)
        callbacks.attempt_placed(session, claim.id, claim.lease_token, "CA1", now=MONDAY)
        assert callbacks.unknown_attempts(session, now=MONDAY + 19 * MINUTE) == []
        [unknown] = callbacks.unknown_attempts(session, now=MONDAY + 21 * MINUTE)
        assert unknown.sid == "CA1"
        callbacks.reconcile(session, town.cfg, attempt.id, None, now=MONDAY + 21 * MINUTE)
        assert (attempt.state, attempt.outcome) == (AttemptState.DONE, Outcome.NO_ANSWER)


def test_the_end_of_an_answered_call_waits_for_its_last_answers(town: Town) -> None:
    """`completed` may overtake the webhook that carries the last answer: who settles the call finishes the attempt."""
    with town.db.transaction() as session:
        _, attempt = planned(town, session)
        claim = claimed(town, session, attempt)
        session.add(
            Call(
                uid="u",
                carrier_sid="CA1",
                direction="outbound",
                hotline=town.cfg.hotline_number,
                attempt_id=attempt.id,
                state={},
                started_at=MONDAY,
                updated_at=MONDAY,
            )
        )
        session.flush()
        callbacks.attempt_status(session, town.cfg, claim.uid, "completed", "CA1", None, now=MONDAY)
        assert attempt.state is AttemptState.PLACED
        callbacks.finish_attempt(session, town.cfg, attempt, Outcome.ANSWERED, now=MONDAY)
        assert (attempt.state, the_callback(session).state) == (AttemptState.DONE, CallbackState.DONE)


def test_a_late_ringing_does_not_make_a_dead_line_one_that_rang(town: Town) -> None:
    with town.db.transaction() as session:
        _, attempt = planned(town, session)
        claim = claimed(town, session, attempt)
        for status in ("failed", "ringing"):
            callbacks.attempt_status(session, town.cfg, claim.uid, status, "CA1", None, now=MONDAY)
        assert (attempt.outcome, attempt.rang) == (Outcome.FAILED, False)


def test_a_call_that_was_answered_counts_without_any_status_callback(town: Town) -> None:
    """Some carriers send one terminal status only; the dialogue itself says how the call ended."""
    with town.db.transaction() as session:
        _, attempt = planned(town, session)
        claimed(town, session, attempt)
        callbacks.finish_attempt(session, town.cfg, attempt, Outcome.NO_ANSWER, now=MONDAY)
        assert attempt.rang
        assert the_callback(session).due_at == MONDAY + timedelta(minutes=30)


def test_never_two_live_calls_to_one_resident_on_two_telephones(town: Town) -> None:
    with town.db.transaction() as session:
        town.resolved(session)
        town.resolved(session)
        plan_due(session, town.cfg, now=MONDAY)
        first, second = session.scalars(select(Attempt).order_by(Attempt.id)).all()
        other = "+8613800001555"
        callback = session.get_one(Callback, second.callback_id)
        callback.phone = callback.phone_index = second.phone_index = other
        session.flush()
        claimed(town, session, first)
        assert claim_attempt(session, town.cfg, second.id, now=MONDAY + MINUTE) is None
        callbacks.finish_attempt(session, town.cfg, first, Outcome.ANSWERED, now=MONDAY + MINUTE)
        assert claimed(town, session, second, now=MONDAY + 3 * MINUTE).phone == other


def test_an_old_cycles_callback_does_not_come_back_to_life(town: Town) -> None:
    """Reopened and resolved again before the robot looked: only the new cycle is asked about."""
    with town.db.transaction() as session:
        ticket, attempt = planned(town, session)
        town.act(session, ticket, Action.REOPEN, "sun", reason="又坏了")
        town.act(session, ticket, Action.RESOLVE, "sun", text="这回好了")
        assert claim_attempt(session, town.cfg, attempt.id, now=MONDAY) is None
        assert the_callback(session).state is CallbackState.CANCELLED


def test_claimers_at_once_do_not_exceed_the_cap(town: Town) -> None:
    with town.db.transaction() as session:
        for name in ("wang", "chen", "li"):
            town.resolved(session, reporter_id=town.resident[name])
        plan_due(session, town.cfg, now=MONDAY)
        ids = list(session.scalars(select(Attempt.id)))
    cfg = replace(town.cfg, calls_at_once=1)
    got: list[Any] = []
    ready = threading.Barrier(len(ids))

    def claim(id_: int) -> None:
        ready.wait()
        with town.db.transaction() as session:
            got.append(claim_attempt(session, cfg, id_, now=MONDAY))

    threads = [threading.Thread(target=claim, args=(id_,)) for id_ in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 3
    assert len([claim for claim in got if claim]) == 1
