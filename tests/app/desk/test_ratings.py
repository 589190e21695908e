"""Evaluation: the fact first, three marks, and what follows from them."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.desk import ratings
from app.desk.attempts import finish_attempt
from app.desk.callbacks import plan_ticket
from app.desk.rights import Actor
from app.errors import BadInput, NotAllowed, TransitionError
from models.callback import Attempt, AttemptState, Callback, CallbackState, Outcome
from models.lifecycle import Action, Status
from models.rating import Rating, RemedialAction
from models.ticket import Ticket
from tests.app.desk.conftest import MONDAY, Town, plan_due

HOUR = timedelta(hours=1)


def asked(town: Town, session: Session, **answers: int) -> tuple[Ticket, Rating]:
    """A resolved ticket whose reporter has given these answers."""
    ticket = town.resolved(session)
    plan_due(session, town.cfg, now=MONDAY)
    callback = session.scalars(select(Callback).where(Callback.ticket_id == ticket.id)).one()
    rating = ratings.open_rating(session, town.cfg, callback, now=MONDAY)
    for which, mark in answers.items():
        ratings.record_answer(session, rating, which, mark, str(mark), now=MONDAY)  # type: ignore[arg-type]
    return ticket, rating


def causes(session: Session, ticket: Ticket) -> dict[str, int | None]:
    rows = session.scalars(select(RemedialAction).where(RemedialAction.ticket_id == ticket.id))
    return {row.cause: row.owner_id for row in rows}


GOOD = {"fact": 1, "speed": 1, "effect": 1, "attitude": 1}


@pytest.mark.parametrize(
    ("answers", "status", "low"),
    [
        (GOOD, Status.CLOSED, set()),
        ({"fact": 1, "speed": 2, "effect": 2, "attitude": 2}, Status.CLOSED, set()),
        ({"fact": 1}, Status.CLOSED, set()),  # 好了, and then she hung up
        ({"fact": 1, "speed": 1}, Status.CLOSED, set()),
        (GOOD | {"speed": 3}, Status.CLOSED, {"speed"}),
        (GOOD | {"attitude": 3}, Status.CLOSED, {"attitude"}),
        (GOOD | {"effect": 3}, Status.REOPENED, {"effect"}),
        ({"fact": 2}, Status.REOPENED, {"fact"}),
        ({"fact": 3}, Status.REOPENED, {"fact"}),
        (GOOD | {"fact": 3}, Status.REOPENED, {"fact"}),  # good marks for something that failed
        (
            {"fact": 1, "speed": 3, "effect": 3, "attitude": 3},
            Status.REOPENED,
            {"speed", "effect", "attitude"},
        ),
    ],
)
def test_what_follows(small_town: Town, answers: dict[str, int], status: Status, low: set[str]) -> None:
    town = small_town
    with town.db.transaction() as session:
        ticket, rating = asked(town, session, **answers)
        event = ratings.apply_rating(session, town.cfg, rating, now=MONDAY)
        assert ticket.status is status
        assert causes(session, ticket).keys() == low
        assert event is not None and event.actor.startswith("callback:")
        for which in ("speed", "effect", "attitude"):
            assert getattr(rating, which) == answers.get(which)
        callback = session.scalars(select(Callback)).one()
        assert (callback.state, callback.outcome) == (CallbackState.DONE, Outcome.ANSWERED)
        assert ticket.close_reason is None


def test_remedial_actions_have_an_owner_and_a_date(town: Town) -> None:
    with town.db.transaction() as session:
        ticket, rating = asked(town, session, fact=3, speed=3, effect=3, attitude=3)
        ratings.apply_rating(session, town.cfg, rating, now=MONDAY)
        assert causes(session, ticket) == {
            "fact": town.staff["sun"],
            "effect": town.staff["sun"],
            "speed": ticket.first_responder_id,
            "attitude": town.staff["wu"],
        }
        assert ticket.first_responder_id == town.staff["sun"]
        days = set(session.scalars(select(RemedialAction.due_on)))
        assert days == {date(2026, 11, 30)}


def test_no_answer_is_no_rating(town: Town) -> None:
    with town.db.transaction() as session:
        ticket, rating = asked(town, session)
        assert ratings.apply_rating(session, town.cfg, rating, now=MONDAY) is None
        assert rating.applied_at is None
        assert ticket.status is Status.RESOLVED
        ticket, rating = asked(town, session, speed=3)
        assert ratings.apply_rating(session, town.cfg, rating, now=MONDAY) is None
        assert ticket.status is Status.RESOLVED


def test_applying_twice_is_once(town: Town) -> None:
    with town.db.transaction() as session:
        ticket, rating = asked(town, session, fact=3)
        id_ = rating.id
    for expected in (True, False, False):
        with town.db.transaction() as session:
            rating = session.get_one(Rating, id_)
            event = ratings.apply_rating(session, town.cfg, rating, now=MONDAY)
            assert (event is not None) is expected
    with town.db.transaction() as session:
        found = session.get_one(Ticket, ticket.id)
        assert found.cycle == 2
        assert [e.action for e in town.events(session, found)].count("reopen") == 1
        assert len(causes(session, found)) == 1


def test_applying_at_the_same_time_is_once(town: Town) -> None:
    with town.db.transaction() as session:
        ticket, rating = asked(town, session, fact=3)
        ids = ticket.id, rating.id
    ready, errors = threading.Barrier(4), []

    def apply() -> None:
        ready.wait()
        try:
            with town.db.transaction() as session:
                ratings.apply_rating(session, town.cfg, session.get_one(Rating, ids[1]), now=MONDAY)
        except Exception as error:  # a thread's error must reach the test
            errors.append(error)

    threads = [threading.Thread(target=apply) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with town.db.transaction() as session:
        found = session.get_one(Ticket, ids[0])
        assert [e.action for e in town.events(session, found)].count("reopen") == 1


def test_the_last_word_counts_until_it_is_acted_upon(town: Town) -> None:
    with town.db.transaction() as session:
        ticket, rating = asked(town, session, fact=3)
        ratings.record_answer(session, rating, "fact", 1, "好了", now=MONDAY)
        ratings.apply_rating(session, town.cfg, rating, now=MONDAY)
        assert ticket.status is Status.CLOSED
        ratings.record_answer(session, rating, "fact", 3, "3", now=MONDAY)  # a repeat that comes late
        assert (rating.fact, rating.raw["fact"]) == (1, "好了")


@pytest.mark.parametrize("mark", [0, 4, 9, -1])
def test_marks_outside_the_scale_are_refused(small_town: Town, mark: int) -> None:
    town = small_town
    with town.db.transaction() as session:
        _, rating = asked(town, session)
        with pytest.raises(BadInput):
            ratings.record_answer(session, rating, "speed", mark, str(mark), now=MONDAY)


def test_a_reopening_tells_the_resident_and_goes_to_the_dispatcher(town: Town) -> None:
    with town.db.transaction() as session:
        ticket, rating = asked(town, session, fact=3)
        ratings.apply_rating(session, town.cfg, rating, now=MONDAY)
        assert ticket.assignee_id is None
        [text] = [t for t in town.texts(session, ticket) if t.purpose == "reopen"]
        assert text.resident_id == town.resident["wang"]
        assert "1001号" in text.body and "11月25日" in text.body


def test_two_cycles_two_ratings(town: Town) -> None:
    with town.db.transaction() as session:
        ticket, rating = asked(town, session, fact=3)
        ratings.apply_rating(session, town.cfg, rating, now=MONDAY)
        assert plan_due(session, town.cfg, now=MONDAY) == 0  # no redial until resolved again
        town.act(session, ticket, Action.DISPATCH, "sun", assignee_id=town.staff["zhao"])
        town.act(session, ticket, Action.RESOLVE, "zhao", text="换了整盏灯")
        assert plan_due(session, town.cfg, now=MONDAY) == 1
        callback = session.scalars(select(Callback).where(Callback.cycle == 2)).one()
        second = ratings.open_rating(session, town.cfg, callback, now=MONDAY)
        ratings.record_answer(session, second, "fact", 1, "1", now=MONDAY)
        ratings.apply_rating(session, town.cfg, second, now=MONDAY)
        assert (ticket.status, ticket.cycle) == (Status.CLOSED, 2)
        assert [r.cycle for r in session.scalars(select(Rating).order_by(Rating.id))] == [1, 2]


def test_opening_twice_is_one_rating(town: Town) -> None:
    with town.db.transaction() as session:
        _, rating = asked(town, session)
        callback = session.scalars(select(Callback)).one()
        assert ratings.open_rating(session, town.cfg, callback, now=MONDAY + HOUR).id == rating.id


def test_nine_closes_as_declined_and_is_never_satisfaction(town: Town) -> None:
    with town.db.transaction() as session:
        ticket, rating = asked(town, session)
        callback = session.scalars(select(Callback)).one()
        for _ in range(2):
            ratings.decline(session, town.cfg, callback, now=MONDAY)
        assert (ticket.status, ticket.close_reason) == (Status.CLOSED, "declined")
        assert (callback.state, callback.outcome) == (CallbackState.DONE, Outcome.REFUSED)
        attempt = session.scalars(select(Attempt)).one()
        assert attempt.state is AttemptState.DONE
        assert rating.applied_at is None


def test_nine_after_the_first_answer_keeps_the_answer(town: Town) -> None:
    with town.db.transaction() as session:
        ticket, _ = asked(town, session, fact=3)
        ratings.decline(session, town.cfg, session.scalars(select(Callback)).one(), now=MONDAY)
        assert ticket.status is Status.REOPENED


def test_a_neighbours_bad_mark_reopens_what_another_had_closed(town: Town) -> None:
    with town.db.transaction() as session:
        master = town.dispatched(session)
        double = town.open(session, reporter_id=town.resident["li"])
        town.act(session, double, Action.DUPLICATE, "sun", reason="同一盏灯", duplicate_of=master)
        town.act(session, master, Action.RESOLVE, "zhao", text="换了灯泡")
        plan_due(session, town.cfg, now=MONDAY)
        rows = session.scalars(select(Callback).order_by(Callback.id)).all()
        given = []
        for callback, fact in zip(rows, (1, 3), strict=True):
            rating = ratings.open_rating(session, town.cfg, callback, now=MONDAY)
            ratings.record_answer(session, rating, "fact", fact, str(fact), now=MONDAY)
            ratings.apply_rating(session, town.cfg, rating, now=MONDAY)
            given.append((rating.ticket_id, rating.resident_id, master.status))
        assert given == [
            (master.id, town.resident["wang"], Status.CLOSED),
            (master.id, town.resident["li"], Status.REOPENED),
        ]
        assert double.status is Status.DUPLICATE


def test_when_one_says_it_failed_the_others_are_not_rung_any_more(town: Town) -> None:
    with town.db.transaction() as session:
        master = town.dispatched(session)
        double = town.open(session, reporter_id=town.resident["li"])
        town.act(session, double, Action.DUPLICATE, "sun", reason="同一盏灯", duplicate_of=master)
        town.act(session, master, Action.RESOLVE, "zhao", text="换了灯泡")
        plan_due(session, town.cfg, now=MONDAY)
        first, second = session.scalars(select(Callback).order_by(Callback.id)).all()
        rating = ratings.open_rating(session, town.cfg, first, now=MONDAY)
        ratings.record_answer(session, rating, "fact", 3, "3", now=MONDAY)
        ratings.apply_rating(session, town.cfg, rating, now=MONDAY)
        assert second.state is CallbackState.CANCELLED
        # The other telephone was ringing already: her word is kept, and the ticket is not reopened twice.
        late = ratings.open_rating(session, town.cfg, second, now=MONDAY)
        ratings.record_answer(session, late, "fact", 3, "3", now=MONDAY)
        ratings.apply_rating(session, town.cfg, late, now=MONDAY)
        assert master.cycle == 2
        assert late.applied_at is not None


def test_the_call_may_end_before_or_after_its_rating_is_applied(town: Town) -> None:
    with town.db.transaction() as session:
        for early in (True, False):
            ticket, rating = asked(town, session, fact=1)
            attempt = session.scalars(select(Attempt).order_by(Attempt.id.desc())).first()
            assert attempt is not None
            attempt.state, attempt.intent_at = AttemptState.PLACED, MONDAY
            session.flush()
            if early:
                ratings.apply_rating(session, town.cfg, rating, now=MONDAY)
            finish_attempt(session, town.cfg, attempt, Outcome.ANSWERED, now=MONDAY)
            if not early:
                ratings.apply_rating(session, town.cfg, rating, now=MONDAY)
            assert ticket.status is Status.CLOSED


STAFF_MARKS = [(1, 3), (2, 3), (3, 2), (4, 1), (5, 1)]


@pytest.mark.parametrize(("given", "normal"), STAFF_MARKS)
def test_staff_enter_one_to_five_and_both_are_kept(small_town: Town, given: int, normal: int) -> None:
    town = small_town
    with town.db.transaction() as session:
        ticket = town.resolved(session)
        plan_ticket(session, town.cfg, ticket.id, now=MONDAY)
        rating = ratings.enter_rating(
            session,
            town.cfg,
            ticket,
            town.actor(session, "zhou"),
            1,
            given,
            5,
            None,
            "visit",
            "挺好的",
            now=MONDAY,
            attended="吴书记",
        )
        assert (rating.speed, rating.effect, rating.attitude) == (normal, 1, None)
        assert rating.raw == {"fact": 1, "speed": given, "effect": 5, "attended": "吴书记"}
        assert (rating.channel, rating.remark) == ("visit", "挺好的")
        assert rating.asked_by == f"staff:{town.staff['zhou']}"
        assert ticket.status is Status.CLOSED
        assert town.events(session, ticket)[-1].actor == rating.asked_by
        assert (
            session.scalars(select(Callback)).one().state is CallbackState.DONE
        )  # she need not say it again
        assert causes(session, ticket).keys() == ({"speed"} if normal == 3 else set())


@pytest.mark.parametrize("bad", [{"fact": 0}, {"fact": 4}, {"speed": 0}, {"effect": 6}, {"attitude": -1}])
def test_staff_marks_outside_the_scale_are_refused(small_town: Town, bad: dict[str, int]) -> None:
    marks: dict[str, Any] = {"fact": 1, "speed": 5, "effect": 5, "attitude": 5} | bad
    town = small_town
    with town.db.transaction() as session:
        ticket = town.resolved(session)
        with pytest.raises(BadInput):
            ratings.enter_rating(
                session,
                town.cfg,
                ticket,
                town.actor(session, "zhou"),
                channel="visit",
                remark=None,
                now=MONDAY,
                **marks,
            )
        assert session.scalars(select(Rating)).all() == []


@pytest.mark.parametrize("who", ["zhao", "eye", "stranger", "gone", "gridsun"])
def test_who_may_not_enter_ratings(small_town: Town, who: str) -> None:
    town = small_town
    with town.db.transaction() as session:
        ticket = town.resolved(session)
        with pytest.raises(NotAllowed):
            ratings.enter_rating(
                session, town.cfg, ticket, town.actor(session, who), 1, 5, 5, 5, "visit", None, now=MONDAY
            )


def test_what_is_not_resolved_cannot_be_rated(town: Town) -> None:
    with town.db.transaction() as session:
        zhou = town.actor(session, "zhou")
        for status in (Status.NEW, Status.IN_PROGRESS, Status.REOPENED, Status.DUPLICATE):
            ticket = town.bring_to(session, status)
            with pytest.raises(TransitionError):
                ratings.enter_rating(session, town.cfg, ticket, zhou, 1, 5, 5, 5, "visit", None, now=MONDAY)


def test_feedback_is_accepted_for_fourteen_days_after_closing(town: Town) -> None:
    with town.db.transaction() as session:
        ticket, rating = asked(town, session, fact=1)
        ratings.apply_rating(session, town.cfg, rating, now=MONDAY)
        zhou = town.actor(session, "zhou")
        enter = (session, town.cfg, ticket, zhou, 3, None, None, None, "desk", None)
        with pytest.raises(TransitionError):
            ratings.enter_rating(*enter, now=MONDAY + timedelta(days=15))
        ratings.enter_rating(*enter, now=MONDAY + timedelta(days=13))
        assert ticket.status is Status.REOPENED


def test_a_residents_own_word_by_another_channel(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.resolved(session)
        rating = Rating(
            ticket_id=ticket.id,
            cycle=1,
            resident_id=town.resident["wang"],
            channel="sms",
            asked_by="robot",
            fact=1,
            raw={},
            created_at=MONDAY,
        )
        session.add(rating)
        session.flush()
        event = ratings.apply_rating(session, town.cfg, rating, now=MONDAY)
        assert event is not None and event.actor == f"resident:{town.resident['wang']}"
        assert ticket.status is Status.CLOSED
        other = town.resolved(session)
        rating = Rating(
            ticket_id=other.id,
            cycle=1,
            resident_id=None,
            channel="sms",
            asked_by="robot",
            fact=3,
            raw={},
            created_at=MONDAY,
        )
        session.add(rating)
        session.flush()
        with pytest.raises(NotAllowed):
            ratings.apply_rating(
                session, town.cfg, rating, now=MONDAY, actor=Actor.resident(town.resident["li"])
            )


def test_a_remark_is_kept_after_the_consequence(town: Town) -> None:
    with town.db.transaction() as session:
        _, rating = asked(town, session, fact=1)
        ratings.apply_rating(session, town.cfg, rating, now=MONDAY)
        ratings.record_remark(session, rating, "谢谢你们\x00", now=MONDAY)
        assert rating.remark == "谢谢你们"


def test_a_word_about_the_first_cycle_does_not_close_the_second(town: Town) -> None:
    with town.db.transaction() as session:
        ticket, rating = asked(town, session, fact=1)
        town.act(session, ticket, Action.REOPEN, "sun", reason="又坏了")
        town.act(session, ticket, Action.RESOLVE, "sun", text="这回好了")
        event = ratings.apply_rating(session, town.cfg, rating, now=MONDAY)
        assert event is not None and event.action == "rating"
        assert (ticket.status, ticket.cycle) == (Status.RESOLVED, 2)
