"""The callback desk's pages: next, how it went, next; a number only when asked for; a slip taken back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.desk import claims, course, person_calls
from app.desk.callbacks import request_return_call
from app.errors import CarrierRefused, CarrierUnclear
from app.jobs.callbacks import plan_callbacks
from app.jobs.marks import sweep_marks
from models.audit import AuditEntry
from models.callback import Attempt, AttemptState, Callback, CallbackState, Outcome
from models.lifecycle import Status
from models.staff import Staff
from models.ticket import Ticket
from tests.support.console import Desk
from tests.support.office import NUMBERS, Office

PHONE = "+8613800006001"


def evaluation(office: Office) -> int:
    """王阿姨's lamp is mended, and a person is to ask her; the callback's id."""
    plan_callbacks(office.runtime, office.resolve_one())
    with office.db.transaction() as session:
        callback = session.scalars(select(Callback).order_by(Callback.id.desc())).first()
        assert callback is not None
        course.to_person(session, office.runtime.desk, callback, at=office.moment, now=office.moment)
        zhou = session.scalars(select(Staff).where(Staff.login == "zhou")).one()
        zhou.phone = zhou.phone_index = PHONE
        return callback.id


def wanted(office: Office, phone: str) -> int:
    with office.db.transaction() as session:
        return request_return_call(
            session, office.runtime.desk, phone=phone, reason="asked_person", now=office.moment
        ).id


def row(office: Office, callback_id: int) -> Callback:
    with office.db.transaction(read_only=True) as session:
        return session.get_one(Callback, callback_id)


def settle(office: Office) -> None:
    office.pass_time(seconds=person_calls.UNDO.total_seconds())
    sweep_marks(office.runtime)


def test_from_the_queue_to_the_next_one(office: Office, desk: Callable[[str], Desk]) -> None:
    first = evaluation(office)
    second = wanted(office, NUMBERS.li)
    zhou = desk("zhou")
    page = zhou.get("/staff/callbacks").text
    assert "王阿姨" in page and "138****1111" in page and NUMBERS.wang[3:] not in page
    # who asked to be rung comes before who is to be asked
    assert zhou.post("/staff/callbacks/next").headers["Location"] == f"/staff/callbacks/{second}"
    case = zhou.get(f"/staff/callbacks/{second}").text
    assert "您好，我是" in case and "周明" in case
    saved = zhou.post(
        f"/staff/callbacks/{second}/record", {"outcome": "answered", "words": "5栋下水道堵了", "then": "next"}
    )
    assert saved.headers["Location"] == f"/staff/callbacks/{first}"
    with office.db.transaction(read_only=True) as session:
        ticket = session.scalars(select(Ticket).order_by(Ticket.id.desc())).first()
        assert ticket is not None and (ticket.text, ticket.verified) == ("5栋下水道堵了", True)
    answers: dict[str, object] = {
        "outcome": "answered",
        "fact": "1",
        "speed": "good",
        "effect": "good",
        "attitude5": "3",
    }
    assert zhou.post(f"/staff/callbacks/{first}/record", answers | {"then": "next"}).status_code == 303
    settle(office)
    with office.db.transaction(read_only=True) as session:
        assert office.ticket(session).status is Status.CLOSED


def test_an_outcome_is_required_and_what_was_typed_stays(office: Office, desk: Callable[[str], Desk]) -> None:
    callback_id = evaluation(office)
    zhou = desk("zhou")
    zhou.get(f"/staff/callbacks/{callback_id}")
    typed: dict[str, object] = {"remark": "她说谢谢", "later": ""}
    for outcome, words in (("", "请先选"), ("answered", "办好了没有"), ("call_later", "什么时候")):
        answer = zhou.post(f"/staff/callbacks/{callback_id}/record", typed | {"outcome": outcome})
        assert answer.status_code == 422 and words in answer.text
        assert "她说谢谢" in answer.text
    assert row(office, callback_id).settles_at is None


def test_a_slip_is_taken_back(office: Office, desk: Callable[[str], Desk]) -> None:
    callback_id = evaluation(office)
    zhou = desk("zhou")
    zhou.post(f"/staff/callbacks/{callback_id}/record", {"outcome": "answered", "fact": "3"})
    assert f"/staff/callbacks/{callback_id}/undo" in zhou.get("/staff/callbacks").text
    assert desk("sun").post(f"/staff/callbacks/{callback_id}/undo").status_code == 400
    assert zhou.post(f"/staff/callbacks/{callback_id}/undo").status_code == 303
    settle(office)
    with office.db.transaction(read_only=True) as session:
        assert office.ticket(session).status is Status.RESOLVED
    late = zhou.post(f"/staff/callbacks/{callback_id}/undo")
    assert late.status_code == 400


def test_two_workers_see_who_has_it_and_leaving_gives_it_back(
    office: Office, desk: Callable[[str], Desk]
) -> None:
    callback_id = evaluation(office)
    zhou, sun = desk("zhou"), desk("sun")
    assert zhou.get(f"/staff/callbacks/{callback_id}").status_code == 200
    refused = sun.get(f"/staff/callbacks/{callback_id}")
    assert refused.status_code == 400 and "周明正在办" in refused.text
    assert "周明正在办" in sun.get("/staff/callbacks").text
    office.pass_time(seconds=claims.LEASE.total_seconds() - 1)
    assert zhou.post(f"/staff/callbacks/{callback_id}/hold").status_code == 204
    assert sun.get(f"/staff/callbacks/{callback_id}").status_code == 400
    zhou.post(f"/staff/callbacks/{callback_id}/release")
    assert sun.get(f"/staff/callbacks/{callback_id}").status_code == 200
    assert zhou.post(f"/staff/callbacks/{callback_id}/hold").status_code == 403


def test_her_number_is_shown_when_asked_for_and_that_is_written_down(
    office: Office, desk: Callable[[str], Desk]
) -> None:
    callback_id = evaluation(office)
    zhou = desk("zhou")
    assert "138 0000 1111" not in zhou.get(f"/staff/callbacks/{callback_id}").text
    assert "138 0000 1111" in zhou.post(f"/staff/callbacks/{callback_id}/phone").text
    with office.db.transaction(read_only=True) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.deed == "see_phone")).one()
        assert (entry.subject, entry.subject_id) == ("callback", callback_id)


def test_ringing_orders_one_call_to_the_workers_own_telephone(
    office: Office, desk: Callable[[str], Desk]
) -> None:
    callback_id = evaluation(office)
    zhou = desk("zhou")
    htmx = {"headers": {"HX-Request": "true"}}
    zhou.get(f"/staff/callbacks/{callback_id}")
    assert zhou.post(f"/staff/callbacks/{callback_id}/ring").status_code == 303
    [call] = office.carrier.calls
    assert call.to == PHONE and "/voice/desk/" in call.url
    assert "正在拨您的电话" in zhou.get(f"/staff/callbacks/{callback_id}/call", **htmx).text
    again = zhou.post(f"/staff/callbacks/{callback_id}/ring")
    assert again.status_code == 400 and len(office.carrier.calls) == 1
    zhou.post(f"/staff/callbacks/{callback_id}/hangup")
    assert call.status == "completed"


@pytest.mark.parametrize(
    ("failure", "state"),
    [(CarrierRefused("no"), AttemptState.DONE), (CarrierUnclear("?"), AttemptState.UNKNOWN)],
    ids=["refused", "unclear"],
)
def test_what_the_carrier_did_not_take_is_told_and_nothing_is_dialled_twice(
    office: Office, desk: Callable[[str], Desk], failure: Exception, state: AttemptState
) -> None:
    callback_id = evaluation(office)
    zhou = desk("zhou")
    office.carrier.failures.append(failure)  # type: ignore[arg-type]
    zhou.get(f"/staff/callbacks/{callback_id}")
    assert zhou.post(f"/staff/callbacks/{callback_id}/ring").status_code == 303
    with office.db.transaction(read_only=True) as session:
        attempt = session.scalars(select(Attempt).where(Attempt.staff_id.is_not(None))).one()
        assert attempt.state is state and attempt.outcome is None


def test_a_keeper_sees_visits_only_and_enters_what_he_was_told(
    office: Office, desk: Callable[[str], Desk]
) -> None:
    callback_id = evaluation(office)
    zhao = desk("zhao")
    assert "没有人在等电话" in zhao.get("/staff/callbacks").text
    assert zhao.get(f"/staff/callbacks/{callback_id}").status_code == 403
    with office.db.transaction() as session:
        found = session.get_one(Callback, callback_id)
        found.state = CallbackState.VISIT
        office.ticket(session).assignee_id = session.scalars(
            select(Staff.id).where(Staff.login == "zhao")
        ).one()
    page = zhao.get(f"/staff/callbacks/{callback_id}").text
    assert "上门的结果" in page and "拨给她" not in page
    zhao.post(
        f"/staff/callbacks/{callback_id}/record",
        {"outcome": "answered", "fact": "1", "attended": "楼长李大爷"},
    )
    settle(office)
    assert (row(office, callback_id).state, row(office, callback_id).outcome) == (
        CallbackState.DONE,
        Outcome.ANSWERED,
    )


def test_nobody_is_offered_outside_calling_hours(desk: Callable[[str], Desk], office: Office) -> None:
    callback_id = evaluation(office)
    with office.db.transaction() as session:
        found = session.get_one(Callback, callback_id)
        found.due_at = office.moment + timedelta(hours=2)
    zhou = desk("zhou")
    assert zhou.post("/staff/callbacks/next").headers["Location"] == "/staff/callbacks"
    assert "现在没有要打的电话了" in zhou.get("/staff/callbacks").text
