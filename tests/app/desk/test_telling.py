"""What cannot be texted is told by telephone: once, in calling hours, while it is news."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.carriers.codes import LANDLINE
from app.desk import course, ratings, sending
from app.desk.attempts import ensure_attempt, finish_attempt, log_attempt
from app.desk.messages import FAILED
from app.desk.telling import ring_instead, tell_by_call
from app.errors import BadNumber
from models.callback import Attempt, Callback, CallbackKind, CallbackState, Outcome
from models.lifecycle import Action
from models.resident import Resident, ResidentPhone
from models.ticket import Ticket
from tests.app.desk.conftest import CHEN, MONDAY, WANG, Town

DAY = timedelta(days=1)


def news(session) -> list[Callback]:  # type: ignore[no-untyped-def]
    session.flush()
    query = select(Callback).where(Callback.kind == CallbackKind.NOTICE).order_by(Callback.id)
    return list(session.scalars(query))


def tell(town: Town, session, **more: object) -> Callback:  # type: ignore[no-untyped-def]
    given = {
        "resident_id": town.resident["chen"],
        "phone": CHEN,
        "body": "明天停水",
        "dedup_key": "notice:1",
        "not_after": MONDAY + DAY,
        "now": MONDAY,
    }
    return tell_by_call(session, town.cfg, **(given | more))  # type: ignore[arg-type]


def on_hold(town: Town, session) -> Ticket:  # type: ignore[no-untyped-def]
    """A matter of 陈奶奶, who has a landline only, that has to wait."""
    ticket = town.dispatched(session, reporter_id=town.resident["chen"])
    town.act(session, ticket, Action.ACCEPT, "zhao")
    town.act(session, ticket, Action.HOLD, "zhao", reason="等配件", until=MONDAY + 2 * DAY)
    return ticket


def test_a_landline_is_rung_about_what_matters_and_only_about_that(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = on_hold(town, session)
        for _ in range(2):
            ring_instead(session, town.cfg, now=MONDAY)
        (callback,) = news(session)
        assert (callback.phone, callback.ticket_id, callback.state) == (
            CHEN,
            ticket.id,
            CallbackState.WAITING,
        )
        assert callback.words is not None
        assert "等配件" in callback.words and "【" not in callback.words
        assert session.scalars(select(Attempt)).one().callback_id == callback.id
        (text,) = [t for t in town.texts(session, ticket) if t.resident_id == town.resident["chen"]]
        assert text.state == FAILED


def test_its_number_is_read_out_digit_by_digit(town: Town) -> None:
    with town.db.transaction() as session:
        on_hold(town, session)
        ring_instead(session, town.cfg, now=MONDAY)
        (callback,) = news(session)
        assert "幺零零幺号" in (callback.words or "")


def test_the_same_news_is_one_call(town: Town) -> None:
    with town.db.transaction() as session:
        assert tell(town, session).id == tell(town, session, body="别的").id
        assert len(news(session)) == 1


@pytest.mark.parametrize("phone", ["+14155550100", "+8616896123", "+864001234567", "+8610086"])
def test_numbers_that_we_do_not_ring_are_refused(town: Town, phone: str) -> None:
    with town.db.transaction() as session:
        with pytest.raises(BadNumber):
            tell(town, session, phone=phone)
        assert news(session) == []


def test_who_prefers_a_person_is_rung_by_one(town: Town) -> None:
    with town.db.transaction() as session:
        session.get_one(Resident, town.resident["chen"]).prefers_person = True
        assert tell(town, session).state is CallbackState.PERSON
        assert session.scalars(select(Attempt)).all() == []


def test_whoever_opted_out_is_not_rung_either(town: Town) -> None:
    with town.db.transaction() as session:
        on_hold(town, session)
        session.get_one(Resident, town.resident["chen"]).opted_out = True
        assert ring_instead(session, town.cfg, now=MONDAY) == 0
        assert news(session) == []


def test_after_a_9_nobody_rings_about_this_matter_again(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = on_hold(town, session)
        first = tell(town, session, ticket_id=ticket.id)
        ratings.decline(session, town.cfg, first, now=MONDAY)
        assert first.outcome is Outcome.REFUSED
        assert tell(town, session, ticket_id=ticket.id, dedup_key="other") is first
        assert tell(town, session, dedup_key="about something else") is not first


def test_a_notice_that_nobody_answers_is_not_pursued_beyond_the_robot(town: Town) -> None:
    with town.db.transaction() as session:
        callback = tell(town, session, not_after=MONDAY + 9 * DAY)
        now = MONDAY
        for _ in range(town.cfg.robot_attempts):
            attempt = ensure_attempt(session, town.cfg, callback, now=now)
            assert attempt is not None
            attempt.rang = True
            now += timedelta(hours=4)
            finish_attempt(session, town.cfg, attempt, Outcome.NO_ANSWER, now=now)
        assert (callback.state, callback.outcome) == (CallbackState.DONE, Outcome.NO_ANSWER)
        assert [t for t in town.texts(session) if t.purpose in ("missed_call", "person_call")] == []


def test_news_of_her_own_matter_is_told_by_a_person_in_the_end(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = on_hold(town, session)
        callback = tell(town, session, ticket_id=ticket.id, not_after=MONDAY + 9 * DAY)
        now = MONDAY
        for _ in range(town.cfg.robot_attempts):
            attempt = ensure_attempt(session, town.cfg, callback, now=now)
            assert attempt is not None
            now += timedelta(hours=4)
            finish_attempt(session, town.cfg, attempt, Outcome.NO_ANSWER, now=now)
        assert callback.state is CallbackState.PERSON
        log_attempt(
            session, town.cfg, callback, town.actor(session, "zhou"), Outcome.NO_ANSWER, now=now + DAY
        )
        assert callback.state is CallbackState.DONE


def test_news_of_yesterday_is_not_told(town: Town) -> None:
    with town.db.transaction() as session:
        callback = tell(town, session)
        assert ensure_attempt(session, town.cfg, callback, now=MONDAY + 2 * DAY) is None
        assert callback.state is CallbackState.CANCELLED


def test_news_of_a_matter_is_none_once_it_is_done(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = on_hold(town, session)
        callback = tell(town, session, ticket_id=ticket.id)
        town.act(session, ticket, Action.RESUME, "zhao")
        town.act(session, ticket, Action.RESOLVE, "zhao", text="换了灯泡")
        assert course.is_moot(session, callback)


@pytest.mark.parametrize("code", sorted(LANDLINE))
def test_a_number_that_turns_out_to_be_a_landline_is_rung_instead_and_not_texted_again(
    town: Town, code: int
) -> None:
    with town.db.transaction() as session:
        ticket = town.dispatched(session)
        town.act(session, ticket, Action.ACCEPT, "zhao")
        town.act(session, ticket, Action.HOLD, "zhao", reason="等配件", until=MONDAY + 2 * DAY)
        (text,) = [t for t in town.texts(session, ticket) if t.purpose == "hold"]
        claimed = sending.claim_message(session, text.id, now=MONDAY)
        assert claimed is not None
        sending.message_status(session, text.uid, "undelivered", code, now=MONDAY, attempt=1)
        assert text.state == FAILED
        phone = session.scalars(select(ResidentPhone).where(ResidentPhone.phone_index == WANG)).one()
        session.refresh(phone)
        assert not phone.can_text
        assert ring_instead(session, town.cfg, now=MONDAY) == 1
        (callback,) = news(session)
        assert callback.phone == WANG
