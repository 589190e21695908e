"""The callback desk's services: one case, one worker; a mark takes effect when it can no longer be taken back."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.desk import claims, course, desk_calls, person_calls
from app.desk.attempts import attempt_placed, attempt_unknown
from app.desk.callbacks import request_return_call
from app.desk.lost_calls import reconcile, unknown_attempts
from app.desk.person_calls import UNDO, Answers
from app.errors import BadInput, NotAllowed
from models.callback import Attempt, AttemptState, Callback, CallbackState, Outcome
from models.lifecycle import Status
from models.rating import Rating, RemedialAction
from models.resident import Resident
from models.staff import Staff
from models.ticket import Ticket
from tests.app.desk.conftest import CHEN, LI, MONDAY, WANG, Town, plan_due

DESK_PHONE = "+8613800006001"
LATER = MONDAY + UNDO


def evaluation(town: Town, session: Session) -> tuple[Ticket, Callback]:
    """A resolved ticket about which a person is to ask."""
    ticket = town.resolved(session)
    plan_due(session, town.cfg, now=MONDAY)
    callback = session.scalars(select(Callback).where(Callback.ticket_id == ticket.id)).one()
    course.to_person(session, town.cfg, callback, at=MONDAY, now=MONDAY)
    session.flush()
    return ticket, callback


def wanted(town: Town, session: Session, phone: str = WANG) -> Callback:
    return request_return_call(session, town.cfg, phone=phone, reason="asked_person", now=MONDAY)


def with_phone(town: Town, session: Session) -> None:
    zhou = session.get_one(Staff, town.staff["zhou"])
    zhou.phone = zhou.phone_index = DESK_PHONE


def held(town: Town, session: Session, who: str = "zhou") -> Callback:
    """Somebody who waits for a return call, in the hands of this worker, who has a telephone."""
    with_phone(town, session)
    callback = wanted(town, session)
    return claims.claim(session, town.cfg, town.actor(session, who), callback.id, now=MONDAY)


def test_many_workers_never_get_the_same_person(town: Town) -> None:
    with town.db.transaction() as session:
        for n in range(6):
            wanted(town, session, f"+861380000{n}111")
        names = ("zhou", "sun", "wu", "admin")
        actors = [town.actor(session, name) for name in names]
    got: dict[str, list[int]] = {name: [] for name in names}
    ready = threading.Barrier(len(names))

    def work(name: str, actor: object) -> None:
        ready.wait()
        for _ in range(3):
            with town.db.transaction() as session:
                found = claims.claim_next(session, town.cfg, actor, now=MONDAY)  # type: ignore[arg-type]
            if found is not None:
                got[name].append(found)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(names, actors, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    hands = {name: set(ids) for name, ids in got.items()}
    everything = [id_ for ids in hands.values() for id_ in ids]
    assert len(everything) == len(set(everything)), hands
    assert all(hands.values()), "each got one, and keeps it until she gives it back"


def test_whoever_has_a_case_keeps_it_until_she_leaves_or_her_time_is_over(town: Town) -> None:
    with town.db.transaction() as session:
        zhou, sun = town.actor(session, "zhou"), town.actor(session, "sun")
        callback = wanted(town, session)
        assert claims.claim_next(session, town.cfg, zhou, now=MONDAY) == callback.id
        assert claims.claim_next(session, town.cfg, sun, now=MONDAY) is None
        with pytest.raises(BadInput, match="正在办"):
            claims.claim(session, town.cfg, sun, callback.id, now=MONDAY)
        assert claims.waiting(session, town.cfg, sun, now=MONDAY)[0].claimed_by is not None
        nearly = MONDAY + claims.LEASE - timedelta(seconds=1)
        assert claims.renew(session, zhou, callback.id, now=nearly)
        assert claims.claim_next(session, town.cfg, sun, now=MONDAY + claims.LEASE * 1.5) is None
        claims.release(session, zhou, callback.id)
        assert claims.claim_next(session, town.cfg, sun, now=nearly) == callback.id
        over = nearly + claims.LEASE + timedelta(seconds=1)
        assert claims.claim_next(session, town.cfg, zhou, now=over) == callback.id
        assert not claims.renew(session, sun, callback.id, now=over)


def test_urgent_first_then_who_waits_longest_and_nobody_outside_her_hours(town: Town) -> None:
    with town.db.transaction() as session:
        zhou = town.actor(session, "zhou")
        _, plain = evaluation(town, session)
        urgent = town.open(session, urgent=True)
        hurry = request_return_call(
            session,
            town.cfg,
            phone=LI,
            reason="hung_up",
            now=MONDAY + timedelta(minutes=5),
            ticket_id=urgent.id,
        )
        chen = session.get_one(Resident, town.resident["chen"])
        chen.preferred_hours = "15:00-17:00"
        asleep = request_return_call(
            session, town.cfg, phone=CHEN, reason="hung_up", now=MONDAY, resident_id=chen.id
        )
        now = MONDAY + timedelta(minutes=6)
        rows = claims.waiting(session, town.cfg, zhou, now=now)
        assert [row.id for row in rows] == [hurry.id, plain.id, asleep.id]
        assert [row.now for row in rows] == [True, True, False]
        taken = [claims.claim_next(session, town.cfg, zhou, now=now) for _ in range(1)]
        assert taken == [hurry.id]
        afternoon = MONDAY + timedelta(hours=5, minutes=30)  # 15:30
        assert all(row.now for row in claims.waiting(session, town.cfg, zhou, now=afternoon))


def test_whose_it_is_not_sees_nothing_and_takes_nothing(town: Town) -> None:
    with town.db.transaction() as session:
        _, callback = evaluation(town, session)
        for who in ("stranger", "eye", "zhao"):
            actor = town.actor(session, who)
            assert claims.waiting(session, town.cfg, actor, now=MONDAY) == []
            with pytest.raises(NotAllowed):
                claims.claim(session, town.cfg, actor, callback.id, now=MONDAY)
            with pytest.raises(NotAllowed):
                person_calls.record(session, town.cfg, callback.id, actor, Outcome.BUSY, now=MONDAY)


def test_what_she_says_closes_the_ticket_when_it_cannot_be_taken_back(town: Town) -> None:
    with town.db.transaction() as session:
        ticket, callback = evaluation(town, session)
        zhou = town.actor(session, "zhou")
        claims.claim(session, town.cfg, zhou, callback.id, now=MONDAY)
        with pytest.raises(BadInput, match="办好了没有"):
            person_calls.record(session, town.cfg, callback.id, zhou, Outcome.ANSWERED, now=MONDAY)
        said = Answers(fact=1, speed="good", effect="4", attitude="3", remark="谢谢")
        person_calls.record(session, town.cfg, callback.id, zhou, Outcome.ANSWERED, now=MONDAY, answers=said)
        person_calls.settle(session, town.cfg, callback.id, now=MONDAY)
        assert ticket.status is Status.RESOLVED and claims.waiting(session, town.cfg, zhou, now=MONDAY) == []
        assert person_calls.due(session, now=LATER) == [callback.id]
        for _ in range(2):
            person_calls.settle(session, town.cfg, callback.id, now=LATER)
        assert (ticket.status, callback.state) == (Status.CLOSED, CallbackState.DONE)
        rating = session.scalars(select(Rating).where(Rating.ticket_id == ticket.id)).one()
        assert (rating.fact, rating.speed, rating.effect, rating.attitude) == (1, 1, 1, 2)
        assert (rating.raw["speed"], rating.raw["effect"], rating.raw["attitude"]) == ("good", 4, 3)
        assert (rating.asked_by, rating.channel) == (zhou.label, "phone")
        assert [event.action for event in town.events(session, ticket)][-2:] == ["callback", "rate_ok"]


def test_not_done_is_done_again_with_somebody_who_owes_a_plan(town: Town) -> None:
    with town.db.transaction() as session:
        ticket, callback = evaluation(town, session)
        zhou = town.actor(session, "zhou")
        said = Answers(fact=3, attitude="bad")
        person_calls.record(session, town.cfg, callback.id, zhou, Outcome.ANSWERED, now=MONDAY, answers=said)
        person_calls.settle(session, town.cfg, callback.id, now=LATER)
        assert ticket.status is Status.REOPENED
        causes = session.scalars(select(RemedialAction.cause).where(RemedialAction.ticket_id == ticket.id))
        assert set(causes) == {"fact", "attitude"}


def test_a_slip_can_be_taken_back_and_leaves_nothing(town: Town) -> None:
    with town.db.transaction() as session:
        ticket, callback = evaluation(town, session)
        zhou, sun = town.actor(session, "zhou"), town.actor(session, "sun")
        said = Answers(fact=3)
        person_calls.record(session, town.cfg, callback.id, zhou, Outcome.ANSWERED, now=MONDAY, answers=said)
        with pytest.raises(BadInput):
            person_calls.undo(session, town.cfg, callback.id, sun, now=MONDAY)
        person_calls.undo(session, town.cfg, callback.id, zhou, now=LATER - timedelta(seconds=1))
        assert person_calls.due(session, now=LATER) == []
        rating = session.scalars(select(Rating).where(Rating.ticket_id == ticket.id)).one()
        assert (rating.fact, rating.raw) == (None, {})
        good = Answers(fact=1)
        person_calls.record(session, town.cfg, callback.id, zhou, Outcome.ANSWERED, now=LATER, answers=good)
        after = LATER + UNDO
        person_calls.settle(session, town.cfg, callback.id, now=after)
        assert ticket.status is Status.CLOSED
        with pytest.raises(BadInput, match="已经生效"):
            person_calls.undo(session, town.cfg, callback.id, zhou, now=after)
        assert len(session.scalars(select(Attempt).where(Attempt.staff_id.is_not(None))).all()) == 1


def test_marks_of_the_robot_are_kept_beside_those_of_the_person(town: Town) -> None:
    from app.desk import ratings

    with town.db.transaction() as session:
        _, callback = evaluation(town, session)
        rating = ratings.open_rating(session, town.cfg, callback, now=MONDAY)
        ratings.record_answer(session, rating, "speed", 3, "3", now=MONDAY)
        zhou = town.actor(session, "zhou")
        said = Answers(fact=1, speed="good")
        person_calls.record(session, town.cfg, callback.id, zhou, Outcome.ANSWERED, now=MONDAY, answers=said)
        assert (rating.speed, rating.raw["before"]["speed"]) == (1, 3)
        person_calls.undo(session, town.cfg, callback.id, zhou, now=MONDAY)
        assert (rating.fact, rating.speed, rating.raw) == (None, 3, {"speed": "3"})


def test_nobody_there_is_rung_again_and_after_four_times_visited(town: Town) -> None:
    with town.db.transaction() as session:
        ticket, callback = evaluation(town, session)
        zhou, now = town.actor(session, "zhou"), MONDAY
        for n in range(1, 5):
            person_calls.record(session, town.cfg, callback.id, zhou, Outcome.NO_ANSWER, now=now)
            now += UNDO
            person_calls.settle(session, town.cfg, callback.id, now=now)
            assert callback.state is (CallbackState.VISIT if n == 4 else CallbackState.PERSON)
            now = max(now, callback.due_at)
        zhao = town.actor(session, "zhao")
        [visit] = claims.waiting(session, town.cfg, zhao, now=now)
        assert visit.number == ticket.number
        claims.claim(session, town.cfg, zhao, callback.id, now=now)
        said = Answers(fact=1, speed="good", attended="楼长李大爷")
        person_calls.record(session, town.cfg, callback.id, zhao, Outcome.ANSWERED, now=now, answers=said)
        person_calls.settle(session, town.cfg, callback.id, now=now + UNDO)
        rating = session.scalars(select(Rating).where(Rating.ticket_id == ticket.id)).one()
        assert (rating.channel, rating.raw["attended"], ticket.status) == (
            "visit",
            "楼长李大爷",
            Status.CLOSED,
        )


def test_call_later_is_at_her_time_and_free_for_everybody_then(town: Town) -> None:
    with town.db.transaction() as session:
        callback = wanted(town, session)
        zhou, sun = town.actor(session, "zhou"), town.actor(session, "sun")
        at = MONDAY + timedelta(hours=6)
        for wrong in (None, MONDAY):
            with pytest.raises(BadInput, match="什么时候"):
                person_calls.record(
                    session, town.cfg, callback.id, zhou, Outcome.CALL_LATER, now=MONDAY, later=wrong
                )
        person_calls.record(session, town.cfg, callback.id, zhou, Outcome.CALL_LATER, now=MONDAY, later=at)
        assert claims.claim_next(session, town.cfg, sun, now=MONDAY) is None
        assert claims.claim_next(session, town.cfg, sun, now=at) == callback.id


def test_a_call_rings_the_worker_first_and_nobody_twice(town: Town) -> None:
    with town.db.transaction() as session:
        callback = held(town, session)
        zhou = town.actor(session, "zhou")
        call = desk_calls.begin(session, town.cfg, callback, zhou, now=MONDAY)
        assert call.phone == DESK_PHONE
        assert attempt_placed(session, call.attempt_id, call.lease_token, "CA1", now=MONDAY)
        assert desk_calls.number_to_ring(session, town.cfg, call.uid, "CA2") is None, "another call's webhook"
        assert desk_calls.picked_up(session, call.uid, "CA1")
        assert desk_calls.number_to_ring(session, town.cfg, call.uid, "CA1") == WANG
        second = wanted(town, session, WANG)
        assert second.id == callback.id
        with pytest.raises(BadInput, match="没有挂断"):
            desk_calls.begin(session, town.cfg, callback, zhou, now=MONDAY)
        desk_calls.told(session, call.uid, "CA1", "no-answer", bridged=None)
        for _ in range(2):
            desk_calls.over(session, call.uid, "CA1", "completed", now=MONDAY)
        attempt = session.get_one(Attempt, call.attempt_id)
        assert (attempt.state, attempt.outcome, attempt.seen) == (AttemptState.DONE, None, Outcome.NO_ANSWER)
        assert person_calls.unrecorded(session, zhou) == callback.id
        person_calls.record(session, town.cfg, callback.id, zhou, Outcome.NO_ANSWER, now=MONDAY)
        assert attempt.outcome is Outcome.NO_ANSWER and person_calls.unrecorded(session, zhou) is None
        assert len(session.scalars(select(Attempt)).all()) == 1


def test_a_call_that_never_left_the_desk_counts_for_nothing(town: Town) -> None:
    with town.db.transaction() as session:
        callback = held(town, session)
        zhou = town.actor(session, "zhou")
        call = desk_calls.begin(session, town.cfg, callback, zhou, now=MONDAY)
        attempt_placed(session, call.attempt_id, call.lease_token, "CA1", now=MONDAY)
        desk_calls.over(session, call.uid, "CA1", "no-answer", now=MONDAY)
        assert course.history(session, callback) == [] and person_calls.unrecorded(session, zhou) is None


@pytest.mark.parametrize(
    ("minutes", "phone", "why"), [(4 * 60, DESK_PHONE, "不是给她打电话"), (0, None, "没有登记电话")]
)
def test_where_it_may_not_ring_she_is_told_what_to_do(
    town: Town, minutes: int, phone: str | None, why: str
) -> None:
    with town.db.transaction() as session:
        callback = held(town, session)
        zhou = town.actor(session, "zhou")
        session.get_one(Staff, town.staff["zhou"]).phone = phone
        now = MONDAY + timedelta(minutes=minutes)  # 14:00: the house rests
        claims.renew(session, zhou, callback.id, now=now)
        with pytest.raises(BadInput, match=why):
            desk_calls.begin(session, town.cfg, callback, zhou, now=now)


def test_a_lost_answer_is_looked_up_and_never_dialled_again(town: Town) -> None:
    with town.db.transaction() as session:
        callback = held(town, session)
        zhou = town.actor(session, "zhou")
        call = desk_calls.begin(session, town.cfg, callback, zhou, now=MONDAY)
        attempt_unknown(session, call.attempt_id, call.lease_token, now=MONDAY, error="lost")
        soon = MONDAY + timedelta(minutes=2)
        [unknown] = unknown_attempts(session, now=soon)
        assert unknown.phone == DESK_PHONE, "it was the worker's telephone that was to ring"
        reconcile(session, town.cfg, call.attempt_id, None, now=soon)
        attempt = session.get_one(Attempt, call.attempt_id)
        assert (attempt.state, attempt.outcome) == (AttemptState.DONE, None)
        assert callback.state is CallbackState.PERSON
