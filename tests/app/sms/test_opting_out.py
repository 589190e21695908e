"""退订 stops surveys, and a call that asks how it was is one: neither robot nor person rings, by rule `declined`."""

import pytest
from sqlalchemy import select

from app.desk.callbacks import plan_ticket, unplanned
from models.callback import Callback, CallbackKind, CallbackState, Outcome
from models.lifecycle import Status
from models.ticket import TicketEvent
from tests.support.office import NUMBERS, Office
from tests.support.texting import Phone, resolve, tickets


@pytest.fixture
def office(small_office: Office) -> Office:
    return small_office


@pytest.fixture
def wang(office: Office) -> Phone:
    return Phone(office, NUMBERS.wang)


def plan(office: Office) -> None:
    with office.db.transaction() as session:
        for ticket_id in unplanned(session):
            plan_ticket(session, office.runtime.desk, ticket_id, now=office.moment)


def evaluations(office: Office) -> list[Callback]:
    with office.db.transaction(read_only=True) as session:
        query = select(Callback).where(Callback.kind == CallbackKind.EVALUATION)
        return list(session.scalars(query.order_by(Callback.id)))


def reason(office: Office) -> str | None:
    with office.db.transaction(read_only=True) as session:
        query = select(TicketEvent.reason).where(TicketEvent.action == "close_unrated")
        return session.scalar(query.order_by(TicketEvent.id.desc()).limit(1))


def test_who_opted_out_is_not_asked_how_it_was(wang: Phone, office: Office) -> None:
    wang.text("退订")
    assert "打电话" not in wang.text("3栋路灯不亮")
    resolve(office, tickets(office)[0].number)
    plan(office)
    assert tickets(office)[0].status is Status.CLOSED
    assert reason(office) == "declined"
    assert [(call.state, call.outcome) for call in evaluations(office)] == [
        (CallbackState.DONE, Outcome.REFUSED)
    ]
    with office.db.transaction(read_only=True) as session:
        assert unplanned(session) == []


@pytest.mark.parametrize("state", [CallbackState.WAITING, CallbackState.PERSON, CallbackState.VISIT])
def test_a_call_that_was_planned_is_dropped(wang: Phone, office: Office, state: CallbackState) -> None:
    wang.text("3栋路灯不亮")
    resolve(office, tickets(office)[0].number)
    plan(office)
    with office.db.transaction() as session:
        session.scalars(select(Callback).where(Callback.kind == CallbackKind.EVALUATION)).one().state = state
    wang.text("退订")
    (call,) = evaluations(office)
    assert (call.state, call.outcome) == (CallbackState.DONE, Outcome.REFUSED)
    assert (tickets(office)[0].status, reason(office)) == (Status.CLOSED, "declined")


def test_a_call_that_she_asked_for_stays(wang: Phone, office: Office) -> None:
    wang.text("人工")
    wang.text("退订")
    with office.db.transaction(read_only=True) as session:
        (call,) = session.scalars(select(Callback)).all()
    assert (call.kind, call.state) == (CallbackKind.RETURN_CALL, CallbackState.PERSON)


def test_her_own_word_still_counts(wang: Phone, office: Office) -> None:
    wang.text("3栋路灯不亮")
    wang.text("退订")
    resolve(office, tickets(office)[0].number)
    plan(office)
    assert "重新去办" in wang.text("没修好")
    assert tickets(office)[0].status is Status.REOPENED


def test_whoever_comes_back_is_asked_again(wang: Phone, office: Office) -> None:
    wang.text("退订")
    assert "打电话告诉您" in wang.text("恢复")
    assert "打电话告诉您" in wang.text("3栋路灯不亮")
    resolve(office, tickets(office)[0].number)
    plan(office)
    assert [call.state for call in evaluations(office)] == [CallbackState.WAITING]
