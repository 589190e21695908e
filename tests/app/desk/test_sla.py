"""The clock's round: reminders, escalation, waits that are over, reviews."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.desk import sla
from models.lifecycle import Action, Status
from models.ticket import Ticket
from tests.app.desk.conftest import MONDAY, Town


def swept(town: Town, session: Session, now: datetime) -> int:
    count = sla.sweep(session, town.cfg, now=now)
    session.flush()
    return count


def accepted(town: Town, session: Session) -> Ticket:
    """Taken up in time, so that only the limit itself speaks."""
    ticket = town.dispatched(session)
    town.act(session, ticket, Action.ACCEPT, "zhao")
    return ticket


def at(ticket: Ticket, share: float) -> datetime:
    return ticket.cycle_at + (ticket.due_at - ticket.cycle_at) * share


def actions(town: Town, session: Session, ticket: Ticket) -> list[str]:
    return [event.action for event in town.events(session, ticket)]


def test_a_quiet_day_is_one_query(town: Town, statements: list[str]) -> None:
    with town.db.transaction() as session:
        town.open(session)
    statements.clear()
    with town.db.transaction() as session:
        assert swept(town, session, MONDAY + timedelta(hours=1)) == 0
    assert len([s for s in statements if not s.startswith("BEGIN")]) == 1


def test_the_assignee_is_reminded_at_half_and_at_four_fifths_once_each(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = accepted(town, session)
        for share in (0.49, 0.5, 0.51, 0.79, 0.8, 0.81, 0.99):
            swept(town, session, at(ticket, share))
        warnings = [e for e in town.events(session, ticket) if e.action == "warn"]
        assert [(e.data["share"], e.actor) for e in warnings] == [(50, "clock"), (80, "clock")]
        texts = [t for t in town.texts(session, ticket) if t.purpose == "warn"]
        assert [t.staff_id for t in texts] == [town.staff["zhao"]] * 2
        assert "50%" in texts[0].body and "80%" in texts[1].body


def test_what_nobody_takes_up_in_time_is_asked_for_once(town: Town) -> None:
    with town.db.transaction() as session:
        sent, waiting, taken = town.dispatched(session), town.open(session), town.dispatched(session)
        town.act(session, taken, Action.ACCEPT, "zhao")
        assert swept(town, session, sent.respond_due_at - timedelta(seconds=1)) == 0
        for _ in range(2):
            swept(town, session, sent.respond_due_at)
        for ticket, words in ((sent, "接1001"), (waiting, "请安排")):
            assert ticket.respond_missed
            assert actions(town, session, ticket).count("late_response") == 1
            [text] = [t for t in town.texts(session, ticket) if t.purpose == "warn"]
            assert text.phone == "+8613800002001" and words in text.body
        assert not taken.respond_missed


def test_after_a_long_sleep_one_reminder_is_enough(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = accepted(town, session)
        swept(town, session, at(ticket, 0.9))
        assert ticket.warned == 80
        assert actions(town, session, ticket).count("warn") == 1


def test_what_nobody_has_is_put_before_who_answers_for_the_place(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.open(session)
        swept(town, session, ticket.respond_due_at)
        swept(town, session, at(ticket, 0.5))
        [_, text] = [t for t in town.texts(session, ticket) if t.purpose == "warn"]
        assert text.phone == "+8613800002001"  # the grid's keeper: neither building nor estate has anybody
        assert "还没有派人" in text.body


def test_a_breach_goes_up_one_level_and_again_every_further_period(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = accepted(town, session)
        period = ticket.due_at - ticket.cycle_at
        levels = []
        for share in (1.0, 1.5, 2.0, 3.0, 3.5, 4.0, 9.0):
            swept(town, session, ticket.cycle_at + period * share)
            levels.append(ticket.escalation)
        # 3栋 → 小区 → 网格 → 社区, and there is nobody above that
        assert levels == [1, 1, 2, 3, 3, 3, 3]
        assert ticket.watch_at is None
        events = [e for e in town.events(session, ticket) if e.action == "escalate"]
        assert [e.data["level"] for e in events] == [1, 2, 3]
        assert [e.data["unit"] for e in events] == [town.unit[n] for n in ("estate", "grid", "community")]
        texts = [t for t in town.texts(session, ticket) if t.purpose == "escalate"]
        # Estate and grid have nobody but the assignee, who need not be told of it as a third person.
        assert [t.phone for t in texts] == ["+8613800009000"] * 3
        assert ticket.status is Status.IN_PROGRESS  # a level, not a state
        town.act(session, ticket, Action.RETURN, "zhao", reason="办不了", now=ticket.due_at + period * 8)
        swept(town, session, ticket.due_at + period * 20)
        assert actions(town, session, ticket).count("escalate") == 3


def test_a_breach_during_a_long_sleep_goes_up_step_by_step(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = accepted(town, session)
        now = at(ticket, 8)
        while swept(town, session, now):
            pass
        assert ticket.escalation == 3
        assert actions(town, session, ticket).count("escalate") == 3


def test_returned_and_needs_listening_are_watched_and_finished_ones_are_not(town: Town) -> None:
    with town.db.transaction() as session:
        for status in Status:
            ticket = town.bring_to(session, status)
            watched = status not in (
                Status.RESOLVED,
                Status.CLOSED,
                Status.DUPLICATE,
                Status.CANCELLED,
            )
            assert (ticket.watch_at is not None) is watched, status


def test_a_wait_that_is_over_is_resumed_by_the_clock(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.bring_to(session, Status.ON_HOLD)
        until = ticket.hold_until
        assert until is not None
        swept(town, session, until - timedelta(seconds=1))
        assert ticket.status is Status.ON_HOLD
        swept(town, session, until)
        assert (ticket.status, ticket.hold_until) == (Status.IN_PROGRESS, None)
        event = next(e for e in town.events(session, ticket) if e.action == "resume")
        assert event.actor == "clock"


def test_whoever_waits_is_not_reminded_but_the_hard_limit_runs_on(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.bring_to(session, Status.IN_PROGRESS)
        until = MONDAY + timedelta(days=40)
        town.act(session, ticket, Action.HOLD, "zhao", reason="等配件", until=until)
        swept(town, session, ticket.hard_due_at - timedelta(seconds=1))
        assert "warn" not in actions(town, session, ticket)
        swept(town, session, ticket.hard_due_at)
        assert ticket.escalation == 1
        assert ticket.status is Status.ON_HOLD


def test_a_new_cycle_begins_without_the_old_ones_warnings(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.dispatched(session)
        late = at(ticket, 1.2)
        swept(town, session, late)
        assert ticket.escalation == 1
        town.act(session, ticket, Action.RESOLVE, "zhao", text="好了", now=late)
        town.act(session, ticket, Action.REOPEN, "sun", reason="又坏了", now=late)
        assert (ticket.escalation, ticket.warned) == (0, 0)
        assert swept(town, session, late + timedelta(minutes=1)) == 0
        swept(town, session, at(ticket, 0.5))
        assert ticket.warned == 50


def test_planned_and_referred_come_back_at_their_date_and_weekly_after_it(town: Town) -> None:
    with town.db.transaction() as session:
        for status in (Status.PLANNED, Status.REFERRED):
            ticket = town.bring_to(session, status)
            assert ticket.watch_at is not None
            due = ticket.watch_at
            assert town.cfg.local(due).date() == ticket.review_on
            swept(town, session, due)
            assert actions(town, session, ticket).count("review") == 1
            [text] = [t for t in town.texts(session, ticket) if t.purpose == "review"]
            assert text.staff_id == town.staff["sun"]  # the dispatcher
            assert swept(town, session, due + timedelta(days=6)) == 0
            swept(town, session, due + timedelta(days=7))
            assert actions(town, session, ticket).count("review") == 2
            town.act(session, ticket, Action.RESOLVE, "sun", text="做完了")


def test_a_place_that_nobody_knows_is_escalated_without_a_text(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.open(session, hotline=None, unit_id=None)
        session.flush()
        ticket.unit_id = None
        session.flush()
        swept(town, session, at(ticket, 1.1))
        assert ticket.escalation == 1
        assert town.texts(session, ticket) == []
